"""The engine over files."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.dead_letters import Reason
from schemas.parameters import parameter_set
from schemas.qualifications import LeadLife, LeadRoute, Qualification, QualificationType
from streams import files
from streams.cli.replay import milestones_told
from streams.definitions import loads
from streams.files import EventFiles
from streams.replay import Outcome, Replay, Tally

NOW = 1_767_225_600_000
DEFINITIONS = loads("""
version: 1
milestones:
  started: {of: account, when: {event: Start}}
  aha: {of: user, when: {event: Share, count: ">= 2", within: 1d}}
""")


def event(number: int, name: str, at: str, user: str = "ann") -> str:
    fields = {
        "event_id": str(number),
        "event": name,
        "timestamp": at,
        "account_id": "acme",
        "user_id": user,
    }
    return json.dumps(fields)


STORY = [
    event(1, "Start", "2025-12-01T10:00:00Z"),
    event(2, "Share", "2025-12-01T11:00:00Z"),
    event(3, "Share", "2025-12-01T12:00:00Z"),
    event(3, "Share", "2025-12-01T12:00:00Z"),
    "no event",
]


def written(folder: Path, name: str, lines: list[str]) -> str:
    path = folder / name
    text = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return str(path)


def qualifications(*paths: str) -> list[Qualification]:
    running = Replay(DEFINITIONS, EventFiles(paths, NOW))
    return [one for outcome in running.run() for one in outcome.qualifications]


def test_milestones_come_with_the_time_at_which_they_were_reached(tmp_path: Path) -> None:
    reached = qualifications(written(tmp_path, "a.jsonl", STORY))
    assert [(one.milestone, one.user_id, one.decided_by) for one in reached] == [
        ("started", None, "1"),
        ("aha", "ann", "3"),
    ]
    assert reached[1].occurred_at - reached[0].occurred_at == 2 * 3_600_000


def test_every_line_has_one_result(tmp_path: Path) -> None:
    running = Replay(DEFINITIONS, EventFiles([written(tmp_path, "a.jsonl", STORY)], NOW))
    list(running.run())
    counts = running.counts
    assert (counts.read, counts.accepted, counts.duplicates) == (5, 3, 1)
    assert running.tally.dead == {Reason.NOT_JSON: 1}


def test_a_line_that_sets_a_parameter_is_nobodys_event_and_counts_for_those_after_it(
    tmp_path: Path,
) -> None:
    meaning = loads("""
    version: 1
    baselines: {usage: {of: account, event: Share, count: true, within: 1d, start: 8}}
    scores:
      fit:
        of: account
        components: {u: {points: 90, event: Share, count: {baseline: usage}, within: 1d}}
    milestones: {pql: {of: account, when: {score: fit, is: ">= 90"}}}
    """)
    setting = json.dumps(parameter_set("baseline:usage", 2, NOW - 40 * 86_400_000))
    path = written(tmp_path, "a.jsonl", [setting, *STORY[:3]])
    running = Replay(meaning, EventFiles([path], NOW))
    [reached] = [one for outcome in running.run() for one in outcome.qualifications]
    assert (reached.account_id, reached.decided_by, reached.score) == ("acme", "3", 90)
    counts = running.counts
    assert (counts.read, counts.accepted, counts.parameters) == (4, 3, 1)


def test_a_story_in_two_files_is_one_story(tmp_path: Path) -> None:
    whole = written(tmp_path, "whole.jsonl", STORY)
    parts = [written(tmp_path, "1.jsonl", STORY[:2]), written(tmp_path, "2.jsonl.gz", STORY[2:])]
    assert qualifications(*parts) == qualifications(whole)


def test_when_it_is_run_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", STORY)
    now, later = (Replay(DEFINITIONS, EventFiles([path], at)) for at in (NOW, NOW + 10**9))
    assert [one.qualifications for one in now.run()] == [one.qualifications for one in later.run()]


def test_slices_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.jsonl", STORY)
    at_once = qualifications(path)
    monkeypatch.setattr(files, "SLICE_BYTES", 1)
    assert qualifications(path) == at_once


def test_a_dead_letter_names_its_file_and_line_and_keeps_the_original(tmp_path: Path) -> None:
    paths = [written(tmp_path, "1.jsonl", STORY[:4]), written(tmp_path, "2.jsonl", STORY[4:])]
    running = Replay(DEFINITIONS, EventFiles(paths, NOW))
    (letter,) = [one for outcome in running.run() for one in outcome.dead_letters]
    assert (letter.topic, letter.offset, letter.original) == (paths[1], 1, b"no event")


def test_the_tally_keeps_the_first_examples_of_each_reason(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", ["x"] * 10 + ["[]"])
    running = Replay(DEFINITIONS, EventFiles([path], NOW))
    list(running.run())
    examples = running.tally.examples
    assert [letter.offset for letter in examples[Reason.NOT_JSON]] == [1, 2, 3]
    assert [letter.offset for letter in examples[Reason.NOT_AN_OBJECT]] == [11]
    assert running.tally.dead.total() == 11


def told(kind: QualificationType, milestone: str) -> Qualification:
    return Qualification("i", kind, milestone, "acme", None, 1, 0, 0, "h", None, False, None, ())


def test_the_tally_counts_every_type_apart() -> None:
    tally = Tally()
    assert milestones_told(tally) == "none"
    tally.add(Outcome((told("milestone.exited", "active"),), ()))
    assert milestones_told(tally) == "exited active 1"
    tally.add(
        Outcome(
            (
                told("milestone.reached", "aha"),
                *[told("milestone.reached", "pql")] * 2,
                told("milestone.corrected", "aha"),
                *[told("milestone.entered", "active")] * 2,
                told("journey.stuck", "aha"),
            ),
            (),
        )
    )
    assert milestones_told(tally) == (
        "pql 2, aha 1; corrected aha 1; entered active 2; exited active 1; stuck at aha 1"
    )


LIFE = LeadLife(0, route=LeadRoute("hot", "sales", None, 1, 2), outcome="converted")


def test_the_tally_counts_what_becomes_of_leads() -> None:
    kinds: list[QualificationType] = [
        "lead.qualified", "lead.qualified", "lead.routed", "lead.sla_breached", "lead.closed",
    ]  # fmt: skip
    tally = Tally()
    tally.add(Outcome(tuple(replace(told(kind, "pqa"), lead=LIFE) for kind in kinds), ()))
    assert milestones_told(tally) == (
        "became a lead: pqa 2; routed to sales 1; SLA breached: pqa 1; closed: converted 1"
    )


def test_the_tally_counts_who_is_flagged_and_free_again() -> None:
    kinds: list[QualificationType] = ["entity.flagged", "entity.flagged", "entity.cleared"]
    tally = Tally()
    tally.add(Outcome(tuple(told(kind, "bots") for kind in kinds), ()))
    assert milestones_told(tally) == "flagged by bots 2; cleared of bots 1"


INTERNAL = loads("""
version: 1
milestones:
  idle: {of: user, when: {inactive: 1d}}
