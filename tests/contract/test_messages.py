"""What is really written is what the published schemas describe, and what the sink reads."""

from dataclasses import replace
from typing import Any, get_args

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.activity import ActivityUpdate
from schemas.dead_letters import DeadLetter, Reason
from schemas.encoding import (
    as_json,
    cloudevents_headers,
    date_text,
    dead_letter_headers,
    record_key,
    time_text,
)
from schemas.examples import QUALIFICATIONS
from schemas.qualifications import (
    TYPES,
    Contact,
    Contribution,
    Deletion,
    Evidence,
    Flag,
    HealthChange,
    HealthLevel,
    LeadKind,
    LeadLife,
    LeadOutcome,
    LeadOverride,
    LeadRoute,
    OverrideAction,
    Qualification,
    QualificationType,
)
from streams.decoding import decode
from streams.decoding.times import DAY, EARLIEST, LATEST
from streams.errors import Rejected
from streams.sinks.audit import audited_rows
from streams.sinks.decode import activity_rows, qualification_rows
from streams.sinks.pseudonyms import Pseudonyms
from tests.contract.validating import crossed, errors, headers

# A busy machine is slow, not wrong.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
times = st.integers(EARLIEST, LATEST)
any_time = times | st.integers(-(2**63), 2**63)
counts = st.integers(1, 2**63 - 1)

evidence = st.builds(
    Evidence,
    condition=texts,
    observed=st.booleans() | st.integers() | st.floats(allow_nan=False),
    at_least=st.booleans(),
    threshold=texts,
    window_start=st.none() | any_time,
    window_end=any_time,
    holds=st.booleans(),
    history_since=st.none() | any_time,
)


contributions = st.builds(
    Contribution,
    component=texts,
    points=st.floats(allow_nan=False) | st.integers(),
    signal=st.floats(allow_nan=False),
)

contacts = st.builds(Contact, user_id=ids, score=st.none() | st.floats(allow_nan=False))
routes = st.builds(
    LeadRoute, rule=ids, team=ids, owner=st.none() | ids, earliest=any_time, due=any_time
)
overrides = st.builds(
    LeadOverride,
    action=st.sampled_from(get_args(OverrideAction)),
    approver=texts,
    reason=texts,
    at=any_time,
)
ROUTED = ("lead.routed", "lead.sla_breached")
"""Types that nothing tells of a lead without a route."""


def leads_of(kind: str) -> st.SearchStrategy[LeadLife | None]:
    if not kind.startswith("lead."):
        return st.none()
    return st.builds(
        LeadLife,
        opened_at=times,
        contacts=st.lists(contacts, max_size=3).map(tuple),
        route=routes if kind in ROUTED else st.none() | routes,
        contacted_at=st.none() | any_time,
        breached_at=st.none() | any_time,
        merged=st.integers(0, 2**63),
        outcome=st.none() | st.sampled_from(get_args(LeadOutcome)),
        reason=st.none() | texts,
        kind=st.sampled_from(get_args(LeadKind)),
        override=st.none() | overrides,
    )


def health_of(kind: str) -> st.SearchStrategy[HealthChange | None]:
    if kind != "health.changed":
        return st.none()
    levels = st.sampled_from(get_args(HealthLevel))
    return st.builds(HealthChange, level=levels, before=levels, milestone=st.none() | ids)


def flags_of(kind: str) -> st.SearchStrategy[Flag | None]:
    if kind not in {"entity.flagged", "entity.cleared"}:
        return st.none()
    return st.builds(Flag, rule=ids, fake=st.booleans(), until=st.none() | any_time)


def deletions_of(kind: str) -> st.SearchStrategy[Deletion | None]:
    if kind != "entity.deleted":
        return st.none()
    return st.builds(Deletion, through=any_time, asked_by=st.none() | texts)


def has_no_score(kind: str) -> bool:
    return kind == "journey.stuck" or kind.startswith("entity.")


def journey_of(kind: str) -> str | None:
    return "self_serve" if kind == "journey.stuck" else None


