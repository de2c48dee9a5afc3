"""Cases worked out by hand, each run in four ways that must not differ.

A case in ``cases/`` holds definitions, events in the order in which they arrive, and the
outputs expected. An expected output names the fields that the case is about; ``type`` is
``milestone.reached`` where it says nothing else.
"""

import random
from pathlib import Path
from typing import Any

import orjson
import pytest
from ruamel.yaml import YAML

from schemas.encoding import as_json, time_text
from schemas.events import Event
from streams.decoding import decode
from streams.definitions import load
from streams.definitions.model import Definitions
from tests.properties.driver import Cycle, FakeRecord, World
from tests.properties.oracle import Oracle
from tests.services.commands import milepost

Output = dict[str, Any]

CASES = sorted((Path(__file__).parent / "cases").glob("*.yml"))
RECORDED_AT = 1_798_761_600_000  # 2027-01-01: after every event, so that none is from the future


class Case:
    """One file of ``cases/``."""

    def __init__(self, path: Path, directory: Path) -> None:
        found = YAML(typ="safe").load(path)
        self.events: list[dict[str, Any]] = found["events"]
        self.expected: list[Output] = [
            {"type": "milestone.reached", **output} for output in found["expected"]
        ]
        self.definitions_path = directory / "definitions.yml"
        self.definitions_path.write_text(found["definitions"])
        self.events_path = directory / "events.jsonl"
        self.events_path.write_bytes(b"\n".join(map(orjson.dumps, self.events)) + b"\n")
        self.definitions: Definitions = load(self.definitions_path)

    def run(self, events: list[dict[str, Any]], *plan: Cycle) -> list[Output]:
        records = [_record(event, offset) for offset, event in enumerate(events)]
        newest = max(_decoded(event).time for event in events)
        outcome = World(self.definitions, records).run(plan, until=newest)
        return [as_json(qualification) for qualification in outcome.qualifications]

    def arriving_otherwise(self, seed: int) -> list[dict[str, Any]]:
        """The events twice each, in another order within the allowed lateness."""
        chance = random.Random(seed)
        lateness = self.definitions.timing.allowed_lateness
        times = [(_decoded(event).time, event) for event in self.events * 2]
        delayed = [(time + chance.randint(0, lateness), event) for time, event in times]
        return [event for _, event in sorted(delayed, key=lambda item: item[0])]


@pytest.fixture(params=CASES, ids=[path.stem for path in CASES])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    return Case(request.param, tmp_path)


def test_straight(case: Case) -> None:
    assert_outputs(case.run(case.events), case.expected)


def test_the_oracle_reaches_the_same(case: Case) -> None:
    history = [_decoded(event) for event in case.events]
    answer = Oracle(case.definitions, history).answer()
    assert {
        (*reached.entity, reached.milestone): time_text(at) for reached, at in answer.items()
    } == {subject: held[0] for subject, held in standing(case.run(case.events)).items()}


@pytest.mark.parametrize("seed", range(5))
def test_repeated_and_in_another_order_the_end_is_the_same(case: Case, seed: int) -> None:
    outputs = case.run(case.arriving_otherwise(seed))
    assert standing(outputs) == standing(case.run(case.events))


def test_a_restart_after_any_event_makes_no_difference(case: Case) -> None:
    straight = case.run(case.events)
    for cut in range(len(case.events) + 1):
        assert case.run(case.events, Cycle(cut, ending="restart")) == straight


def test_the_replay_command_says_the_same(case: Case) -> None:
    done = milepost("replay", "-d", case.definitions_path, case.events_path)
    assert done.returncode == 0, done.stderr
    replayed = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert_outputs(replayed, case.expected)
    ours = [_without_detection(output) for output in case.run(case.events)]
    assert [_without_detection(output) for output in replayed] == ours


def assert_outputs(outputs: list[Output], expected: list[Output]) -> None:
    """The same outputs; between milestones the order is free, within one it is not."""
    outputs, expected = sorted(outputs, key=_subject), sorted(expected, key=_subject)
    assert [
        _same_fields(output, wanted) for output, wanted in zip(outputs, expected, strict=False)
    ] == expected
    assert len(outputs) == len(expected)


def standing(outputs: list[Output]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What holds at the end, by entity and milestone."""
    return {
        (output["account_id"], output["user_id"], output["milestone"]): (
            output["occurred_at"],
            output["definition_hash"],
            output["occurrence"],
        )
        for output in outputs
    }


def _same_fields(output: Any, wanted: Any) -> Any:
    """As much of the output as the case speaks of."""
    if isinstance(wanted, dict) and isinstance(output, dict):
        return {name: _same_fields(output.get(name), wanted[name]) for name in wanted}
    if isinstance(wanted, list) and isinstance(output, list) and len(output) == len(wanted):
        return [_same_fields(*pair) for pair in zip(output, wanted, strict=True)]
    return output


def _subject(output: Output) -> tuple[str, str, str]:
    return output["milestone"], str(output.get("account_id")), str(output.get("user_id"))


def _without_detection(output: Output) -> Output:
    """In files it is event time that tells when, here the records' time; the id covers it."""
    return {name: value for name, value in output.items() if name not in ("detected_at", "id")}


def _record(event: dict[str, Any], offset: int) -> FakeRecord:
    key = str(event.get("account_id", event.get("user_id")))
    return FakeRecord(key.encode(), orjson.dumps(event), (), RECORDED_AT, offset)


def _decoded(event: dict[str, Any]) -> Event:
    return decode(orjson.dumps(event), (), RECORDED_AT, "product.events", 0, 0)
