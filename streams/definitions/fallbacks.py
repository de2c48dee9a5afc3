"""``fallback: {score: rules, above: 0.2}`` — which score stands in for another one."""

from typing import Any, Final

from streams.definitions import document
from streams.definitions.conditions.naming import find
from streams.definitions.model import Fallback, Score
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, Scope, kind_of
from streams.definitions.values import LARGEST_COUNT, read_number

FIELDS: Final = ("score", "above", "least")
MOST_FALLBACKS: Final = 5
"""Scores that stand in for each other, one after the other: more than anybody can follow."""

_EXAMPLE: Final = "{score: rules, above: 0.2}"
_LEAST: Final = 20


def read_fallback(node: document.Mapping, scope: Scope) -> Fallback | None:
    """The score that may stand for it; ``None`` where there is none, or it is wrong."""
    reader, given = scope.reader, node.entries.get("fallback")
    mapping = None if given is None else reader.mapping(given, "`fallback`", _EXAMPLE)
    if mapping is None:
        return None
    before = reader.errors
    reader.only(mapping, FIELDS, "`fallback`")
    for name in ("score", "above"):
        if name not in mapping.entries and reader.errors == before:
            reader.error(mapping, f"`fallback` lacks {quote(name)}: write `fallback: {_EXAMPLE}`")
    entries = mapping.entries
    score = None
    if "score" in entries:
        score = find(scope, entries["score"], "score", reader.scores)
    if score is not None and _chained(score) >= MOST_FALLBACKS:
        reader.error(entries["score"], f"at most {MOST_FALLBACKS} scores stand in for each other")
    above = read_number(reader, entries["above"], "`above`") if "above" in entries else None
    if above is not None and not 0 < above <= 1:
        reader.error(
            entries["above"],
            f"`above` is a share of false positives, more than 0 and at most 1, not {quote(above)}",
        )
    least = _LEAST if "least" not in entries else _read_least(reader, entries["least"])
    if reader.errors > before or score is None or above is None or least is None:
        return None
    return Fallback(score, above, least)


def _chained(score: Score) -> int:
    """How many scores may stand for it, one after the other."""
    return 0 if score.fallback is None else 1 + _chained(score.fallback.score)


def _read_least(reader: Reader, node: document.Node) -> int | None:
    value = node.value if isinstance(node, document.Scalar) else None
    if type(value) is not int or not 1 <= value <= LARGEST_COUNT:
        reader.error(
            node,
            f"`least` is a number of decisions from 1 to {LARGEST_COUNT:,}, not {kind_of(node)}",
        )
        return None
    return value


def fallback_schema() -> dict[str, Any]:
    """JSON Schema of ``fallback``."""
    return {
        "type": "object",
        "description": "Which score stands for it while it is wrong too often.",
        "additionalProperties": False,
        "required": ["score", "above"],
        "properties": {
            "score": {"type": "string", "minLength": 1, "description": "One above, of its kind."},
            "above": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 1,
                "description": "The share of false positives from which it does.",
            },
            "least": {
                "type": "integer",
                "minimum": 1,
                "maximum": LARGEST_COUNT,
                "default": _LEAST,
                "description": "So many decisions must have been judged before that says anything.",
            },
        },
    }
