"""``where:`` from YAML to the model."""

from typing import Any

import pytest

from streams.definitions import loads
from streams.definitions.model import (
    AllFilters,
    AnyFilter,
    Compare,
    EventCondition,
    Filter,
    NotFilter,
)


def where(filters: str) -> Filter | None:
    text = f"version: 1\nmilestones: {{a: {{of: user, when: {{event: A, where: {filters}}}}}}}"
    condition = loads(text).milestones["a"].when
    assert isinstance(condition, EventCondition)
    return condition.where


@pytest.mark.parametrize(
    ("operator", "written", "value"),
    [
        ("eq", "admin", "admin"),
        ("eq", "3", 3),
        ("eq", '"3"', "3"),
        ("eq", "true", True),
        ("eq", "1234567890123456789012", 1234567890123456789012),
        ("eq", '""', ""),
        ("ne", "1.5", 1.5),
        ("gt", "3", 3),
        ("gte", '"3.5"', 3.5),
        ("lt", "-1", -1),
        ("lte", '"20260101"', 20260101),
        ("in", "[admin, 3, true]", ("admin", 3, True)),
        ("not_in", "[x]", ("x",)),
        ("contains", "Pro", "Pro"),
        ("contains", "404", "404"),
        ("not_contains", "x", "x"),
        ("starts_with", "x", "x"),
        ("ends_with", "1.50", "1.50"),
        ("matches", "^a+$", "^a+$"),
        ("exists", "true", True),
        ("exists", "false", False),
        ("before", "1970-01-02", 86_400_000),
        ("after", "1767225600000", 1_767_225_600_000),
        ("between", "[1, 2.5]", (1, 2.5)),
        ("between", '["1", 1]', (1, 1)),
        ("between", "[1970-01-01, 1970-01-02T00:00:00Z]", (0, 86_400_000)),
    ],
)
def test_every_operator_has_its_value(operator: Any, written: str, value: object) -> None:
    found = where(f"{{properties.x: {{{operator}: {written}}}}}")
    assert found == Compare("properties.x", operator, value)
    assert isinstance(found, Compare)
    assert type(found.value) is type(value)


def test_a_value_alone_means_equality() -> None:
    assert where("{properties.role: admin}") == Compare("properties.role", "eq", "admin")


@pytest.mark.parametrize("path", ["properties.a", "properties.a.b c.d", "traits.x", "event",
                                  "user_id", "account_id"])  # fmt: skip
def test_a_path_leads_to_a_field_of_the_event(path: str) -> None:
    assert where(f'{{"{path}": 1}}') == Compare(path, "eq", 1)


def test_filters_of_one_mapping_are_all_required() -> None:
    a, b = Compare("properties.a", "eq", 1), Compare("properties.b", "eq", 2)
    assert where("{properties.a: 1, properties.b: 2}") == AllFilters((a, b))
    assert where("[{properties.a: 1}, {properties.b: 2}]") == AllFilters((a, b))


def test_operators_of_one_path_are_all_required() -> None:
    assert where("{properties.a: {gte: 1, lt: 9}}") == AllFilters(
        (Compare("properties.a", "gte", 1), Compare("properties.a", "lt", 9))
    )


def test_any_and_not_nest() -> None:
    a, b, c = (Compare(f"properties.{name}", "eq", 1) for name in "abc")
    assert where("{any: [{properties.a: 1}, {properties.b: 1, properties.c: 1}]}") == AnyFilter(
        (a, AllFilters((b, c)))
    )
    assert where("{not: {any: [{properties.a: 1}, {not: {properties.b: 1}}]}}") == NotFilter(
        AnyFilter((a, NotFilter(b)))
    )
    assert where("{not: {properties.a: 1, properties.b: 1}}") == NotFilter(AllFilters((a, b)))
    assert where("{not: [{properties.a: 1}, {properties.b: 1}]}") == NotFilter(AllFilters((a, b)))
