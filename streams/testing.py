"""Tests of definitions: the worker's engine on a simulated clock."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from schemas.encoding import time_text
from schemas.qualifications import HealthLevel, LeadLife, Qualification
from streams.definitions.model import Case, Check, Definitions, Expected, Given, LeadState, Owner
from streams.engine import Engine
from streams.engine.explaining import Explained, ExplainedScore
from streams.evaluator import Evaluator
from streams.explain.scores import component_object, component_words, contribution_words, ordered
from streams.files import Line


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that is not as the test expects."""

    what: str
    """Of whom, and when."""
    expected: str
    actual: str
    why: tuple[str, ...] = ()
    """Line by line: what the conditions in question amounted to."""

    def lines(self) -> list[str]:
        """The failure for a person to read."""
        first = f"{self.what}: expected {self.expected}, got {self.actual}"
        return [first, *(f"  {line}" for line in self.why)]


@dataclass(frozen=True, slots=True)
class Result:
    """How a test went."""

    case: Case
    failures: tuple[Failure, ...]
    seconds: float


Told = dict[str, Qualification]


@dataclass(slots=True)
class _Standing:
    """What one account or user has been told to have come to."""

    reached: Told = field(default_factory=dict)
    """Milestones that it has reached or, where they are live, is in now: the last time."""
    exited: Told = field(default_factory=dict)
    """Live milestones that it was in and is no more."""
    stuck: Told = field(default_factory=dict)
    """Journeys that it was stuck in."""
    leads: dict[str, LeadState] = field(default_factory=dict)
    """Leads that it has become, and what became of the newest of each name."""
    health: dict[str, HealthLevel] = field(default_factory=dict)
    """The level of each health that has changed."""
    flagged: Told = field(default_factory=dict)
    """Abuse rules that flag it, or have limited it, the last time."""

    def add(self, told: Qualification) -> None:
        """Take in what is told next."""
        if told.type == "entity.flagged":
            self.flagged[told.milestone] = told
        elif told.type == "entity.cleared":
            self.flagged.pop(told.milestone, None)
        elif told.lead is not None:
            self.leads[told.milestone] = _state_of(told.lead)
        elif told.health is not None:
            self.health[told.milestone] = told.health.level
        elif told.journey is not None:
            self.stuck[told.journey] = told
        elif told.type == "milestone.exited":
            self.reached.pop(told.milestone, None)
            self.exited[told.milestone] = told
        else:
            self.exited.pop(told.milestone, None)
            self.reached[told.milestone] = told  # a correction comes after what it corrects

    def flagged_at(self, at: int) -> Told:
        """Those that do so at an instant; a limit no more when its period is over."""
        return {
            name: told
            for name, told in self.flagged.items()
            if told.flag is None or told.flag.until is None or at < told.flag.until
        }


def _state_of(lead: LeadLife) -> LeadState:
    if lead.outcome is not None:
        return lead.outcome
    return "open" if lead.breached_at is None else "breached"


@dataclass(slots=True)
class _World:
    """What is known at one moment of a test."""

    evaluator: Evaluator
    until: int
    told: dict[Owner, _Standing] = field(default_factory=dict)

    def forget(self, account_id: str | None, user_id: str | None) -> None:
        """An account with its users, or a user, was erased."""
        for owner in list(self.told):
            if owner[0] == account_id and user_id in {None, owner[1]}:
                del self.told[owner]


def run_tests(definitions: Definitions, cases: Sequence[Case]) -> Iterator[Result]:
    """Run tests against the milestones of ``definitions``, one after the other."""
    engine = Engine(definitions)
    for case in cases:
        begun = time.perf_counter()
        failures = [failure for check in case.checks for failure in _check(engine, case, check)]
        yield Result(case, tuple(failures), time.perf_counter() - begun)


def _check(engine: Engine, case: Case, check: Check) -> Iterator[Failure]:
    """Each moment is looked at in a world of its own, which has seen what had come by then."""
    world = _evaluate(engine, case.given, check.at)
    for letter in world.evaluator.staged.dead_letters:
        event = case.given[letter.offset]
        yield Failure(f"{event.event} at {time_text(event.time)}", "an event", letter.detail)
    moment = "" if check is case.checks[-1] else f" at {time_text(world.until)}"
    for expected in check.expected:
        yield from _compare(engine, world, expected, f"{expected.shown}{moment}")


def _evaluate(engine: Engine, given: Sequence[Given], at: int | None) -> _World:
    lines: list[Line] = []
    clock: int | None = None
    for offset, event in enumerate(given):
        clock = event.time if clock is None else max(clock, event.time)
        if at is not None and clock > at:
            break
        lines.append(Line(orjson.dumps(_record(event)), offset, clock))
    evaluator = Evaluator(
        engine,
        topic="tests",
        partition=0,
        load_account=lambda _key: None,
        load_user=lambda _key: None,
    )
    evaluator.apply(lines)
    newest = lines[-1].timestamp if lines else 0
    until = newest if at is None else at
    evaluator.finish(until)
    world = _World(evaluator, until)
    for told in (*evaluator.staged.qualifications, *evaluator.staged.shadows):
        if told.type == "entity.deleted":
            world.forget(told.account_id, told.user_id)
        else:
            world.told.setdefault((told.account_id, told.user_id), _Standing()).add(told)
    return world


def _record(event: Given) -> dict[str, object]:
    return {
        "event": event.event,
        "timestamp": event.time,
        "event_id": event.event_id,
        "account_id": event.account_id,
        "user_id": event.user_id,
        "properties": event.properties,
        "traits": event.traits,
    }


