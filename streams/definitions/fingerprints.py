"""Fingerprints: sixteen characters that change exactly when the meaning does.

Part of the meaning of a milestone: whose it is, its condition in canonical form, whether it is live
or repeats, and the meaning of every milestone that the condition names. Not part of it: the
milestone's own name, its title and description, and the file's settings.

Of a lead: its name, by which what comes back finds it, whose it is, its condition, when it may be
opened again, and who its contacts are. Not: its kind, title and description, and what it
is judged by (``goal``, ``matures``, ``parity``).

Of health: whose it is, and its two conditions. Not: its name, its journey, which only says what is
told with a change, its title and description.
Of an abuse rule: its name, and all that it says.
Of none of them: whether it is in the shadow, so that going live keeps what is known.
"""

from collections.abc import Mapping
from graphlib import TopologicalSorter
from hashlib import sha256

from streams.definitions.conditions import canonical_form, milestones_in
from streams.definitions.conditions.events import canonical_event
from streams.definitions.conditions.score import canonical_score
from streams.definitions.meaning import Canonical, as_text
from streams.definitions.model import AbuseRule, CapRule, Contacts, Definitions, FlagRule, Milestone

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


def lead_fingerprints(definitions: Definitions) -> dict[str, str]:
    """The fingerprint of every lead, by name."""
    meanings = fingerprints(definitions)
    scores = score_fingerprints(definitions)
    return {
        name: _digest(
            [
                "lead",
                name,
                lead.of,
                canonical_form(lead.when, meanings),
                lead.again,
                None if lead.contacts is None else _contacts(lead.contacts, meanings, scores),
            ]
        )
        for name, lead in definitions.leads.items()
    }


def health_fingerprints(definitions: Definitions) -> dict[str, str]:
    """The fingerprint of every health, by name."""
    meanings = fingerprints(definitions)
    return {
        name: _digest(
            [
                "health",
                health.of,
                *(
                    None if level is None else canonical_form(level, meanings)
                    for level in (health.red, health.yellow)
                ),
            ]
        )
        for name, health in definitions.health.items()
    }


def rule_fingerprints(definitions: Definitions) -> dict[str, str]:
    """The fingerprint of every abuse rule, by name."""
    return {
        name: _digest(["abuse", name, *_rule(rule)]) for name, rule in definitions.abuse.items()
    }


def _rule(rule: AbuseRule) -> list[Canonical]:
    if isinstance(rule, FlagRule):
        return ["flag", rule.of, canonical_form(rule.when, {}), rule.lasting, rule.fake]
    event = canonical_event(rule.event)
    if isinstance(rule, CapRule):
        unless = None if rule.unless is None else canonical_form(rule.unless, {})
        return ["cap", rule.of, *event, rule.most, rule.per, unless]
    return ["event", *event]


def score_fingerprints(definitions: Definitions) -> dict[str, str]:
    """The fingerprint of every score, by name."""
    meanings = fingerprints(definitions)
    return {
        name: _digest(canonical_score(score, lambda inner: canonical_form(inner, meanings)))
        for name, score in definitions.scores.items()
    }


def _contacts(
    contacts: Contacts, meanings: Mapping[str, str], scores: Mapping[str, str]
) -> Canonical:
    score = contacts.score
    rank = None if score is None else scores[score.name]
    return [meanings[contacts.milestone], rank, contacts.most]


def _in_order(milestones: Mapping[str, Milestone]) -> tuple[str, ...]:
    """Names so that each milestone comes after those that its condition names."""
    graph = {name: sorted(milestones_in(each.when)) for name, each in milestones.items()}
    return tuple(TopologicalSorter(graph).static_order())


def _fingerprints(milestones: Mapping[str, Milestone]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _in_order(milestones):
        milestone = milestones[name]
        meaning = [milestone.of, canonical_form(milestone.when, found), *_again(milestone)]
        found[name] = _digest(meaning)
    return found


def _digest(meaning: Canonical) -> str:
    return sha256(as_text(meaning).encode()).hexdigest()[:LENGTH]


def _again(milestone: Milestone) -> list[Canonical]:
    """Nothing for a milestone that is reached once: those had their fingerprints first."""
    if milestone.live:
        return ["live"]
    return [] if milestone.repeat is None else ["repeat", milestone.repeat]
