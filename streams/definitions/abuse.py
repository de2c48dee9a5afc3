"""The section ``abuse``: which accounts, users and events are no use of the product."""

from collections.abc import Iterator
from typing import Any, Final

from streams.definitions import document
from streams.definitions.conditions import form_of, read_condition
from streams.definitions.conditions.events import FIELDS as EVENT_FIELDS
from streams.definitions.conditions.events import event_schema, read_event
from streams.definitions.model import (
    AbuseRule,
    CapRule,
    Condition,
    EntityKind,
    EventRule,
    FlagRule,
    MilestoneCondition,
    ScoreCondition,
)
from streams.definitions.names import read_kind
from streams.definitions.problems import quote
from streams.definitions.reader import Name, Reader, Scope, kind_of
from streams.definitions.values import LARGEST_COUNT, read_duration, read_flag, written

FLAG_FIELDS: Final = ("of", "when", "for", "fake")
CAP_FIELDS: Final = ("of", *EVENT_FIELDS, "most", "per", "unless")
FIELDS: Final = tuple(dict.fromkeys((*FLAG_FIELDS, *CAP_FIELDS)))
PERIODS: Final = {"1m": 60_000, "1h": 3_600_000, "1d": 86_400_000, "30d": 2_592_000_000}
"""What ``per`` may be, and its milliseconds."""

_OF_CAPS: Final = {"of", "most", "per", "unless"}
_EXAMPLE: Final = '{trait: email, ends_with: "@acme.example"}'


def read_rule(reader: Reader, name: str, node: document.Mapping) -> AbuseRule | None:
    """Read one rule, of whichever shape; ``None`` once an error is reported."""
    what, entries = f"abuse rule {quote(name)}", node.entries
    if "when" in entries:
        return _read_flag(reader, name, node, f"{what} with `when`")
    if "event" not in entries:
        reader.only(node, FIELDS, what)
        reader.error(
            node,
            f"{what} lacks `when` or `event`: write a condition, such as `when: {_EXAMPLE}`, or "
            "the events that are meant",
        )
        return None
    if entries.keys() & _OF_CAPS:
        return _read_cap(reader, name, node, what)
    reader.only(node, EVENT_FIELDS, what)
    event = read_event(reader, node)
    return None if event is None else EventRule(name, event)


def kind_of_rule(rule: AbuseRule) -> EntityKind | None:
    """Whom it flags; ``None`` for a rule that flags nobody."""
    return None if isinstance(rule, EventRule) else rule.of


def _read_flag(reader: Reader, name: str, node: document.Mapping, what: str) -> FlagRule | None:
    before, entries = reader.errors, node.entries
    reader.only(node, FLAG_FIELDS, what)
    of = read_kind(reader, node, f"abuse rule {quote(name)}")
    when = _read_when(reader, name, of, entries["when"])
    lasting = read_duration(reader, entries["for"], "`for`") if "for" in entries else 0
    fake = read_flag(reader, entries["fake"], "`fake`") if "fake" in entries else False
    if fake and of == "user":
        reader.error(
            node.keys["fake"], "`fake` is said of accounts: this rule is of users, so leave it out"
        )
    if reader.errors > before or of is None or when is None:
        return None
    return FlagRule(name, of, when, lasting or 0, bool(fake))


def _read_cap(reader: Reader, name: str, node: document.Mapping, what: str) -> CapRule | None:
    before, entries = reader.errors, node.entries
    reader.only(node, CAP_FIELDS, what)
    of = read_kind(reader, node, what)
    event = read_event(reader, node)
    most = _read_most(reader, node, what)
    per = _read_per(reader, node, what)
    unless = _read_when(reader, name, of, entries["unless"]) if "unless" in entries else None
    if reader.errors > before or of is None or event is None or most is None or per is None:
        return None
    return CapRule(name, of, event, most, per, unless)


def _read_most(reader: Reader, node: document.Mapping, what: str) -> int | None:
    entry = node.entries.get("most")
    if entry is None:
        reader.error(node, f"{what} lacks `most`: write how many of them count, such as `most: 10`")
        return None
    value = entry.value if isinstance(entry, document.Scalar) else None
    if type(value) is not int or not 1 <= value <= LARGEST_COUNT:
        reader.error(
            entry, f"`most` is a number of events from 1 to {LARGEST_COUNT:,}, not {kind_of(entry)}"
        )
        return None
    return value


def _read_per(reader: Reader, node: document.Mapping, what: str) -> int | None:
    entry = node.entries.get("per")
    if entry is None:
        reader.error(node, f"{what} lacks `per`: write a period, such as `per: 1d`")
        return None
    length = read_duration(reader, entry, "`per`")
    if length is not None and length not in PERIODS.values():
        reader.error(entry, f"`per` is one of {', '.join(PERIODS)}, not {quote(written(entry))}")
        return None
    return length


def _read_when(
    reader: Reader, name: str, of: EntityKind | None, node: document.Node
) -> Condition | None:
    condition = read_condition(node, Scope(reader, of, Name("abuse", name)))
    if condition is None:
        return None
    for named in sorted(set(_depends_on(condition))):
        reader.error(
            node,
            f"an abuse rule looks at events and traits, and not at {named}, which depends on what "
            "such rules exclude",
        )
    return condition


def _depends_on(condition: Condition) -> Iterator[str]:
    """The milestones and scores that it looks at, also through segments."""
    if isinstance(condition, MilestoneCondition):
        yield f"milestone {quote(condition.milestone)}"
    elif isinstance(condition, ScoreCondition):
        yield f"score {quote(condition.score.name)}"
    else:
        for inner in form_of(condition).inside(condition):
            yield from _depends_on(inner)


def rule_schema() -> dict[str, Any]:
    """JSON Schema of one rule."""
    condition = {"$ref": "#/definitions/condition"}
    of = {"enum": ["account", "user"], "description": "Who it is about."}
    flag = {
        "of": of,
        "when": {**condition, "description": "While it holds all their events are excluded."},
        "for": {
            "$ref": "#/definitions/duration",
            "description": "And for so long after it held last.",
        },
        "fake": {
            "type": "boolean",
            "default": False,
            "description": "Such accounts count as fake.",
        },
    }
    cap = {
        "of": of,
        **event_schema(),
        "most": {
            "type": "integer",
            "minimum": 1,
            "maximum": LARGEST_COUNT,
            "description": "How many of a period count; more are excluded.",
        },
        "per": {"enum": list(PERIODS), "description": "Periods of UTC time."},
        "unless": {**condition, "description": "While it holds there is no limit."},
    }
    misplaced = {"of": {"const": "user"}, "fake": {"const": True}}
    return {
        "oneOf": [
            {
                **_shape(flag, ["of", "when"]),
                "not": {"properties": misplaced, "required": ["of", "fake"]},
            },
            _shape(event_schema(), ["event"]),
            _shape(cap, ["of", "event", "most", "per"]),
        ]
    }


def _shape(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }
