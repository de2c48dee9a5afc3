"""Parameters: numbers that are set by events of the input topic, so that replays agree on them.

What sets one writes the same event to each partition of the events topic; each partition keeps
what it was told.
"""

from typing import Any, Final

from schemas.encoding import time_text

CONTROL_ACCOUNT: Final = "$milepost"
"""Account of the events that are meant for Milepost itself; no account of the product has it."""

PARAMETER_SET: Final = "parameter_set"
"""Name of the event that sets one; its properties are ``name`` and ``value``."""

BASELINE: Final = "baseline:"
"""What the name of a parameter begins with that is the value of the baseline named after it."""

FALLBACK: Final = "fallback:"
"""What the name of a parameter begins with that is 1 while the score named after it is replaced by
its fallback, and 0 while it is not."""


def parameter_set(name: str, value: float, at: int) -> dict[str, Any]:
    """The event that sets a parameter, in the native format, ready for ``orjson.dumps``.

    Its id follows from the name and the time: whoever sends it again sends the same event. The
    first value that a partition is told for a time stays.

    Args:
        name: of the parameter, with its prefix: ``baseline:usage``.
        value: what it is from then on.
        at: from when on, epoch milliseconds.
    """
    return {
        "event": PARAMETER_SET,
        "timestamp": time_text(at),
        "event_id": f"{name}@{at}",
        "account_id": CONTROL_ACCOUNT,
        "properties": {"name": name, "value": value},
    }
