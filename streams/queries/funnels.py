"""Funnels and journeys of what the sink persisted, by the rules of the engine."""

from clickhouse_connect.driver.client import Client

from schemas.rows import EARLIEST, LATEST
from streams.definitions.model import EntityKind, Funnel, Journey, Owner
from streams.engine.funnels import Matcher, best_attempt
from streams.funnels.breakdown import Breakdown, JourneyBreakdown, Label, arrange
from streams.funnels.report import LENGTHS, Filled, Report, Tally, step_names, steps_of
from streams.funnels.retention import RetentionReport, RetentionTally, Return, Spotter
from streams.queries import _rows
from streams.queries.raw_events import Kept, Selection, histories


def funnel_report(
    client: Client, funnel: Funnel, kept: Kept, breakdown: Breakdown | None = None
) -> Report:
    """A funnel's answer over raw events.

    Neither best attempts nor strict order can be said in SQL (``windowFunnel`` takes the first of
    an account's attempts, and an event of the same time only as it comes). So the events of these
    names are read, and the engine that looks at files looks at them.

    Args:
        client: of a migrated ClickHouse.
        funnel: what to look for.
        kept: which raw events there are.
        breakdown: what the answer is broken down by.
    """
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
    until = kept.newest if funnel.end is None else min(kept.newest, funnel.end)
    return tally.report(funnel.name, funnel.of, funnel.order, step_names(funnel), until)


def journey_report(
    client: Client,
    journey: Journey,
    by: JourneyBreakdown | None = None,
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
    newest: int = next(_rows(client, "last_seen", {}))["newest"]
    parameters = {
        "steps": list(journey.steps),
        "of": journey.of,
        "within": -1 if journey.within is None else journey.within,
        "start": EARLIEST if start is None else min(max(start, EARLIEST), LATEST),
        "last": LATEST if end is None else min(max(end - 1, EARLIEST), LATEST),
        "until": newest if end is None else min(newest, end),
        "lengths": LENGTHS,
        "by": by or "",
    }
    whole: list[Filled] = []
    groups: dict[Label, list[Filled]] = {}
    for row in _rows(client, "journey_steps", parameters):
        filled = Filled(row["count"], tuple(row["waits"]), tuple(row["by_length"]))
        (whole if row["whole"] else groups.setdefault(row["name"], [])).append(filled)
    answer = steps_of(journey.steps, whole)
    if by is None:
        return Report(journey.name, journey.of, "ordered", answer)
    sizes = {label: found[0].count for label, found in groups.items()}
    arranged = {
        label: steps_of(journey.steps, groups[label])
        for label in arrange(sizes, is_time=by != "segment")
    }
    return Report(journey.name, journey.of, "ordered", answer, by, arranged)


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


def segments(client: Client) -> dict[Owner, str]:
    """The segment of each account, and of each user without one, that is in one."""
    return {
        (row["account_id"] or None, row["user_id"] or None): row["segment"]
        for row in _rows(client, "segments", {})
    }


def signups(client: Client, of: EntityKind) -> dict[Owner, int]:
    """When each account or user signed up first, epoch milliseconds: facts of ``signed_up``."""
    return {
        (row["account_id"] or None, row["who"] or None): row["signed_up_at"]
        for row in _rows(client, "signups", {"of": of})
    }
