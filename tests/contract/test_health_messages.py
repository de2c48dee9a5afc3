"""What is written of health: to which level it changed, from which, and how far one had come."""

from schemas.encoding import as_json
from schemas.examples import QUALIFICATIONS
from tests.contract.validating import crossed, errors

EXAMPLES = {example.type: crossed(as_json(example)) for example in QUALIFICATIONS}
CHANGED = EXAMPLES["health.changed"]


def test_a_change_tells_both_levels_and_the_milestone() -> None:
    assert CHANGED["health"] == {"level": "red", "before": "yellow", "milestone": "onboarded"}
    assert not errors(
        "health.changed", {**CHANGED, "health": {**CHANGED["health"], "milestone": None}}
    )


def test_levels_are_green_yellow_and_red_and_each_field_is_there() -> None:
    for field in CHANGED["health"]:
        for wrong in ("orange" if field != "milestone" else "", 1):
            health = {**CHANGED["health"], field: wrong}
            assert errors("health.changed", {**CHANGED, "health": health})
        less = {name: value for name, value in CHANGED["health"].items() if name != field}
        assert errors("health.changed", {**CHANGED, "health": less})


def test_health_is_of_health_alone_and_always_there() -> None:
    for kind, example in EXAMPLES.items():
        without = {name: value for name, value in example.items() if name != "health"}
        assert bool(errors(kind, without)) == (kind == "health.changed")
        assert bool(errors(kind, {**without, "health": CHANGED["health"]})) == (
            kind != "health.changed"
        )
    lead = {"lead": EXAMPLES["lead.closed"]["lead"]}
    assert errors("health.changed", {**CHANGED, **lead})
