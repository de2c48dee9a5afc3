"""The text of a file, within bounds."""

from pathlib import Path

from streams.definitions.document import LARGEST_FILE, DocumentError, Place


def read_text(path: str | Path) -> str:
    """What a file says.

    Raises:
        OSError: it cannot be read.
        ValueError: no file can have this path.
        DocumentError: it is too large, or not UTF-8.
    """
    with Path(path).open("rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise DocumentError(Place(), f"the file is larger than {LARGEST_FILE // 1024} KiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        byte = data[error.start]
        message = f"the byte 0x{byte:02x} is not UTF-8: save the file as UTF-8"
        raise DocumentError(place, message) from None


def printable(path: str | Path) -> str:
    """What stands for a file in messages."""
    return str(path).encode("utf-8", "backslashreplace").decode()
