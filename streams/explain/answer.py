"""One entity and its milestones, as the JSON object that everything else shows.

::

    {"account_id": "acme", "user_id": null, "of": "account",
     "at": …,                         # the time of the answer
     "first_seen": …, "last_seen": …, # times of the first event that counts and of the newest
     "flags": [{                      # abuse rules that exclude its events
        "rule": "too_fast", "since": …,             # null for a limit that is passed
        "until": null                 # or when it is over
     }],
     "milestones": [{
        "milestone": "pql", "title": "Product-qualified", "mode": "once", "definition_hash": …,
        "shadow": false,              # in the shadow: nobody is told
        "holds": false,               # reached; of a live one: true at ``at``
        "occurrences": 0,             # how often reached, or entered
        "first_at": null, "last_at": null,          # of a live one, the last entry or exit
        "again_from": null,           # one that repeats: not before this
        "coming": null,               # or {"true_since": …, "told_from": …}: true, and not told yet
        "why_at": …, "why": {…},      # the conditions, at the instant that they are looked at
        "told": [{…}]                 # what was published, the newest last, as subscribers get it
     }],
     "health": [{
        "health": "usage", "title": null, "definition_hash": …,
        "level": "red",               # at ``at``
        "since": …,                   # when that was told; null where it was not
        "changes": 2,                 # how many were told
        "why_at": …,
        "why": {"red": {…}, "yellow": {…}},  # the condition of each level that has one
        "told": [{…}]
     }]}

Leads stand behind the milestones, in the same list, with ``"mode": "lead"``: ``holds`` says whether
one is open, ``occurrences`` how often it was opened, ``last_at`` when it was opened or closed last,
``again_from`` from when it may be opened again, and ``why`` what it takes to become one, as of now.
They have besides ``kind``, ``closed_at``, and, as of the newest, ``lead`` and ``route`` as
subscribers get them, or null.

A condition in ``why``::

    {"kind": "all", "any", "not", "segment" or "leaf", "holds": true, "since": …, "turns_at": …,
     "parts": […]}

``since`` is null where it is no longer known; ``turns_at`` is when it turns if nothing comes. Of an
``all`` the parts that are missing come first, of an ``any`` those that hold, then the nearest. A
leaf has besides: ``condition`` (as evidence names it), ``requires`` and ``seen`` (the same for a
person), ``observed``, ``at_least``, ``threshold``, ``window_start`` (as in evidence), ``missing``
(how much more it takes, where more helps), and ``history_since`` (as in evidence).

A ``segment`` has ``condition``, ``requires`` and ``seen``, too, its name (``segment``) and that of
the one that the entity is in (``is_in``, null for none); its parts are its own condition and a
``not`` for each segment before it, which has that one's name (``segment``). A leaf that compares a
score has besides ``score``, null where it is not known::

    {"score": "fit", "value": 56.5,
     "model": null,                   # or the name and the version of what it is computed by
     "fell_back_to": null,            # or the score that stands in for it: what follows is of that
     "counts": "< 60",                # which of the two comparisons turns it next, with ``until``
     "intercept": null,               # or what the sum begins with, where that is made 0 to 100
     "sum": 56.5, "sum_needed": null, # with it; and, with an intercept, what would be enough
     "components": [{
        "component": "action",
        "points": 26.7,               # what it adds: ``weight`` times ``signal``, or ``scaled``
        "scaled": null,               # of a scaled feature: less its mean, divided by its scale
        "most": 40,                   # what it could add, null where it has no bound
        "weight": 40, "signal": 0.67, "seen": …,
        "observed": 2, "full": 3,     # of a measure; of what fades, what is left and its bound
        "newest": null,               # of recency, the time of the newest event
        "history_since": null,
        "parts": [{…}]                # the condition during which it adds its points, if it is one
     }],
     "veto": null, "force": null}     # the conditions, where there are any

Of the components those that add or take most come first, then those that could add most.

``GET /explain`` has besides ``records_behind``: records of the partition that no commit covers yet;
the last of them may not be in the answer.
Where the state has let go of what the conditions knew, ``holds`` is null in all of ``why``; where
only ClickHouse was asked, for a time that has passed, ``why`` itself is null, and so is what the
definitions would tell; leads are there as well then, with ``"mode": "lead"``, and health that was
told of. Times
are ISO 8601 in UTC.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.encoding import lead_message, route_message, time_text
from streams.definitions.model import Lead, Milestone
from streams.engine.entities import Entity
from streams.engine.standing import Explainer, Standing
from streams.explain.tree import Tree

Answer = dict[str, Any]
History = Mapping[int, Mapping[int, int]]
"""Key of a milestone → key of a leaf → since when it has seen events, where it was added later."""


def answer(
    explainer: Explainer,
    entity: Entity,
    account_id: str | None,
    user_id: str | None,
    *,
    names: Sequence[str],
    health: Sequence[str],
    at: int,
    history: History,
) -> Answer:
    """How an entity stands with milestones and health; ``told`` is left empty.

    Args:
        explainer: with the definitions.
        entity: what the explainer has read.
        account_id: of the entity.
        user_id: likewise.
        names: the milestones and leads, all of its kind.
        health: the names of health entries, likewise.
        at: now.
        history: since when what was added later has seen events.
    """
    at = max(at, entity.clock)
    return {
        "account_id": account_id,
        "user_id": user_id,
        "of": "account" if user_id is None else "user",
        "at": time_text(at),
        "first_seen": time_text(min(entity.born, entity.clock)),
        "last_seen": time_text(entity.clock),
        "flags": [
            {"rule": one.rule, "since": _time(one.since), "until": _time(one.until)}
            for one in explainer.flagged(entity, at)
        ],
        "milestones": [
            _explained(explainer, entity, name, explainer.standing(entity, name, at), history)
            for name in names
        ],
        "health": [_health(explainer, entity, name, at, history) for name in health],
    }


def _explained(
    explainer: Explainer, entity: Entity, name: str, standing: Standing, history: History
) -> Answer:
    definitions = explainer.definitions
    subject = definitions.leads.get(name) or definitions.milestones[name]
    plan = explainer.engine.accounts if subject.of == "account" else explainer.engine.users
    segment = None if standing.why is None else plan.segment_of(entity, standing.at)
    tree = Tree(definitions, entity, standing.at, segment, history.get(standing.key, {}))
    coming = None
    if standing.coming is not None and standing.told_at is not None:
        coming = {
            "true_since": time_text(standing.coming),
            "told_from": time_text(standing.told_at),
        }
    return {
        "milestone": name,
        "title": subject.title,
        "shadow": subject.shadow,
        "mode": standing.mode,
        "definition_hash": standing.definition_hash,
        "holds": standing.holds,
        "occurrences": standing.occurrences,
        "first_at": _time(standing.first),
        "last_at": _time(standing.last),
        "again_from": _time(_again_from(subject, standing)),
        "coming": coming,
        "why_at": time_text(standing.at),
        "why": tree.node(subject.when, standing.why),
        "told": [],
        **({"kind": subject.kind, **_life(standing)} if isinstance(subject, Lead) else {}),
    }


def _again_from(subject: Milestone | Lead, standing: Standing) -> int | None:
    """Before when it is not reached, or opened, again."""
    if isinstance(subject, Lead):
        closed_at = standing.closed_at
        return closed_at + subject.again if closed_at is not None and subject.again else None
    if subject.repeat is None or standing.last is None:
        return None
    return standing.last + subject.repeat


def _life(standing: Standing) -> Answer:
    """What became of the newest lead, and who has it."""
    life = standing.life
    route = None if life is None else life.route
    return {
        "closed_at": _time(standing.closed_at),
        "lead": None if life is None else lead_message(life),
        "route": None if route is None else route_message(route),
    }


def _health(explainer: Explainer, entity: Entity, name: str, at: int, history: History) -> Answer:
    health = explainer.definitions.health[name]
    standing = explainer.health(entity, name, at)
    plan = explainer.engine.accounts if health.of == "account" else explainer.engine.users
    segment = plan.segment_of(entity, at)
    tree = Tree(explainer.definitions, entity, at, segment, history.get(standing.key, {}))
    conditions = {"red": health.red, "yellow": health.yellow}
    return {
        "health": name,
        "title": health.title,
        "definition_hash": standing.definition_hash,
        "level": standing.level,
        "since": _time(standing.since),
        "changes": standing.changes,
        "why_at": time_text(standing.at),
        "why": {
            level: tree.node(condition, explained)
            for level, explained in standing.why
            if (condition := conditions[level]) is not None
        },
        "told": [],
    }


def _time(time: int | None) -> str | None:
    return None if time is None else time_text(time)
