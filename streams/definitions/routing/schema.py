"""JSON Schema of the section ``routing``, for editors."""

from typing import Any

from streams.definitions.names import LONGEST_NAME
from streams.definitions.routing.hours import DAYS_PATTERN, SPAN_PATTERN
from streams.definitions.routing.matching import SCORES_PATTERN
from streams.definitions.routing.owners import TERRITORY_FIELDS
from streams.definitions.routing.rules import ALWAYS, CONDITIONS, MOST_RULES, NOBODY

JSON = dict[str, Any]

_DURATION: JSON = {"$ref": "#/definitions/duration"}
_TEXT: JSON = {"type": "string", "minLength": 1}
_NAMES: JSON = {
    "anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True}]
}


def routing_schema() -> JSON:
    """JSON Schema of ``routing``; durations and comparisons are those of the whole language."""
    rules = {
        "type": "object",
        "description": "In order: the first one that fits a lead counts.",
        "propertyNames": {
            "minLength": 1, "maxLength": LONGEST_NAME, "not": {"const": "otherwise"},
        },
        "maxProperties": MOST_RULES,
        "additionalProperties": _rule(),
    }  # fmt: skip
    otherwise = {
        "description": "Where the leads go that no rule fits.",
        "anyOf": [_object(_target(), ["team", "sla"]), {"const": NOBODY}],
    }
    fields = {"hours": _hours(), "floor": _floor(), "rules": rules, "otherwise": otherwise}
    return {
        **_object(fields, ["rules", "otherwise"]),
        "description": "Who follows up which leads, and how soon.",
    }


def _object(properties: JSON, required: list[str]) -> JSON:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required,
    }


def _rule() -> JSON:
    value = {
        "anyOf": [{"type": ["string", "number", "boolean"]}, {"$ref": "#/definitions/comparisons"}]
    }
    conditions: JSON = {
        "score": {
            "type": "string",
            "pattern": SCORES_PATTERN,
            "description": "One of >= > <= < and a number, or a range such as 70..90.",
        },
        "segment": {**_NAMES, "description": "A segment, or several."},
        "traits": {
            "type": "object",
            "description": "Filters on traits; all of them are required.",
            "propertyNames": {"pattern": r"^[^.]+$"},
            "additionalProperties": value,
            "minProperties": 1,
        },
    }
    return {
        **_object({**conditions, **_target()}, ["team", "sla"]),
        "anyOf": [{"required": [name]} for name in CONDITIONS],
        "not": {"required": ["owners", "territories"]},
    }


def _target() -> JSON:
    territories = {
        "trait": {**_TEXT, "pattern": r"^[^.]+$"},
        "of": {"type": "object", "additionalProperties": _NAMES, "minProperties": 1},
        "otherwise": _NAMES,
    }
    return {
        "team": _TEXT,
        "owners": {**_NAMES, "description": "They take turns."},
        "territories": {
            **_object(territories, list(TERRITORY_FIELDS)),
            "description": "Owners by the value of a trait.",
        },
        "sla": {**_DURATION, "description": "Until the first contact; in hours, working time."},
        "floor": _floor(),
        "hours": {"anyOf": [_hours(), {"const": ALWAYS}]},
    }


def _floor() -> JSON:
    return {**_DURATION, "description": "No contact before so much time has passed."}


def _hours() -> JSON:
    date = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    return {
        **_object(
            {
                "zone": {**_TEXT, "description": "A time zone, such as Europe/Berlin."},
                "holidays": {"type": "array", "items": date},
            },
            ["zone"],
        ),
        "description": "When the team works.",
        "patternProperties": {DAYS_PATTERN: {"type": "string", "pattern": SPAN_PATTERN}},
        "minProperties": 2,
    }