def _compare(engine: Engine, world: _World, expected: Expected, who: str) -> Iterator[Failure]:
    standing = world.told.get((expected.account_id, expected.user_id), _Standing())
    reached = standing.reached
    if expected.reached is not None:
        missing = [
            _why_not(engine, world, expected, name)
            for name in sorted(expected.reached.keys() - reached.keys())
        ]
        yield from _compare_all(who, expected.reached, reached, missing)
    if expected.exited is not None:
        inside = sorted(expected.exited.keys() & reached.keys())
        missing = [_why(reached[name]) for name in inside]
        yield from _compare_all(f"{who}, exited", expected.exited, standing.exited, missing)
    if expected.stuck is not None:
        steps = {name: told.milestone for name, told in standing.stuck.items()}
        yield from _compare_words(f"{who}, stuck", expected.stuck, steps, " at ")
    if expected.leads is not None:
        yield from _compare_words(f"{who}, leads", expected.leads, standing.leads, " ")
    for name, level in expected.health.items():
        found = standing.health.get(name, "green")
        if found != level:
            why = tuple(_conditions(engine, world, expected, name))
            yield Failure(f"{who}, {name}", level, found, why)
    if expected.flagged is not None:
        flagged = standing.flagged_at(world.until)
        yield from _compare_all(f"{who}, flagged", expected.flagged, flagged, ())
    for name in sorted(expected.not_reached & reached.keys()):
        yield Failure(f"{who}, {name}", "not reached", "reached", tuple(_why(reached[name])))


def _compare_all(
    who: str, expected: Mapping[str, int | None], told: Told, missing: Sequence[Iterator[str]]
) -> Iterator[Failure]:
    """These and no others, each at its time where that is said; ``missing`` says why not."""
    surplus = sorted(told.keys() - expected.keys())
    if surplus or expected.keys() - told.keys():
        why = [*missing, *(_why(told[name]) for name in surplus)]
        lines = tuple(line for one in why for line in one)
        yield Failure(who, _listed(expected), _listed(told), lines)
    for name, at in expected.items():
        if at is not None and name in told and told[name].occurred_at != at:
            actual = time_text(told[name].occurred_at)
            why_then = tuple(_why(told[name]))
            yield Failure(f"{who}, {name}", f"at {time_text(at)}", f"at {actual}", why_then)


def _compare_words(
    what: str, expected: Mapping[str, str | None], actual: Mapping[str, str], link: str
) -> Iterator[Failure]:
    """These and no others, each with its word where that is said."""
    wanted = {name: word or actual.get(name, "") for name, word in expected.items()}
    if actual != wanted:
        yield Failure(what, _with_words(wanted, link), _with_words(actual, link))


def _with_words(names: Mapping[str, str], link: str) -> str:
    found = (f"{name}{link}{word}" if word else name for name, word in names.items())
    return ", ".join(sorted(found)) or "nothing"


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _why(told: Qualification) -> Iterator[str]:
    word = told.type.partition(".")[2].replace("corrected", "reached")
    yield f"{told.milestone} was {word} at {time_text(told.occurred_at)}:"
    for one in told.evidence:
        yield _line(one.holds, one.condition, one.observed, at_least=one.at_least)
    for each in told.contributions:
        yield f"      {contribution_words(each.component, each.points, each.signal)}"


def _conditions(engine: Engine, world: _World, expected: Expected, name: str) -> Iterator[str]:
    """What the conditions of a health amount to."""
    entity = world.evaluator.hot(expected.account_id, expected.user_id)
    if entity is None:
        yield f"{expected.shown} was not seen by then"
        return
    for level, explained in engine.explain_health(entity, name, world.until):
        yield f"{level}:"
        yield from _lines(explained, world.until)


def _why_not(engine: Engine, world: _World, expected: Expected, name: str) -> Iterator[str]:
    entity = world.evaluator.hot(expected.account_id, expected.user_id)
    if entity is None:
        yield f"{name} was not reached: {expected.shown} was not seen by then"
        return
    yield f"{name} was not reached; at {time_text(world.until)}:"
    yield from _lines(engine.explain(entity, name, world.until), world.until)


def _lines(explained: Explained, at: int) -> Iterator[str]:
    """Its leaves, line by line."""
    if explained.seen is not None:
        seen = explained.seen
        yield _line(seen.holds, explained.text, seen.observed, at_least=seen.at_least)
        if explained.score is not None:
            yield from _score(explained.score, at)
        return
    for part in explained.parts:
        yield from _lines(part, at)


def _score(score: ExplainedScore, at: int) -> Iterator[str]:
    """What it is made of, also what adds nothing."""
    for name, switch in (("veto", score.veto), ("force", score.force)):
        if switch is not None and switch.holds:
            yield f"      {name}:"
            yield from _deeper(switch, at)
    for term in ordered(score.terms):
        yield f"      {component_words(component_object(term, at, {}, None))}"
        if term.why is not None:
            yield from _deeper(term.why, at)


def _deeper(explained: Explained, at: int) -> Iterator[str]:
    for line in _lines(explained, at):
        yield f"      {line}"


def _line(holds: bool, condition: str, observed: float | bool, *, at_least: bool) -> str:
    if isinstance(observed, bool):
        shown = "yes" if observed else "no"
    else:
        shown = f"{round(observed, 9):,}{' or more' if at_least else ''}"
    return f"  {'✓' if holds else '✗'} {condition}: {shown}"
