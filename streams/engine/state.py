"""State as bytes: compact, versioned, with a reader for every version that was ever written.

A record begins with bytes that can be read without the rest, all big-endian: one of version, three
of the writer's epoch and five of revision (recovery tells the newer of two by them), eight of the
deadline and four of the signature of what is timed (a scan of a table finds the timers by them).
MessagePack follows.
"""

from collections.abc import Callable, Mapping
from heapq import heapify
from operator import itemgetter
from typing import Any, Final

import ormsgpack

from streams.engine.agenda import set_deadline
from streams.engine.compiler import Plan
from streams.engine.engine import Engine
from streams.engine.entities import BEFORE_ALL, Entity, Root
from streams.engine.judging import arm
from streams.engine.leaves.parameters import Parameter, Step
from streams.engine.manifest import Manifest, dump, load

VERSION: Final = 2
_REVISION_BITS: Final = 40
_STAMPED: Final = 9
"""Where the revision ends, in every version."""
_TIMED: Final = 17
"""Where the deadline ends."""
_SIGNED: Final = 21
"""Where the signature ends."""
_HEADERS: Final = {1: _STAMPED, 2: _SIGNED, 3: _SIGNED}
"""Version → where the body begins."""
_NEVER: Final = -(2**63)
"""Deadline of what waits for nothing; no time that an event can have is so early."""
ERASED: Final = 3
"""Version of what was erased: the same, with through when, and until when it is remembered, at the
end. Of its own, so that an older program says that it cannot read it."""
_PACK: Final = ormsgpack.OPT_NON_STR_KEYS
Chunks = Mapping[int, Mapping[str, int]]
ChunkLoader = Callable[[Root, int], bytes | None]


class UnreadableStateError(ValueError):
    """State that this version of the program cannot read."""


def revision_of(data: bytes) -> int:
    """Epoch and revision of a state record: of two for one key, the higher is the newer.

    Revisions count the records that were applied. Two workers that both believed to own the entity
    may have applied other ones, so the one that came to own it later counts for more.
    """
    return int.from_bytes(data[1:_STAMPED], "big")


def _own_revision(data: bytes) -> int:
    """The revision without the epoch."""
    return revision_of(data) & ~(-1 << _REVISION_BITS)


def deadline_of(data: bytes, plan: Plan) -> int | None:
    """When a state must be looked at though no event comes, without reading it; ``None``: never.

    One that was written with other definitions must be looked at now: only its content tells.
    """
    if not plan.timed:
        return None
    if _is_stale(data, plan):
        return BEFORE_ALL
    found = int.from_bytes(data[_STAMPED:_TIMED], "big", signed=True)
    return None if found == _NEVER else found


def _is_stale(data: bytes, plan: Plan) -> bool:
    signature = int.from_bytes(data[_TIMED:_SIGNED], "big")
    return data[0] not in (VERSION, ERASED) or signature != plan.signature


def erased_until(data: bytes) -> int | None:
    """Until when it must be remembered that a state was erased; ``None`` for one that was not."""
    return int(_open(data)[-1][1]) if data[0] == ERASED else None


def _seal(
    revision: int,
    epoch: int,
    deadline: int | None,
    signature: int,
    body: Any,
    erased: tuple[int, int] | None = None,
) -> bytes:
    stamp = (epoch << _REVISION_BITS | revision).to_bytes(8, "big")
    due = (_NEVER if deadline is None else deadline).to_bytes(8, "big", signed=True)
    signed = signature.to_bytes(4, "big")
    version = VERSION
    if erased is not None:
        version = ERASED
        body = [*body, erased]
    return bytes((version,)) + stamp + due + signed + ormsgpack.packb(body, option=_PACK)


def _open(data: bytes) -> Any:
    if data[0] not in _HEADERS:
        raise UnreadableStateError(
            f"state version {data[0]} was written by a newer milepost; this one reads up to "
            f"{max(_HEADERS)}: upgrade it, or start with a new application id"
        )
    return ormsgpack.unpackb(data[_HEADERS[data[0]] :], option=_PACK)


def encode_entity(entity: Entity, plan: Plan, epoch: int) -> bytes:
    """A user's state as bytes, written by the owner of this epoch."""
    body, erased = _body(entity, plan), entity.erased
    return _seal(entity.revision, epoch, entity.deadline, plan.signature, body, erased)


def decode_entity(data: bytes, entity: Entity, engine: Engine) -> None:
    """Fill a new user with the state in ``data``."""
    body = _open(data)
    if data[0] == ERASED:
        entity.erased = tuple(body.pop())
    _fill(entity, data, body, engine.users)


def encode_root(root: Root, plan: Plan, chunks: Chunks, epoch: int) -> bytes:
    """The state of an account, or of a user without one; ``chunks`` have records of their own."""
    recent = root.recent
    ignored = [number for pair in root.ignored for number in pair]
    body = _body(root, plan)
    body.append(root.waiting or None)
    body += (recent.inline(chunks), list(recent.stored.union(chunks)), ignored)
    return _seal(root.revision, epoch, root.deadline, plan.signature, body, root.erased)


