"""What a score is made of: as a part of the JSON object, and in plain words."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from schemas.encoding import json_number, model_message, time_text
from streams.definitions.model import (
    Condition,
    Fading,
    Recency,
    Share,
    WhileTrue,
)
from streams.definitions.ranges import FULL, full_of, logistic, reach_of
from streams.engine.explaining import Explained, ExplainedScore, ExplainedTerm
from streams.explain.plain import about_words, beside_words, length_words, number_words
from streams.explain.words import compared, event_words, share_words

Explain = Callable[[Condition, Explained], dict[str, Any]]
"""A condition inside a score, and what the engine says of it → the same as JSON."""


def score_object(
    score: ExplainedScore, at: int, history: Mapping[int, int], explain: Explain
) -> dict[str, Any]:
    """A score at one instant, as JSON.

    Args:
        score: what the engine says.
        at: the instant.
        history: key of a leaf → since when it has seen events, where it was added later.
        explain: for the conditions inside it.
    """
    asked, named = score.asked, score.condition.score
    total = score.points + (asked.intercept or 0.0)
    needed = None
    if asked.intercept is not None and 0 < score.counts.value < FULL:
        needed = math.log(score.counts.value / (FULL - score.counts.value))
    return {
        "score": named.name,
        "fell_back_to": None if asked is named else asked.name,
        "model": None if asked.model is None else model_message(asked.model),
        "value": json_number(score.value),
        "counts": str(score.counts),
        "intercept": asked.intercept,
        "sum": json_number(total),
        "sum_needed": needed,
        "components": [
            component_object(term, at, history, explain) for term in ordered(score.terms)
        ],
        "veto": _switch(asked.veto, score.veto, explain),
        "force": _switch(asked.force, score.force, explain),
    }


def _switch(
    condition: Condition | None, explained: Explained | None, explain: Explain
) -> dict[str, Any] | None:
    if condition is None or explained is None:
        return None
    return explain(condition, explained)


def ordered(terms: Sequence[ExplainedTerm]) -> list[ExplainedTerm]:
    """Those that add or take most first; of those that add nothing, those that could add most."""

    def rank(term: ExplainedTerm) -> tuple[float, bool, float, str]:
        component = term.component
        could = max(map(abs, reach_of(component)))
        return -abs(added(term)), component.points < 0, -could, component.name

    return sorted(terms, key=rank)


def added(term: ExplainedTerm) -> float:
    """What a component adds."""
    return term.component.slope * term.signal + term.component.rest


def component_object(
    term: ExplainedTerm, at: int, history: Mapping[int, int], explain: Explain | None
) -> dict[str, Any]:
    """A component at one instant, as JSON.

    Args:
        term: what the engine says.
        at: the instant.
        history: as in :func:`score_object`.
        explain: for the condition that it is; ``None`` to leave that away.
    """
    component, signal = term.component, term.component.signal
    most = full_of(component)
    since, start = (
        history.get(term.key),
        None if term.measured is None else term.measured.window_start,
    )
    observed: float | None = None
    full: float | None = None
    parts = []
    match signal:
        case Share():
            observed = 0 if term.measured is None else term.measured.observed
            full = term.full
        case Fading():
            observed, full = term.signal, signal.most
        case WhileTrue(condition) if term.why is not None and explain is not None:
            parts = [explain(condition, term.why)]
    return {
        "component": component.name,
        "points": json_number(added(term)),
        "most": most if math.isfinite(most) else None,
        "weight": component.points,
        "signal": json_number(term.signal),
        "scaled": None if component.scaling is None else json_number(component.scaled(term.signal)),
        "seen": _seen(term, at),
        "observed": None if observed is None else json_number(observed),
        "full": full,
        "newest": None if term.newest is None else time_text(term.newest),
        "history_since": (
            time_text(since) if since is not None and (start is None or start < since) else None
        ),
        "parts": parts,
    }


def _seen(term: ExplainedTerm, at: int) -> str:
    """What was seen of a signal."""
    match term.component.signal:
        case Share(measured):
            observed = 0 if term.measured is None else term.measured.observed
            return share_words(measured, observed, term.full or 0)
        case Recency(event):
            words = event_words(event).removeprefix("any ")
            if term.newest is None:
                return f"no {words} yet"
            return f"the newest {words} is {about_words(at - term.newest)} old"
        case Fading(event, half_life, most):
            words = event_words(event)
            if not term.signal:
                return f"no {words.removeprefix('any ')} yet"
            cap = "" if most is None else f", {number_words(most)} at most"
            left = f"{words}: {number_words(term.signal)} left{cap}"
            return f"{left}, as each is worth half after {length_words(half_life)}"
    return "while this holds"


def component_words(part: Mapping[str, Any]) -> str:
    """A component for a person: ``+ action: 20 of 40 points, …``."""
    points, most, weight = part["points"], part["most"], part["weight"]
    mark = "·" if not points else "+" if points > 0 else "-"
    if part["scaled"] is not None:
        times = f"{number_words(weight)} times {number_words(part['scaled'])}"
        worth = f"{number_words(points)} points, {times}"
    elif weight < 0:
        worth = f"takes {number_words(abs(points))} of {number_words(-weight)} points"
    elif most is None:
        worth = f"{number_words(points)} points, {number_words(weight)} for each"
    else:
        worth = f"{number_words(points)} of {number_words(most)} points"
    return f"{mark} {part['component']}: {worth}, {part['seen']}"


def contribution_words(component: str, points: float, signal: float) -> str:
    """What a component added, as it is told with a score."""
    return f"{component}: {number_words(points)} points, at a signal of {number_words(signal)}"


def model_words(model: Mapping[str, Any]) -> str:
    """A model, by name and version."""
    return f"{model['name']} {model['version']}"


def score_words(score: ExplainedScore, short: float | None) -> str:
    """What stands against the requirement; ``short`` says how much more it takes."""
    condition, counts = score.condition, score.counts
    value = score.value
    words = beside_words(value, counts.value)
    if score.asked is not condition.score:
        words += f", by {score.asked.title or f'score {score.asked.name}'}, which stands in for it"
    if score.veto is not None and score.veto.holds:
        words += ", as there is a veto"
    elif score.force is not None and score.force.holds and value == FULL:
        words += ", as it is forced"
    elif short is not None:
        amount = beside_words(short, 0)
        points = "" if score.asked.intercept is not None else " points"
        if amount == "1":
            points = points.removesuffix("s")
        words += f", {amount} more{points} {'is' if amount == '1' else 'are'} needed"
    if condition.until is not None:
        words += f"; what counts now is {compared(counts)}"
    return words


def curve_words(score: Mapping[str, Any]) -> str | None:
    """What is made of the sum of a score with an intercept; ``None`` for another score."""
    intercept, total, model = score["intercept"], score["sum"], score["model"]
    if intercept is None:
        return None
    points = number_words(total - intercept)
    words = "" if model is None else f"by the model {model_words(model)}: "
    words += (
        f"{number_words(intercept)} to begin with and {points} points make a sum of"
        f" {number_words(total)}, which is {number_words(logistic(total))} of 100 on a curve"
    )
    if score["sum_needed"] is None:
        return words
    threshold = float(score["counts"].split()[1])
    return f"{words}; {number_words(threshold)} takes a sum of {number_words(score['sum_needed'])}"


def switches(score: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The veto and the force that hold, in words, each with its condition."""
    for name, words in (("veto", "0"), ("force", "at least 100")):
        condition = score[name]
        if condition is not None and condition["holds"]:
            yield f"{name}, the score is {words} while this holds", condition
