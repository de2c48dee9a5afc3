"""What a test expects of accounts and users, at its end and at moments before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, get_args

from schemas.qualifications import HealthLevel
from streams.definitions import document
from streams.definitions.conditions.health import may_be, read_level
from streams.definitions.model import (
    Check,
    EntityKind,
    Expected,
    Given,
    Health,
    Journey,
    LeadState,
    Milestone,
    Owner,
)
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, kind_of
from streams.definitions.values import read_time

LEAD_STATES: Final[tuple[LeadState, ...]] = get_args(LeadState)

Kinds = Mapping[str, EntityKind | None]
"""Names, and whose they are; ``None`` where that is wrong itself."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a test may name."""

    milestones: Kinds
    """Also those that are wrong otherwise, so that naming one is no second error."""
    journeys: Kinds
    """Likewise."""
    read: Mapping[str, Milestone]
    """Those milestones that are right."""
    ways: Mapping[str, Journey]
    """Those journeys that are right."""
    leads: Kinds
    """Also those that are wrong otherwise."""
    health: Kinds
    """Likewise."""
    levels: Mapping[str, Health]
    """Those health entries that are right."""
    rules: Kinds
    """Of ``abuse``; ``None`` also for one that flags nobody."""


class Names:
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


def read_moments(
    reader: Reader, node: document.Node | None, people: Names, declared: Declared
) -> list[Check]:
    """What ``at`` says of moments before the end, by their times."""
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
        reader.only(inner, FIELDS, "a moment of `at`")
        expected = read_expected(reader, inner, people, declared)
        if not expected and reader.errors == before:
            reader.error(inner, f"a moment of `at` has one of {', '.join(map(quote, FIELDS))}")
        checks.append(Check(time, expected))
    return sorted(checks, key=lambda check: check.at or 0)


def read_expected(
    reader: Reader, mapping: document.Mapping, people: Names, declared: Declared
) -> tuple[Expected, ...]:
    """What a mapping has of :data:`FIELDS`, for each account and user that it names."""
    owners: dict[str, Owner] = {}
    said: dict[str, dict[str, dict[str, Any]]] = {}
    for field in FIELDS:
        said[field] = {}
        if field not in mapping.entries:
            continue
        example = f"{{acme: {_FORMS[field].example}}}"
        listed = reader.mapping(mapping.entries[field], f"`{field}`", example)
        for name, place, node in _entries(listed):
            owner = people.find(reader, place, name)
            if owner is not None:
                owners[name] = owner
                said[field][name] = _read_names(reader, field, node, owner, declared)
    return tuple(
        Expected(
            name,
            *owner,
            said["then"].get(name),
            frozenset(said["not_then"].get(name, ())),
            said["exited"].get(name),
            said["stuck"].get(name),
            said["leads"].get(name),
            said["health"].get(name, {}),
            said["flagged"].get(name),
        )
        for name, owner in owners.items()
    )


def _read_names(
    reader: Reader, field: str, node: document.Node, owner: Owner, declared: Declared
) -> dict[str, Any]:
    """A list of milestones, journeys or leads, or a mapping of them to what is said about each."""
    form = _FORMS[field]
    found: dict[str, Any] = {}
    if form.read is not None and isinstance(node, document.Mapping):
        for name, value in node.entries.items():
            if form.is_name(reader, field, node.keys[name], name, owner, declared):
                found[name] = form.read(reader, value, name, declared)
        return found
    if not isinstance(node, document.Sequence) or field == "health":
        kind = "mapping" if field == "health" else "list"
        reader.error(node, f"{form.noun}s are a {kind}, `{form.example}`, not {kind_of(node)}")
        return found
    for item in node.items:
        text = reader.text(item, f"a {form.noun}")
        if text is not None and form.is_name(reader, field, item.place, text, owner, declared):
            found[text] = None
    return found


def _read_time(
    reader: Reader,
    node: document.Node,
    name: str,
    declared: Declared,  # noqa: ARG001
) -> int | None:
    return read_time(reader, node, f"the time of {quote(name)}")


