"""Which definitions a state was kept for, and what another run with other ones makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from streams.engine.engine import Engine
from streams.engine.milestones import CompiledMilestone

Since = Mapping[int, Mapping[int, int]]
"""Key of a milestone → key of a leaf of it → since when it has seen events, epoch milliseconds."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A milestone as a state knows it."""

    key: int
    lets_go: bool
    """Whether an account or user for whom it is settled has let its leaves' states go."""
    leaves: frozenset[int]
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """The milestones that a state was kept for."""

    milestones: Mapping[str, Kept] = field(default_factory=dict)
    since: Since = field(default_factory=dict)
    """For what was added after others had seen events."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What became of a milestone."""

    kind: Literal["new", "changed", "gone", "live", "shadow"]
    name: str
    keeps: tuple[str, ...] = ()
    """The conditions whose states it goes on with, in words."""
    begins: tuple[str, ...] = ()
    """The conditions that begin with nothing."""
    partly: bool = False
    """Whether some of what it keeps is gone for those who had reached what had it before."""

    def __str__(self) -> str:
        if self.kind == "gone":
            return (
                f"`{self.name}` is gone: what is known for it is dropped, what was told stays told"
            )
        if self.kind == "live":
            return f"`{self.name}` goes live: what it told in the shadow is not told again"
        if self.kind == "shadow":
            return f"`{self.name}` goes into the shadow: nobody is told of it any more"
        head = f"`{self.name}` is {self.kind}"
        if self.kind == "changed":
            head += " and starts again"
        if not self.begins:
            known = "what they know"
            if self.partly:
                known += " of those who had not reached what had them before"
            return f"{head}: its conditions keep {known}"
        kept = f", and keeps {_listed(self.keeps)}" if self.keeps else ""
        return f"{head}: it begins without history for {_listed(self.begins)}{kept}"


def _listed(conditions: tuple[str, ...]) -> str:
    return ", ".join(f"“{one}”" for one in conditions)


def manifest_of(engine: Engine) -> Manifest:
    """The manifest of what an engine runs."""
    milestones = {_name(one): one for one in _milestones(engine)}
    return Manifest(
        {
            name: Kept(
                one.key, one.mode == "once", frozenset(leaf.key for leaf in one.leaves), one.shadow
            )
            for name, one in milestones.items()
        }
    )


def succeed(before: Manifest, engine: Engine, now: int) -> tuple[Manifest, list[Edit]]:
    """The manifest that follows another one, and what has changed.

    Args:
        before: of the definitions that ran until now.
        engine: with the definitions that run from now on.
        now: epoch milliseconds.
    """
    known: set[int] = set()
    """Leaves of which every entity that may still need them has the state."""
    for kept in before.milestones.values():
        known |= kept.leaves if not kept.lets_go else frozenset()
    seen = {leaf for kept in before.milestones.values() for leaf in kept.leaves}
    edits: list[Edit] = []
    since: dict[int, Mapping[int, int]] = {}
    after = manifest_of(engine)
    for one in _milestones(engine):
        name = _name(one)
        former = before.milestones.get(name)
        if former is not None and former.key == one.key:
            if one.key in before.since:
                since[one.key] = before.since[one.key]
            if former.shadow != one.shadow:
                edits.append(Edit("shadow" if one.shadow else "live", name))
            continue
        since[one.key] = {leaf.key: now for leaf in one.leaves if leaf.key not in known}
        keeps = tuple(leaf.text for leaf in one.leaves if leaf.key in seen)
        begins = tuple(leaf.text for leaf in one.leaves if leaf.key not in seen)
        partly = any(leaf.key in seen - known for leaf in one.leaves)
        edits.append(Edit("new" if former is None else "changed", name, keeps, begins, partly))
    gone = before.milestones.keys() - after.milestones.keys()
    edits += [Edit("gone", name) for name in sorted(gone)]
    return Manifest(after.milestones, since), edits


def _milestones(engine: Engine) -> list[CompiledMilestone]:
    return [*engine.accounts.milestones, *engine.users.milestones]


def _name(milestone: CompiledMilestone) -> str:
    if milestone.journey is None:
        return milestone.name
    return f"{milestone.journey}: stuck at {milestone.name}"


def dump(manifest: Manifest) -> Any:
    """As lists, maps, numbers and text."""
    milestones = {
        name: [kept.key, kept.lets_go, sorted(kept.leaves), *([True] if kept.shadow else [])]
        for name, kept in manifest.milestones.items()
    }
    return [milestones, {key: dict(found) for key, found in manifest.since.items()}]


def load(data: Any) -> Manifest:
    """What :func:`dump` gave."""
    milestones, since = data
    return Manifest(
        {
            name: Kept(key, lets_go, frozenset(leaves), bool(shadow))
            for name, (key, lets_go, leaves, *shadow) in milestones.items()
        },
        since,
    )
