"""What is explained of leads: whether one is open and what became of it, or what is missing."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from streams.definitions import loads
from streams.engine import Engine
from streams.engine.standing import Explainer
from streams.evaluator import Evaluator
from streams.explain.answer import answer
from streams.explain.files import FileSource
from streams.explain.names import asked_for
from streams.explain.page import page
from streams.files import EventFiles
from tests.properties.driver import FakeRecord
from tests.unit.explain.story import HOUR, at

MEANING = loads(
    """
version: 1
settings: {allowed_lateness: 1h, dedupe_within: 24h}
milestones:
  buyer: {of: user, when: {event: Billing}}
  paid: {of: account, when: {event: Paid}}
leads:
  hot:
    of: account
    title: A hot account
    when: {event: Opened, count: ">= 2", within: 2d}
    again: 30d
    contacts: {milestone: buyer}
  grows: {of: account, kind: eql, when: {all: [{milestone: paid}, {event: Limit Hit}]}}
  helped: {of: user, when: {event: Help}}
routing:
  rules: {large: {traits: {seats: {gte: 100}}, team: field, sla: 1h}}
  otherwise: {team: sales, owners: jo, sla: 4h, floor: 2h}
"""
)
ACME = ("acme", None)
SAID = {"lead": "hot", "approver": "kim", "reason": "known to us"}


def event(name: str, time: int, **properties: Any) -> dict[str, Any]:
    return {
        "event": name, "timestamp": time, "event_id": f"{name}-{time}", "account_id": "acme",
        "user_id": "ann" if name in ("Billing", "Help") else None, "properties": properties,
    }  # fmt: skip


OPENED = [event("Billing", at(0)), event("Opened", at(1)), event("Opened", at(1) + 1)]


def from_files(tmp_path: Path, *events: dict[str, Any], until: int | None = None) -> Any:
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, events)))
    source = FileSource(MEANING, EventFiles([str(file)], recorded_at=at(300)), [ACME], until)
    for _ in source.run():
        pass
    return source.answer(ACME, *asked_for(MEANING, "account", None))


def lead(found: Any, name: str = "hot") -> Any:
    return next(one for one in found["milestones"] if one["milestone"] == name)


def shown(found: Any, name: str = "hot", *, told: bool = False) -> list[str]:
    return list(page({**found, "milestones": [lead(found, name)]}, told=told))[2:]


def test_leads_stand_beside_the_milestones_of_their_kind(tmp_path: Path) -> None:
    found = from_files(tmp_path, *OPENED)
    assert [(one["milestone"], one["mode"]) for one in found["milestones"]] == [
        ("paid", "once"), ("hot", "lead"), ("grows", "lead"),
    ]  # fmt: skip
    assert "kind" not in lead(found, "paid")


def test_of_one_that_never_was_a_lead_it_says_what_is_missing(tmp_path: Path) -> None:
    found = from_files(tmp_path, *OPENED, event("Paid", at(1) + 2))
    one = lead(found, "grows")
    assert (one["holds"], one["occurrences"], one["kind"]) == (False, 0, "eql")
    assert (one["lead"], one["route"], one["closed_at"]) == (None, None, None)
    assert shown(found, "grows") == [
        "✗ grows: not a lead (EQL) so far, 1 of 2 conditions is missing",
        "  To become one takes:",
        "  ✗ Limit Hit at least once: none yet, 1 is needed",
        "  ✓ paid was reached: yes, since 2 Jan 2026 00:00",
    ]


def test_of_one_that_is_open_it_says_since_when_who_has_it_and_by_when_it_is_due(
    tmp_path: Path,
) -> None:
    assert shown(from_files(tmp_path, *OPENED))[:3] == [
        "✓ A hot account (hot): a lead (PQA) since 2 Jan 2026 00:00; became one once",
        "  Followed up by jo of sales, by the rule otherwise; contact due by 2 Jan 2026 04:00"
        " (in 4 hours) and not before 2 Jan 2026 02:00.",
        "  Talk to ann.",
    ]


@pytest.mark.parametrize(
    ("more", "until", "said"),
    [
        ([], at(2), "; SLA breached on 2 Jan 2026 04:00."),
        ([event("lead_contacted", at(1) + 3 * HOUR)], at(2), "; contacted on 2 Jan 2026 03:00."),
    ],
)
def test_it_says_whether_it_was_contacted_in_time(
    tmp_path: Path, more: list[dict[str, Any]], until: int, said: str
) -> None:
    found = from_files(tmp_path, *OPENED, *more, until=until)
    assert shown(found)[1] == f"  Followed up by jo of sales, by the rule otherwise{said}"
    assert lead(found)["holds"]


def test_it_says_what_somebody_decided_and_when_it_may_be_opened_again(tmp_path: Path) -> None:
    close = event("lead_overridden", at(3), action="close", outcome="disqualified", **SAID)
    found = from_files(tmp_path, *OPENED, close)
    assert lead(found)["again_from"] == "2026-02-03T00:00:00.000Z"
    assert lead(found)["lead"]["override"]["approver"] == "kim"
    assert shown(found)[:1] == [
        "✗ A hot account (hot): a lead (PQA) until 4 Jan 2026 00:00, closed: disqualified, known to"
        " us; not again before 3 Feb 2026 00:00; became one once"
    ]
    assert "  kim decided on 4 Jan 2026 00:00 to close it: known to us" in shown(found)
    assert (
        "    4 Jan 2026 00:00 closed: disqualified, known to us, as kim decided, decided by event"
        f" lead_overridden-{at(3)}" in shown(found, told=True)
    )


def test_what_was_told_stays_where_all_is_remembered(tmp_path: Path) -> None:
    """Late events may tell the engine that forgets nothing another story: what counts was told."""
    late = event("Opened", at(1) - HOUR)
    found = from_files(tmp_path, *OPENED, event("lead_contacted", at(1) + HOUR), late)
    [qualified, _] = lead(found)["told"]
    assert lead(found)["lead"]["opened_at"] == qualified["lead"]["opened_at"]
    assert lead(found)["lead"]["contacted_at"] == "2026-01-02T01:00:00.000Z"


def test_a_worker_says_the_same_from_its_state(tmp_path: Path) -> None:
    reroute = event("lead_overridden", at(1) + HOUR, action="reroute", team="field", **SAID)
    evaluator = Evaluator(
        Engine(MEANING), topic="t", partition=0,
        load_account=lambda _key: None, load_user=lambda _key: None,
    )  # fmt: skip
    events = [*OPENED, reroute]
    evaluator.apply(
        [
            FakeRecord(b"k", orjson.dumps(one), (), one["timestamp"], offset)
            for offset, one in enumerate(events)
        ]
    )
    explainer = Explainer(MEANING)
    entity = explainer.read(evaluator.state_of(*ACME) or b"", *ACME)
    assert entity is not None
    asked = answer(
        explainer, entity, *ACME,
        names=["hot", "grows"], health=[], at=reroute["timestamp"], history={},
    )  # fmt: skip
    found = from_files(tmp_path, *events)
    for name in ("hot", "grows"):
        assert shown(asked, name) == shown(found, name)
        assert lead(asked, name) == {**lead(found, name), "told": []}