def encode_chunk(root: Root, ids: Mapping[str, int], epoch: int) -> bytes:
    """One chunk of recent event ids as bytes."""
    return _seal(root.revision, epoch, None, 0, ids)


def encode_manifest(manifest: Manifest, epoch: int) -> bytes:
    """What the states of a partition were kept for, as bytes."""
    return _seal(0, epoch, None, 0, dump(manifest))


def decode_manifest(data: bytes) -> Manifest:
    """What :func:`encode_manifest` made."""
    return load(_open(data))


def encode_parameter(parameter: Parameter, epoch: int) -> bytes:
    """A parameter of a partition as bytes."""
    return _seal(parameter.revision, epoch, None, 0, [list(step) for step in parameter.steps])


def decode_parameter(data: bytes) -> Parameter:
    """What :func:`encode_parameter` made."""
    parameter = Parameter()
    parameter.steps = [Step(at, value, offset) for at, value, offset in _open(data)]
    parameter.newest = max(step.offset for step in parameter.steps)
    parameter.revision = _own_revision(data)
    return parameter


def decode_root(data: bytes, root: Root, engine: Engine, load_chunk: ChunkLoader) -> None:
    """Fill a new root with the state in ``data``; large chunks of ids come from ``load_chunk``."""
    body = _open(data)
    if data[0] == ERASED:
        root.erased = tuple(body.pop())
    inline, stored, ignored = body[-3:]
    del body[-3:]
    if data[0] > 1:
        root.waiting = body.pop() or root.waiting
    _fill(root, data, body, engine.plan_of(root))
    recent = root.recent
    root.ignored = tuple(zip(ignored[::2], ignored[1::2], strict=True))
    for chunk in sorted(stored):
        found = load_chunk(root, chunk)
        # A chunk that is not there yet is inline as a whole: the state came before it.
        if found is not None:
            recent.seen |= _open(found)
            recent.stored |= {chunk}
    recent.seen |= inline
    if stored:
        recent.seen = dict(sorted(recent.seen.items(), key=itemgetter(1)))


def _body(entity: Entity, plan: Plan) -> list[Any]:
    return [
        entity.clock,
        entity.passed if entity.passed > entity.clock else None,
        entity.born,
        entity.offset,
        entity.origins or None,
        entity.reached or None,
        entity.occurrences or None,
        entity.timers or None,
        plan.dump_leaves(entity.leaves) if entity.leaves else None,
        entity.day if entity.activity else None,
        entity.activity or None,
        entity.earlier or None,
        entity.traits or None,
    ]


def _fill(entity: Entity, data: bytes, body: Any, plan: Plan) -> None:
    entity.revision = _own_revision(data)
    READERS[data[0]](entity, body, plan)
    if plan.timed and not (entity.erased is not None and entity.clock == BEFORE_ALL):
        if _is_stale(data, plan):
            arm(entity, plan)
        else:
            set_deadline(entity, plan)


def _read_v1(entity: Entity, body: Any, plan: Plan) -> None:
    """Before there were timers, nor was it known since when an entity was seen."""
    clock, instant, offset, origins, reached, *rest = body
    timers = {} if instant is None else {plan.milestones[p].key: instant for p in plan.timed}
    _read_v2(entity, [clock, None, clock, offset, origins, reached, None, timers, *rest], plan)


def _read_v2(entity: Entity, body: Any, plan: Plan) -> None:
    entity.clock, passed, entity.born, entity.offset, origins, reached, *rest = body
    occurrences, timers, leaves, day, activity, earlier, traits = rest
    if passed is not None:
        entity.passed = passed
    if origins:
        entity.origins = origins
    if activity:
        entity.day, entity.activity = day, activity
    if earlier:
        entity.earlier = earlier
    if traits:
        entity.traits = {name: (at, value) for name, (at, value) in traits.items()}
    # What no definition has any more is let go; but what was reached stays known.
    if leaves:
        entity.leaves = plan.load_leaves(leaves)
    if timers:
        entity.timers = {key: at for key, at in timers.items() if key in plan.place_of}
    if occurrences:
        entity.occurrences = {key: tuple(found) for key, found in occurrences.items()}
    if reached:
        entity.reached = reached
        _mark_reached(entity, plan)


def _mark_reached(entity: Entity, plan: Plan) -> None:
    horizon = entity.clock - plan.lateness
    pending: list[tuple[int, int]] = []
    for key, occurred in entity.reached.items():
        place = plan.place_of.get(key)
        if place is None or plan.milestones[place].mode != "once":
            continue
        if occurred <= horizon:
            entity.settled |= plan.milestones[place].bit
        else:
            pending.append((occurred, place))
    if pending:
        heapify(pending)
        entity.pending = pending


READERS: Final[dict[int, Callable[[Entity, Any, Plan], None]]] = {
    1: _read_v1, 2: _read_v2, 3: _read_v2,
}  # fmt: skip
"""Version → what reads its body into a new entity."""
