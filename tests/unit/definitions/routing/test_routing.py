"""The section ``routing``: read, refused, offered in editors, and as the page shows it.

It is read by itself, with segments that there are.
"""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from streams.definitions import json_schema
from streams.definitions.document import Mapping, Node, Scalar, read_document
from streams.definitions.document import Sequence as List
from streams.definitions.model import (
    Compare,
    Comparison,
    DayHours,
    Routing,
    RoutingRule,
    Territories,
    TraitCondition,
    WorkingHours,
)
from streams.definitions.reader import Reader
from streams.definitions.routing import read_routing, routing_schema
from streams.definitions.routing.owners import TERRITORY_FIELDS
from streams.definitions.routing.rules import CONDITIONS, FIELDS, TARGETS

HERE = Path(__file__).parent
PAGE = (HERE.parents[3] / "docs" / "definitions.md").read_text()
(EXAMPLE,) = re.findall(r"^```yaml routing\nrouting:\n(.*?)^```$", PAGE, re.M | re.S)

SEGMENTS = ("trial", "smb", "mid_market", "enterprise")
HOUR = 3_600_000
BERLIN = ZoneInfo("Europe/Berlin")
DAY_SHIFT = DayHours(9 * 60, 17 * 60)
OFFICE = WorkingHours(BERLIN, (*[DAY_SHIFT] * 5, None, None))


def read(text: str) -> tuple[Routing | None, list[str]]:
    """The rules, and everything that is said about the text."""
    root = read_document(text).root
    assert root is not None
    reader = Reader("routing.yml")
    reader.segments.declared = SEGMENTS
    routing = read_routing(reader, root)
    assert (routing is None) == (reader.errors > 0)
    return routing, [str(problem) for problem in sorted(reader.problems)]


def rules(text: str) -> tuple[RoutingRule, ...]:
    """All rules of a text about which nothing is to be said."""
    routing, said = read(text)
    assert said == []
    assert routing is not None
    return routing.rules


def rule(fields: str) -> RoutingRule:
    """One rule with these fields."""
    more = "team: sales, sla: 4h"
    (found,) = rules(f"{{rules: {{it: {{{fields}, {more}}}}}, otherwise: nobody}}")
    assert (found.name, found.team, found.sla) == ("it", "sales", 4 * HOUR)
    return found


def plain(node: Node | None) -> Any:
    match node:
        case Mapping(entries=entries):
            return {name: plain(value) for name, value in entries.items()}
        case List(items=items):
            return [plain(item) for item in items]
        case Scalar(value=value):
            return value
    return None


@pytest.mark.parametrize("name", ["broken", "warnings"])
def test_all_problems_are_shown_at_once_with_line_and_column(name: str) -> None:
    _, said = read((HERE / f"{name}.yml").read_text())
    shown = "".join(f"{line}\n" for line in said).replace("routing.yml:", f"{name}.yml:")
    assert shown == (HERE / f"{name}.txt").read_text()


def test_rules_keep_their_order_and_the_rest_comes_last() -> None:
    found = rules(
        '{rules: {hot: {score: "> 90", team: a, sla: 1h}, cold: {score: "< 50", team: b, sla: 2h}},'
        " otherwise: {team: c, sla: 3h}}"
    )
    assert [(each.name, each.team, each.sla) for each in found] == [
        ("hot", "a", HOUR),
        ("cold", "b", 2 * HOUR),
        ("otherwise", "c", 3 * HOUR),
    ]
    assert found[2] == RoutingRule("otherwise", "c", 3 * HOUR)


def test_what_no_rule_fits_may_go_to_nobody() -> None:
    assert rules("{rules: {}, otherwise: nobody}") == ()


@pytest.mark.parametrize(
    ("written", "comparisons"),
    [
        ("> 90", [(">", 90)]),
        (">=90.5", [(">=", 90.5)]),
        ("<= -1", [("<=", -1)]),
        ("70..90", [(">=", 70), ("<=", 90)]),
        (" 0.5 .. .75 ", [(">=", 0.5), ("<=", 0.75)]),
        ("-5..-5", [(">=", -5), ("<=", -5)]),
    ],
)
def test_a_score_is_compared_or_lies_in_a_range(written: str, comparisons: Any) -> None:
    wanted = tuple(Comparison(operator, value) for operator, value in comparisons)
    assert rule(f'score: "{written}"').score == wanted


def test_a_segment_is_one_or_several() -> None:
    assert rule("segment: trial").segments == {"trial"}
    assert rule("segment: [trial, smb]").segments == {"trial", "smb"}
    assert rule('score: "> 1"').segments is None


def test_traits_take_values_and_operators() -> None:
    found = rule("traits: {plan: {in: [trial, team]}, seats: {gte: 5, lt: 50}, internal: false}")
    assert found.traits == (
        TraitCondition("plan", Compare("traits.plan", "in", ("trial", "team"))),
        TraitCondition("seats", Compare("traits.seats", "gte", 5)),
        TraitCondition("seats", Compare("traits.seats", "lt", 50)),
        TraitCondition("internal", Compare("traits.internal", "eq", False)),
    )


def test_owners_are_one_or_several_or_follow_from_a_trait() -> None:
    assert rule("segment: trial").owners == ()
    assert rule("segment: trial, owners: ann").owners == ("ann",)
    assert rule("segment: trial, owners: [ann, bob]").owners == ("ann", "bob")
    found = rule(
        "segment: trial, territories: "
        "{trait: country, of: {DE: ann, NO: [cid, dan]}, otherwise: [bob, eve]}"
    )
    of = {"DE": ("ann",), "NO": ("cid", "dan")}
    assert found.owners == Territories("country", of, ("bob", "eve"))


