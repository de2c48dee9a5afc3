"""What is left of an account or a user that was erased, and what of the others names it.

Nothing of it is left but how far its records are read, the ids of the events seen of late, and
through when it was erased. An event of that time that comes later, or comes again, is not counted:
so neither a straggler, nor a repeat, nor a second reading after a crash brings anybody back. All
that was known is of that time, and all that comes to be known is of a later one.
"""

from streams.engine.agenda import set_deadline, set_timer
from streams.engine.compiler import Plan
from streams.engine.entities import (
    AFTER_ALL,
    BEFORE_ALL,
    NO_NAMES,
    NONE_PENDING,
    NOTHING,
    Entity,
    Root,
)
from streams.engine.leaves.base import NOBODY


def newest_known(entity: Entity) -> int:
    """The newest time that anything told of an entity can be of."""
    return max(entity.clock, entity.passed)


def erase(entity: Entity, through: int, until: int) -> None:
    """Forget an entity; how far its records are read is kept, and a root's ids of events.

    Args:
        entity: to forget; where it has users, whoever keeps them has to forget them, too.
        through: the newest time that is erased, epoch milliseconds.
        until: the time until which that must be remembered.
    """
    entity.revision += 1
    entity.clock = entity.passed = entity.day = BEFORE_ALL
    entity.born = AFTER_ALL
    entity.leaves = entity.orders = NOTHING  # type: ignore[assignment] # as of a new one
    entity.reached = entity.occurrences = NOTHING  # type: ignore[assignment]
    entity.timers = NOTHING  # type: ignore[assignment]
    entity.settled = 0
    entity.pending = NONE_PENDING
    entity.agenda = entity.deadline = entity.scheduled = None
    entity.activity = entity.untold = NO_NAMES
    entity.earlier = entity.traits = NOTHING
    entity.erased = (through, until)
    if isinstance(entity, Root):
        entity.await_nobody()


def remember_no_more(entity: Entity) -> None:
    """What was erased is so long ago that none of its records can come again."""
    entity.erased = None
    entity.revision += 1


def is_empty(entity: Entity) -> bool:
    """Whether there is nothing of it that a new one would not have."""
    return entity.erased is None and entity.clock == BEFORE_ALL


def forget_user(root: Root, user: Entity, plan: Plan, erasure: str, through: int) -> None:
    """Take a user's id out of what its account remembers.

    What the account has counted stays: there the user is nobody in particular from now on. Where
    the user counts as long as something holds, it holds no more.

    Args:
        root: the account.
        user: who was erased.
        plan: of accounts.
        erasure: tells this one from others.
        through: the newest time that is erased, epoch milliseconds.
    """
    user_id, nobody = user.user_id or "", NOBODY + erasure
    root.await_user(user)
    for key in list(root.leaves):
        leaf = plan.leaves.get(key)
        if leaf is None or not leaf.forget_user(root, user_id, nobody):
            continue
        for place, _ in leaf.places:
            milestone = plan.milestones[place]
            if not root.settled & milestone.bit:
                set_timer(root, plan, milestone, through + 1)
    set_deadline(root, plan)
