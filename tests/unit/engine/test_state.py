"""States as bytes: what is read without the rest, and versions of old."""

import ormsgpack
import pytest

from streams.definitions import loads
from streams.engine import Engine, Entity, Root
from streams.engine.state import (
    UnreadableStateError,
    deadline_of,
    decode_entity,
    decode_root,
    encode_chunk,
    encode_entity,
    encode_root,
    revision_of,
)

HOUR = 3_600_000
EPOCH = 5
ENGINE = Engine(
    loads(
        "version: 1\nsettings: {allowed_lateness: 1h}\n"
        "milestones: {m: {of: user, when: {event: X}}}"
    )
)


def sealed_v1(revision: int, body: object) -> bytes:
    """A record as version 1 wrote it."""
    stamp = (EPOCH << 40 | revision).to_bytes(8, "big")
    return b"\1" + stamp + ormsgpack.packb(body, option=ormsgpack.OPT_NON_STR_KEYS)


def body_v1(deadline: int | None) -> list[object]:
    traits = {"plan": [4, "trial"]}
    return [1_000, deadline, 17, {3: 8}, {99: 500}, None, 2, {"X": [1, 5, 6]}, None, traits]


def user(deadline: int | None) -> Entity:
    entity = Entity(b"u4:acmeann", "ann")
    entity.revision, entity.clock, entity.offset, entity.deadline = 7, 1_000, 17, deadline
    return entity


@pytest.mark.parametrize("deadline", [None, 0, -1, 1_767_225_600_000, -(2**62)])
def test_a_deadline_is_read_without_the_rest_and_comes_back_with_it(deadline: int | None) -> None:
    data = encode_entity(user(deadline), ENGINE.users, EPOCH)
    assert deadline_of(data[:17]) == deadline
    again = Entity(b"u4:acmeann", "ann")
    decode_entity(data, again, ENGINE)
    assert (again.deadline, again.revision, again.clock, again.offset) == (deadline, 7, 1_000, 17)


def test_a_root_keeps_its_deadline_and_a_chunk_of_ids_has_none() -> None:
    root = Root(b"aacme", "acme", None, HOUR)
    root.deadline, root.ignored = 44, ((-1, 3),)
    data = encode_root(root, ENGINE.accounts, {}, EPOCH)
    assert deadline_of(data) == 44
    assert deadline_of(encode_chunk(root, {"id": 1}, EPOCH)) is None
    again = Root(b"aacme", "acme", None, HOUR)
    decode_root(data, again, ENGINE, lambda _root, _chunk: None)
    assert (again.deadline, again.ignored) == (44, ((-1, 3),))


def test_version_1_is_read_and_its_instant_becomes_the_time_at_which_it_is_told() -> None:
    entity = Entity(b"u4:acmeann", "ann")
    decode_entity(sealed_v1(7, body_v1(2_000)), entity, ENGINE)
    assert entity.deadline == 2_000 + HOUR + 1
    assert (entity.revision, entity.clock, entity.offset) == (7, 1_000, 17)
    assert (entity.origins, entity.reached) == ({3: 8}, {99: 500})
    assert (entity.day, entity.activity) == (2, {"X": [1, 5, 6]})
    assert entity.traits == {"plan": (4, "trial")}


def test_a_root_of_version_1_is_read() -> None:
    root = Root(b"aacme", "acme", None, HOUR)
    data = sealed_v1(7, [*body_v1(None), {"id": 900}, [], [-1, 3]])
    decode_root(data, root, ENGINE, lambda _root, _chunk: None)
    assert root.deadline is None
    assert (root.recent.seen, root.ignored) == ({"id": 900}, ((-1, 3),))


def test_the_deadline_of_version_1_is_never_later_than_that_of_what_is_made_of_it() -> None:
    assert deadline_of(sealed_v1(7, body_v1(2_000))) == 2_000
    assert deadline_of(sealed_v1(7, body_v1(None))) is None
    assert deadline_of(sealed_v1(7, {"an id of a chunk": 1})) is None


def test_revisions_of_both_versions_compare() -> None:
    entity = user(None)
    old = sealed_v1(entity.revision, body_v1(None))
    assert revision_of(encode_entity(entity, ENGINE.users, EPOCH)) == revision_of(old)
    entity.revision += 1
    assert revision_of(encode_entity(entity, ENGINE.users, EPOCH)) > revision_of(old)
    assert revision_of(encode_entity(entity, ENGINE.users, EPOCH - 1)) < revision_of(old)


def test_a_version_of_the_future_is_refused_with_the_remedy() -> None:
    data = b"\3" + encode_entity(user(None), ENGINE.users, EPOCH)[1:]
    with pytest.raises(UnreadableStateError, match=r"version 3 .* reads up to 2: upgrade it"):
        decode_entity(data, Entity(b"k", "ann"), ENGINE)
    with pytest.raises(UnreadableStateError):
        deadline_of(data)
