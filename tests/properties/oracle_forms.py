"""Every form of condition that looks at events: whether it holds, and when it may change.

Nothing here knows milestones.
"""

from collections.abc import Iterator

from streams.definitions.model import (
    AfterCondition,
    EventCondition,
    EventFilter,
    FirstCondition,
    InactiveCondition,
    LatestCondition,
    RegularlyCondition,
    ReturnedCondition,
    SequenceCondition,
    TraitCondition,
    TrendCondition,
)
from tests.properties.oracle_filters import MISSING, compare, passes, text_of
from tests.properties.oracle_life import Life
from tests.properties.oracle_measures import amount, compares, lying_in, quotient

Form = (
    EventCondition
    | FirstCondition
    | ReturnedCondition
    | InactiveCondition
    | AfterCondition
    | SequenceCondition
    | RegularlyCondition
    | LatestCondition
    | TrendCondition
    | TraitCondition
)


def holds(form: Form, life: Life, at: int) -> bool:
    """Whether the form is true of a known entity at the instant ``at``."""
    match form:
        case EventCondition():
            return _measured(form, life, at)
        case FirstCondition(event, within):
            times = [one.time for one in life.look(event)]
            return bool(times) and at - within < min(times) <= at
        case ReturnedCondition():
            return any(at - form.within < back <= at for back in _returns(form, life))
        case InactiveCondition(event, length):
            return not lying_in(life.look(event), at - length, at)
        case AfterCondition():
            return any(over <= at for over in _unanswered(form, life))
        case SequenceCondition():
            done = life.completions(form)
            return compares(sum(time <= at for time in done), form.count)
        case RegularlyCondition():
            return _regularly(form, life, at)
        case LatestCondition():
            return _latest(form, life, at)
        case TrendCondition():
            return _trend(form, life, at)
        case TraitCondition():
            return compare(_trait(form.trait, life, at), form.has)


def changes(form: Form, life: Life) -> Iterator[int]:
    """Every instant at which the form may turn true or false; others may be among them."""
    times = [event.time for event in life.events]
    yield from times
    for lasting in _durations(form):
        yield from (time + lasting for time in times)
    if isinstance(form, EventCondition):
        yield from (end for end in (form.start, form.end) if end is not None)


def _durations(form: Form) -> list[int]:
    """How long after an event the form may change."""
    match form:
        case EventCondition(within=within) | FirstCondition(within=within):
            return [] if within is None else [within]
        case ReturnedCondition(within=within):
            return [within, form.silent]
        case InactiveCondition(length=length):
            return [length]
        case AfterCondition(lasting=lasting):
            return [lasting]
        case SequenceCondition():
            return [step.lasting for step in form.steps if step.lasting is not None]
        case RegularlyCondition():
            return [form.every * number for number in range(1, form.of_last + 1)]
        case TrendCondition(window=window):
            return [window, 2 * window]
        case LatestCondition() | TraitCondition():
            return []


def _measured(form: EventCondition, life: Life, at: int) -> bool:
    window = [
        event
        for event in life.look(EventFilter(form.events, form.where))
        if event.time <= at
        and (form.within is None or event.time > at - form.within)
        and (form.start is None or event.time >= form.start)
        and (form.end is None or event.time < form.end)
    ]
    value = amount(form.measure.kind, form.measure.of, window)
    return value is not None and compares(value, form.measure.comparison)


def _returns(form: ReturnedCondition, life: Life) -> list[int]:
    """When somebody came back after long enough."""
    times = [event.time for event in life.look(form.event)]
    found = []
    for time in times:
        before = [earlier for earlier in times if earlier < time]
        if before and time - max(before) >= form.silent:
            found.append(time)
    return found


def _unanswered(form: AfterCondition, life: Life) -> list[int]:
    """When the time was over for each event that the other did not follow."""
    return [
        event.time + form.lasting
        for event in life.look(form.after)
        if not lying_in(life.look(form.no), event.time, event.time + form.lasting)
    ]


def _regularly(form: RegularlyCondition, life: Life, at: int) -> bool:
    filled = 0
    for number in range(form.of_last):
        end = at - number * form.every
        filled += compares(len(lying_in(life.look(form.event), end - form.every, end)), form.times)
    return compares(filled, form.periods)


def _latest(form: LatestCondition, life: Life, at: int) -> bool:
    seen = [event for event in life.look(form.event) if event.time <= at]
    newest = max((event.time for event in seen), default=None)
    return any(passes(event, form.has) for event in seen if event.time == newest)


def _trend(form: TrendCondition, life: Life, at: int) -> bool:
    now = lying_in(life.look(form.event), at - form.window, at)
    before = lying_in(life.look(form.event), at - 2 * form.window, at - form.window)
    value, base = amount(form.kind, form.of, now), amount(form.kind, form.of, before)
    if value is None or base is None or base <= 0:
        return False
    return compares(quotient(value, base), form.comparison)


def _trait(name: str, life: Life, at: int) -> object:
    """What the newest event that says it says; of several at one time the greatest as text."""
    said = [
        (event.time, text_of(event.traits[name]), event.traits[name])
        for event in life.telling_traits()
        if event.time <= at and name in event.traits
    ]
    newest = max(said, key=lambda one: one[:2], default=None)
    return MISSING if newest is None or newest[2] is None else newest[2]
