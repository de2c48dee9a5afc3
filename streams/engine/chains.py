"""Events of one instant as steps that follow each other: each fills one."""

from collections.abc import Sequence


def chain(masks: Sequence[int], depth: int, length: int) -> list[int]:
    """Events for the steps after ``depth``, one for each, for as many steps in a row as can be.

    Args:
        masks: for each event, the bit set of the steps that it may fill.
        depth: steps that are filled already.
        length: how many there are.

    Returns:
        Places of the events, in the order of the steps.
    """
    if len(masks) == 1:
        return [0] if depth < length and masks[0] >> depth & 1 else []
    filled: dict[int, int] = {}  # event → its step
    for step in range(depth, length):
        if not augment(step, masks, filled, set()):
            break
    events = {step: event for event, step in filled.items()}
    return [events[step] for step in sorted(events)]


def augment(step: int, masks: Sequence[int], filled: dict[int, int], tried: set[int]) -> bool:
    """Find an event for the step, moving others to other events where they can be."""
    for event, mask in enumerate(masks):
        if mask >> step & 1 and event not in tried:
            tried.add(event)
            if event not in filled or augment(filled[event], masks, filled, tried):
                filled[event] = step
                return True
    return False
