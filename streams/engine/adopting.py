"""How an entity takes over what was said of parameters since its last event."""

from streams.engine.compiler import Plan
from streams.engine.entities import AFTER_ALL, DIRECT, Entity
from streams.engine.modes import Work
from streams.engine.occasion import Occasion


def adopt(
    entity: Entity, plan: Plan, occasion: Occasion, horizon: int, work: Work | None
) -> Work | None:
    """Let an entity know the newest steps of its parameters.

    Args:
        entity: the account, or the user.
        plan: the milestones of its kind.
        occasion: knows the parameters of the partition. Of a record that was found elsewhere nobody
            can say what had been said when it was first read: it finds all that is known now.
        horizon: no instant before it will be asked about.
        work: what is to be judged already.

    Returns:
        The same, with the milestones that look at what has changed.
    """
    before = occasion.offset if occasion.source == DIRECT else AFTER_ALL
    for leaf in plan.parameters:
        parameter = occasion.parameters.get(leaf.name)
        if parameter is None or not leaf.milestones & ~entity.settled:
            continue
        since = leaf.adopt(entity, parameter, before, horizon)
        if since is None:
            continue
        if work is None:
            work = {}
        # Before it was seen nothing is true; what is asked there would not come to its first event.
        since = max(since, entity.born)
        for place, _ in leaf.places:
            work[place] = min(since, work.get(place, since))
    return work