def qualifications_of(kind: QualificationType) -> st.SearchStrategy[Qualification]:
    return st.builds(
        Qualification,
        id=ids,
        type=st.just(kind),
        milestone=ids,
        account_id=ids,
        user_id=st.none() | ids,
        occurrence=counts,
        occurred_at=times,
        detected_at=any_time,
        definition_hash=ids,
        decided_by=st.none() | ids,
        late=st.booleans(),
        journey=st.just(journey_of(kind)),
        evidence=st.lists(evidence, max_size=3).map(tuple),
        score=st.none() if has_no_score(kind) else st.none() | st.floats(allow_nan=False),
        contributions=st.lists(contributions, max_size=3).map(tuple),
        segment=st.none() | ids,
        lead=leads_of(kind),
        health=health_of(kind),
        flag=flags_of(kind),
        deletion=deletions_of(kind),
    )


qualifications = st.sampled_from(list(TYPES)).flatmap(qualifications_of)
REACHED = Qualification(
    "i", "milestone.reached", "m", "acme", None, 1, 0, 0, "h", None, False, None, ()
)
MESSAGE = as_json(REACHED)
EXAMPLES = {example.type: crossed(as_json(example)) for example in QUALIFICATIONS}
days = st.tuples(
    st.none() | ids,
    st.none() | ids,
    times.map(lambda time: time // DAY),
    texts,
    st.dictionaries(ids, st.tuples(counts, times, times).map(list), max_size=3),
)
traits = st.tuples(
    st.none() | ids,
    st.none() | ids,
    texts,
    st.none() | st.booleans() | counts | texts | st.lists(texts, max_size=2),
    times,
)
excluded = days.map(lambda day: (*day[:4], "bots", day[4]))
updates = st.builds(
    ActivityUpdate,
    activity=st.lists(days, max_size=3),
    traits=st.lists(traits, max_size=3),
    excluded=st.lists(excluded, max_size=3),
)


@patient
@given(qualifications)
def test_a_qualification_is_as_its_schema_says_and_the_sink_reads_it(
    qualification: Qualification,
) -> None:
    message = as_json(qualification)
    assert not errors(qualification.type, crossed(message))
    assert not errors("qualification.headers", headers(cloudevents_headers(qualification)))
    row, *audited = audited_rows(Pseudonyms(""))(orjson.dumps(message))
    assert [row] == qualification_rows(orjson.dumps(message))
    assert len(audited) == qualification.type.startswith(("milestone.", "lead."))
    assert row.account_id == qualification.account_id
    if qualification.type != "entity.deleted":  # which has no row of its own
        assert row.segment == (qualification.segment or "")


@patient
@given(updates)
def test_an_activity_update_is_as_its_schema_says_and_the_sink_reads_it(
    update: ActivityUpdate,
) -> None:
    message = as_json(update)
    assert not errors("activity.update", crossed(message))
    rows = activity_rows(orjson.dumps(message))
    counted = sum(len(day[-1]) for day in (*update.activity, *update.excluded))
    assert len(rows) == counted + len(update.traits)


@patient
@given(st.builds(DeadLetter, reason=st.sampled_from(Reason), path=texts, detail=texts,
                 topic=texts, partition=st.integers(0, 999), offset=st.integers(0, 2**63),
                 key=st.none(), original=st.none()))  # fmt: skip
def test_the_headers_of_a_dead_letter_are_as_their_schema_says(letter: DeadLetter) -> None:
    told = headers(dead_letter_headers(letter))
    assert not errors("dead-letter.headers", told)
    assert told["dead_letter_offset"] == str(letter.offset)


def test_a_schema_allows_no_field_that_it_does_not_name_and_requires_each_that_it_does() -> None:
    message = as_json(ActivityUpdate([], []))
    assert errors("activity.update", {**message, "more": 1})
    for field in message:
        assert errors("activity.update", {k: v for k, v in message.items() if k != field})


@patient
@given(times)
def test_a_time_is_text_that_reads_back_as_the_same_millisecond(time: int) -> None:
    event = {"event": "x", "user_id": "u", "timestamp": time_text(time)}
    assert decode(orjson.dumps(event), None, LATEST, "t", 0, 0).time == time


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_767_225_600_123, "2026-01-01T00:00:00.123Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (LATEST, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_a_time_is_iso_8601_in_utc_with_milliseconds(time: int, text: str) -> None:
    assert time_text(time) == text
    assert date_text(time // DAY) == text[:10]


def test_a_time_past_what_text_can_hold_is_its_nearest_day() -> None:
    assert time_text(LATEST + 1).startswith("9999-12-31T")
    assert date_text(-(10**9)) == "0001-01-01"


def test_every_type_is_described_and_has_an_example_and_a_schema_of_its_own() -> None:
    assert set(TYPES) == set(EXAMPLES) == set(get_args(QualificationType))
    for kind, example in EXAMPLES.items():
        assert not errors(kind, example)
        for other in set(TYPES) - {kind}:
            assert errors(other, example)


def test_only_being_stuck_names_a_journey() -> None:
    for kind, example in EXAMPLES.items():
        wrong = None if journey_of(kind) else "self_serve"
        assert errors(kind, {**example, "journey": wrong})


SCORED = replace(
    REACHED, score=72.5, contributions=(Contribution("action", 40, 1.0),), segment="enterprise",
    fell_back_to="rules",
)  # fmt: skip


def test_score_contributions_and_segment_are_there_where_they_apply_and_nowhere_else() -> None:
    told = ("score", "contributions", "segment", "fell_back_to")
    assert not {*told} & MESSAGE.keys()
    assert {name: as_json(SCORED)[name] for name in told} == {
        "score": 72.5,
        "contributions": [{"component": "action", "points": 40, "signal": 1.0}],
        "segment": "enterprise",
        "fell_back_to": "rules",
    }
    assert {*told} & as_json(replace(REACHED, segment="paying")).keys() == {"segment"}
    assert {*told} & as_json(replace(REACHED, score=0.0)).keys() == {"score", "contributions"}


def test_what_a_score_is_made_of_does_not_move_an_output_to_another_id_or_key() -> None:
    assert (
        as_json(SCORED).items()
        >= {name: value for name, value in MESSAGE.items() if name != "evidence"}.items()
    )
    assert record_key(SCORED) == record_key(REACHED)
    assert cloudevents_headers(SCORED) == cloudevents_headers(REACHED)


def test_being_stuck_has_a_segment_and_no_score() -> None:
    stuck = {**MESSAGE, "type": "journey.stuck", "journey": "self_serve"}
    assert not errors("journey.stuck", {**stuck, "segment": "paying"})
    assert errors("journey.stuck", {**stuck, "score": 1.0})
    assert errors("journey.stuck", {**stuck, "contributions": []})
    assert errors("journey.stuck", {**stuck, "fell_back_to": "rules"})


@pytest.mark.parametrize(
    ("account", "user", "key"),
    [("acme", "ann", b"acme"), ("acme", None, b"acme"), (None, "ann", b"ann")],
)
def test_the_key_is_the_account_or_the_user_where_there_is_none(
    account: str | None, user: str | None, key: bytes
) -> None:
    qualification = Qualification(
        "i", "milestone.reached", "m", account, user, 1, 0, 0, "h", None, False, None, ()
    )
    assert record_key(qualification) == key


def test_the_subject_is_the_entity_that_the_milestone_is_of() -> None:
    account = Qualification(
        "i", "milestone.reached", "m", "acme", None, 1, 0, 0, "h", None, False, None, ()
    )
    assert headers(cloudevents_headers(account))["ce_subject"] == "acme"


def test_a_qualification_read_as_a_cloudevent_is_an_event() -> None:
    """Its headers are true CloudEvents: our own reader, which is one, takes them."""
    qualification = Qualification(
        "i1", "milestone.reached", "aha", "acme", "ann", 1, 7, 8, "h", "e", False, None, ()
    )
    event = decode(
        orjson.dumps(as_json(qualification)), cloudevents_headers(qualification), 8, "t", 0, 0
    )
    assert (event.event_id, event.name, event.time) == ("i1", "milestone.reached", 7)
    assert (event.account_id, event.user_id) == ("acme", "ann")


def accepted(record: Any) -> bool:
    try:
        decode(orjson.dumps(record), None, LATEST, "t", 0, 0)
    except Rejected:
        return False
    return True


odd = st.sampled_from([None, "", "a", 0, 7, 1.5, True, [], {}, {"a": 1}, ["a"]])


@patient
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "event": odd,
            "event_id": odd,
            "account_id": odd,
            "user_id": odd,
            "properties": odd,
            "traits": odd,
            "timestamp": st.sampled_from([None, "", "2026-01-01", 0, 1.5, True, [], {}]),
            "unknown": odd,
        },
    )
)
def test_the_schema_of_events_accepts_what_the_decoder_accepts(record: dict[str, Any]) -> None:
    assert accepted(record) == (not errors("event", record)), errors("event", record)
