"""What an event says that is meant for Milepost itself: see :mod:`schemas.parameters`."""

import math
from typing import Any, Final

from schemas.dead_letters import Reason
from schemas.events import Event
from schemas.parameters import BASELINE, CONTROL_ACCOUNT, FALLBACK, PARAMETER_SET
from streams.errors import Rejected

_NAME: Final = "properties.name"
_VALUE: Final = "properties.value"


def read_parameter(event: Event) -> tuple[str, float]:
    """The name of the parameter that an event of the control account sets, and its value.

    Raises:
        Rejected: it sets none, or to what that cannot be.
    """
    if event.name != PARAMETER_SET:
        detail = f"the account {CONTROL_ACCOUNT} has no other event than {PARAMETER_SET}"
        raise Rejected(Reason.WRONG_TYPE, "event", detail)
    name = event.properties.get("name")
    if name is None:
        raise Rejected(Reason.MISSING_FIELD, _NAME, "a parameter needs its name")
    if not isinstance(name, str) or not name.startswith((BASELINE, FALLBACK)):
        detail = f"the name of a parameter begins with {BASELINE} or {FALLBACK}"
        raise Rejected(Reason.WRONG_TYPE, _NAME, detail)
    return name, _value(name, event.properties.get("value"))


def _value(name: str, value: Any) -> float:
    if value is None:
        raise Rejected(Reason.MISSING_FIELD, _VALUE, "a parameter needs its value")
    if type(value) not in (int, float) or not math.isfinite(value):
        raise Rejected(Reason.WRONG_TYPE, _VALUE, "the value of a parameter is a number")
    if name.startswith(BASELINE) and value <= 0:
        raise Rejected(Reason.WRONG_TYPE, _VALUE, "a baseline is more than 0")
    if name.startswith(FALLBACK) and value not in (0, 1):
        raise Rejected(Reason.WRONG_TYPE, _VALUE, "a fallback is 1 while it stands in, otherwise 0")
    return float(value)


def never_forwarded() -> Rejected:
    """An event of the control account came through repartition."""
    detail = f"events of the account {CONTROL_ACCOUNT} count for the partition they are found in"
    return Rejected(Reason.WRONG_TYPE, "account_id", detail)