def test_floor_and_hours_of_a_rule_come_before_those_of_all() -> None:
    found = rules(
        "hours: {zone: Europe/Berlin, mon-fri: 09:00-17:00}\n"
        "floor: 2h\n"
        "rules:\n"
        "  plain: {segment: smb, team: a, sla: 4h}\n"
        "  own: {segment: trial, team: a, sla: 4h, floor: 0s, hours: always}\n"
        "otherwise: {team: a, sla: 4h, floor: 1h, hours: {zone: UTC, sun: 0:00-24:00}}\n"
    )
    sunday = WorkingHours(ZoneInfo("UTC"), (*[None] * 6, DayHours(0, 1440)))
    assert [(each.floor, each.hours) for each in found] == [
        (2 * HOUR, OFFICE),
        (0, None),
        (HOUR, sunday),
    ]


@pytest.mark.parametrize(
    ("written", "worked"),
    [
        ("mon-fri: 09:00-17:00", [0, 1, 2, 3, 4]),
        ("sun-thu: 9:00 - 17:00", [0, 1, 2, 3, 6]),
        ("wed: 09:00-17:00, fri-fri: 09:00-17:00", [2, 4]),
        ("mon-sun: 09:00-17:00", [0, 1, 2, 3, 4, 5, 6]),
        ("tue-mon: 09:00-17:00", [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_days_are_named_alone_or_in_a_row(written: str, worked: list[int]) -> None:
    hours = rule(f"segment: trial, hours: {{zone: Europe/Berlin, {written}}}").hours
    assert hours is not None
    assert hours.days == tuple(DAY_SHIFT if day in worked else None for day in range(7))


def test_holidays_are_dates() -> None:
    days = "[2026-12-25, '2027-01-01', 2026-12-25]"
    hours = rule(f"segment: trial, hours: {{zone: UTC, mon: 09:00-17:00, holidays: {days}}}").hours
    assert hours is not None
    assert hours.holidays == {date(2026, 12, 25), date(2027, 1, 1)}


def test_no_more_rules_are_read_than_can_be_compared() -> None:
    many = ", ".join(
        f'r{number}: {{score: "< {number}", team: a, sla: 1h}}' for number in range(201)
    )
    _, said = read(f"{{rules: {{{many}}}, otherwise: nobody}}")
    assert said == ["routing.yml:1:9: there are at most 200 rules, not 201"]


def test_the_example_of_the_page_is_right_and_uses_every_field() -> None:
    found = {each.name: each for each in rules(EXAMPLE)}
    assert list(found) == ["enterprise", "hot_trial", "retain", "expand", "nurture"]
    assert found["enterprise"].floor == HOUR / 2
    assert found["hot_trial"].hours is None
    assert schema_errors(EXAMPLE) == []
    assert used(plain(read_document(EXAMPLE).root)["rules"].values()) == set(
        routing_schema()["properties"]["rules"]["additionalProperties"]["properties"]
    )


def used(entries: Any) -> set[str]:
    return {name for entry in entries for name in entry}


def schema_errors(text: str) -> list[str]:
    schema = {**routing_schema(), "definitions": json_schema()["definitions"]}
    Draft7Validator.check_schema(schema)
    return [
        one.message for one in Draft7Validator(schema).iter_errors(plain(read_document(text).root))
    ]


def test_editors_take_what_the_loader_takes() -> None:
    assert schema_errors((HERE / "warnings.yml").read_text()) == []


def test_editors_underline_what_the_loader_refuses() -> None:
    """Each rule of the file is wrong by itself, and the schema sees nearly all of them."""
    broken = plain(read_document((HERE / "broken.yml").read_text()).root)
    schema = {**routing_schema(), "definitions": json_schema()["definitions"]}
    validator = Draft7Validator(schema)
    unseen = {
        name
        for name, body in broken["rules"].items()
        if validator.is_valid({"rules": {name: body}, "otherwise": "nobody"})
    }
    assert unseen == {
        "score_turned", "score_words", "segment", "never_due", "zone", "zone_outside",
        "day_twice", "span_at_night", "endless",
    }  # fmt: skip


WORDS = [
    *FIELDS, *CONDITIONS, *TARGETS, *TERRITORY_FIELDS, *SEGMENTS, "zone", "holidays", "mon",
    "mon-fri", "sun-thu", "09:00-17:00", "24:00-00:00", "UTC", "Europe", "/etc/localtime",
    "2026-12-25", "always", "nobody", "4h", "0s", "1y", "> 90", "70..90", "1e999..2", "..", "in",
    "exists", "a.b", "", " ", "\0",
]  # fmt: skip
trees = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(WORDS)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    ),
    max_leaves=30,
)
parts = st.fixed_dictionaries(
    {"rules": st.dictionaries(st.sampled_from(WORDS), trees, max_size=3)},
    optional={name: trees for name in FIELDS if name != "rules"},
)


@given(st.one_of(trees, parts))
@settings(max_examples=300, deadline=None)
def test_any_value_for_the_section_is_rules_or_refused(tree: object) -> None:
    read(json.dumps(tree))


def test_the_schema_of_a_file_has_the_section() -> None:
    assert json_schema()["properties"]["routing"] == routing_schema()
