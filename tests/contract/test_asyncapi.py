"""The AsyncAPI document is one, by the official schema and the official parser; its examples
are true, and its topics are the ones of the settings."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from schemas.publishing import json_schemas
from streams.decoding import decode
from streams.decoding.times import event_time
from streams.errors import Rejected
from streams.settings import Settings
from tests.contract.publish import FOLDER
from tests.contract.validating import FORMATS

HERE = Path(__file__).parent
DOCUMENT = orjson.loads((FOLDER / "asyncapi.v1.json").read_bytes())
MESSAGES = DOCUMENT["components"]["messages"]
PARSER = "@asyncapi/parser@3.6.3"


def inside(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of the document."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from inside(item)


def at(reference: str) -> Any:
    found = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def component(reference: dict[str, str]) -> Draft202012Validator:
    """Validator of a schema in the document, the document's other schemas at hand."""
    schema = {"components": DOCUMENT["components"], **reference}
    return Draft202012Validator(schema, format_checker=FORMATS)


def test_the_document_satisfies_the_official_schema_of_asyncapi_3() -> None:
    official = orjson.loads((HERE / "asyncapi" / "3.0.0.json").read_bytes())
    wrong = [
        f"{error.json_path}: {error.message:.300}"
        for error in Draft7Validator(official).iter_errors(DOCUMENT)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_official_schema_would_see_a_mistake() -> None:
    official = orjson.loads((HERE / "asyncapi" / "3.0.0.json").read_bytes())
    broken = {**DOCUMENT, "operations": {"readEvents": {"action": "read"}}}
    assert not Draft7Validator(official).is_valid(broken)


@pytest.mark.slow
def test_the_official_parser_has_no_error_to_report(tmp_path: Path) -> None:
    """It also follows references and holds rules that no schema can say."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("the official AsyncAPI parser needs Node.js, which is not here")
    install = [npm, "install", "--silent", "--ignore-scripts", "--no-fund", "--no-audit", PARSER]
    try:
        subprocess.run(install, cwd=tmp_path, capture_output=True, timeout=240, check=True)
    except subprocess.SubprocessError:
        pytest.skip("npm cannot fetch the official AsyncAPI parser from here")
    script = tmp_path / "parse.mjs"
    script.write_text(
        "import { Parser } from '@asyncapi/parser';\n"
        "import { readFileSync } from 'node:fs';\n"
        "const text = readFileSync(process.argv[2], 'utf8');\n"
        "const { diagnostics } = await new Parser().parse(text);\n"
        "console.log(JSON.stringify(diagnostics));\n"
    )
    command = [node, script, FOLDER / "asyncapi.v1.json"]
    parsed = subprocess.run(command, capture_output=True, check=True, timeout=60)
    # Severity 0 is an error, 1 a warning; below are hints (that a newer AsyncAPI exists).
    serious = [found for found in orjson.loads(parsed.stdout) if found["severity"] <= 1]
    assert not serious


def test_every_reference_leads_somewhere() -> None:
    references = [value["$ref"] for value in inside(DOCUMENT) if isinstance(value.get("$ref"), str)]
    assert len(references) > 10
    for reference in references:
        assert at(reference)


def test_every_message_stands_on_a_channel_and_every_channel_has_an_operation() -> None:
    channels = DOCUMENT["channels"]
    used = {
        message["$ref"] for channel in channels.values() for message in channel["messages"].values()
    }
    assert used == {f"#/components/messages/{name}" for name in MESSAGES}
    operated = {operation["channel"]["$ref"] for operation in DOCUMENT["operations"].values()}
    assert operated == {f"#/channels/{name}" for name in channels}


def test_the_topics_are_the_defaults_of_the_settings() -> None:
    fields = Settings.model_fields
    topics = [fields[name].default for name in fields if name.endswith("_topic")]
    assert {channel["address"] for channel in DOCUMENT["channels"].values()} == set(topics)


@pytest.mark.parametrize("name", sorted(MESSAGES))
@pytest.mark.parametrize("part", ["payload", "headers"])
def test_every_example_satisfies_its_schema(name: str, part: str) -> None:
    message = MESSAGES[name]
    assert message["examples"]
    for example in message["examples"]:
        assert (part in example) == (part in message)
        if part in message:
            component(message[part]).validate(example[part])


def test_the_schemas_in_the_document_are_the_published_ones() -> None:
    published = json_schemas()
    for name, schema in DOCUMENT["components"]["schemas"].items():
        if name in published:
            assert schema["properties"].keys() == published[name]["properties"].keys()


def test_the_example_event_is_accepted() -> None:
    (example,) = MESSAGES["event"]["examples"]
    time = event_time(example["payload"]["timestamp"], "timestamp", 2**53)
    event = decode(orjson.dumps(example["payload"]), None, time, "t", 0, 0)
    assert (event.name, event.account_id) == ("Document Shared", "acme")


def test_the_example_of_a_dead_letter_is_what_the_decoder_says() -> None:
    (example,) = MESSAGES["dead-letter"]["examples"]
    value = b'{"event": "x", "timestamp": "yesterday", "user_id": "ann"}'
    with pytest.raises(Rejected) as caught:
        decode(value, None, 0, "t", 0, 0)
    told = example["headers"]
    assert told["dead_letter_reason"] == caught.value.reason
    assert told["dead_letter_path"] == caught.value.path
    assert told["dead_letter_detail"] == caught.value.detail
