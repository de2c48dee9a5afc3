"""Verdicts, each just inside and just outside of its rule."""

from typing import Any

import pytest

from streams.experiments.judging import Comparison, Findings, judge
from streams.experiments.statistics import Proportion
from streams.experiments.tallies import Tally, nobody
from streams.experiments.words import p_words, verdict_words

KEPT = Proportion(500, 1000)


def tally(variant: str, hits: int, total: int, **kept: Any) -> Tally:
    exposed = kept.pop("exposed", 1000)
    retained = {7: kept.pop("day_7", KEPT), 30: kept.pop("day_30", KEPT)}
    return Tally(variant, exposed, 0, 0, 0, Proportion(hits, total), retained)


def found(*tallies: Tally, lift: float = 0.5, **shares: float) -> Findings:
    equal = {each.variant: 1.0 for each in tallies}
    return judge(tallies, "control", shares=equal | shares, smallest_lift=lift)


def only(findings: Findings) -> Comparison:
    [comparison] = findings.comparisons
    return comparison


def says(findings: Findings) -> str:
    return verdict_words(only(findings), findings)


def test_more_than_chance_is_a_win() -> None:
    findings = found(tally("control", 200, 1000), tally("b", 250, 1000))
    comparison = only(findings)
    assert (comparison.verdict, comparison.more) == ("win", 0)
    assert comparison.difference == pytest.approx(0.05)
    assert comparison.lift == pytest.approx(0.25)
    assert comparison.lift_interval is not None
    low, high = comparison.lift_interval
    assert 0 < low < 0.25 < high
    assert says(findings) == "win: more reach it than with control"


def test_fewer_than_chance_is_a_loss() -> None:
    findings = found(tally("b", 200, 1000), tally("control", 250, 1000))
    assert findings.control.variant == "control"
    assert says(findings) == "loss: fewer reach it than with control"


def test_less_than_chance_says_how_many_more_it_takes() -> None:
    # R: power.prop.test(p1 = .1, p2 = .11, power = .8): n = 14750.79
    findings = found(tally("control", 100, 1000), tally("b", 111, 1000), lift=0.1)
    assert only(findings).needed == 14_751
    assert says(findings) == "no difference seen yet: 27,502 more needed to find a lift of 10%"


def test_enough_without_a_difference_is_no_difference() -> None:
    many = [tally(name, 1000, 10_000, exposed=10_000) for name in ("control", "b")]
    assert only(found(*many, lift=0.1)).verdict == "undecided"
    assert says(found(*many, lift=0.125)) == (
        "no difference: enough were seen for a lift of 12.5% to show"
    )


@pytest.mark.parametrize(("hits", "early"), [(240, True), (280, False)])
def test_a_win_before_enough_were_seen_is_early_unless_it_is_overwhelming(
    hits: int, early: bool
) -> None:
    findings = found(tally("control", 200, 1000), tally("b", hits, 1000), lift=0.1)
    assert only(findings).verdict == "win"
    warned = "; but it is early: 11,020 more needed to find a lift of 10%"
    assert says(findings) == "win: more reach it than with control" + (warned if early else "")


@pytest.mark.parametrize(
    ("day_30", "verdict"),
    [
        (Proportion(4700, 10_000), "stop"),
        (Proportion(4701, 10_000), "win"),  # 2.99 points
        (Proportion(47, 100), "win"),  # may be chance
        (Proportion(5600, 10_000), "win"),  # better
        (Proportion(0, 4), "win"),  # too few to say
        (Proportion(0, 0), "win"),
    ],
)
def test_three_points_of_retention_lost_for_sure_stop_even_a_win(
    day_30: Proportion, verdict: str
) -> None:
    control = tally("control", 200, 1000, day_30=Proportion(5000, 10_000))
    findings = found(control, tally("b", 250, 1000, day_30=day_30))
    assert only(findings).verdict == verdict
    assert [day.falls for day in only(findings).retention] == [False, verdict == "stop"]


def test_a_stop_says_what_is_lost() -> None:
    kept, lost = Proportion(400, 1000), Proportion(300, 1000)
    findings = found(
        tally("control", 200, 1000, day_7=kept), tally("b", 250, 1000, day_7=lost), lift=0.5
    )
    assert says(findings) == (
        "stop: 30.0% are there on day 7, 40.0% with control (p < 0.0001): 3 points or more are lost"
    )


def test_variants_that_were_not_dealt_out_as_planned_are_not_to_be_trusted() -> None:
    fall = Proportion(0, 1000)
    findings = found(
        tally("control", 200, 1000, exposed=1000),
        tally("b", 250, 1000, exposed=1200, day_7=fall),
    )
    assert findings.dealt is not None
    assert findings.dealt.is_mismatch
    assert says(findings) == (
        "do not trust this: the variants were not seen by as many as they should have been "
        "(p < 0.0001); find out why first"
    )


@pytest.mark.parametrize(("exposed", "mismatch"), [(1150, False), (1160, True)])
def test_a_mismatch_is_less_likely_than_one_in_a_thousand(exposed: int, mismatch: bool) -> None:
    dealt = found(tally("control", 1, 9), tally("b", 1, 9, exposed=exposed)).dealt
    assert dealt is not None
    assert dealt.is_mismatch is mismatch


def test_given_shares_are_what_counts_and_a_variant_that_nobody_saw_is_a_mismatch() -> None:
    nine_to_one = [tally("control", 200, 1000, exposed=9000), tally("b", 250, 1000)]
    assert only(found(*nine_to_one, control=9.0)).verdict == "win"
    assert only(found(*nine_to_one)).verdict == "distrust"
    assert only(found(tally("control", 200, 1000), nobody("b"))).verdict == "distrust"


def test_of_many_variants_each_must_be_the_surer() -> None:
    control, b, c = (tally(n, hits, 1000) for n, hits in [("control", 200), ("b", 240), ("c", 200)])
    alone, together = found(control, b), found(control, b, c)
    assert (alone.alpha, together.alpha) == (0.05, 0.025)
    assert only(alone).verdict == "win"
    assert [each.verdict for each in together.comparisons] == ["no_difference"] * 2


def test_a_few_are_never_a_win() -> None:
    findings = found(tally("control", 0, 8), tally("b", 8, 9))
    comparison = only(findings)
    assert comparison.p_value is not None
    assert comparison.p_value < 0.001
    assert (comparison.verdict, comparison.lift, comparison.more) == ("undecided", None, None)


@pytest.mark.parametrize(
    ("control", "words"),
    [
        ((0, 0), "nobody's time is over yet"),
        ((0, 9), "how many more it takes is known once control has some"),
        ((8, 9), "above 88.9% there is no room for a lift of 50%, ask for a smaller one (--lift)"),
    ],
)
def test_where_no_number_will_do_it_says_why(control: tuple[int, int], words: str) -> None:
    findings = found(tally("control", *control), tally("b", *control))
    assert only(findings).needed is None
    assert says(findings) == f"no difference seen yet: {words}"


def test_one_variant_alone_is_compared_with_nothing() -> None:
    findings = found(tally("control", 1, 9))
    assert (findings.comparisons, findings.dealt) == ((), None)
    assert found(nobody("control"), nobody("b")).dealt is None


@pytest.mark.parametrize(
    ("p_value", "words"), [(None, "–"), (0.00009, "< 0.0001"), (0.0001, "0.0001"), (1.0, "1.0000")]
)
def test_a_p_value_is_never_shown_as_nothing(p_value: float | None, words: str) -> None:
    assert p_words(p_value) == words
