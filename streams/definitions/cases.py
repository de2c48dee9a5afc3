"""The section ``tests``: events, and what must have been reached after them."""

from typing import Any, Final

import orjson

from streams.definitions import document
from streams.definitions.expectations import FIELDS as EXPECTATIONS
from streams.definitions.expectations import Declared, Names, read_expected, read_moments
from streams.definitions.model import Case, Check, Given
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, kind_of
from streams.definitions.values import read_duration, read_time

BEGINNING: Final = 1_767_225_600_000
"""When a test begins that does not say: 2026-01-01T00:00:00Z."""
MOST_EVENTS: Final = 10_000
"""Events of a test, those that one line stands for among them."""
MOST_EVENTS_OF_ALL: Final = 200_000
"""Events of all tests of a file; each takes some 250 bytes."""

FIELDS = ("name", "given", "until", "at", *EXPECTATIONS)
GIVEN_FIELDS = (
    "at", "after", "event", "account", "user", "properties", "traits", "id", "times", "every",
)  # fmt: skip


def read_cases(reader: Reader, node: document.Node, declared: Declared) -> tuple[Case, ...]:
    """Read the list of tests; what is wrong with them goes to ``reader``."""
    if not isinstance(node, document.Sequence):
        reader.error(node, f"`tests` is a list of tests, not {kind_of(node)}")
        return ()
    names: set[str] = set()
    cases: list[Case] = []
    events = 0
    for item in node.items:
        case = _read_case(reader, item, declared)
        if case is None:
            continue
        if case.name in names:
            reader.error(item, f"there is another test {quote(case.name)}")
        names.add(case.name)
        events += len(case.given)
        if events > MOST_EVENTS_OF_ALL:
            reader.error(item, f"the tests of a file have at most {MOST_EVENTS_OF_ALL:,} events")
            break
        cases.append(case)
    return tuple(cases)


def _read_case(reader: Reader, node: document.Node, declared: Declared) -> Case | None:
    mapping = reader.mapping(node, "a test", "{name: …, given: [{event: Signed Up, user: ann}]}")
    if mapping is None:
        return None
    reader.only(mapping, FIELDS, "a test")
    before = reader.errors
    entries = mapping.entries
    missing = [name for name in ("name", "given") if name not in entries]
    for field in missing:
        reader.error(mapping, f"a test lacks {quote(field)}")
    if missing:
        return None
    name = reader.text(entries["name"], "`name`")
    given = _read_given(reader, entries["given"])
    until = read_time(reader, entries["until"], "`until`") if "until" in entries else None
    people = Names(given)
    checks = read_moments(reader, entries.get("at"), people, declared)
    expected = read_expected(reader, mapping, people, declared)
    if expected:
        checks.append(Check(until, expected))
    elif "until" in entries:
        reader.error(entries["until"], "`until` is the time of `then` and `not_then`: say one")
    if not checks and reader.errors == before:
        reader.error(mapping, "a test expects something: `then: {acme: [signed_up]}`")
    return None if name is None else Case(name, mapping.place.line, tuple(given), tuple(checks))


def _read_given(reader: Reader, node: document.Node) -> list[Given]:
    if not isinstance(node, document.Sequence) or not node.items:
        shown = "empty" if isinstance(node, document.Sequence) else kind_of(node)
        reader.error(node, f"`given` is a list of events, not {shown}")
        return []
    given: list[Given] = []
    time = BEGINNING
    for item in node.items:
        found = _read_events(reader, item, time, len(given))
        if len(given) + len(found) > MOST_EVENTS:
            reader.error(item, f"a test has at most {MOST_EVENTS} events")
            break
        given += found
        if found:
            time = found[-1].time
    return given


def _read_events(reader: Reader, node: document.Node, last: int, number: int) -> list[Given]:
    """What one line stands for: an event, or several of them."""
    mapping = reader.mapping(node, "an event", "{event: Signed Up, account: acme, user: ann}")
    if mapping is None:
        return []
    reader.only(mapping, GIVEN_FIELDS, "an event of a test")
    before = reader.errors
    entries = mapping.entries
    if "event" not in entries:
        reader.error(mapping, "an event lacks `event`, its name")
    name = reader.text(entries["event"], "`event`") if "event" in entries else None
    account, user = (_read_id(reader, entries.get(field)) for field in ("account", "user"))
    if account is None and user is None:
        reader.error(mapping, "an event names its `account`, its `user`, or both")
    properties, traits = (
        _read_values(reader, entries.get(field), f"`{field}`") for field in ("properties", "traits")
    )
    time = _read_moment(reader, mapping, last)
    times, every = _read_times(reader, mapping)
    event_id = _read_id(reader, entries.get("id"))
    if event_id is not None and times > 1:
        reader.error(entries["times"], "events with one `id` are one event: leave `times` out")
    if reader.errors > before or name is None:
        return []
    return [
        Given(
            time + count * every,
            name,
            account,
            user,
            properties,
            event_id if event_id is not None else f"event {number + count + 1}",
            traits,
        )
        for count in range(times)
    ]


def _read_moment(reader: Reader, mapping: document.Mapping, last: int) -> int:
    at, after = mapping.entries.get("at"), mapping.entries.get("after")
    if at is not None and after is not None:
        reader.error(after, "`at` is a time, `after` counts from the event before: give one")
        return last
    if at is not None:
        return read_time(reader, at, "`at`") or 0
    if after is not None:
        return last + (read_duration(reader, after, "`after`", setting=True) or 0)
    return last


def _read_times(reader: Reader, mapping: document.Mapping) -> tuple[int, int]:
    """How many events, and how far from each other."""
    times, every = mapping.entries.get("times"), mapping.entries.get("every")
    if times is None:
        if every is not None:
            reader.error(every, "`every` goes with `times`: `times: 3, every: 1d`")
        return 1, 0
    value = times.value if isinstance(times, document.Scalar) else None
    if type(value) is not int or not 1 <= value <= MOST_EVENTS:
        reader.error(times, f"`times` is a number from 1 to {MOST_EVENTS}, not {kind_of(times)}")
        value = 1
    length = read_duration(reader, every, "`every`") if every is not None else None
    return value, length or 0


def _read_id(reader: Reader, node: document.Node | None) -> str | None:
    if node is None:
        return None
    if isinstance(node, document.Scalar) and type(node.value) is int:
        return node.text  # as in events, where a number is an id, too
    return reader.text(node, "an id")


def _read_values(reader: Reader, node: document.Node | None, what: str) -> dict[str, Any]:
    """What an event carries by name, fit for JSON."""
    if node is None:
        return {}
    mapping = reader.mapping(node, what, "{plan: trial}")
    if mapping is None:
        return {}
    values = {name: _plain(one) for name, one in mapping.entries.items()}
    try:
        orjson.dumps(values)
    except orjson.JSONEncodeError as error:
        reader.error(node, f"{what} cannot be written as JSON: {error}")
    return values


def _plain(node: document.Node) -> Any:
    if isinstance(node, document.Mapping):
        return {name: _plain(value) for name, value in node.entries.items()}
    if isinstance(node, document.Sequence):
        return [_plain(item) for item in node.items]
    return node.value
