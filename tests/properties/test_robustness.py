"""No input can stop the engine, and none is lost without a trace."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.encoding import as_json
from streams.definitions import loads
from streams.definitions.model import Definitions
from tests.properties.driver import Cycle, FakeRecord, World
from tests.properties.languages import definitions

pytestmark = pytest.mark.timeout(3_600)

RECORDED_AT = 1_767_484_800_000

EVERYTHING = loads(
    """
version: 1
settings: {allowed_lateness: 1h, dedupe_within: 1h}
milestones:
  sum: {of: account, when: {event: "*", sum: {of: properties.a, is: "<= 5"}, within: 1d}}
  avg: {of: user, when: {event: "*", avg: {of: properties.a, is: ">= 0"}, within: 1h}}
  min: {of: user, when: {event: "*", min: {of: properties.a, is: "< 0"}}}
  max: {of: account, when: {event: "*", max: {of: properties.a.b, is: "> 0"}, within: 1d}}
  distinct: {of: account, when: {event: "*", distinct: {of: properties.a, is: ">= 2"}}}
  recently: {of: user, when: {event: "*", distinct: {of: properties.a, is: ">= 2"}, within: 1d}}
  weeks: {of: user, when: {event: "*", weeks: ">= 2"}}
  days: {of: account, when: {event: "*", days: ">= 2", within: 3d}}
  together: {of: account, when: {milestone: min, users: ">= 1", within: 1d}}
  searched: {of: user, when: {event: "*", where: {any: [
    {properties.a: {contains: É}}, {properties.a: {matches: "^.+$"}}, {properties.a: {gt: 1}},
    {properties.a: {in: [1, true, x]}}, {properties.a: {starts_with: x}},
    {properties.a: {before: 2026-01-01T00:00:00Z}}, {properties.a: {between: [1, 2]}},
    {properties.a.b: {exists: true}}, {properties.b: {ne: 1}}]}}}
"""
)

numbers = st.one_of(
    st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
numeric_text = st.one_of(
    numbers.map(str),
    st.sampled_from(
        ["1e309", "-1e309", "nan", "Infinity", "١٢", "1_000", "0x10", "9" * 400, "1e-400"]
    ),
)
words = st.one_of(st.text(max_size=8), numeric_text, st.sampled_from(["\x00", "É", "\U0001f600"]))
json_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, words),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.sampled_from(["a", "b"]), st.text(max_size=3)), inner, max_size=3
        ),
    ),
    max_leaves=6,
)
properties = st.fixed_dictionaries({}, optional={"a": json_values, "b": json_values})
ids = st.one_of(st.none(), st.sampled_from(["x", "y", 7]), json_values)
bodies = st.fixed_dictionaries(
    {
        "event": st.one_of(st.sampled_from(["E", "identify", "group"]), words),
        "timestamp": st.one_of(
            st.integers(RECORDED_AT - 4 * 86_400_000, RECORDED_AT + 86_400_000),
            st.sampled_from(["1970-01-01", "1901-01-01T00:00:00Z", "2026-01-04T00:00:00", "soon"]),
            json_values,
        ),
        "user_id": ids,
    },
    optional={
        "account_id": ids,
        "event_id": ids,
        "properties": st.one_of(properties, json_values),
        "traits": st.one_of(properties, json_values),
    },
)
payloads = st.one_of(
    bodies.map(orjson.dumps), bodies.map(orjson.dumps), json_values.map(orjson.dumps), st.binary()
)


def go_through(meaning: Definitions, values: list[bytes], cut: int) -> None:
    """Reads every value, with a restart in between; whatever comes out can be published."""
    records = [
        FakeRecord(b"x", value, (), RECORDED_AT, offset) for offset, value in enumerate(values)
    ]
    world = World(meaning, records)
    world.cycle(Cycle(cut))
    before = world.evaluator.counts
    world.cycle(Cycle(0, ending="restart"))
    outcome = world.run(until=RECORDED_AT)
    for counts in (before, world.evaluator.counts):
        applied = counts.accepted + counts.too_late
        passed_over = counts.duplicates + counts.already_applied + counts.forwarded
        assert applied + passed_over + sum(counts.dead.values()) == counts.read
    assert before.read + world.evaluator.counts.read == len(values)
    for qualification in outcome.qualifications:
        orjson.dumps(as_json(qualification))
    for update in outcome.updates:
        orjson.dumps(as_json(update))


@given(st.lists(payloads, max_size=12), st.integers(0, 12))
def test_any_bytes_are_either_good_or_dead(values: list[bytes], cut: int) -> None:
    go_through(EVERYTHING, values, cut)


@given(definitions(), st.lists(payloads, max_size=12), st.integers(0, 12))
def test_any_definitions_bear_any_properties(
    meaning: Definitions, values: list[bytes], cut: int
) -> None:
    go_through(meaning, values, cut)
