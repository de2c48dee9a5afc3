"""What is kept in order, in blocks and with marks says what looking at everything would say."""

import importlib
import random
import re
from bisect import bisect_right, insort
from itertools import islice

import pytest

from schemas.qualifications import Qualification
from streams.engine.leaves import ordered, peaks
from streams.engine.leaves.ordered import Ordered
from streams.engine.leaves.peaks import Peaks
from tests.benchmarks import forms

THRESHOLDS = {
    "agenda": ["_FEW"],
    "leaves.counts": ["_SLACK"],
    "leaves.distinct": ["_SLACK"],
    "leaves.latest": ["_SLACK"],
    "leaves.matches": ["_SLACK"],
    "leaves.ordered": ["_CHUNK"],
    "leaves.peaks": ["_BLOCK"],
    "leaves.presence": ["_FEW"],
    "leaves.regular": ["_SLACK"],
    "leaves.returns": ["_SLACK"],
    "leaves.series": ["_NEAR", "_SLACK"],
    "leaves.users": ["_SLACK"],
    "leaves.walks": ["_SLACK"],
}
"""What says from which number on something is done otherwise; all that follows is the same."""


def test_a_list_in_chunks_is_a_sorted_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordered, "_CHUNK", 4)
    rng = random.Random(1)
    for _ in range(50):
        kept = sorted(rng.randrange(30) for _ in range(rng.randrange(40)))
        found = Ordered(rng.sample(kept, len(kept)))
        for _ in range(100):
            item = rng.choice(kept) if kept and rng.random() < 0.5 else None
            if item is not None:
                kept.remove(item)
                found.remove(item)
            else:
                insort(kept, item := rng.randrange(30))
                found.add(item)
            low, high = rng.randrange(-2, 32), rng.randrange(-2, 32)
            assert len(found) == len(kept)
            assert found.rank(low) == bisect_right(kept, low)
            assert found.count(low) == kept.count(low)
            assert found.since(low) == next((one for one in kept if one >= low), None)
            assert found.after(low) == next((one for one in kept if one > low), None)
            assert found.between(low, high) == [one for one in kept if low < one <= high]


def test_the_extreme_of_any_part_is_found_after_any_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peaks, "_BLOCK", 2)
    rng = random.Random(1)
    values, found = [0], Peaks()
    for _ in range(500):
        place = rng.randrange(len(values) + 1) if rng.random() < 0.3 else len(values)
        values.insert(place, rng.randrange(1_000))
        if place < len(values) - 1:
            found.cut(place)
        first, last = sorted(rng.sample(range(len(values) + 1), 2))
        assert found.find(values, first, last, max) == max(values[first:last])


@pytest.mark.parametrize("mode", forms.MODES)
@pytest.mark.parametrize("name", forms.CONDITIONS)
def test_what_is_told_does_not_depend_on_when_it_is_worth_while_to_put_in_order(
    name: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[list[Qualification]] = []
    for threshold in (2, 1_000_000):
        for module, names in THRESHOLDS.items():
            found = importlib.import_module(f"streams.engine.{module}")
            for one in names:
                monkeypatch.setattr(found, one, threshold)
        # Ten minutes instead of a day: so that windows begin and end within the history.
        text = re.sub(r"(\d+)d\b", r"\g<1>0m", forms.definitions_for(name, mode))
        text = text.replace("Never", "Opened").replace("100000", "20")
        of_account = name in forms.OF_ACCOUNTS
        busy = forms.Busy(text, of_account=of_account)
        pace = forms.Pace(gap=600_000, late=0.3)
        for event in islice(forms.history(pace, of_account=of_account), 300):
            busy.apply(event)
        told.append(busy.staged.qualifications)
    assert told[0] == told[1]
