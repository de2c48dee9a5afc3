"""Made-up traffic: repeatable, believable, and true about what it says of itself."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice, pairwise

import pytest

from schemas.dead_letters import Reason
from streams.decoding import decode
from streams.definitions import load
from streams.demo.traffic import Arrival, arrivals
from streams.deployed import deployed
from streams.errors import Rejected

END = 1_790_000_000_000
START = END - 56 * 86_400_000
DEFINITIONS = load(deployed("definitions") / "product.yml")


def story(seed: int) -> Iterator[Arrival]:
    return arrivals(DEFINITIONS, seed=seed, accounts=120, start=START, end=END)


@pytest.fixture(scope="module")
def traffic() -> list[Arrival]:
    return list(story(7))


def test_the_same_seed_gives_the_same_bytes(traffic: list[Arrival]) -> None:
    assert traffic == list(story(7))


def test_another_seed_gives_other_traffic(traffic: list[Arrival]) -> None:
    assert traffic[:50] != list(islice(story(8), 50))


def test_records_come_in_the_order_of_their_arrival(traffic: list[Arrival]) -> None:
    assert all(before.at <= after.at for before, after in pairwise(traffic))


def test_no_event_is_younger_than_the_end(traffic: list[Arrival]) -> None:
    assert all(START <= one.event.time < END for one in traffic if one.event)


def test_every_sound_record_decodes_to_the_event_it_was_made_from(traffic: list[Arrival]) -> None:
    for offset, one in enumerate(traffic):
        if one.event:
            assert decode(one.value, one.headers, one.at, "t", 0, offset) == one.event


def test_every_broken_record_is_refused_for_the_reason_it_names(traffic: list[Arrival]) -> None:
    for offset, one in enumerate(traffic):
        if one.broken:
            with pytest.raises(Rejected) as refusal:
                decode(one.value, one.headers, one.at, "t", 0, offset)
            assert refusal.value.reason is one.broken


def test_each_event_has_an_id_of_its_own_and_only_repeats_share_it(traffic: list[Arrival]) -> None:
    firsts = [one.event.event_id for one in traffic if one.event and not one.repeated]
    repeats = {one.event.event_id for one in traffic if one.event and one.repeated}
    assert len(firsts) == len(set(firsts))
    assert repeats
    assert repeats <= set(firsts)


def test_one_to_two_percent_come_twice_and_some_late_and_broken(traffic: list[Arrival]) -> None:
    sound = [one for one in traffic if one.event and not one.repeated]
    minutes_late = [(one.at - one.event.time) // 60_000 for one in sound if one.event]
    assert 0.01 < sum(one.repeated for one in traffic) / len(sound) < 0.02
    assert 0.01 < sum(5 <= late <= 60 for late in minutes_late) / len(sound) < 0.03
    assert any(late > 60 for late in minutes_late)
    assert {one.broken for one in traffic if one.broken} == {
        Reason.NOT_JSON,
        Reason.NOT_AN_OBJECT,
        Reason.MISSING_FIELD,
        Reason.BAD_TIMESTAMP,
        Reason.FUTURE_TIMESTAMP,
        Reason.WRONG_TYPE,
    }


def test_all_three_formats_are_sent_and_some_keys_are_not_the_account(
    traffic: list[Arrival],
) -> None:
    sound = [one for one in traffic if one.event]
    assert any(b'"messageId"' in one.value for one in sound)
    assert any(b'"specversion"' in one.value for one in sound)
    assert any(dict(one.headers).get("ce_specversion") == b"1.0" for one in sound)
    assert any(one.event and one.key != (one.event.account_id or "").encode() for one in sound)


def test_accounts_live_through_every_stage_and_fewer_reach_each(traffic: list[Arrival]) -> None:
    accounts_by_event = Counter[str]()
    for name, _ in {(one.event.name, one.event.account_id) for one in traffic if one.event}:
        accounts_by_event[name] += 1
    stages = ["Account Created", "Data Source Connected", "Invite Sent", "Subscription Started"]
    reached = [accounts_by_event[stage] for stage in stages]
    assert reached[0] > 110
    assert reached == sorted(reached, reverse=True)
    assert reached[-1] > 5


def test_sales_tell_what_came_of_leads_in_the_formats_of_their_accounts(
    traffic: list[Arrival],
) -> None:
    told = [one for one in traffic if one.event and one.event.name.startswith("lead_")]
    names = Counter(one.event.name for one in told if one.event)
    assert set(names) == {
        "lead_contacted",
        "lead_converted",
        "lead_disqualified",
        "lead_overridden",
    }
    assert names["lead_contacted"] > names["lead_converted"]
    assert {one.event.properties["lead"] for one in told if one.event} == {"pqa"}
    assert all(
        one.event.properties["reason"]
        for one in told
        if one.event and one.event.name == "lead_disqualified"
    )
    keys: dict[str | None, set[bytes | None]] = {}
    for one in traffic:
        if one.event and one.event.account_id:
            keys.setdefault(one.event.account_id, set()).add(one.key)
    assert all(len(some) == 1 for some in keys.values())
