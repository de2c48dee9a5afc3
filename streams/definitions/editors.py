"""The language as JSON Schema, for editors: completion, documentation and errors while typing.

Draft 7, which the YAML language server understands whole. It knows the shape of a file;
what needs the whole file (names of milestones, circles) only ``milepost check`` knows.
"""

from typing import Any

from streams.definitions.abuse import rule_schema
from streams.definitions.baselines import baseline_schema
from streams.definitions.cases import MOST_EVENTS
from streams.definitions.conditions import FORMS
from streams.definitions.conditions.events import events_alone_schema
from streams.definitions.conditions.form import Form
from streams.definitions.expectations import LEAD_STATES
from streams.definitions.fallbacks import fallback_schema
from streams.definitions.filters import OPERATORS
from streams.definitions.funnels import MOST_STEPS, ORDERS
from streams.definitions.health import health_schema
from streams.definitions.leads import lead_schema
from streams.definitions.model import LEVELS
from streams.definitions.names import LONGEST_NAME
from streams.definitions.roles import roles_schema
from streams.definitions.routing import routing_schema
from streams.definitions.scores import MOST_COMPONENTS
from streams.definitions.sections import VERSION
from streams.definitions.segments import BENCHMARKS
from streams.definitions.shadows import shadow_schema
from streams.definitions.signals import SIGNALS
from streams.definitions.signals.form import SignalForm
from streams.definitions.values import (
    BOUND_PATTERN,
    COMPARISON_PATTERN,
    DURATION_PATTERN,
    PATH_PATTERN,
)

JSON = dict[str, Any]

SCHEMA_ID = (
    "https://raw.githubusercontent.com/milepost/milepost/main/"
    "schemas/published/definitions.v1.schema.json"
)

_KIND: JSON = {"enum": ["account", "user"], "description": "Whose it is."}
_DURATION: JSON = {"$ref": "#/definitions/duration"}
_MOMENT: JSON = {"$ref": "#/definitions/time"}
_TEXT: JSON = {"type": "string", "minLength": 1}


