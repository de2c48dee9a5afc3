"""Every watch on a small history whose answer is worked out by hand."""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from schemas.rows import FlagRow, Row, ShadowRow
from streams.definitions import loads
from streams.watches import Watch, read_watches
from streams.watches.files import DECISIONS
from streams.watches.terms import terms
from streams.watches.warehouse import Warehouse
from tests.integration.decisions import UNTIL, ago, closed, did, lead, reached, trait, write
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

DEFINITIONS = loads("""version: 1
scores:
  fit: {of: account, components: {a: {points: 90, when: {event: A}}}}
  deep: {of: account, components: {a: {points: 90, when: {event: A}}}}
milestones:
  pays: {of: account, when: {event: Paid}}
  upgrades: {of: user, when: {event: Upgraded}}
  scored: {of: account, when: {not: {score: deep, is: ">= 5"}}}
leads:
  pqa:
    of: account
    when: {all: [{score: fit, is: ">= 70"}, {milestone: scored}]}
    goal: pays
    parity: country
  told: {of: account, when: {event: B}, matures: 60d}
  champion: {of: user, when: {event: C}, goal: upgrades}
  hidden: {of: account, shadow: pqa, when: {score: fit, is: ">= 60"}, goal: pays}
""")
WATCHES = {watch.name: watch for watch in read_watches(DECISIONS)}

Answers = dict[tuple[str, ...], tuple[float, int]]
Ask = Callable[[str, Sequence[Row]], Answers]


def answers(warehouse: Warehouse, watch: Watch) -> Answers:
    """Labels → value and sample size."""
    known: dict[str, Any] = {**terms(DEFINITIONS), "since": UNTIL - watch.period, "until": UNTIL}
    rows = warehouse.ask(watch.sql, {name: known[name] for name in watch.parameters})
    assert all(set(row) == {*watch.labels, "value", "sample_size"} for row in rows)
    return {
        tuple(row[name] for name in watch.labels): (row["value"], row["sample_size"])
        for row in rows
    }


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    migrated(tmp_path)
    warehouse = Warehouse(f"chdb://{tmp_path}")

    def put(name: str, rows: Sequence[Row]) -> Answers:
        write(tmp_path, rows)
        return answers(warehouse, WATCHES[name])

    yield put
    warehouse.close()


OLD = {"definition_hash": "old"}
JUDGED: list[Row] = [
    lead("said-right", 40), closed(lead("said-right", 40), "converted", 35),
    lead("said-wrong", 40), closed(lead("said-wrong", 40), "disqualified", 39),
    lead("paid", 40), reached("paid", 20),
    lead("paid-on-the-last-day", 35), reached("paid-on-the-last-day", 5),
    lead("paid-at-once", 10), reached("paid-at-once", 5),
    lead("paid-too-late", 40), reached("paid-too-late", 5),
    lead("paid-before", 40), reached("paid-before", 50),
    lead("matures-now", 30),
    lead("old-and-right", 40, **OLD), closed(lead("old-and-right", 40, **OLD), "converted", 30),
    # Not judged: too young, long ago, forgotten by definitions, and what only the future knows.
    lead("open", 29.9),
    lead("matured-long-ago", 125),
    lead("old-and-open", 50, detected_at=0, **OLD),
    lead("right-tomorrow", 10), closed(lead("right-tomorrow", 10), "converted", -1),
    lead("pays-tomorrow", 10), reached("pays-tomorrow", -1),
    lead("tomorrow", -1),
    reached("no-lead", 5),
    reached("paid-long-ago", 95),
]  # fmt: skip
"""Nine are judged: five were right, four were wrong."""
TOLD: list[Row] = [
    lead("young", 40, lead="told"),
    lead("mature", 61, lead="told"), reached("mature", 60),
    lead("right", 80, lead="told"), closed(lead("right", 80, lead="told"), "converted", 2),
]  # fmt: skip
"""Two are judged, one was right: this lead has no goal, and takes longer to mature."""
CHAMPION: list[Row] = [
    lead("acme", 40, lead="champion", user_id="ann"),
    reached("acme", 30, "upgrades", user_id="ann"),
    lead("acme", 40, lead="champion", user_id="bob"),
    reached("acme", 30, "upgrades", user_id="eve"),
]
"""Two are judged, one was right: a user's goal is the user's own."""


