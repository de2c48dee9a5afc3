"""The AsyncAPI 3.0 document: which messages stand on which topic, each with an example."""

from collections.abc import Mapping
from typing import Any

from schemas.encoding import (
    as_json,
    cloudevents_headers,
    dead_letter_headers,
    fallback_headers,
    fallback_message,
)
from schemas.examples import (
    COMPARISON,
    EVENT,
    FALLBACKS,
    LETTER,
    QUALIFICATIONS,
    SHADOW,
    UPDATE,
)
from schemas.fallbacks import FALLBACK_TYPES, FallbackSwitch
from schemas.qualifications import TYPES, Qualification

Json = dict[str, Any]

_ABOUT = (
    "Milepost reads product usage events, and publishes the milestones that accounts and users "
    "reach, the live ones that they enter and exit, where they get stuck on a journey, the leads "
    "that they become, how their health changes, and whose events abuse rules exclude. Topic names "
    "are the defaults; each is a setting. Delivery is at least once: a repeat of a qualification "
    "has the id of the first, and activity is absolute."
)


def asyncapi_document(schemas: Mapping[str, Json]) -> Json:
    """The whole document.

    Args:
        schemas: the published JSON Schemas by name; they are taken in, so that the document
            stands alone.
    """
    return {
        "asyncapi": "3.0.0",
        "id": "urn:milepost:worker",
        "info": {
            "title": "Milepost",
            "version": "1.0.0",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "productEvents": _channel("product.events", "What happened in the product.", "event"),
            "qualifications": _channel(
                "plg.qualifications",
                "Milestones reached and corrected, entered and exited; journeys that got stuck; "
                "leads; changes of health; whose events are excluded.",
                *TYPES,
                *FALLBACK_TYPES,
            ),
            "activity": _channel(
                "plg.activity", "Daily activity and traits, for the sink.", "activity.update"
            ),
            "shadow": _channel(
                "plg.shadow",
                "What is in the shadow, for the sink; nothing of it is for subscribers.",
                "shadow.qualification",
                "score.compared",
            ),
            "deadLetters": _channel(
                "plg.dead-letters", "Records that cannot be an event.", "dead-letter"
            ),
        },
        "operations": {
            "readEvents": _operation("receive", "productEvents"),
            "publishQualifications": _operation("send", "qualifications"),
            "publishActivity": _operation("send", "activity"),
            "publishShadow": _operation("send", "shadow"),
            "keepDeadLetters": _operation("send", "deadLetters"),
        },
        "components": {"messages": _messages(), "schemas": _components(schemas)},
    }


def _messages() -> Json:
    return {
        "event": {
            "title": "A product event",
            "summary": "The native format; the Segment spec and CloudEvents 1.0 are read as well.",
            "payload": _component("event"),
            "bindings": _key("The account id, which spares a trip through a second topic."),
            "examples": [{"name": "shared", "payload": EVENT}],
        },
        **{example.type: _qualification(example) for example in QUALIFICATIONS},
        **{example.type: _fallback(example) for example in FALLBACKS},
        "activity.update": {
            "title": "What changed in a commit cycle of one partition of the events",
            "payload": _component("activity.update"),
            "bindings": _key("Number of the partition of the events that the changes came from."),
            "examples": [{"name": "update", "payload": as_json(UPDATE)}],
        },
        "shadow.qualification": {
            "title": "A qualification of what is in the shadow",
            "payload": _component("shadow.qualification"),
            "bindings": _key("The account id, or the user id where there is no account."),
            "examples": [{"name": "reached", "payload": as_json(SHADOW)}],
        },
        "score.compared": {
            "title": "A score in the shadow beside the live one that was told",
            "payload": _component("score.compared"),
            "bindings": _key("The account id, or the user id where there is no account."),
            "examples": [{"name": "compared", "payload": as_json(COMPARISON)}],
        },
        "dead-letter": {
            "title": "A record that cannot be an event",
            "summary": "Key and value are as they came, whatever they are.",
            "contentType": "application/octet-stream",
            "headers": _component("dead-letter.headers"),
            "examples": [{"name": "badTimestamp", "headers": _text(dead_letter_headers(LETTER))}],
        },
    }


def _qualification(example: Qualification) -> Json:
    return {
        "name": example.type,
        "title": TYPES[example.type].rstrip("."),
        "headers": _component("qualification.headers"),
        "payload": _component(example.type),
        "bindings": _key("The account id, or the user id where there is no account."),
        "examples": [
            {
                "name": "example",
                "headers": _text(cloudevents_headers(example)),
                "payload": as_json(example),
            }
        ],
    }


def _fallback(example: FallbackSwitch) -> Json:
    return {
        "name": example.type,
        "title": FALLBACK_TYPES[example.type].rstrip("."),
        "headers": _component("qualification.headers"),
        "payload": _component(example.type),
        "bindings": _key("The account of Milepost itself, which no account of the product has."),
        "examples": [
            {
                "name": "example",
                "headers": _text(fallback_headers(example)),
                "payload": fallback_message(example),
            }
        ],
    }


def _channel(topic: str, description: str, *messages: str) -> Json:
    return {
        "address": topic,
        "description": description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
    }


def _operation(action: str, channel: str) -> Json:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


def _key(description: str) -> Json:
    key = {"type": "string", "description": description}
    return {"kafka": {"key": key, "bindingVersion": "0.5.0"}}


def _component(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _text(headers: list[tuple[str, bytes]]) -> Json:
    return {name: value.decode() for name, value in headers}


def _components(schemas: Mapping[str, Json]) -> Json:
    """The schemas of messages, and beside them the parts that these refer to."""
    components: Json = {}
    for name, schema in schemas.items():
        if name.startswith("clickhouse."):
            continue
        body = {key: _pointed(value) for key, value in schema.items() if key[0] != "$"}
        parts = {key: _pointed(value) for key, value in schema.get("$defs", {}).items()}
        components |= {**parts, name: body}
    return components


def _pointed(value: Any) -> Any:
    """References into ``$defs`` of a schema, as they are in the document."""
    if isinstance(value, dict):
        return {key: _pointed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_pointed(item) for item in value]
    if isinstance(value, str):
        return value.replace("#/$defs/", "#/components/schemas/")
    return value
