"""The parts of ``docs/operations.md`` that say what the code says."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from streams.settings import Settings
from tests.generators.exported import exported_families, labels_of

SECTION = re.compile(
    r"(?P<begin><!-- generated: (?P<name>\w+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL
)


def operations_page(file: Path) -> str:
    """The page with its generated sections made anew."""
    return SECTION.sub(
        lambda found: f"{found['begin']}\n{SECTIONS[found['name']]()}\n{found['end']}",
        file.read_text(encoding="utf-8"),
    )


def metrics_table() -> str:
    rows = [
        (_code(_queried(family.name, family.type)), family.type,
         ", ".join(map(_code, labels_of(family))), family.documentation)
        for family in exported_families()
        if family.name.startswith("milepost_")
    ]  # fmt: skip
    return _table(("Metric", "Type", "Labels", "Meaning"), sorted(rows))


def settings_table() -> str:
    rows = [
        (_code(name), _environment(name, field), _default(field), _meaning(field))
        for name, field in Settings.model_fields.items()
    ]
    return _table(("Setting", "Environment", "Default", "Meaning"), rows)


SECTIONS: dict[str, Callable[[], str]] = {"metrics": metrics_table, "settings": settings_table}


def _queried(name: str, kind: str) -> str:
    """The family's name as the exposition has it."""
    return name + {"counter": "_total", "info": "_info"}.get(kind, "")


def _environment(name: str, field: FieldInfo) -> str:
    names = [f"MILEPOST_{name.upper()}"]
    choices = getattr(field.validation_alias, "choices", ())
    names += [choice for choice in choices if choice.isupper() and choice not in names]
    return "<br>".join(map(_code, names))


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return "" if value in (None, "") else _code(str(value))


def _meaning(field: FieldInfo) -> str:
    text = " ".join((field.description or "").split()).replace("``", "`")
    if get_origin(field.annotation) is Literal:
        text += f" One of {', '.join(map(_code, get_args(field.annotation)))}."
    return text


def _code(text: str) -> str:
    return f"`{text}`"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
