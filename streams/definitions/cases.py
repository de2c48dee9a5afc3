"""The section ``tests``: events, and what must have been reached after them."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from streams.definitions import document
from streams.definitions.model import Case, Check, EntityKind, Expected, Given, Owner
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, kind_of
from streams.definitions.values import read_duration, read_time

BEGINNING: Final = 1_767_225_600_000
"""When a test begins that does not say: 2026-01-01T00:00:00Z."""
MOST_EVENTS: Final = 10_000
"""Events of a test, those that one line stands for among them."""

FIELDS = ("name", "given", "until", "then", "not_then", "at")
GIVEN_FIELDS = (
    "at", "after", "event", "account", "user", "properties", "id", "times", "every",
)  # fmt: skip
_CHECK_FIELDS = ("then", "not_then")

Kinds = Mapping[str, EntityKind | None]
"""Every milestone by name; ``None`` where its kind is wrong itself."""


def read_cases(reader: Reader, node: document.Node, milestones: Kinds) -> tuple[Case, ...]:
    """Read the list of tests; what is wrong with them goes to ``reader``."""
    if not isinstance(node, document.Sequence):
        reader.error(node, f"`tests` is a list of tests, not {kind_of(node)}")
        return ()
    names: set[str] = set()
    cases = []
    for item in node.items:
        case = _read_case(reader, item, milestones)
        if case is None:
            continue
        if case.name in names:
            reader.error(item, f"there is another test {quote(case.name)}")
        names.add(case.name)
        cases.append(case)
    return tuple(cases)


def _read_case(reader: Reader, node: document.Node, milestones: Kinds) -> Case | None:
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
    people = _Names(given)
    checks = _read_moments(reader, entries.get("at"), people, milestones)
    expected = _read_expected(reader, mapping, people, milestones)
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
    properties = _read_properties(reader, entries.get("properties"))
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


def _read_properties(reader: Reader, node: document.Node | None) -> dict[str, Any]:
    if node is None:
        return {}
    mapping = reader.mapping(node, "`properties`", "{plan: trial}")
    if mapping is None:
        return {}
    properties = {name: _plain(one) for name, one in mapping.entries.items()}
    try:
        orjson.dumps(properties)
    except orjson.JSONEncodeError as error:
        reader.error(node, f"`properties` cannot be written as JSON: {error}")
    return properties


def _plain(node: document.Node) -> Any:
    if isinstance(node, document.Mapping):
        return {name: _plain(value) for name, value in node.entries.items()}
    if isinstance(node, document.Sequence):
        return [_plain(item) for item in node.items]
    return node.value


class _Names:
    """What a test calls its accounts and users: an id, or ``account/user`` where one has two."""

    def __init__(self, given: list[Given]) -> None:
        self._owners: dict[str, set[Owner]] = {}
        for event in given:
            account, user = event.account_id, event.user_id
            if account is not None:
                self._add(account, (account, None))
            if user is not None:
                self._add(user, (account, user))
                self._add(f"{account}/{user}", (account, user))

    def _add(self, name: str, owner: Owner) -> None:
        self._owners.setdefault(name, set()).add(owner)

    def find(self, reader: Reader, place: document.Place, name: str) -> Owner | None:
        """Who is meant; ``None`` once an error is reported."""
        owners = self._owners.get(name, set())
        if len(owners) == 1:
            return next(iter(owners))
        if owners:
            users = sorted(f"{account}/{user}" for account, user in owners if user is not None)
            meant = " or ".join(map(quote, users))
            reader.error(place, f"{quote(name)} may be more than one here: write {meant}")
        else:
            message = f"no event names the account or user {quote(name)}"
            reader.unknown(place, message, name, self._owners)
        return None


def _entries(
    mapping: document.Mapping | None,
) -> list[tuple[str, document.Place, document.Node]]:
    """Names, where they stand, and what they have; nothing of what is no mapping."""
    if mapping is None:
        return []
    return [(name, mapping.keys[name], node) for name, node in mapping.entries.items()]


def _read_moments(
    reader: Reader, node: document.Node | None, people: _Names, milestones: Kinds
) -> list[Check]:
    if node is None:
        return []
    example = "{2026-01-02T10:00:00Z: {then: {acme: [signed_up]}}}"
    mapping = reader.mapping(node, "`at`", example)
    checks = []
    for text, place, body in _entries(mapping):
        time = read_time(reader, document.Scalar(place, text, text), "a moment of `at`")
        inner = reader.mapping(body, "a moment of `at`", "{then: {acme: [signed_up]}}")
        if inner is None:
            continue
        before = reader.errors
        reader.only(inner, _CHECK_FIELDS, "a moment of `at`")
        expected = _read_expected(reader, inner, people, milestones)
        if not expected and reader.errors == before:
            reader.error(inner, "a moment of `at` has `then`, `not_then`, or both")
        checks.append(Check(time, expected))
    return sorted(checks, key=lambda check: check.at or 0)


def _read_expected(
    reader: Reader, mapping: document.Mapping, people: _Names, milestones: Kinds
) -> tuple[Expected, ...]:
    """``then`` and ``not_then`` of a mapping."""
    reached: dict[str, dict[str, int | None]] = {}
    not_reached: dict[str, dict[str, int | None]] = {}
    owners: dict[str, Owner] = {}
    for field, found in (("then", reached), ("not_then", not_reached)):
        if field not in mapping.entries:
            continue
        listed = reader.mapping(mapping.entries[field], f"`{field}`", "{acme: [signed_up]}")
        for name, place, node in _entries(listed):
            owner = people.find(reader, place, name)
            if owner is not None:
                owners[name] = owner
                timed = field == "then"
                found[name] = _read_milestones(reader, node, owner, milestones, timed=timed)
    return tuple(
        Expected(name, *owner, reached.get(name), frozenset(not_reached.get(name, ())))
        for name, owner in owners.items()
    )


def _read_milestones(
    reader: Reader, node: document.Node, owner: Owner, milestones: Kinds, *, timed: bool
) -> dict[str, int | None]:
    """A list of milestones, or (``timed``) a mapping of them to times."""
    found: dict[str, int | None] = {}
    if timed and isinstance(node, document.Mapping):
        for name, time in node.entries.items():
            if _is_milestone(reader, node.keys[name], name, owner, milestones):
                found[name] = read_time(reader, time, f"the time of {quote(name)}")
        return found
    if not isinstance(node, document.Sequence):
        reader.error(node, f"milestones are a list, `[signed_up]`, not {kind_of(node)}")
        return found
    for item in node.items:
        text = reader.text(item, "a milestone")
        if text is not None and _is_milestone(reader, item.place, text, owner, milestones):
            found[text] = None
    return found


def _is_milestone(
    reader: Reader, place: document.Place, name: str, owner: Owner, milestones: Kinds
) -> bool:
    if name not in milestones:
        reader.unknown(place, f"there is no milestone {quote(name)}", name, milestones)
        return False
    kind = "account" if owner[1] is None else "user"
    if milestones[name] not in (kind, None):
        reader.error(place, f"{quote(name)} is a milestone of {milestones[name]}s, not of {kind}s")
        return False
    return True
