"""Fingerprints: sixteen characters that change exactly when a milestone's meaning does.

Part of the meaning: whose milestone it is, its condition in canonical form, whether it is live or
repeats, and the meaning of every milestone that the condition names. Not part of it: the
milestone's own name, its title and description, and the file's settings.
"""

from collections.abc import Mapping
from graphlib import TopologicalSorter
from hashlib import sha256

from streams.definitions.conditions import canonical_form, milestones_in
from streams.definitions.meaning import Canonical, as_text
from streams.definitions.model import ONCE, Definitions, Lead, Milestone, ScoreCondition

LENGTH = 16


def fingerprint(milestone: Milestone, definitions: Definitions) -> str:
    """The fingerprint of one milestone of ``definitions``."""
    needed = {milestone.name: milestone}
    missing = list(milestones_in(milestone.when))
    while missing:
        name = missing.pop()
        if name not in needed:
            needed[name] = definitions.milestones[name]
            missing.extend(milestones_in(needed[name].when))
    return _fingerprints(needed)[milestone.name]


def fingerprints(definitions: Definitions) -> dict[str, str]:
    """The fingerprint of every milestone, by name."""
    return _fingerprints(definitions.milestones)


def lead_fingerprint(lead: Lead, definitions: Definitions) -> str:
    """The fingerprint of a lead: of all that it means, its name among it."""
    contacts = lead.contacts
    whom: Canonical = None
    if contacts is not None:
        score = contacts.score
        ranked = None if score is None else canonical_form(ScoreCondition(score, ONCE), {})
        whom = [contacts.milestone, ranked, contacts.most]
    found = fingerprints(definitions)
    meaning = ["lead", lead.name, lead.of, canonical_form(lead.when, found), lead.again, whom]
    return sha256(as_text(meaning).encode()).hexdigest()[:LENGTH]


def _in_order(milestones: Mapping[str, Milestone]) -> tuple[str, ...]:
    """Names so that each milestone comes after those that its condition names."""
    graph = {name: sorted(milestones_in(each.when)) for name, each in milestones.items()}
    return tuple(TopologicalSorter(graph).static_order())


def _fingerprints(milestones: Mapping[str, Milestone]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _in_order(milestones):
        milestone = milestones[name]
        meaning = [milestone.of, canonical_form(milestone.when, found), *_again(milestone)]
        found[name] = sha256(as_text(meaning).encode()).hexdigest()[:LENGTH]
    return found


def _again(milestone: Milestone) -> list[Canonical]:
    """Nothing for a milestone that is reached once: those had their fingerprints first."""
    if milestone.live:
        return ["live"]
    return [] if milestone.repeat is None else ["repeat", milestone.repeat]
