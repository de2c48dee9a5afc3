"""Funnels and journeys of what the sink persisted, by the rules of the engine."""

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any, Final, cast, get_args

from clickhouse_connect.driver.client import Client

from schemas.rows import EARLIEST, LATEST
from streams.definitions.model import EntityKind, Funnel, Journey, Owner
from streams.engine.funnels import Matcher, best_attempt
from streams.engine.values import names
from streams.funnels.breakdown import (
    GRAINS,
    Breakdown,
    Known,
    Label,
    arrange,
    by_field,
    by_period,
    by_segment,
    by_signup,
)
from streams.funnels.report import LENGTHS, Filled, Report, Step, Tally, step_names, steps_of
from streams.funnels.retention import RetentionReport, RetentionTally, Return, Spotter
from streams.queries import asking
from streams.queries.raw_events import Kept, Selection, histories

_KNOWN: Final = get_args(Known)


def funnel_report(client: Client, funnel: Funnel, kept: Kept, by: str | None = None) -> Report:
    """A funnel's answer over raw events.

    Args:
        client: of a migrated ClickHouse.
        funnel: what to look for.
        kept: which raw events there are.
        by: what the answer is broken down by: one of `Known`, or the path of a value in the event
            that was the first step.
    """
    until = kept.newest if funnel.end is None else min(kept.newest, funnel.end)
    steps = step_names(funnel)
    if not _is_countable(funnel) or (by is not None and by not in _KNOWN):
        tally = _tally(client, funnel, _breakdown(client, funnel.of, by))
        return tally.report(funnel.name, funnel.of, funnel.order, steps, until)
    known = cast(Known | None, by)
    placed = [(name, place) for place, step in enumerate(funnel.steps, 1) for name in step.events]
    exact = [(name, place) for name, place in placed if not name.endswith("*")]
    begun = [(name[:-1], place) for name, place in placed if name.endswith("*")]
    parameters = {
        "names": [name for name, _ in exact],
        "places": [place for _, place in exact],
        "prefixes": [prefix for prefix, _ in begun],
        "prefix_places": [place for _, place in begun],
        "steps": len(steps),
        **_common(funnel, known, until, funnel.start, funnel.end),
    }
    counted = _counted(client, "attempts_of_events", parameters, steps, known)
    return Report(funnel.name, funnel.of, funnel.order, *counted)


def _is_countable(funnel: Funnel) -> bool:
    """Whether ClickHouse can find the best attempts, which it does in a tenth of the time.

    It knows filters not as the engine does, and of an event one step.
    """
    steps = funnel.steps
    return (
        funnel.order == "ordered"
        and not funnel.exclude
        and all(step.where is None for step in steps)
        and not any(
            names(step.events, name)
            for step, other in permutations(steps, 2)
            for name in other.events
        )
    )


def _tally(client: Client, funnel: Funnel, breakdown: Breakdown | None) -> Tally:
    """The best attempts as the engine finds them, which looks at each event."""
    path = None if breakdown is None else breakdown.path
    matcher = Matcher(funnel, path)
    selection = Selection.of_filters(
        funnel.of,
        (*funnel.steps, *(one.event for one in funnel.exclude)),
        paths=() if path is None else (path,),
        everything=funnel.order == "strict",
        start=funnel.start,
        end=funnel.end,
    )
    tally = Tally(breakdown)
    for owner, events in histories(client, selection):
        touches = (touch for event in events if (touch := matcher.touch(event)) is not None)
        best = best_attempt(funnel, touches)
        if best is not None:
            tally.add(owner, best)
    return tally


def _breakdown(client: Client, of: EntityKind, by: str | None) -> Breakdown | None:
    if by == "segment":
        return by_segment(_segments(client))
    if by == "sign-up week":
        return by_signup(_signups(client, of))
    grain = next((grain for grain in GRAINS if grain == by), None)
    if grain is not None:
        return by_period(grain)
    return None if by is None else by_field(by)


def journey_report(
    client: Client,
    journey: Journey,
    by: Known | None = None,
    *,
    start: int | None = None,
    end: int | None = None,
) -> Report:
    """A journey's answer: of each milestone the first time counts.

    Args:
        client: of a migrated ClickHouse.
        journey: the milestones in order.
        by: what the answer is broken down by.
        start: only what was reached from then on, epoch milliseconds.
        end: only what was reached before then.
    """
    newest: int = next(asking.rows(client, "last_seen", {}))["newest"]
    until = newest if end is None else min(newest, end)
    parameters = {"steps": list(journey.steps), **_common(journey, by, until, start, end)}
    counted = _counted(client, "attempts_of_milestones", parameters, journey.steps, by)
    return Report(journey.name, journey.of, "ordered", *counted)


def _common(
    asked: Funnel | Journey, by: Known | None, until: int, start: int | None, end: int | None
) -> dict[str, Any]:
    """The parameters that funnels and journeys share."""
    return {
        "of": asked.of,
        "within": -1 if asked.within is None else asked.within,
        "start": EARLIEST if start is None else min(max(start, EARLIEST), LATEST),
        "last": LATEST if end is None else min(max(end - 1, EARLIEST), LATEST),
        "until": until,
        "lengths": LENGTHS,
        "by": by or "",
    }


def _counted(
    client: Client,
    attempts: str,
    parameters: Mapping[str, Any],
    steps: Sequence[str],
    by: Known | None,
) -> tuple[tuple[Step, ...], Known | None, dict[Label, tuple[Step, ...]] | None]:
    """The steps, what they are broken down by, and the steps of each group.

    Args:
        client: of a migrated ClickHouse.
        attempts: name of the file that finds them.
        parameters: of that file, and of ``steps.sql``.
        steps: what each is called.
        by: what the answer is broken down by.
    """
    whole: list[Filled] = []
    groups: dict[Label, list[Filled]] = {}
    for row in asking.rows(client, "steps", parameters, before=attempts):
        filled = Filled(row["count"], tuple(row["waits"]), tuple(row["by_length"]))
        (whole if row["whole"] else groups.setdefault(row["name"], [])).append(filled)
    answer = steps_of(steps, whole)
    if by is None:
        return answer, None, None
    sizes = {label: found[0].count for label, found in groups.items()}
    arranged = arrange(sizes, is_time=by != "segment")
    return answer, by, {label: steps_of(steps, groups[label]) for label in arranged}


def retention_report(client: Client, asked: Return, kept: Kept) -> RetentionReport:
    """Who came back, over raw events.

    Args:
        client: of a migrated ClickHouse.
        asked: what is asked; its times are of first events, so all events are read.
        kept: which raw events there are.
    """
    spotter = Spotter(asked)
    tally = RetentionTally(asked, kept.newest)
    selection = Selection.of_filters(asked.of, (asked.first, asked.back))
    for _, events in histories(client, selection):
        tally.add(mark for event in events if (mark := spotter.mark(event)) is not None)
    return tally.report()


def _segments(client: Client) -> dict[Owner, str]:
    """The segment of each account, and of each user without one, that is in one."""
    return {
        (row["account_id"] or None, row["user_id"] or None): row["segment"]
        for row in asking.rows(client, "segments", {})
    }


def _signups(client: Client, of: EntityKind) -> dict[Owner, int]:
    """When each account or user signed up first, epoch milliseconds: facts of ``signed_up``."""
    return {
        (row["account_id"] or None, row["who"] or None): row["signed_up_at"]
        for row in asking.rows(client, "signups", {"of": of})
    }