def _read_step(reader: Reader, node: document.Node, name: str, declared: Declared) -> str | None:
    """A step after which one may be stuck in the journey."""
    step = reader.text(node, "a step")
    journey = declared.ways.get(name)
    if step is not None and journey is not None and step not in journey.stuck:
        message = f"{quote(name)} does not say how long {quote(step)} may take: see its `stuck`"
        reader.unknown(node, message, step, journey.stuck)
    return step


def _read_state(
    reader: Reader,
    node: document.Node,
    name: str,
    declared: Declared,  # noqa: ARG001
) -> LeadState | None:
    state = reader.text(node, f"the state of {quote(name)}")
    if state is not None and state not in LEAD_STATES:
        states = " or ".join((", ".join(LEAD_STATES[:-1]), LEAD_STATES[-1]))
        message = f"the state of {quote(name)} is {states}, not {quote(state)}"
        reader.unknown(node, message, state, LEAD_STATES)
        return None
    return state


def _read_level(
    reader: Reader, node: document.Node, name: str, declared: Declared
) -> HealthLevel | None:
    level = read_level(reader, node, f"the level of {quote(name)}")
    health = declared.levels.get(name)
    if level is not None and health is not None:
        may_be(reader, node, health, level)
    return level


def _is_milestone(
    reader: Reader, field: str, place: document.Place, name: str, owner: Owner, declared: Declared
) -> bool:
    if not _is_owned(reader, "milestone", place, name, owner, declared.milestones):
        return False
    milestone = declared.read.get(name)
    if field == "exited" and milestone is not None and not milestone.live:
        reader.error(place, f"{quote(name)} is not live: once reached it is never left")
        return False
    return True


def _is_journey(
    reader: Reader, field: str, place: document.Place, name: str, owner: Owner, declared: Declared
) -> bool:
    if not _is_owned(reader, "journey", place, name, owner, declared.journeys):
        return False
    journey = declared.ways.get(name)
    if journey is not None and not journey.stuck:
        reader.error(place, f"{quote(name)} does not say when one is {field}: give it `{field}`")
        return False
    return True


def _is_lead(
    reader: Reader,
    field: str,  # noqa: ARG001
    place: document.Place,
    name: str,
    owner: Owner,
    declared: Declared,
) -> bool:
    return _is_owned(reader, "lead", place, name, owner, declared.leads)


def _is_health(
    reader: Reader,
    field: str,  # noqa: ARG001
    place: document.Place,
    name: str,
    owner: Owner,
    declared: Declared,
) -> bool:
    return _is_owned(reader, "health", place, name, owner, declared.health)


def _is_rule(
    reader: Reader,
    field: str,  # noqa: ARG001
    place: document.Place,
    name: str,
    owner: Owner,
    declared: Declared,
) -> bool:
    return _is_owned(reader, "rule", place, name, owner, declared.rules)


def _is_owned(
    reader: Reader, what: str, place: document.Place, name: str, owner: Owner, kinds: Kinds
) -> bool:
    """Whether there is such a milestone, journey or lead, and it is one of that account or user."""
    if name not in kinds:
        reader.unknown(place, f"there is no {what} {quote(name)}", name, kinds)
        return False
    kind = "account" if owner[1] is None else "user"
    if kinds[name] not in (kind, None):
        reader.error(place, f"{quote(name)} is a {what} of {kinds[name]}s, not of {kind}s")
        return False
    return True


class _Form(NamedTuple):
    """What may be said in one field."""

    noun: str
    example: str
    is_name: Callable[[Reader, str, document.Place, str, Owner, Declared], bool]
    read: Callable[[Reader, document.Node, str, Declared], Any] | None
    """Reads what is said about each name; ``None`` where that is nothing."""


_FORMS: Final[Mapping[str, _Form]] = {
    "then": _Form("milestone", "[signed_up]", _is_milestone, _read_time),
    "not_then": _Form("milestone", "[signed_up]", _is_milestone, None),
    "exited": _Form("milestone", "[signed_up]", _is_milestone, _read_time),
    "stuck": _Form("journey", "[self_serve]", _is_journey, _read_step),
    "leads": _Form("lead", "[pqa]", _is_lead, _read_state),
    "health": _Form("level", "{usage: red}", _is_health, _read_level),
    "flagged": _Form("rule", "[internal]", _is_rule, None),
}
FIELDS: Final = tuple(_FORMS)
