"""What the demo counts, draws and says at its end: fed by the real engine on made-up traffic."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import orjson
import pytest
from rich.console import Console

from schemas.encoding import as_json, dead_letter_headers
from schemas.examples import QUALIFICATIONS
from streams.definitions import Definitions, load, loads
from streams.demo.board import Board
from streams.demo.summary import Stored, Summary
from streams.demo.traffic import arrivals
from streams.demo.view import draw, reason, status, steps, strongest
from streams.deployed import deployed
from streams.engine import Engine
from streams.evaluator import Evaluator
from streams.facts import Facts
from streams.queries import StepCount

END = 1_790_000_000_000
START = END - 56 * 86_400_000
ACCOUNTS = 40


class Record(NamedTuple):
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int
    offset: int


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load(deployed("definitions") / "product.yml")


@pytest.fixture(scope="module")
def board(definitions: Definitions) -> Board:
    """A board at the end of a whole story, as the worker would have filled it."""
    board = Board(known=Facts(definitions.roles))
    tables: tuple[dict[bytes, bytes], dict[bytes, bytes]] = ({}, {})
    evaluator = Evaluator(
        Engine(definitions),
        topic="product.events",
        partition=0,
        load_account=tables[0].get,
        load_user=tables[1].get,
        cache_entries=100_000,
    )
    story = arrivals(definitions, seed=5, accounts=ACCOUNTS, start=START, end=END)
    for offset, one in enumerate(story):
        board.count_sent(one)
        evaluator.apply([Record(one.key, one.value, one.headers, one.at, offset)])
        evaluator.pass_time(one.at, most=1_000)
    for qualification in evaluator.staged.qualifications:
        board.count_qualification(orjson.dumps(as_json(qualification)))
    for letter in evaluator.staged.dead_letters:
        board.count_dead_letter(dict(dead_letter_headers(letter)))
    board.count_processed(board.sent - 2_000, now=10.0)
    board.count_processed(board.sent, now=11.0)
    return board


def shown(board: Board, definitions: Definitions, width: int, height: int) -> list[str]:
    console = Console(width=width, height=height, file=io.StringIO())
    console.print(draw(board, definitions, status(board, "a phase"), height))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_journeys_come_first_and_every_milestone_once() -> None:
    definitions = loads("""
version: 1
milestones:
  late: {of: account, when: {event: A}}
  first: {of: account, when: {event: B}}
  other: {of: user, when: {event: C}}
journeys:
  way: {of: account, steps: [first, late]}
