"""``regularly: {event: NAME, every: 7d, …}`` — in so many of the last periods."""

from collections.abc import Mapping
from typing import Any, Final

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.events import (
    canonical_event,
    describe_event,
    events_alone_schema,
    read_events_alone,
)
from streams.definitions.conditions.form import Canonicalise, Describe, Form, ReadCondition
from streams.definitions.meaning import Canonical, canonical_count
from streams.definitions.model import Comparison, RegularlyCondition
from streams.definitions.reader import Reader, Scope, kind_of
from streams.definitions.values import (
    LONGEST_DURATION,
    format_duration,
    read_count_comparison,
    read_duration,
)

MOST_PERIODS: Final = 366
"""Days of a year."""

_FIELDS = ("every", "times", "in", "of_last")
_REQUIRED = {"every": "every: 7d", "in": 'in: ">= 3"', "of_last": "of_last: 4"}
_ONCE = Comparison(">=", 1)


class RegularlyForm(Form[RegularlyCondition]):
    """In so many of the last periods there were so many events."""

    name = "regularly"
    fields = ("regularly",)
    model = RegularlyCondition
    syntax = '`regularly: {event: NAME, every: 7d, times: ">= 2", in: ">= 3", of_last: 4}`'
    true_when = (
        "in so many (`in`) of the last periods (`of_last`) of that length (`every`), the newest of "
        'which ends now, there were so many such events (`times`, else `">= 1"`); `where` may be '
        "added"
    )

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> RegularlyCondition | None:
        self.fits(node, scope)
        reader, before = scope.reader, scope.reader.errors
        body = node.entries["regularly"]
        event = read_events_alone(reader, body, "`regularly`", _FIELDS)
        if not isinstance(body, document.Mapping):
            return None
        entries = body.entries
        for name, example in _REQUIRED.items():
            if name not in entries:
                reader.error(body, f"`regularly` lacks `{name}`: write `{example}`")
        if reader.errors > before or event is None:
            return None
        every = read_duration(reader, entries["every"], "`every`")
        times: Comparison | None = _ONCE
        if "times" in entries:
            times = read_count_comparison(reader, entries["times"], "`times`")
        number = _read_number(reader, entries["of_last"], every)
        periods = read_count_comparison(reader, entries["in"], "`in`", number)
        if every is None or times is None or number is None or periods is None:
            return None
        return RegularlyCondition(event, every, times, periods, number)

    @override
    def describe(self, condition: RegularlyCondition, inner: Describe) -> str:
        return (
            f"count of {describe_event(condition.event)} {condition.times} per "
            f"{format_duration(condition.every)} in {condition.periods} of the last "
            f"{condition.of_last}"
        )

    @override
    def canonical(
        self, condition: RegularlyCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        return [
            "regularly",
            *canonical_event(condition.event),
            condition.every,
            canonical_count(condition.times),
            canonical_count(condition.periods),
            condition.of_last,
        ]

    @override
    def schema(self) -> dict[str, Any]:
        body = events_alone_schema(
            **{
                "every": {"$ref": "#/definitions/duration", "description": "A period's length."},
                "times": {
                    "$ref": "#/definitions/comparison",
                    "description": "Events of a period.",
                },
                "in": {"$ref": "#/definitions/comparison", "description": "In how many periods."},
                "of_last": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MOST_PERIODS,
                    "description": "Periods that are looked at; the newest ends now.",
                },
            }
        )
        return {"regularly": {**body, "required": ["event", *_REQUIRED]}}


def _read_number(reader: Reader, node: document.Node, every: int | None) -> int | None:
    value = node.value if isinstance(node, document.Scalar) else None
    if type(value) is not int or not 1 <= value <= MOST_PERIODS:
        reader.error(
            node, f"`of_last` is a number of periods from 1 to {MOST_PERIODS}, not {kind_of(node)}"
        )
        return None
    if every is not None and every * value > LONGEST_DURATION:
        longest = format_duration(LONGEST_DURATION)
        reader.error(node, f"`of_last` times `every` is at most {longest}: ask for fewer periods")
        return None
    return value
