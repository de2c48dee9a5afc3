"""The published JSON Schemas and the AsyncAPI document, made of the types.

Nothing is written here: ``make schemas`` writes what ``published`` gives, and a test holds the
files under ``schemas/published`` equal to it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, get_type_hints

import orjson
from pydantic import ConfigDict, TypeAdapter, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from schemas.asyncapi import asyncapi_document
from schemas.encoding import schema_id
from schemas.fallbacks import FALLBACK_TYPES, FallbackType
from schemas.qualifications import TYPES, QualificationType
from schemas.rows import TABLES, Row
from schemas.shadow_wire import ComparisonMessage, ShadowMessage
from schemas.wire import (
    ActivityMessage,
    DeadLetterHeaders,
    EventMessage,
    FallbackMessage,
    QualificationHeaders,
    QualificationMessage,
)

VERSION = 1
"""Of every contract here. A change that an older reader cannot read is a new version beside."""

_ALWAYS: Mapping[QualificationType, Sequence[str]] = {
    "lead.qualified": ("lead",),
    "lead.routed": ("lead", "route"),
    "lead.sla_breached": ("lead", "route"),
    "lead.closed": ("lead",),
    "health.changed": ("health",),
    "entity.flagged": ("flag",),
    "entity.cleared": ("flag",),
    "entity.deleted": ("deletion",),
}
"""Types of leads, health, abuse rules and erasures, and which of the fields that others do not have
each always has."""
_LEAD_PARTS = ("LeadMessage", "ContactMessage", "OverrideMessage", "RouteMessage")


class _Untitled(GenerateJsonSchema):
    """Without a title for every field of an object, which only repeats its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - inherited
        return False

    def p_arguments_schema(self, arguments: Any, var_args_schema: Any) -> JsonSchemaValue:
        """A named tuple is an array: here the title is what tells the name."""
        schema = super().p_arguments_schema(arguments, var_args_schema)
        for item, argument in zip(schema["prefixItems"], arguments, strict=True):
            item["title"] = argument["name"]
        return schema


def json_schemas() -> dict[str, JsonSchemaValue]:
    """Every published JSON Schema by its name, ``milestone.reached``."""
    schemas: dict[str, JsonSchemaValue] = {
        "event": _schema(EventMessage),
        **{kind: _qualification(kind) for kind in TYPES},
        **{kind: _fallback(kind) for kind in FALLBACK_TYPES},
        "qualification.headers": _schema(QualificationHeaders),
        "shadow.qualification": _schema(ShadowMessage),
        "score.compared": _schema(ComparisonMessage),
        "activity.update": _schema(ActivityMessage),
        "dead-letter.headers": _schema(DeadLetterHeaders),
    }
    for kind, table in TABLES.items():
        schemas[f"clickhouse.{table}"] = _row(kind)
    return {name: _identified(name, schema) for name, schema in schemas.items()}


def published() -> dict[str, bytes]:
    """Name and content of every file under ``schemas/published``."""
    documents: dict[str, Mapping[str, Any]] = {
        f"{name}.v{VERSION}.schema.json": schema for name, schema in json_schemas().items()
    }
    documents[f"asyncapi.v{VERSION}.json"] = asyncapi_document(json_schemas())
    layout = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return {name: orjson.dumps(document, option=layout) for name, document in documents.items()}


def _schema(kind: Any) -> JsonSchemaValue:
    schema: JsonSchemaValue = _plain(TypeAdapter(kind).json_schema(schema_generator=_Untitled))
    return schema


def _qualification(kind: QualificationType) -> JsonSchemaValue:
    schema = _schema(QualificationMessage)
    properties = schema["properties"]
    properties["type"] = {"const": kind, "description": TYPES[kind]}
    named = {"type": "string"} if kind == "journey.stuck" else {"type": "null"}
    properties["journey"] = {**named, "description": properties["journey"]["description"]}
    if kind == "journey.stuck" or kind.startswith("entity."):  # no condition that names a score
        of_score = ["score", "contributions", "model", "fell_back_to"]
        _leave_out(schema, of_score, ["ContributionMessage", "ModelMessage"])
    always = _ALWAYS.get(kind, ())
    if "lead" not in always:
        _leave_out(schema, ["lead", "route"], _LEAD_PARTS)
    if "health" not in always:
        _leave_out(schema, ["health"], ["HealthMessage"])
    if "flag" not in always:
        _leave_out(schema, ["flag"], ["FlagMessage"])
    if "deletion" not in always:
        _leave_out(schema, ["deletion"], ["DeletionMessage"])
    schema["required"] += always
    return schema


def _fallback(kind: FallbackType) -> JsonSchemaValue:
    schema = _schema(FallbackMessage)
    schema["properties"]["type"] = {"const": kind, "description": FALLBACK_TYPES[kind]}
    return schema


def _leave_out(schema: JsonSchemaValue, fields: Sequence[str], parts: Sequence[str]) -> None:
    """Without the fields, and without the parts that only these refer to."""
    for field in fields:
        del schema["properties"][field]
    for part in parts:
        del schema["$defs"][part]


def _row(kind: type[Row]) -> JsonSchemaValue:
    """A row as an object of its columns; a named tuple would be an array."""
    columns: dict[str, Any] = {
        name: (hint, ...) for name, hint in get_type_hints(kind, include_extras=True).items()
    }
    model = create_model(
        kind.__name__, __doc__=kind.__doc__, __config__=ConfigDict(extra="forbid"), **columns
    )
    return _schema(model)


def _identified(name: str, schema: JsonSchemaValue) -> JsonSchemaValue:
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": schema_id(name, VERSION),
        **schema,
    }


def _plain(value: Any) -> Any:
    """Descriptions on one line, with code marked as Markdown has it."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: " ".join(item.split()).replace("``", "`")
        if key == "description" and isinstance(item, str)
        else _plain(item)
        for key, item in value.items()
    }