def test_precision_is_the_share_of_judged_leads_that_converted(ask: Ask) -> None:
    assert ask("lead_precision", [*JUDGED, *TOLD, *CHAMPION]) == {
        ("pqa",): (5 / 9, 9),
        ("told",): (0.5, 2),
        ("champion",): (0.5, 2),
    }


def test_false_positives_are_the_rest(ask: Ask) -> None:
    assert ask("lead_false_positives", JUDGED) == {("pqa",): (4 / 9, 9)}


def test_a_score_answers_for_the_leads_whose_condition_names_it(ask: Ask) -> None:
    stood_in = lead("by-another-score", 40, fell_back_to="rules")
    assert ask("score_false_positives", [*JUDGED, *TOLD, stood_in]) == {
        ("fit",): (4 / 9, 9),
        ("deep",): (4 / 9, 9),
    }


def test_recall_is_the_share_of_those_who_reached_the_goal_that_had_been_a_lead(ask: Ask) -> None:
    """Six accounts paid in the last 90 days; one had been no lead, one only became one later."""
    assert ask("lead_recall", [*JUDGED, *CHAMPION]) == {
        ("pqa",): (4 / 6, 6),
        ("champion",): (1 / 2, 2),
    }


def test_lift_is_precision_over_the_share_of_all_that_reached_the_goal(ask: Ask) -> None:
    """Ten accounts were seen, four of them paid: 0.4. Users have a rate of their own: 1 of 2."""
    paid = ("paid", "paid-on-the-last-day", "paid-too-late", "no-lead")
    seen = [*paid, "a", "b", "c", "d", "e"]
    rows = [did(account, day, "ann") for account in seen for day in (89.5, 1)]
    rows += [did("acme", 1, "eve"), did("long-ago", 91), did("", 1, "no-account")]
    rows += [did("paid-at-once", 91, "ann")]
    rows += [reached("e", 5, "upgrades", user_id="ann")]
    found = ask("lead_lift", [*JUDGED, *CHAMPION, *rows])
    assert found == {
        ("pqa",): (pytest.approx(5 / 9 / (4 / 10)), 9),
        ("champion",): (pytest.approx(0.5 / (2 / 11)), 2),
    }