""")
    assert steps(definitions) == ["first", "late", "other"]


def test_every_stage_of_the_shipped_definitions_is_reached(
    board: Board, definitions: Definitions
) -> None:
    assert set(board.reached) == set(definitions.milestones)
    assert board.reached["signed_up"] == ACCOUNTS
    journey = next(iter(definitions.journeys.values()))
    once = [step for step in journey.steps if not definitions.milestones[step].live]
    reached = [board.reached[step] for step in once]
    assert reached == sorted(reached, reverse=True)


def test_every_role_of_the_shipped_definitions_that_events_play_is_played(
    board: Board, definitions: Definitions
) -> None:
    """But for two that few accounts play: to cancel, and to be found to be made up."""
    played = {name for name, role in definitions.roles.items() if role.event is not None}
    assert played - board.facts.keys() <= {"subscription_ended"}


def test_dead_letters_are_what_was_sent_broken(board: Board) -> None:
    assert board.dead == board.broken
    assert board.dead.total() > 0


def test_a_repeated_qualification_counts_once(board: Board) -> None:
    again = Board()
    value = orjson.dumps(board.newest[0])
    again.count_qualification(value)
    again.count_qualification(value)
    assert sum(again.reached.values()) == len(again.newest) == 1


def test_entries_count_as_reached_and_exits_and_being_stuck_are_shown_alone(
    board: Board, definitions: Definitions
) -> None:
    told = board.newest[0]
    again = Board()
    for kind in ("milestone.entered", "milestone.exited", "journey.stuck"):
        again.count_qualification(orjson.dumps({**told, "id": kind, "type": kind}))
    assert again.reached == {told["milestone"]: 1}
    screen = "\n".join(shown(again, definitions, 160, 40))
    assert f"{told['milestone']} exited" in screen
    assert f"{told['milestone']} stuck" in screen


def test_what_becomes_of_a_lead_is_shown_step_by_step_and_is_no_milestone(
    definitions: Definitions,
) -> None:
    again = Board()
    screens = []
    for told in QUALIFICATIONS:
        if told.lead is not None:
            again.count_qualification(orjson.dumps(as_json(told)))
            screens.append(shown(again, definitions, 160, 40))
    assert again.reached == {}
    assert len(again.newest) == 0
    rows = [next(line for line in screen if "acme" in line) for screen in screens]
    steps = ["open", "due 01-01 14:00", "breached 01-01 14:00", "converted"]
    for row, owner, words in zip(rows, ["nobody", *["sales, jo"] * 3], steps, strict=True):
        assert f"acme {owner}" in row
        assert words in row
        decided = "kim@example.com: Jo is on holiday; " if words == "converted" else ""
        assert f" 72 {decided}action +40, frequency +32" in row


def test_a_lead_that_is_not_told_to_have_breached_its_sla_was_contacted(
    definitions: Definitions,
) -> None:
    again = Board(behind=3_600_000)
    routed = next(one for one in QUALIFICATIONS if one.type == "lead.routed")
    again.count_qualification(orjson.dumps(as_json(routed)))
    assert routed.lead
    assert routed.lead.route
    again.latest = routed.lead.route.due + again.behind
    assert "due 01-01" in "\n".join(shown(again, definitions, 160, 40))
    assert again.leads.in_time(again.passed) == 0
    again.latest += 1
    assert "contacted" in "\n".join(shown(again, definitions, 160, 40))
    assert again.leads.in_time(again.passed) == 1


def test_health_is_counted_by_level_and_is_no_milestone(
    board: Board, definitions: Definitions
) -> None:
    counts = board.health["usage"]
    assert min(counts["red"], counts["yellow"], counts["green"]) > 0
    shown_ = "\n".join(shown(board, definitions, 160, 40))
    assert f"usage: {counts['red']} red, {counts['yellow']} yellow" in shown_
    one = Board()
    [change] = [one for one in QUALIFICATIONS if one.type == "health.changed"]
    for number, level in enumerate(("yellow", "red", "green"), start=1):
        assert change.health is not None
        told = replace(change, id=str(number), health=replace(change.health, level=level))
        one.count_qualification(orjson.dumps(as_json(told)))
        assert one.health == {"usage": {level: 1}}
    assert (one.reached, list(one.newest)) == ({}, [])


def test_the_strongest_reasons_are_the_three_that_added_most() -> None:
    points = {"team_shares": 25.2, "comes_back": 20, "invites": 10, "prices": 5, "quiet": -30}
    told = [{"component": name, "points": each} for name, each in points.items()]
    assert strongest({"contributions": told}) == "team shares +25, comes back +20, invites +10"
    assert strongest({}) == ""


def test_leads_of_the_story_are_routed_breached_and_closed(board: Board) -> None:
    told = board.leads.as_json(board.passed)
    assert told["qualified"] == {"pqa": len(board.leads)}
    assert set(told["routed"]) == {"account executives", "sales", "self-service"}
    assert sum(told["routed"].values()) == len(board.leads)
    assert set(told["closed"]) == {"converted", "disqualified"}
    assert told["breached"] > 0
    over = told["contacted_in_time"] + told["breached"]
    assert told["contacted_in_time_share"] == told["contacted_in_time"] / over > 0.6


def test_where_nothing_was_due_no_share_was_in_time() -> None:
    assert Board().leads.as_json(END)["contacted_in_time_share"] is None


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (200, 60)])
def test_the_screen_fits_the_terminal(
    board: Board, definitions: Definitions, width: int, height: int
) -> None:
    lines = shown(board, definitions, width, height)
    assert len(lines) == height
    assert max(map(len, lines)) <= width


def test_the_screen_shows_rate_funnel_reasons_and_dead_letters(
    board: Board, definitions: Definitions
) -> None:
    screen = "\n".join(shown(board, definitions, 160, 40))
    assert "2,000" in screen
    assert f"{ACCOUNTS} accounts" in screen
    assert "count of Document Shared >= 3 within 7d" in screen
    assert "missing field" in screen
    assert "2026-09-21  ·  a phase" in screen
    assert f"Leads  ·  {len(board.leads)}  ·  {board.leads.breached} SLA breached" in screen


def test_an_empty_board_can_be_drawn(definitions: Definitions) -> None:
    screen = "\n".join(shown(Board(), definitions, 100, 30))
    assert "The first will come in a moment." in screen


def test_a_reason_names_what_holds_and_what_was_observed() -> None:
    def leaf(condition: str, observed: float, **fields: bool) -> dict[str, object]:
        return {"condition": condition, "observed": observed, "at_least": False, **fields}

    evidence = [
        leaf("sum of x > 4", 5.5, holds=True),
        leaf("count of A >= 2", 2, holds=True, at_least=True),
        leaf("count of B >= 2", 1, holds=False),
    ]
    assert reason({"evidence": evidence}) == "sum of x > 4 (5.5); count of A >= 2"


def summary(board: Board, **stored: object) -> Summary:
    journeys = {"self_serve": [StepCount("signed_up", ACCOUNTS, ACCOUNTS, 1.0, None, None)]}
    found = Stored(
        board.reached,
        board.unique - 7,
        board.leads.qualified,
        journeys,
        {"crawlers": 7},
        board.facts,
        {},
    )
    return Summary(board, replace(found, **stored), seconds=60.0)  # type: ignore[arg-type]


def test_a_summary_agrees_when_both_ends_do(board: Board) -> None:
    told = summary(board).as_json()
    assert summary(board).agrees
    assert all(check["agrees"] for check in told["checks"])
    assert told["leads"]["qualified"] == told["clickhouse"]["leads"]
    assert orjson.loads(orjson.dumps(told)) == told


@pytest.mark.parametrize(
    "stored",
    [
        {"events": 1},
        {"facts": {"visit": 1}},
        {"milestones": {"signed_up": 1}},
        {"leads": {}},
        {"excluded": {}},
    ],
)
def test_a_summary_says_which_check_failed(
    board: Board, definitions: Definitions, stored: dict[str, object]
) -> None:
    console = Console(width=1000, file=io.StringIO())
    wrong = summary(board, **stored)
    wrong.show(console, definitions)
    assert isinstance(console.file, io.StringIO)
    assert not wrong.agrees
    failed = [line for line in console.file.getvalue().splitlines() if line.startswith("✗")]
    assert len(failed) == 1
    assert "found" in failed[0]


def moments() -> Iterator[tuple[float, int]]:
    yield from [(0.0, 0), (1.0, 500), (2.0, 1000), (10.0, 1000), (10.5, 1000)]


def test_the_rate_is_that_of_the_last_seconds() -> None:
    board = Board()
    rates = []
    for now, processed in moments():
        board.count_processed(processed, now)
        rates.append(board.rate)
    assert rates == [0, 500, 500, 0, 0]
