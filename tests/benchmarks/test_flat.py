"""What an event takes does not grow with the history, nor with definitions that do not name it.

Counted, not timed: the instructions of the interpreter. What single ones cost is for the benchmark
to say.
"""

import sys
from collections.abc import Iterable
from itertools import islice
from types import FrameType
from typing import Any

import pytest

from schemas.events import Event
from tests.benchmarks import forms
from tests.benchmarks.forms import BURST, CONDITIONS, DISORDERLY, OF_ACCOUNTS, SPARSE, Busy, Pace

MOST = 3
"""Times as much work, for a history a hundred times as long: more of what it holds may leave the
windows, and what is kept in order is put in order again with each eighth that comes."""

EIGHTH = 1_300
"""Events after ten thousand in which that happens once."""


def instructions(busy: Busy, events: Iterable[Event]) -> float:
    """How many an event takes, on average."""
    counted, taken = list(events), 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal taken
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        taken += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for event in counted:
            busy.apply(event)
    finally:
        sys.settrace(before)
    return taken / len(counted)


@pytest.mark.parametrize(
    ("pace", "traced"),
    [(SPARSE, 200), (BURST, EIGHTH), (DISORDERLY, 400)],
    ids=["one a day", "all in an hour", "some late"],
)
@pytest.mark.parametrize("name", CONDITIONS)
def test_ten_thousand_events_before_make_one_hardly_dearer_than_a_hundred(
    name: str, pace: Pace, traced: int
) -> None:
    of_account = name in OF_ACCOUNTS
    busy = Busy(forms.definitions_for(name, "live"), of_account=of_account)
    events = forms.history(pace, of_account=of_account)
    for event in islice(events, 100):
        busy.apply(event)
    short = instructions(busy, islice(events, 200))
    for event in islice(events, 9_700):
        busy.apply(event)
    assert instructions(busy, islice(events, traced)) < MOST * short


@pytest.mark.parametrize("mode", ["live", "once"])
@pytest.mark.parametrize("name", [name for name in CONDITIONS if forms.can_be_beside(name)])
def test_definitions_that_do_not_name_an_event_make_it_no_dearer(name: str, mode: str) -> None:
    taken: list[float] = []
    for count in (5, 100):
        text, others = forms.beside(name, mode, count)
        busy = Busy(text, of_account=name in OF_ACCOUNTS)
        for event in forms.one_of_each([*others, "Used"], of_account=busy.of_account):
            busy.apply(event)
        more = forms.one_of_each(["Used"] * 20, of_account=busy.of_account, since=count + 1)
        taken.append(instructions(busy, more))
    assert taken[1] < 1.2 * taken[0]
