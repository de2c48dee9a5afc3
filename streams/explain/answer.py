"""One entity and its milestones, as the JSON object that everything else shows.

::

    {"account_id": "acme", "user_id": null, "of": "account",
     "at": …,                         # the time of the answer
     "first_seen": …, "last_seen": …, # times of the first event and of the newest
     "milestones": [{
        "milestone": "pql", "title": "Product-qualified", "mode": "once", "definition_hash": …,
        "holds": false,               # reached; of a live one: true at ``at``
        "occurrences": 0,             # how often reached, or entered
        "first_at": null, "last_at": null,          # of a live one, the last entry or exit
        "again_from": null,           # one that repeats: not before this
        "coming": null,               # or {"true_since": …, "told_from": …}: true, and not told yet
        "why_at": …, "why": {…},      # the conditions, at the instant that they are looked at
        "told": [{…}]                 # what was published, the newest last, as subscribers get it
     }]}

A condition in ``why``::

    {"kind": "all", "any", "not" or "leaf", "holds": true, "since": …, "turns_at": …, "parts": […]}

``since`` is null where it is no longer known; ``turns_at`` is when it turns if nothing comes. Of an
``all`` the parts that are missing come first, of an ``any`` those that hold, then the nearest. A
leaf has besides: ``condition`` (as evidence names it), ``requires`` and ``seen`` (the same for a
person), ``observed``, ``at_least``, ``threshold``, ``window_start`` (as in evidence), ``missing``
(how much more it takes, where more helps), and ``history_since`` (as in evidence).

``GET /explain`` has besides ``records_behind``: records of the partition that no commit covers yet;
the last of them may not be in the answer.
Where the state has let go of what the conditions knew, ``holds`` is null in all of ``why``; where
only ClickHouse was asked, for a time that has passed, ``why`` itself is null, and so is what the
definitions would tell; leads are there as well then, with ``"mode": "lead"``. Times
are ISO 8601 in UTC.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas.encoding import json_number, time_text
from streams.definitions import describe
from streams.definitions.model import AllOf, AnyOf, Condition, Definitions, MilestoneCondition, Not
from streams.engine.entities import Entity
from streams.engine.explaining import Explained
from streams.engine.standing import Explainer, Standing
from streams.explain.seen import missing, seen_words
from streams.explain.words import requirement

Answer = dict[str, Any]
History = Mapping[int, Mapping[int, int]]
"""Key of a milestone → key of a leaf → since when it has seen events, where it was added later."""

_SOON: Final = 0.95
"""How near to being true something is that becomes so by waiting."""


def answer(
    explainer: Explainer,
    entity: Entity,
    account_id: str | None,
    user_id: str | None,
    *,
    names: Sequence[str],
    at: int,
    history: History,
) -> Answer:
    """How an entity stands with milestones; ``told`` is left empty.

    Args:
        explainer: with the definitions.
        entity: what the explainer has read.
        account_id: of the entity.
        user_id: likewise.
        names: the milestones, all of its kind.
        at: now.
        history: since when what was added later has seen events.
    """
    at = max(at, entity.clock)
    return {
        "account_id": account_id,
        "user_id": user_id,
        "of": "account" if user_id is None else "user",
        "at": time_text(at),
        "first_seen": time_text(entity.born),
        "last_seen": time_text(entity.clock),
        "milestones": [
            _milestone(explainer, entity, name, explainer.standing(entity, name, at), history)
            for name in names
        ],
    }


def _milestone(
    explainer: Explainer, entity: Entity, name: str, standing: Standing, history: History
) -> Answer:
    milestone = explainer.definitions.milestones[name]
    tree = _Tree(explainer.definitions, entity, standing, history.get(standing.key, {}))
    again_from = None
    if milestone.repeat is not None and standing.last is not None:
        again_from = time_text(standing.last + milestone.repeat)
    coming = None
    if standing.coming is not None and standing.told_at is not None:
        coming = {
            "true_since": time_text(standing.coming),
            "told_from": time_text(standing.told_at),
        }
    return {
        "milestone": name,
        "title": milestone.title,
        "mode": standing.mode,
        "definition_hash": standing.definition_hash,
        "holds": standing.holds,
        "occurrences": standing.occurrences,
        "first_at": _time(standing.first),
        "last_at": _time(standing.last),
        "again_from": again_from,
        "coming": coming,
        "why_at": time_text(standing.at),
        "why": tree.node(milestone.when, standing.why),
        "told": [],
    }


class _Tree:
    """Conditions as they are written, beside what the engine says of each."""

    def __init__(
        self,
        definitions: Definitions,
        entity: Entity,
        standing: Standing,
        history: Mapping[int, int],
    ) -> None:
        self._milestones = definitions.milestones
        self._titles = {name: one.title or name for name, one in self._milestones.items()}
        self._live = frozenset(name for name, one in self._milestones.items() if one.live)
        self._entity = entity
        self._at = standing.at
        self._history = history

    def node(self, condition: Condition, explained: Explained | None) -> Answer:
        if isinstance(condition, AllOf | AnyOf):
            kind = "all" if isinstance(condition, AllOf) else "any"
            return self._several(kind, condition.conditions, explained)
        if isinstance(condition, Not):
            return self._several("not", [condition.condition], explained)
        return self._leaf(condition, explained)

    def _several(
        self, kind: str, conditions: Sequence[Condition], explained: Explained | None
    ) -> Answer:
        seen: Sequence[Explained | None] = [None] * len(conditions)
        if explained is not None:
            seen = explained.parts
        parts = [self.node(one, part) for one, part in zip(conditions, seen, strict=True)]
        if explained is not None and kind == "all":
            parts.sort(key=lambda part: bool(part["holds"]))
        elif explained is not None and kind == "any":
            parts.sort(key=lambda part: -_nearness(part))
        return {"kind": kind, **_state(explained), "parts": parts}

    def _leaf(self, condition: Condition, explained: Explained | None) -> Answer:
        inside = []
        if isinstance(condition, MilestoneCondition) and explained is not None and explained.parts:
            inner = self._milestones[condition.milestone].when
            inside = [self.node(inner, explained.parts[0])]
        return {
            "kind": "leaf",
            **_state(explained),
            "condition": describe(condition),
            "requires": requirement(condition, self._titles, self._live),
            **self._seen(condition, explained),
            "parts": inside,
        }

    def _seen(self, condition: Condition, explained: Explained | None) -> Answer:
        seen = None if explained is None else explained.seen
        if explained is None or seen is None:
            fields = (
                "seen", "observed", "at_least", "threshold", "window_start", "missing",
                "history_since",
            )  # fmt: skip
            return dict.fromkeys(fields)
        short = missing(condition, seen)
        since, start = self._history.get(explained.key), seen.window_start
        reaches_back = since is not None and (start is None or start < since)
        return {
            "seen": seen_words(condition, seen, self._entity, self._at, short),
            "observed": json_number(seen.observed),
            "at_least": seen.at_least,
            "threshold": seen.threshold,
            "window_start": _time(start),
            "missing": None if short is None else json_number(short),
            "history_since": _time(since) if reaches_back else None,
        }


def _state(explained: Explained | None) -> Answer:
    if explained is None:
        return {"holds": None, "since": None, "turns_at": None}
    return {
        "holds": explained.holds,
        "since": _time(explained.since),
        "turns_at": _time(explained.turns_at),
    }


def _nearness(part: Answer) -> float:
    """From 0, nothing of it is there, to 1, it is true."""
    if part["holds"]:
        return 1.0
    if part["turns_at"] is not None:
        return _SOON
    inside = [_nearness(one) for one in part["parts"]]
    if part["kind"] == "all":
        return sum(inside) / len(inside)
    if part["kind"] == "any":
        return max(inside)
    if part["kind"] == "leaf" and part["missing"]:
        there = float(max(part["observed"], 0))
        return there / (there + float(part["missing"]))
    return 0.0


def _time(time: int | None) -> str | None:
    return None if time is None else time_text(time)
