"""Published schemas as validators, formats checked."""

import re
from functools import cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator, FormatChecker

from tests.contract.publish import FOLDER

FORMATS = FormatChecker(["date", "date-time"])


@cache
def validator(name: str) -> Draft202012Validator:
    """The validator of ``schemas/published/NAME.v1.schema.json``."""
    schema = orjson.loads((FOLDER / f"{name}.v1.schema.json").read_bytes())
    return Draft202012Validator(schema, format_checker=FORMATS)


def errors(name: str, value: Any) -> list[str]:
    """What is wrong with the value, a line each with its path."""
    return [f"{found.json_path}: {found.message}" for found in validator(name).iter_errors(value)]


def crossed(value: Any) -> Any:
    """The value after it crossed the wire."""
    return orjson.loads(orjson.dumps(value))


def headers(pairs: list[tuple[str, bytes]]) -> dict[str, str]:
    """Kafka headers as the object that their schema describes."""
    assert len({name for name, _ in pairs}) == len(pairs)
    assert all(re.fullmatch(r"[a-z_-]+", name) for name, _ in pairs)
    return {name: value.decode() for name, value in pairs}
