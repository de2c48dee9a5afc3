"""The KPIs once more, from the events themselves and in plain Python: nothing is shared with SQL.

Each answers with rows: period, group, value, numerator, denominator.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from statistics import fmean, median

from tests.properties.kpi_histories import DAY, MINUTE, NOW
from tests.properties.kpi_world import Entity, World

Row = tuple[int, str, float | None, float | None, float | None]
Window = tuple[int, int]


def _share(start: int, part: float, whole: float, times: float = 1) -> Row:
    return (start, "", times * part / whole if whole else None, part, whole)


def activation_rate(world: World, window: Window) -> Iterable[Row]:
    start, end = window
    activated = world.activated()
    users = [
        (entity, time)
        for entity, time in world.joined.items()
        if entity[1] and start <= time < end and time + 7 * DAY <= NOW and world.has(entity)
    ]
    good = sum(
        entity in activated and activated[entity] <= time + 7 * DAY for entity, time in users
    )
    yield _share(start, good, len(users), 100)


def time_to_value(world: World, window: Window) -> Iterable[Row]:
    start, end = window
    spans = [
        max(time - world.joined[account, ""], 0) / DAY
        for account, time in world.shared(4).items()
        if start <= time < end and (account, "") in world.joined and world.has((account, ""))
    ]
    if spans:
        yield (start, "", median(spans), fmean(spans), len(spans))


def free_to_paid_conversion(world: World, window: Window) -> Iterable[Row]:
    start, end = window
    free = won = 0
    for entity, joined in world.joined.items():
        if (entity[0] and entity[1]) or not world.has(entity) or joined >= start:
            continue
        paid = world.first_paid(entity)
        if paid is None or paid >= start:
            free += 1
            won += paid is not None and paid < end
    yield _share(start, won, free, 100)


def viral_coefficient(world: World, window: Window) -> Iterable[Row]:
    start, end = window
    days = range(start // DAY, end // DAY)
    active = world.active(
        days, lambda act: world.is_user(act) and world.has((act.account, act.user))
    )
    activated, retained, brought = world.activated(), 0, []
    for entity, acts in world.by_user("Came").items():
        came = acts[0].time
        if start <= came < end and activated.get(entity, NOW + 99 * DAY) <= came + 7 * DAY:
            brought.append(came // DAY)
            stays = range(came // DAY + 30, came // DAY + 37)
            retained += entity in world.active(stays, lambda _: True)
    k = len(brought) / len(active) if active else None
    yield (start, "", k, len(brought), len(active))
    if brought and k is not None and max(brought) + 36 < NOW // DAY:
        yield (start, "retained", k * retained / len(brought), None, None)


def _opening(world: World, start: int) -> dict[Entity, float]:
    found = {entity: world.mrr(entity, start) for entity in world.paid if world.has(entity)}
    return {entity: mrr for entity, mrr in found.items() if mrr is not None}


def gross_churn(world: World, window: Window) -> Iterable[Row]:
    start, end = window
    opening = _opening(world, start)
    yield _share(start, sum(world.mrr(one, end) is None for one in opening), len(opening), 100)


def net_churn(world: World, window: Window) -> Iterable[Row]:
    start, end = window
    opening = _opening(world, start)
    now = sum(world.mrr(one, end) or 0 for one in opening)
    yield _share(start, sum(opening.values()) - now, sum(opening.values()), 100)


def expansion_mrr(world: World, window: Window) -> Iterable[Row]:
    start, end = window
    opening = _opening(world, start)
    added = sum(
        move.amount
        for one in opening
        for move in world.moves[one]
        if move.kind == "expansion" and start <= move.time < end
    )
    yield _share(start, added, sum(opening.values()), 100)


def arpu(world: World, window: Window) -> Iterable[Row]:
    start, end = window
    days = range(start // DAY, end // DAY)
    users = world.active(days, lambda act: world.is_user(act) and world.has(world.customer(act)))
    if users:
        yield _share(start, sum(_opening(world, end).values()), len(users))


def cac_by_channel(world: World, window: Window) -> Iterable[Row]:
    start, end = window
    spent: dict[str, float] = defaultdict(float)
    for act in world.of("Spent"):
        if start <= act.time < end and world.channel in {"", act.says["channel"]}:
            spent[act.says["channel"]] += act.says["amount"]
    for channel, amount in spent.items():
        won = sum(
            start <= (world.first_paid(one) or 0) < end and world.channels.get(one) == channel
            for one in world.paid
        )
        yield (start, channel, amount / won if won else None, amount, won)


def pql_conversion(world: World, window: Window) -> Iterable[Row]:
    start, end = window
    leads = won = 0
    for account, time in world.shared(3).items():
        paid = world.first_paid((account, ""))
        if start <= time < end and world.has((account, "")) and (paid is None or paid >= time):
            leads += 1
            won += paid is not None
    yield _share(start, won, leads, 100)


def _newest_scores(world: World, name: str, window: Window) -> list[float]:
    newest = []
    for acts in world.by_user(name).values():
        scores = [
            act.says["score"]
            for act in acts
            if window[0] <= act.time < window[1]
            and act.says["score"] is not None
            and (name == "Rated" or 0 <= act.says["score"] <= 10)
        ]
        newest += scores[-1:]
    return newest


def nps(world: World, window: Window) -> Iterable[Row]:
    scores = _newest_scores(world, "Answered", window)
    points = sum((score > 8) - (score < 7) for score in scores)
    yield _share(window[0], points, len(scores), 100)


def csat(world: World, window: Window) -> Iterable[Row]:
    scores = _newest_scores(world, "Rated", window)
    yield _share(window[0], sum(scores), len(scores))


def support_deflection(world: World, window: Window) -> Iterable[Row]:
    start, end = window
    solved = tickets = 0
    for acts in world.by_user("Read", "Complained").values():
        for act in acts:
            if not start <= act.time < end:
                continue
            later = [other.time - act.time for other in acts if other.time > act.time]
            tickets += act.name == "Complained"
            solved += act.name == "Read" and min(later, default=NOW) > 5 * MINUTE
    yield _share(start, solved, solved + tickets, 100)


ORACLES: dict[str, Callable[[World, Window], Iterable[Row]]] = {
    each.__name__: each
    for each in (
        activation_rate,
        time_to_value,
        free_to_paid_conversion,
        viral_coefficient,
        gross_churn,
        net_churn,
        expansion_mrr,
        arpu,
        cac_by_channel,
        pql_conversion,
        nps,
        csat,
        support_deflection,
    )
}
