"""The KPIs of trials, payment and expansion once more, from the events themselves.

Each answers with rows: period, group, value, numerator, denominator. See ``kpi_oracle``.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import fmean, median

from tests.properties.kpi_histories import DAY, NOW, Act
from tests.properties.kpi_oracle import Row, Window
from tests.properties.kpi_world import Entity, World

Firsts = Mapping[Entity, int]


def share(start: int, hits: Iterable[bool], group: str = "") -> Row:
    found = list(hits)
    return (start, group, 100 * sum(found) / len(found) if found else None, sum(found), len(found))


def middle(start: int, spans: Sequence[int]) -> Iterator[Row]:
    days = [span / DAY for span in spans]
    if days:
        yield (start, "", median(days), fmean(days), len(days))


def who(act: Act) -> Entity:
    return (act.account, act.user)


def firsts(world: World, name: str, key: Callable[[Act], Entity] = World.customer) -> Firsts:
    found: dict[Entity, int] = {}
    for act in world.of(name):
        found.setdefault(key(act), act.time)
    return found


def either(one: Entity) -> list[Entity]:
    """The user, and the account of it."""
    account, user = one
    return [one] if not account or not user else [one, (account, "")]


def earliest(times: Firsts, one: Entity) -> int | None:
    """Of the user or of its account."""
    return min((times[each] for each in either(one) if each in times), default=None)


def chosen(world: World, times: Firsts, window: Window, wait: int = 0) -> dict[Entity, int]:
    """Those whose time is in the window and at least so many days ago."""
    return {
        one: time
        for one, time in times.items()
        if window[0] <= time < window[1] and time + wait * DAY <= NOW and world.has(one)
    }


def newcomers(world: World, window: Window, *, users: bool, wait: int = 0) -> dict[Entity, int]:
    """Users, or customers, who signed up."""
    found = chosen(world, world.joined, window, wait)
    return {
        one: time for one, time in found.items() if (one[1] if users else not one[0] or not one[1])
    }


def by(times: Firsts, one: Entity, limit: int) -> bool:
    return one in times and times[one] <= limit


def in_window(act: Act, window: Window) -> bool:
    return window[0] <= act.time < window[1]


def visitor_signup_conversion(world: World, window: Window) -> Iterable[Row]:
    seen = {
        act.user
        for act in world.of("Looked")
        if in_window(act, window) and world.channel in {"", act.says["channel"]}
    }
    new = len(newcomers(world, window, users=True))
    yield (window[0], "", 100 * new / len(seen) if seen else None, new, len(seen))


def trial_signup_rate(world: World, window: Window) -> Iterable[Row]:
    trials, new = firsts(world, "Trial"), newcomers(world, window, users=False, wait=7)
    yield share(window[0], (by(trials, one, at + 7 * DAY) for one, at in new.items()))


def _free(world: World, name: str, window: Window, wait: int) -> dict[Entity, int]:
    """Customers that had not paid before they did it first."""
    return {
        one: at
        for one, at in chosen(world, firsts(world, name), window, wait).items()
        if (world.first_paid(one) or NOW) >= at
    }


def _pays(world: World, one: Entity, limit: int) -> bool:
    paid = world.first_paid(one)
    return paid is not None and paid <= limit


def activation_conversion_rate(world: World, window: Window) -> Iterable[Row]:
    free = _free(world, "Set Up", window, 30)
    yield share(window[0], (_pays(world, one, at + 30 * DAY) for one, at in free.items()))


def self_serve_upgrade_rate(world: World, window: Window) -> Iterable[Row]:
    alone = {act.time for act in world.of("Paid") if act.says.get("self_serve")}
    yield share(
        window[0],
        (
            _pays(world, one, at + 30 * DAY) and world.first_paid(one) in alone
            for one, at in _free(world, "Set Up", window, 30).items()
        ),
    )


def pql_precision(world: World, window: Window) -> Iterable[Row]:
    free = _free(world, "Tried", window, 30)
    yield share(window[0], (_pays(world, one, at + 30 * DAY) for one, at in free.items()))


def pql_recall(world: World, window: Window) -> Iterable[Row]:
    tried = firsts(world, "Tried")
    paying = {one: moves[0].time for one, moves in world.moves.items() if moves}
    paid = chosen(world, paying, window)
    yield share(window[0], (by(tried, one, at) for one, at in paid.items()))


def pql_lift(world: World, window: Window) -> Iterable[Row]:
    since: dict[Entity, int] = {}
    for act in world.acts:
        if act.user and in_window(act, window) and world.customer(act) not in since:
            since[world.customer(act)] = act.time // DAY * DAY
    hits = [
        _pays(world, one, at + 30 * DAY)
        for one, at in since.items()
        if (one[0] or one in world.joined)
        and at + 30 * DAY <= NOW
        and world.has(one)
        and (world.first_paid(one) or NOW) >= at
    ]
    known = [
        _pays(world, one, at + 30 * DAY)
        for one, at in _free(world, "Tried", window, 30).items()
        if one[0] or one in world.joined
    ]
    precision = share(window[0], known)[2]
    if hits and any(hits) and precision is not None:
        yield (window[0], "", precision / (100 * fmean(hits)), None, None)


def pql_rate(world: World, window: Window) -> Iterable[Row]:
    tried, new = firsts(world, "Tried"), newcomers(world, window, users=False, wait=30)
    yield share(window[0], (by(tried, one, at + 30 * DAY) for one, at in new.items()))


def converted_pql_ltv(world: World, window: Window) -> Iterable[Row]:
    tried, revenue, customers = firsts(world, "Tried"), 0.0, 0
    paying = {one: moves[0].time for one, moves in world.moves.items() if moves}
    for one, paid in chosen(world, paying, window).items():
        if by(tried, one, paid):
            moves = world.moves[one]
            customers += 1
            ends = [move.time for move in moves[1:]] + [NOW]
            mrr = 0.0
            for move, end in zip(moves, ends, strict=True):
                mrr += move.amount
                revenue += mrr * (end - move.time) / DAY / 30.4375
    yield (window[0], "", revenue / customers if customers else None, revenue, customers)


def activation_to_expansion_rate(world: World, window: Window) -> Iterable[Row]:
    signs = [(world.customer(act), act.time) for act in world.of("Limited")]
    yield share(
        window[0],
        (
            any(one == whose and at <= time <= at + 30 * DAY for whose, time in signs)
            for one, at in chosen(world, firsts(world, "Set Up"), window, 30).items()
        ),
    )


def time_to_expansion_signal(world: World, window: Window) -> Iterable[Row]:
    signs: dict[Entity, int] = {}
    for act in world.of("Limited"):
        if (world.first_paid(world.customer(act)) or NOW) <= act.time:
            signs.setdefault(world.customer(act), act.time)
    found = chosen(world, signs, window)
    return middle(window[0], [at - (world.first_paid(one) or 0) for one, at in found.items()])


def revenue_per_trial_user(world: World, window: Window) -> Iterable[Row]:
    free = _free(world, "Trial", window, 30)
    paid = sum(world.mrr(one, at + 30 * DAY + 1) or 0 for one, at in free.items())
    yield (window[0], "", paid / len(free) if free else None, paid, len(free))


def self_serve_checkout_rate(world: World, window: Window) -> Iterable[Row]:
    done = [(world.customer(act), act.time) for act in world.of("Completed")]
    tries: dict[Entity, bool] = defaultdict(bool)
    for act in world.of("Began"):
        one = world.customer(act)
        if in_window(act, window) and act.time + DAY <= NOW and world.has(one):
            tries[one] |= any(
                one == whose and act.time <= time <= act.time + DAY for whose, time in done
            )
    yield share(window[0], tries.values())


def _growth(world: World, window: Window) -> Iterator[tuple[float, bool]]:
    """What customers add by themselves, and whether by another plan."""
    plans: dict[Entity, str] = {}
    paid: dict[Entity, float] = {}
    for act in world.of("Paid", "Left"):
        one = world.customer(act)
        before = plans.get(one, "")
        plan = plans[one] = act.says.get("plan", before)
        # The plan that an account had is that of what it paid, and none where it paid nothing.
        old, paid[one] = paid.get(one, 0.0), act.says.get("amount", 0.0)
        alone = act.says.get("self_serve") and in_window(act, window)
        if alone and 0 < old < paid[one] and world.has(one):
            yield paid[one] - old, bool(before) and plan != before


def self_serve_expansion_revenue(world: World, window: Window) -> Iterable[Row]:
    yield (window[0], "", sum(amount for amount, _ in _growth(world, window)), None, None)


def self_serve_upsell_revenue(world: World, window: Window) -> Iterable[Row]:
    upsell = sum(amount for amount, changes in _growth(world, window) if changes)
    yield (window[0], "", upsell, None, None)


ORACLES: dict[str, Callable[[World, Window], Iterable[Row]]] = {
    each.__name__: each
    for each in (
        visitor_signup_conversion,
        trial_signup_rate,
        activation_conversion_rate,
        self_serve_upgrade_rate,
        pql_precision,
        pql_recall,
        pql_lift,
        pql_rate,
        converted_pql_ltv,
        activation_to_expansion_rate,
        time_to_expansion_signal,
        revenue_per_trial_user,
        self_serve_checkout_rate,
        self_serve_expansion_revenue,
        self_serve_upsell_revenue,
    )
}