def json_schema() -> JSON:
    """JSON Schema of a definitions file."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": SCHEMA_ID,
        "title": "Milepost definitions",
        **_object(_sections(), required=["version"]),
        "definitions": {
            "condition": {"oneOf": [_reference(form) for form in FORMS.values()]},
            **{f"{name}_condition": _condition(form) for name, form in FORMS.items()},
            "component": {"oneOf": [_component(signal) for signal in SIGNALS]},
            "filter": _filter(),
            "comparisons": _object(
                {
                    name: {"description": operator.meaning, **operator.schema}
                    for name, operator in OPERATORS.items()
                },
                minProperties=1,
            ),
            **_values(),
        },
    }


def _sections() -> JSON:
    return {
        "version": {"const": VERSION, "description": "Version of the language."},
        "settings": _settings(),
        "segments": _named(_segment(), "Groups; each is in the first one that holds."),
        "baselines": _named(baseline_schema(), "What is usual, computed again and again."),
        "scores": _named(_score(), "Points for what they do and are."),
        "milestones": _named(_milestone(), "Conditions with names."),
        "journeys": _named(_journey(), "Milestones in order."),
        "funnels": _named(_funnel(), "Events as steps."),
        "leads": _named(lead_schema(), "Who is worth a conversation, and whom to talk to."),
        "routing": routing_schema(),
        "health": _named(health_schema(), "How active they are now: green, yellow or red."),
        "abuse": _named(rule_schema(), "Whose events, and which, are excluded."),
        "roles": roles_schema(),
        "tests": {
            "type": "array",
            "items": _test(),
            "description": "Events, and what must have been reached after them.",
        },
    }


def _object(properties: JSON, **more: Any) -> JSON:
    return {"type": "object", "additionalProperties": False, "properties": properties, **more}


def _named(entry: JSON, description: str) -> JSON:
    return {
        "type": "object",
        "description": description,
        "propertyNames": {"minLength": 1, "maxLength": LONGEST_NAME},
        "additionalProperties": entry,
    }


def _settings() -> JSON:
    lateness = "How far behind its entity's newest event an event may arrive and count exactly."
    repeats = "An event id seen again for the same account within this time is ignored."
    return _object(
        {
            "allowed_lateness": {"description": lateness, "allOf": [_DURATION], "default": "1h"},
            "dedupe_within": {"description": repeats, "allOf": [_DURATION], "default": "24h"},
        }
    )


def _segment() -> JSON:
    when = {"$ref": "#/definitions/condition"}
    benchmark = {
        "enum": list(BENCHMARKS),
        "description": "Whose published figures its KPIs are compared with.",
    }
    return _object({"of": _KIND, "when": when, "benchmark": benchmark}, required=["of", "when"])


def _score() -> JSON:
    condition: JSON = {"$ref": "#/definitions/condition"}
    components = {
        **_named({"$ref": "#/definitions/component"}, "What adds points, by name."),
        "minProperties": 1,
        "maxProperties": MOST_COMPONENTS,
    }
    return _object(
        {
            "of": _KIND,
            "title": _TEXT,
            "description": _TEXT,
            "components": components,
            "intercept": {
                "type": "number",
                "description": "Makes it 100 / (1 + e^-(intercept + sum of the points)).",
            },
            "veto": {**condition, "description": "While it holds the score is 0."},
            "force": {**condition, "description": "While it holds the score is at least 100."},
            "shadow": shadow_schema(),
            "model": {**_TEXT, "description": "File with components and intercept from training."},
            "fallback": fallback_schema(),
        },
        required=["of"],
        oneOf=[
            {"required": ["components"]},
            {"required": ["model"], "not": {"required": ["intercept"]}},
        ],
    )


def _component(signal: SignalForm[Any]) -> JSON:
    points: JSON = {"type": "number", "not": {"const": 0}}
    if signal.fades:
        points = {"type": "number", "exclusiveMinimum": 0}
    schema = signal.schema()
    properties = {"points": {**points, "description": "Times the signal."}, **schema["properties"]}
    more = {"description": signal.meaning, **schema, "required": ["points", *schema["required"]]}
    return {"type": "object", "additionalProperties": False, **more, "properties": properties}


def _milestone() -> JSON:
    return _object(
        {
            "of": _KIND,
            "title": _TEXT,
            "description": _TEXT,
            "when": {"$ref": "#/definitions/condition"},
            "live": {
                "type": "boolean",
                "default": False,
                "description": "Entered and exited, again and again.",
            },
            "repeat": {**_DURATION, "description": "Reached again when it turns true after that."},
            "shadow": shadow_schema(),
        },
        required=["of", "when"],
        **{"not": {"properties": {"live": {"const": True}}, "required": ["live", "repeat"]}},
    )


def _journey() -> JSON:
    steps = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
    stuck = {
        "type": "object",
        "description": "Step: how long after it the next one, or a later one, may take.",
        "minProperties": 1,
        "additionalProperties": _DURATION,
    }
    fields = {"of": _KIND, "steps": steps, "within": _DURATION, "stuck": stuck}
    return _object(fields, required=["of", "steps"])


def _funnel() -> JSON:
    place = {"type": "integer", "minimum": 1, "maximum": MOST_STEPS, "description": "A step."}
    excluded = events_alone_schema(**{"from": place, "to": place})
    step = events_alone_schema()
    return _object(
        {
            "of": _KIND,
            "steps": {
                "type": "array",
                "items": step,
                "minItems": 2,
                "maxItems": MOST_STEPS,
            },
            "order": {"enum": list(ORDERS), "default": ORDERS[0]},
            "within": {**_DURATION, "description": "From the first step to the last, included."},
            "exclude": {
                "type": "array",
                "items": excluded,
                "minItems": 1,
                "maxItems": MOST_STEPS,
                "description": "Events that end an attempt between two of its steps.",
            },
            "from": {**_MOMENT, "description": "Included."},
            "to": {**_MOMENT, "description": "Not included."},
        },
        required=["of", "steps"],
    )


def _given() -> JSON:
    identifier: JSON = {"type": ["string", "integer"]}
    return _object(
        {
            "at": {**_MOMENT, "description": "Its time."},
            "after": {**_DURATION, "description": "How long after the event before."},
            "event": _TEXT,
            "account": identifier,
            "user": identifier,
            "properties": {"type": "object"},
            "traits": {"type": "object", "description": "Of its user; of a `group`, its account."},
            "id": {**identifier, "description": "Of an event that comes twice."},
            "times": {"type": "integer", "minimum": 1, "maximum": MOST_EVENTS},
            "every": {**_DURATION, "description": "Between the events of `times`."},
        },
        required=["event"],
    )


def _test() -> JSON:
    names: JSON = {"type": "array", "items": _TEXT}
    timed: JSON = {"type": "object", "additionalProperties": _MOMENT}
    steps: JSON = {"type": "object", "additionalProperties": _TEXT}
    states: JSON = {"type": "object", "additionalProperties": {"enum": list(LEAD_STATES)}}
    levels: JSON = {"type": "object", "additionalProperties": {"enum": list(LEVELS)}}
    expected: JSON = {
        "then": _expected("all milestones that it has reached, or is in now.", names, timed),
        "not_then": _expected("milestones that it has not reached, or is not in.", names),
        "exited": _expected("all live milestones that it was in and is no more.", names, timed),
        "stuck": _expected("all journeys in which it was stuck, and where.", names, steps),
        "leads": _expected("all leads that it has become, and their states.", names, states),
        "health": _expected("the level of its health, of each that is named.", levels),
        "flagged": _expected("all abuse rules that flag it.", names),
    }
    return _object(
        {
            "name": _TEXT,
            "given": {"type": "array", "items": _given(), "minItems": 1},
            "at": {
                "description": "What holds at moments before the end, by their time.",
                "type": "object",
                "additionalProperties": _object(expected, minProperties=1),
            },
            "until": {**_MOMENT, "description": "When the test ends; else at the newest event."},
            **expected,
        },
        required=["name", "given"],
    )


def _expected(description: str, *values: JSON) -> JSON:
    return {
        "description": f"Account or user: {description}",
        "type": "object",
        "additionalProperties": values[0] if len(values) == 1 else {"anyOf": list(values)},
    }


def _reference(form: Form[Any]) -> JSON:
    return {"$ref": f"#/definitions/{form.name}_condition"}


def _condition(form: Form[Any]) -> JSON:
    required = [form.name, *form.required]
    meaning = f"True when {form.true_when}."
    return _object(form.schema(), required=required, description=meaning, **form.together)


def _filter() -> JSON:
    itself = {"$ref": "#/definitions/filter"}
    value = {
        "anyOf": [{"type": ["string", "number", "boolean"]}, {"$ref": "#/definitions/comparisons"}]
    }
    required = _object(
        {"any": {"type": "array", "items": itself, "minItems": 1}, "not": itself},
        patternProperties={PATH_PATTERN: value},
        minProperties=1,
    )
    return {
        "description": "Filters on the event; all of them are required.",
        "anyOf": [required, {"type": "array", "items": itself, "minItems": 1}],
    }


def _values() -> JSON:
    return {
        "duration": {
            "type": "string",
            "pattern": DURATION_PATTERN,
            "description": "90s, 5m, 12h, 7d, 2w, 1mo (30 days) or 1y (365 days).",
        },
        "time": {
            "type": ["string", "integer"],
            "description": "ISO 8601 date or time, UTC where it names no zone; or epoch ms.",
        },
        "path": {
            "type": "string",
            "pattern": PATH_PATTERN,
            "description": "properties.NAME, traits.NAME, event, user_id or account_id.",
        },
        "comparison": {
            "type": "string",
            "pattern": COMPARISON_PATTERN,
            "description": "One of >= > == != <= < and a number.",
        },
        "bound": {
            "type": "string",
            "pattern": BOUND_PATTERN,
            "description": "One of >= > <= < and a number.",
        },
    }
