"""States as bytes: what is read without the rest, and versions of old."""

import ormsgpack
import pytest

from streams.definitions import loads
from streams.engine import Engine, Entity, Root
from streams.engine.compiler import Plan
from streams.engine.entities import BEFORE_ALL
from streams.engine.judging import set_deadline
from streams.engine.state import (
    UnreadableStateError,
    deadline_of,
    decode_entity,
    decode_root,
    encode_entity,
    encode_root,
    erased_until,
    revision_of,
)

HOUR = 3_600_000
EPOCH = 5
ENGINE = Engine(
    loads(
        "version: 1\nsettings: {allowed_lateness: 1h}\n"
        "milestones:\n"
        "  m: {of: user, when: {event: X, avg: {of: properties.n, is: '> 1'}}}\n"
        "  n: {of: account, when: {event: X, avg: {of: properties.n, is: '> 1'}}}"
    )
)


def sealed_v1(revision: int, body: object) -> bytes:
    """A record as version 1 wrote it."""
    stamp = (EPOCH << 40 | revision).to_bytes(8, "big")
    return b"\1" + stamp + ormsgpack.packb(body, option=ormsgpack.OPT_NON_STR_KEYS)


def body_v1(deadline: int | None) -> list[object]:
    traits = {"plan": [4, "trial"]}
    return [1_000, deadline, 17, {3: 8}, {99: 500}, None, 2, {"X": [1, 5, 6]}, None, traits]


def waits(entity: Entity, plan: Plan, instant: int | None) -> None:
    if instant is not None:
        entity.timers = {plan.milestones[0].key: instant}
    set_deadline(entity, plan)


def user(instant: int | None) -> Entity:
    entity = Entity(b"u4:acmeann", "ann")
    entity.revision, entity.clock, entity.offset = 7, 1_000, 17
    waits(entity, ENGINE.users, instant)
    return entity


@pytest.mark.parametrize("instant", [None, 0, -1, 1_767_225_600_000, -(2**61)])
def test_a_deadline_is_read_without_the_rest_and_comes_back_with_it(instant: int | None) -> None:
    data = encode_entity(user(instant), ENGINE.users, EPOCH)
    deadline = None if instant is None else instant + HOUR + 1
    assert deadline_of(data[:21], ENGINE.users) == deadline
    again = Entity(b"u4:acmeann", "ann")
    decode_entity(data, again, ENGINE)
    assert (again.deadline, again.revision, again.clock, again.offset) == (deadline, 7, 1_000, 17)


def test_a_root_keeps_its_deadline() -> None:
    root = Root(b"aacme", "acme", None, HOUR)
    root.ignored = ((-1, 3),)
    waits(root, ENGINE.accounts, 44)
    data = encode_root(root, ENGINE.accounts, {}, EPOCH)
    assert deadline_of(data, ENGINE.accounts) == 44 + HOUR + 1
    again = Root(b"aacme", "acme", None, HOUR)
    decode_root(data, again, ENGINE, lambda _root, _chunk: None)
    assert (again.deadline, again.ignored) == (44 + HOUR + 1, ((-1, 3),))


def test_a_state_of_other_definitions_is_to_be_looked_at_and_waits_for_what_is_new() -> None:
    data = encode_entity(user(None), Engine(loads("version: 1")).users, EPOCH)
    assert deadline_of(data, ENGINE.users) == BEFORE_ALL
    entity = Entity(b"u4:acmeann", "ann")
    decode_entity(data, entity, ENGINE)
    assert entity.deadline == 1_000 + HOUR + 1


def test_version_1_is_read_and_its_instant_becomes_the_time_at_which_it_is_told() -> None:
    entity = Entity(b"u4:acmeann", "ann")
    decode_entity(sealed_v1(7, body_v1(500)), entity, ENGINE)
    assert entity.deadline == 500 + HOUR + 1
    assert (entity.revision, entity.clock, entity.offset) == (7, 1_000, 17)
    assert (entity.origins, entity.reached) == ({3: 8}, {99: 500})
    assert (entity.day, entity.activity) == (2, {"X": [1, 5, 6]})
    assert entity.traits == {"plan": (4, "trial")}


def test_a_root_of_version_1_is_read() -> None:
    root = Root(b"aacme", "acme", None, HOUR)
    data = sealed_v1(7, [*body_v1(None), {"id": 900}, [], [-1, 3]])
    decode_root(data, root, ENGINE, lambda _root, _chunk: None)
    assert (root.recent.seen, root.ignored) == ({"id": 900}, ((-1, 3),))


def test_a_state_of_version_1_is_to_be_looked_at() -> None:
    assert deadline_of(sealed_v1(7, body_v1(2_000)), ENGINE.users) == BEFORE_ALL


def test_revisions_of_both_versions_compare() -> None:
    entity = user(None)
    old = sealed_v1(entity.revision, body_v1(None))
    assert revision_of(encode_entity(entity, ENGINE.users, EPOCH)) == revision_of(old)
    entity.revision += 1
    assert revision_of(encode_entity(entity, ENGINE.users, EPOCH)) > revision_of(old)
    assert revision_of(encode_entity(entity, ENGINE.users, EPOCH - 1)) < revision_of(old)


def test_a_version_of_the_future_is_refused_with_the_remedy() -> None:
    data = b"\4" + encode_entity(user(None), ENGINE.users, EPOCH)[1:]
    with pytest.raises(UnreadableStateError, match=r"version 4 .* reads up to 3: upgrade it"):
        decode_entity(data, Entity(b"k", "ann"), ENGINE)
    assert deadline_of(data, ENGINE.users) == BEFORE_ALL


@pytest.mark.parametrize("anew", [False, True])
def test_through_when_something_was_erased_is_a_part_of_its_state(anew: bool) -> None:
    ann = user(44 if anew else None)
    if not anew:
        ann.clock = BEFORE_ALL
    ann.erased = (900, 5_000)
    data = encode_entity(ann, ENGINE.users, EPOCH)
    assert (data[0], erased_until(data)) == (3, 5_000)
    again = Entity(b"u4:acmeann", "ann")
    decode_entity(data, again, ENGINE)
    assert (again.erased, again.offset, again.revision) == ((900, 5_000), 17, 7)
    assert again.deadline == (44 + HOUR + 1 if anew else None)

    edited = encode_entity(ann, Engine(loads("version: 1")).users, EPOCH)
    other = Entity(b"u4:acmeann", "ann")
    decode_entity(edited, other, ENGINE)
    assert (other.deadline is not None) is anew


def test_what_was_not_erased_is_written_as_it_always_was() -> None:
    data = encode_entity(user(None), ENGINE.users, EPOCH)
    assert (data[0], erased_until(data)) == (2, None)
