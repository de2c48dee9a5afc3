"""The published files are what the types say, and are what they claim to be."""

import orjson
import pytest
from jsonschema import Draft202012Validator

from schemas.encoding import schema_id
from schemas.publishing import json_schemas
from tests.contract.publish import FOLDER, documents
from tests.contract.validating import FORMATS

DOCUMENTS = documents()
SCHEMAS = json_schemas()
ANEW = "run `make schemas`, and look at what changes for those who read it"


def test_every_document_is_published_and_nothing_else() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(DOCUMENTS), ANEW


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_published_document_is_equal_to_the_types(name: str) -> None:
    assert (FOLDER / name).read_bytes() == DOCUMENTS[name], ANEW


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_published_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name], format_checker=FORMATS)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_named_by_its_id(name: str) -> None:
    assert SCHEMAS[name]["$id"] == schema_id(name)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_reference_stays_in_the_document(name: str) -> None:
    text = orjson.dumps(SCHEMAS[name]).decode()
    parts = SCHEMAS[name].get("$defs", {})
    assert all(f"#/$defs/{part}" in text for part in parts)
    assert text.count('"$ref":') == sum(text.count(f'"$ref":"#/$defs/{part}"') for part in parts)


def test_formats_are_really_checked() -> None:
    for kind in ("date", "date-time"):
        assert not FORMATS.conforms("2026-02-30T10:00:00Z", kind)
