"""The section ``leads``: from YAML to the model, to fingerprints, and to what tests expect."""

from typing import Any

import pytest

from schemas.qualifications import LeadLife, LeadOutcome, Qualification, QualificationType
from streams.definitions import fingerprints, json_schema, lead_fingerprints, loads
from streams.definitions.leads import FIELDS
from streams.definitions.loading import examine_text
from streams.definitions.model import (
    Comparison,
    Contacts,
    Definitions,
    Lead,
    MilestoneCondition,
    ScoreCondition,
)
from streams.evaluator import Evaluator
from streams.testing import run_tests

DAY = 86_400_000
BEGINNING = 1_767_225_600_000

HEAD = """version: 1
scores:
  fit: {of: account, components: {invited: {points: 80, when: {event: Invited, within: 30d}}}}
  influence: {of: user, components: {shared: {points: 80, when: {event: Shared}}}}
milestones:
  buyer: {of: user, when: {event: Bought}}
  pays: {of: account, when: {event: Paid}}
"""
CONTACTS = "contacts: {milestone: buyer, score: influence, most: 3}"
WHEN = 'when: {score: fit, is: ">= 70"}'


def with_lead(fields: str, *, name: str = "pqa", head: str = HEAD) -> Definitions:
    """Definitions that have one lead with these fields."""
    return loads(f"{head}leads: {{{name}: {{{fields}}}}}\n")


def lead(fields: str) -> Lead:
    return with_lead(fields).leads["pqa"]


def test_a_lead_has_a_condition_like_a_milestone() -> None:
    found = lead('of: account, title: T, description: D, when: {score: fit, is: ">= 70"}')
    assert isinstance(found.when, ScoreCondition)
    assert (found.name, found.of, found.title, found.description) == ("pqa", "account", "T", "D")
    assert (found.again, found.contacts, found.shadow) == (0, None, False)


def test_it_names_milestones_as_milestones_do() -> None:
    condition = MilestoneCondition("buyer", Comparison(">=", 2))
    assert lead("of: account, when: {milestone: buyer, users: '>= 2'}").when == condition
    assert lead("of: user, when: {milestone: buyer}").when == MilestoneCondition("buyer")


def test_it_says_how_long_it_waits_until_it_may_be_opened_again() -> None:
    assert lead(f"of: account, again: 30d, {WHEN}").again == 30 * DAY


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ("of: account", "pqa"),
        ("of: user", "pql"),
        ("of: account, kind: pql", "pql"),
        ("of: account, kind: eql", "eql"),
        ("of: user, kind: eql", "eql"),
    ],
)
def test_its_kind_is_that_of_its_owner_unless_it_says_another(fields: str, kind: str) -> None:
    assert lead(f"{fields}, when: {{event: Shared}}").kind == kind


def test_contacts_are_five_who_reached_a_milestone_unless_it_says_more() -> None:
    assert lead(f"of: account, contacts: {{milestone: buyer}}, {WHEN}").contacts == Contacts(
        "buyer", None, 5
    )
    influence = with_lead(f"of: account, {WHEN}").scores["influence"]
    assert lead(f"of: account, {CONTACTS}, {WHEN}").contacts == Contacts("buyer", influence, 3)


SEGMENTS = """
version: 1
segments:
  large: {of: account, when: {trait: seats, gte: 100}}
  small: {of: account, when: {event: "*"}}
leads:
  one: {of: account, when: {all: [{segment: large}, {event: A}]}}
"""


@pytest.mark.parametrize(
    ("other", "warned"),
    [
        ("of: account, when: {event: B}", True),
        ("of: account, kind: pqa, when: {any: [{segment: small}, {event: B}]}", True),
        ("of: account, when: {all: [{segment: large}, {event: B}]}", True),
        ("of: account, when: {segment: small}", False),
        ("of: account, when: {all: [{event: B}, {segment: small}]}", False),
        ("of: account, kind: eql, when: {event: B}", False),
        ("of: user, when: {event: B}", False),
        ("of: account, shadow: one, when: {event: B}", False),
    ],
)
def test_two_of_one_kind_that_do_not_exclude_each_other_are_warned_of(
    other: str, warned: bool
) -> None:
    said = [str(one) for one in examine_text(f"{SEGMENTS}  two: {{{other}}}\n", "x.yml").problems]
    expected = (
        "x.yml:8:3: warning: `two` is a `pqa` of accounts like `one`, and both may be open at once:"
        " write one lead with `any`, or give them different kinds"
    )
    assert said == ([expected] if warned else [])


def test_it_is_judged_after_a_month_by_what_comes_back_unless_it_says_more() -> None:
    found = lead(f"of: account, {WHEN}")
    assert (found.goal, found.matures, found.parity) == (None, 30 * DAY, None)
    found = lead(f"of: account, goal: pays, matures: 2w, parity: country, {WHEN}")
    assert (found.goal, found.matures, found.parity) == ("pays", 14 * DAY, "country")


def test_a_file_may_have_leads_alone() -> None:
    outcome = examine_text("version: 1\nleads: {hot: {of: user, when: {event: A}}}", "any")
    assert outcome.problems == ()
    assert outcome.definitions
    assert list(outcome.definitions.leads) == ["hot"]


def test_editors_offer_what_is_read() -> None:
    schema = json_schema()["properties"]["leads"]["additionalProperties"]
    assert set(schema["properties"]) == set(FIELDS)


BASE = f"of: account, again: 30d, {CONTACTS}, {WHEN}"


def fingerprint(fields: str = BASE, *, head: str = HEAD, name: str = "pqa") -> str:
    definitions = with_lead(fields, name=name, head=head)
    return lead_fingerprints(definitions)[name]


