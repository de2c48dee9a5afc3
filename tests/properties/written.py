"""Short words for definitions and events, for examples that are worked out on paper."""

from typing import Any

from schemas.events import Event
from streams.definitions.model import (
    Comparison,
    Condition,
    Definitions,
    EntityKind,
    EventCondition,
    EventFilter,
    Filter,
    Journey,
    Measure,
    Milestone,
    SequenceCondition,
    Step,
)
from tests.properties.oracle import Flip, Oracle
from tests.properties.oracle_life import Entity

ACME, ANN, BOB = Entity("acme", None), Entity("acme", "ann"), Entity("acme", "bob")


def event(
    time: int,
    user: str | None = "ann",
    name: str = "open",
    account: str | None = "acme",
    traits: dict[str, Any] | None = None,
    **properties: Any,
) -> Event:
    """An event whose id says all that tells it from others of an example."""
    said = f"{time}-{user}-{name}-{account}-{properties}-{traits}"
    return Event(said, name, time, account, user, properties, traits or {})


def happened(text: str) -> list[Event]:
    """``"A:1 B:2 A:2"``: names and times, all of one user; numbered, as names may come twice."""
    rows = [word.split(":") for word in text.split()]
    return [
        Event(f"id-{place}", name, int(time), "acme", "ann", {}, {})
        for place, (name, time) in enumerate(rows)
    ]


def of(*names: str, where: Filter | None = None) -> EventFilter:
    return EventFilter(names, where)


def comparison(text: str) -> Comparison:
    """``">= 3"``."""
    operator, number = text.split()
    operators: dict[str, Any] = {one: one for one in (">=", ">", "==", "!=", "<=", "<")}
    value = float(number)
    return Comparison(operators[operator], int(value) if value.is_integer() else value)


def counted(name: str, compared: str = ">= 1", within: int | None = None) -> EventCondition:
    return EventCondition((name,), None, Measure("count", comparison(compared)), within)


def sequence(
    text: str, within: int | None = None, *, strict: bool = False, count: str = ">= 1"
) -> SequenceCondition:
    """``"A !N B"``: then B, no N between; ``"A !B/5"``: no B in the 5 after A; ``*`` is any."""
    steps = []
    for word in text.split():
        name, _, lasting = word.removeprefix("!").partition("/")
        steps.append(Step(of(name), word.startswith("!"), int(lasting) if lasting else None))
    return SequenceCondition(tuple(steps), within, strict, comparison(count))


def meaning(*milestones: Milestone, journeys: tuple[Journey, ...] = ()) -> Definitions:
    return Definitions(
        milestones={one.name: one for one in milestones},
        journeys={one.name: one for one in journeys},
    )


def flips(
    condition: Condition,
    history: list[Event],
    until: int = 1_000,
    kind: EntityKind = "account",
    others: tuple[Milestone, ...] = (),
) -> list[Flip]:
    """When a condition of acme (of ann) turns true and false."""
    definitions = meaning(*others, Milestone("m", kind, condition, live=True))
    return Oracle(definitions, history, until).flips(ACME if kind == "account" else ANN, "m")


def turns(condition: Condition, history: str | list[Event], **more: Any) -> list[int]:
    """The same as times alone: true at the first, false at the second, and so on."""
    known = happened(history) if isinstance(history, str) else history
    found = flips(condition, known, **more)
    assert [flip.holds for flip in found] == [place % 2 == 0 for place in range(len(found))]
    return [flip.at for flip in found]