def test_drift_is_the_population_stability_index_of_two_months(ask: Ask) -> None:
    """Ten scores, one in each decile; a month later half of four in the first and in the last."""
    before = [lead(f"b{score}", 45, score=float(score)) for score in range(10, 101, 10)]
    after = [lead(f"a{n}", 15, score=score) for n, score in enumerate([15.0, 15.0, 95.0, 95.0])]
    outside = [lead("c", 61, score=1.0), lead("d", -1, score=1.0), lead("e", 5)]
    edited = [lead(f"o{n}", 20, score=50.0, detected_at=0, **OLD) for n in range(9)]
    stable = [reached(f"m{n}", 15 + 30 * (n % 2), "pql", score=float(n // 2)) for n in range(40)]
    rows: list[Row] = [*before, *after, *outside, *edited, *stable]
    psi = 2 * (0.5 - 0.1) * math.log(0.5 / 0.1) + 8 * (0.0001 - 0.1) * math.log(0.0001 / 0.1)
    assert ask("score_drift", rows) == {
        ("pqa",): (pytest.approx(psi), 4),
        ("pql",): (pytest.approx(0.0), 20),
    }
    assert psi == pytest.approx(6.808, abs=0.001)


def test_scores_that_are_all_the_same_have_not_drifted_and_new_ones_cannot_have(ask: Ask) -> None:
    same = [lead(f"s{n}", 15 + 30 * (n % 2), score=70.0) for n in range(8)]
    new = [reached(f"m{n}", 15, "pql", score=70.0) for n in range(8)]
    assert ask("score_drift", [*same, *new]) == {("pqa",): (0.0, 4)}


def test_parity_compares_the_groups_that_are_large_enough(ask: Ask) -> None:
    """20 of 40 in one country, 9 of 30 in another; 29 in a third are too few to say."""
    rows: list[Row] = []
    for country, known, leads in (("DE", 40, 20), ("FR", 30, 9), ("US", 29, 29)):
        names = [f"{country}{number}" for number in range(known)]
        rows += [trait(name, "country", country) for name in names]
        rows += [did(name, 3) for name in names]
        rows += [lead(name, 2) for name in names[:leads]]
    rows += [lead("DE30", 95), lead("DE31", 2, lead="told"), lead("DE32", -1)]
    rows += [trait("FR99", "country", "FR"), did("FR99", 91), lead("FR99", 2)]
    rows += [trait(f"DE{number}", "plan", "trial") for number in range(40)]
    assert ask("lead_parity", rows) == {("pqa",): (pytest.approx(0.6), 70)}


def test_parity_needs_two_groups_and_a_lead_in_one(ask: Ask) -> None:
    names = [f"{country}{number}" for country in ("DE", "FR") for number in range(30)]
    alone = [row for name in names[:30] for row in (trait(name, "country", "DE"), did(name, 3))]
    assert ask("lead_parity", [*alone, lead("DE1", 2)]) == {}
    both = [row for name in names for row in (trait(name, "country", name[:2]), did(name, 3))]
    assert ask("lead_parity", both) == {("pqa",): (0.0, 60)}


def test_adherence_is_the_share_of_leads_due_that_were_contacted_in_time(ask: Ask) -> None:
    def due(account: str, days: float, team: str = "sales", **fields: Any) -> list[Row]:
        opened = lead(account, days + 1)._replace(
            rule="hot", team=team, due=ago(days), earliest=ago(days)
        )
        routed = opened._replace(type="lead.routed", id=f"routed:{account}")
        told = routed._replace(type="lead.sla_breached", id=f"breached:{account}", **fields)
        return [opened, routed, *([told] if fields else [])]

    rows = [*due("a", 5), *due("b", 29), *due("c", 5, breached_at=ago(5))]
    rows += [*due("d", 5, "success"), *due("e", 31, breached_at=ago(31)), *due("f", -1)]
    assert ask("sla_adherence", rows) == {
        ("pqa", "hot", "sales"): (pytest.approx(2 / 3), 3),
        ("pqa", "hot", "success"): (1.0, 1),
    }


def test_fake_accounts_are_those_that_are_flagged_now_of_all_that_ever_did_something(
    ask: Ask,
) -> None:
    flagged = FlagRow("bots", "a", "", "h", 1, "entity.flagged", "i", ago(5), ago(5), "e", False,
                      "[]", fake=True)  # fmt: skip
    cleared = [flagged._replace(account_id="b", type=kind, occurred_at=ago(days))
               for days, kind in ((5, "entity.flagged"), (4, "entity.cleared"))]  # fmt: skip
    real = flagged._replace(rule="cap", account_id="c", fake=False)
    rows = [flagged, *cleared, real, did("a", 5), did("d", 400), did("", 1, "no-account")]
    assert ask("fake_account_ratio", rows) == {(): (1 / 4, 4)}


def test_what_is_in_the_shadow_is_not_watched(ask: Ask) -> None:
    """Its goal was reached, yet nobody was told of it: it would have missed them all."""
    shadowed = ShadowRow("hidden", "paid", "", "h", 1, "lead.qualified", "", "i", ago(40), ago(40),
                         "e", False, "[]", opened_at=ago(40))  # fmt: skip
    rows = [shadowed, *JUDGED, *(did(name, 1) for name in ("paid", "b"))]
    for name in ("lead_recall", "lead_lift", "lead_precision"):
        assert ask(name, rows).keys() == {("pqa",)}


@pytest.mark.parametrize("name", WATCHES)
def test_where_nothing_happened_there_is_no_answer(ask: Ask, name: str) -> None:
    assert ask(name, []) == {}


def test_the_period_of_a_watch_ends_where_it_says(ask: Ask) -> None:
    judged = [closed(lead(f"a{n}", 95), "converted", days) for n, days in enumerate([90, 89.999])]
    opened = [lead(f"a{n}", 95) for n in range(2)]
    assert ask("lead_precision", [*opened, *judged]) == {("pqa",): (1.0, 1)}
    assert ago(90) == UNTIL - WATCHES["lead_precision"].period