def test_the_fingerprint_of_a_lead_is_sixteen_hexadecimal_digits_and_never_changes() -> None:
    """A release that changes it forgets every open lead: never by accident."""
    assert fingerprint() == "668fa3390098ecf1"


@pytest.mark.parametrize(
    "changed",
    [
        {"fields": BASE.replace("30d", "31d")},
        {"fields": BASE.replace("70", "75")},
        {"fields": BASE.replace("most: 3", "most: 4")},
        {"fields": BASE.replace("score: influence, ", "")},
        {"fields": f"of: account, again: 30d, {WHEN}"},
        {"name": "other"},
        {"head": HEAD.replace("event: Invited", "event: Other")},
        {"head": HEAD.replace("event: Shared", "event: Other")},
        {"head": HEAD.replace("event: Bought", "event: Other")},
    ],
    ids=str,
)
def test_what_changes_the_meaning_changes_it(changed: dict[str, Any]) -> None:
    assert fingerprint(**changed) != fingerprint()


@pytest.mark.parametrize(
    "changed",
    [
        {"fields": f"title: T, description: D, kind: eql, {BASE}"},
        {"fields": BASE.replace("30d", "720h")},
        {"fields": f"{BASE}, goal: pays, matures: 2w, parity: country"},
        {"head": HEAD.replace("event: Paid", "event: Other")},
        {"head": HEAD.replace("version: 1\n", "version: 1\nsettings: {allowed_lateness: 2d}\n")},
        {
            "head": HEAD.replace("buyer", "renamed"),
            "fields": BASE.replace("buyer", "renamed"),
        },
    ],
    ids=str,
)
def test_what_does_not_leaves_it_alone(changed: dict[str, Any]) -> None:
    assert fingerprint(**changed) == fingerprint()


def test_whose_lead_it_is_and_what_its_milestones_mean_belong_to_it() -> None:
    def named(head: str, of: str = "user") -> str:
        return fingerprint(f"of: {of}, when: {{event: A}}", head=head)

    def buyer(head: str) -> str:
        return fingerprint("of: user, when: {milestone: buyer}", head=head)

    assert named(HEAD) != named(HEAD, "account")
    assert buyer(HEAD) != buyer(HEAD.replace("event: Bought", "event: Other"))


def test_leads_leave_the_fingerprints_of_milestones_alone() -> None:
    assert fingerprints(with_lead(BASE)) == fingerprints(loads(HEAD))


TOLD: list[Qualification] = []


class Telling(Evaluator):
    """Tells besides what the tests here make up."""

    def finish(self, until: int) -> None:
        """Tell what has become of leads by then."""
        super().finish(until)
        self.staged.qualifications += [each for each in TOLD if each.occurred_at <= until]


def told(
    type_: QualificationType,
    day: int,
    *,
    occurrence: int = 1,
    contacted: int | None = None,
    breached: int | None = None,
    outcome: LeadOutcome | None = None,
) -> Qualification:
    """What is told of the lead ``pqa`` of ``acme`` on a day of the test."""
    at = BEGINNING + day * DAY
    life = LeadLife(
        opened_at=BEGINNING, contacted_at=contacted, breached_at=breached, outcome=outcome
    )
    return Qualification(
        "id", type_, "pqa", "acme", None, occurrence, at, at, "hash", None, False, None, (),
        lead=life,
    )  # fmt: skip


LIFE = [
    told("lead.qualified", 1),
    told("lead.routed", 1),
    told("lead.sla_breached", 2, breached=2),
    told("lead.closed", 3, contacted=3, breached=2, outcome="converted"),
    told("lead.qualified", 4, occurrence=2),
    told("lead.closed", 5, occurrence=2, contacted=5, outcome="disqualified"),
    told("lead.qualified", 6, occurrence=3, contacted=6),
]


def failures(monkeypatch: pytest.MonkeyPatch, day: int, expected: str) -> list[str]:
    """What a test says that expects this on a day, of a lead that nothing else opens."""
    monkeypatch.setattr("streams.testing.Evaluator", Telling)
    monkeypatch.setattr(f"{__name__}.TOLD", LIFE)
    text = (
        f"{HEAD}leads: {{pqa: {{of: account, when: {{event: Never}}}}}}\n"
        "tests: [{name: it, given: [{event: Paid, account: acme}], "
        f"until: 2026-01-0{day + 1}, leads: {{acme: {expected}}}}}]\n"
    )
    definitions = loads(text)
    (result,) = run_tests(definitions, definitions.tests)
    return [line for failure in result.failures for line in failure.lines()]


@pytest.mark.parametrize(
    ("day", "state"),
    [(1, "open"), (2, "breached"), (3, "converted"), (4, "open"), (5, "disqualified")],
)
def test_a_test_expects_what_became_of_the_newest_lead(
    monkeypatch: pytest.MonkeyPatch, day: int, state: str
) -> None:
    assert failures(monkeypatch, day, f"{{pqa: {state}}}") == []
    assert failures(monkeypatch, day, "[pqa]") == []
    other = "converted" if state == "open" else "open"
    said = f"acme, leads: expected pqa {other}, got pqa {state}"
    assert failures(monkeypatch, day, f"{{pqa: {other}}}") == [said]


def test_a_test_expects_all_leads_that_somebody_has_become(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert failures(monkeypatch, 0, "[]") == []
    assert failures(monkeypatch, 0, "[pqa]") == ["acme, leads: expected pqa, got nothing"]
    assert failures(monkeypatch, 3, "[]") == ["acme, leads: expected nothing, got pqa converted"]