abuse:
  internal: {event: B}
""")


def test_what_is_excluded_moves_the_clock_and_is_counted(tmp_path: Path) -> None:
    lines = [
        json.dumps({"event": name, "user_id": "ann", "timestamp": at})
        for name, at in [("A", "2025-12-01T09:00:00Z"), ("B", "2025-12-03T09:00:00Z")]
    ]
    path = written(tmp_path, "some.jsonl", lines)
    running = Replay(INTERNAL, EventFiles([path], NOW))
    outputs = [one for outcome in running.run() for one in outcome.qualifications]
    assert [one.milestone for one in outputs] == ["idle"]
    assert running.counts.excluded == {"internal": 1}


HELD = loads("""
version: 1
milestones:
  cheap: {of: account, when: {event: Buy, avg: {of: properties.amount, is: "<= 5"}, within: 1d}}
""")


def purchases(folder: Path) -> str:
    lines = [
        json.dumps(
            {
                "event": "Buy",
                "account_id": "acme",
                "timestamp": at,
                "properties": {"amount": amount},
            }
        )
        for at, amount in [("2025-12-01T09:00:00Z", 20), ("2025-12-01T20:00:00Z", 3)]
    ]
    return written(folder, "purchases.jsonl", lines)


def reached_by(path: str, until: int | None) -> list[int]:
    running = Replay(HELD, EventFiles([path], NOW), until)
    return [one.occurred_at for outcome in running.run() for one in outcome.qualifications]


THE_DEAR_ONE_IS_OUT = 1_764_666_000_000


def test_the_tally_counts_changes_of_health() -> None:
    tally = Tally()
    tally.add(Outcome((told("health.changed", "usage"), told("health.changed", "usage")), ()))
    assert milestones_told(tally) == "health changed: usage 2"


def test_without_until_the_clock_stops_at_the_newest_event(tmp_path: Path) -> None:
    assert reached_by(purchases(tmp_path), None) == []


def test_until_moves_the_clock_on_after_the_last_event(tmp_path: Path) -> None:
    path = purchases(tmp_path)
    assert reached_by(path, THE_DEAR_ONE_IS_OUT - 1) == []
    assert reached_by(path, THE_DEAR_ONE_IS_OUT) == [THE_DEAR_ONE_IS_OUT]


def test_an_until_before_the_newest_event_is_as_good_as_none(tmp_path: Path) -> None:
    assert reached_by(purchases(tmp_path), 0) == []


def test_what_was_held_back_for_late_events_is_judged_at_the_end(tmp_path: Path) -> None:
    event = {"event": "Buy", "account_id": "acme", "timestamp": "2025-12-01T09:00:00Z"}
    line = json.dumps(event | {"properties": {"amount": 3}})
    assert len(reached_by(written(tmp_path, "one.jsonl", [line]), None)) == 1
