"""A model file as JSON Schema, for editors and for whatever writes such files."""

from typing import Any, Final

from streams.definitions.editors import json_schema
from streams.definitions.models import FORMAT, KIND, MOST_FEATURES, REQUIRED
from streams.definitions.names import LONGEST_NAME
from streams.definitions.signals import SIGNALS
from streams.definitions.values import LARGEST_NUMBER

JSON = dict[str, Any]

SCHEMA_ID: Final = (
    "https://raw.githubusercontent.com/milepost/milepost/main/"
    "schemas/published/model.v1.schema.json"
)
_NUMBER: Final[JSON] = {"type": "number", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER}
_COUNT: Final[JSON] = {"type": "integer", "minimum": 0}
_TIME: Final[JSON] = {"$ref": "#/definitions/time"}
_TEXT: Final[JSON] = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}


def model_schema() -> JSON:
    """JSON Schema of a model file; conditions in it are those of definitions."""
    language = json_schema()["definitions"]
    del language["component"]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": SCHEMA_ID,
        "title": "Milepost model",
        **_object(_fields(), required=list(REQUIRED)),
        "definitions": {
            "feature": {"oneOf": [_closed(signal.schema()) for signal in SIGNALS]},
            **language,
        },
    }


def _fields() -> JSON:
    scaling = _object({"mean": _NUMBER, "scale": {**_NUMBER, "exclusiveMinimum": 0}})
    del scaling["properties"]["scale"]["minimum"]
    trained = {"from": _TIME, "to": _TIME, "examples": _COUNT, "converted": _COUNT}
    features = {
        **_named({"$ref": "#/definitions/feature"}, "Signals, as components have them."),
        "minProperties": 1,
        "maxProperties": MOST_FEATURES,
    }
    return {
        "$schema": {"type": "string", "description": "For editors."},
        "format": {"const": FORMAT, "description": "Version of this format."},
        "kind": {"const": KIND, "description": "100 / (1 + e^-(intercept + sum))."},
        "name": {**_TEXT, "description": "Told with every score."},
        "version": {**_TEXT, "description": "Likewise: any text, another for each training."},
        "of": {"enum": ["account", "user"], "description": "Whose score it is."},
        "trained": {**_object(trained), "description": "On what, for people."},
        "metrics": _named(_NUMBER, "How good it was, for people."),
        "features": features,
        "scaling": _named(scaling, "What is taken off a signal, then divides it; or 0 and 1."),
        "coefficients": _named(_NUMBER, "One for each feature; 0 where it adds nothing."),
        "intercept": {**_NUMBER, "description": "What the sum begins with."},
    }


def _object(properties: JSON, **more: Any) -> JSON:
    return {"type": "object", "additionalProperties": False, "properties": properties, **more}


def _named(entry: JSON, description: str) -> JSON:
    names = {"minLength": 1, "maxLength": LONGEST_NAME}
    return {
        "type": "object",
        "description": description,
        "propertyNames": names,
        "additionalProperties": entry,
    }


def _closed(signal: JSON) -> JSON:
    return {"type": "object", "additionalProperties": False, **signal}
