"""The conditions of a milestone as JSON: see :mod:`streams.explain.answer`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas.encoding import json_number, time_text
from streams.decoding.times import LATEST
from streams.definitions import describe
from streams.definitions.model import (
    AllOf,
    AnyOf,
    Condition,
    Definitions,
    HealthCondition,
    MilestoneCondition,
    Not,
    ScoreCondition,
    SegmentCondition,
)
from streams.engine.entities import Entity
from streams.engine.explaining import Explained
from streams.explain.scores import score_object, score_words
from streams.explain.seen import missing, seen_words
from streams.explain.words import requirement

Node = dict[str, Any]
"""A condition, and what stands inside it."""

_SOON: Final = 0.95
"""How near to being true something is that becomes so by waiting."""


class Tree:
    """Conditions as they are written, beside what the engine says of each."""

    def __init__(
        self,
        definitions: Definitions,
        entity: Entity,
        at: int,
        segment: str | None,
        history: Mapping[int, int],
    ) -> None:
        self._milestones = definitions.milestones
        self._segments = definitions.segments
        self._segment = segment
        self._titles = {name: one.title or name for name, one in self._milestones.items()}
        self._live = frozenset(name for name, one in self._milestones.items() if one.live)
        self._entity = entity
        self._at = at
        self._history = history

    def node(self, condition: Condition, explained: Explained | None) -> Node:
        """A condition, and those inside it; ``explained`` is what the engine says of it."""
        if isinstance(condition, AllOf | AnyOf):
            kind = "all" if isinstance(condition, AllOf) else "any"
            return self._several(kind, condition.conditions, explained)
        if isinstance(condition, Not):
            return self._several("not", [condition.condition], explained)
        if isinstance(condition, SegmentCondition):
            return self._in_segment(condition, explained)
        if isinstance(condition, HealthCondition):
            return self.node(condition.condition, explained)
        return self._leaf(condition, explained)

    def _in_segment(self, condition: SegmentCondition, explained: Explained | None) -> Node:
        """Its own condition, and that none of the segments before it holds."""
        of = self._segments[condition.segment].of
        names = [name for name, one in self._segments.items() if one.of == of]
        assert isinstance(condition.condition, AllOf)  # noqa: S101 - what a segment is made of
        *before, own = self._parts(condition.condition.conditions, explained)
        for name, part in zip(names, before, strict=False):
            part["segment"] = name
        seen = None
        if explained is not None:
            seen = "yes" if explained.holds else f"it is {self._segment or 'in none'}"
        return {
            "kind": "segment",
            **_state(explained),
            "condition": describe(condition),
            "segment": condition.segment,
            "is_in": self._segment,
            "requires": requirement(condition, self._titles, self._live),
            "seen": seen,
            "parts": sorted([own, *before], key=lambda part: part["holds"] is True),
        }

    def _several(
        self, kind: str, conditions: Sequence[Condition], explained: Explained | None
    ) -> Node:
        parts = self._parts(conditions, explained)
        if explained is not None and kind == "all":
            parts.sort(key=lambda part: bool(part["holds"]))
        elif explained is not None and kind == "any":
            parts.sort(key=lambda part: -_nearness(part))
        return {"kind": kind, **_state(explained), "parts": parts}

    def _parts(self, conditions: Sequence[Condition], explained: Explained | None) -> list[Node]:
        seen: Sequence[Explained | None] = [None] * len(conditions)
        if explained is not None:
            seen = explained.parts
        return [self.node(one, part) for one, part in zip(conditions, seen, strict=True)]

    def _leaf(self, condition: Condition, explained: Explained | None) -> Node:
        inside = []
        if isinstance(condition, MilestoneCondition) and explained is not None and explained.parts:
            inner = self._milestones[condition.milestone].when
            inside = [self.node(inner, explained.parts[0])]
        leaf: Node = {
            "kind": "leaf",
            **_state(explained),
            "condition": describe(condition),
            "requires": requirement(condition, self._titles, self._live),
            **self._seen(condition, explained),
            "parts": inside,
        }
        if isinstance(condition, ScoreCondition):
            score = None if explained is None else explained.score
            leaf["score"] = None
            if score is not None:
                leaf["score"] = score_object(score, self._at, self._history, self.node)
        return leaf

    def _seen(self, condition: Condition, explained: Explained | None) -> Node:
        seen = None if explained is None else explained.seen
        if explained is None or seen is None:
            fields = (
                "seen", "observed", "at_least", "threshold", "window_start", "missing",
                "history_since",
            )  # fmt: skip
            return dict.fromkeys(fields)
        score = explained.score
        short = missing(condition, seen)
        if score is None:
            words = seen_words(condition, seen, self._entity, self._at, short)
        else:
            words = score_words(score, short)
        since, start = self._history.get(explained.key), seen.window_start
        if score is not None and not any(one.key in self._history for one in score.terms):
            since = None  # it is new, and all that it is made of is not
        reaches_back = since is not None and (start is None or start < since)
        return {
            "seen": words,
            "observed": json_number(seen.observed),
            "at_least": seen.at_least,
            "threshold": seen.threshold,
            "window_start": _time(start),
            "missing": None if short is None else json_number(short),
            "history_since": _time(since) if reaches_back else None,
        }


def _state(explained: Explained | None) -> Node:
    if explained is None:
        return {"holds": None, "since": None, "turns_at": None}
    turns_at = explained.turns_at
    return {
        "holds": explained.holds,
        "since": _time(explained.since),
        "turns_at": None if turns_at is None or turns_at > LATEST else time_text(turns_at),
    }


def _nearness(part: Node) -> float:
    """From 0, nothing of it is there, to 1, it is true."""
    if part["holds"]:
        return 1.0
    if part["turns_at"] is not None:
        return _SOON
    inside = [_nearness(one) for one in part["parts"]]
    if part["kind"] in ("all", "segment"):
        return sum(inside) / len(inside)
    if part["kind"] == "any":
        return max(inside)
    if part["kind"] == "leaf" and part["missing"]:
        there = float(max(part["observed"], 0))
        return there / (there + float(part["missing"]))
    return 0.0


def _time(time: int | None) -> str | None:
    return None if time is None else time_text(time)
