"""Where the files of ``deploy/`` are: beside the code in a checkout, inside it in a wheel.

The only place that knows; ``pyproject.toml`` puts them into the wheel.
"""

from pathlib import Path

from streams.errors import MilepostError

_PACKAGE = Path(__file__).parent


def deployed(name: str) -> Path:
    """Folder ``deploy/NAME``.

    Raises:
        MilepostError: neither place has it: the installation is incomplete.
    """
    places = (_PACKAGE / "_deploy" / name, _PACKAGE.parent / "deploy" / name)
    for place in places:
        if place.is_dir():
            return place
    raise MilepostError(
        f"{places[0]}: not found; the installation is incomplete, install milepost again"
    )
