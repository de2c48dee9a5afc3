"""The KPIs of engagement, referrals and experiments once more, from the events themselves.

Each answers with rows: period, group, value, numerator, denominator. See ``kpi_oracle``.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from statistics import fmean

from tests.properties.kpi_histories import DAY, MINUTE, NOW
from tests.properties.kpi_oracle import Row, Window
from tests.properties.kpi_world import Entity, World
from tests.properties.usage_oracle import (
    Firsts,
    by,
    chosen,
    earliest,
    either,
    firsts,
    in_window,
    middle,
    newcomers,
    share,
    who,
)

FEATURES = ("Made", "Shared", "Tried", "Clicked")


def days_of(world: World) -> Mapping[Entity, set[int]]:
    """Days on which a user, or any of an account, was active."""
    days: dict[Entity, set[int]] = defaultdict(set)
    for act in world.acts:
        for one in either(who(act)) if act.user else ():
            days[one].add(act.time // DAY)
    return days


def activation_retention(world: World, window: Window) -> Iterable[Row]:
    days, activated = days_of(world), chosen(world, firsts(world, "Set Up", who), window)
    for first, group in ((7, "days 07 to 13"), (30, "days 30 to 36")):
        yield share(
            window[0],
            (
                any(day in days[one] for day in range(at // DAY + first, at // DAY + first + 7))
                for one, at in activated.items()
                if at // DAY + first + 6 < NOW // DAY
            ),
            group,
        )


def _steps(world: World) -> tuple[Firsts, Firsts]:
    connected = {one: at for one, at in firsts(world, "Connected").items() if one[0]}
    return connected, firsts(world, "Made", who)


def onboarding_drop_off(world: World, window: Window) -> Iterable[Row]:
    connected, made = _steps(world)
    new = newcomers(world, window, users=True, wait=7)
    first = {one for one, at in new.items() if by(connected, (one[0], ""), at + 7 * DAY)}
    yield share(window[0], (one not in first for one in new), "1 connected")
    yield share(window[0], (not by(made, one, new[one] + 7 * DAY) for one in first), "2 made")


def onboarding_unfinished(world: World, window: Window) -> Iterable[Row]:
    connected, made = _steps(world)
    for days in (1, 3, 7):
        limits = {
            one: at + days * DAY
            for one, at in newcomers(world, window, users=True, wait=days).items()
        }
        hits = (
            not (by(connected, (one[0], ""), limit) and by(made, one, limit))
            for one, limit in limits.items()
        )
        yield share(window[0], hits, f"day {days}")


def activation_tasks_rate(world: World, window: Window) -> Iterable[Row]:
    made, new = firsts(world, "Made", who), newcomers(world, window, users=True, wait=7)
    yield share(window[0], (by(made, one, at + 7 * DAY) for one, at in new.items()))


def trial_actions_rate(world: World, window: Window) -> Iterable[Row]:
    connected, made = _steps(world)[0], firsts(world, "Made")
    yield share(
        window[0],
        (
            by(connected, one, at + 14 * DAY) and by(made, one, at + 14 * DAY)
            for one, at in chosen(world, firsts(world, "Trial"), window, 14).items()
        ),
    )


def session_depth(world: World, window: Window) -> Iterable[Row]:
    kept = [act for act in world.acts if act.time > NOW - 90 * DAY]
    sizes: dict[int, list[int]] = defaultdict(list)
    for one, joined in newcomers(world, window, users=True).items():
        if joined < kept[0].time:
            continue
        sessions: list[list[int]] = []
        for time in (act.time for act in kept if who(act) == one):
            if sessions and time - sessions[-1][-1] < 30 * MINUTE:
                sessions[-1].append(time)
            else:
                sessions.append([time])
        for number, session in enumerate(sessions[:3], start=1):
            sizes[number].append(len(session))
    for number, found in sizes.items():
        yield (window[0], f"session {number}", fmean(found), sum(found), len(found))


def _there(world: World, window: Window) -> set[Entity]:
    """Active users: of an account, or signed up."""
    days = range(window[0] // DAY, window[1] // DAY)
    counts = world.active(days, lambda act: world.has(who(act)))
    return {one for one in counts if one[0] or one in world.joined}


def product_sharing_rate(world: World, window: Window) -> Iterable[Row]:
    shared = {who(act) for act in world.of("Shared") if in_window(act, window)}
    yield share(window[0], (one in shared for one in _there(world, window)))


def top_features_rate(world: World, window: Window) -> Iterable[Row]:
    users: dict[str, set[Entity]] = defaultdict(set)
    activated = firsts(world, "Set Up", who)
    for act in world.of(*FEATURES):
        users[act.name] |= {one for one in either(who(act)) if act.time <= activated.get(one, 0)}
    top = sorted(users, key=lambda name: (-len(users[name]), name))[:3]
    used = {who(act) for act in world.of(*top) if in_window(act, window)}
    yield share(window[0], (one in used for one in _there(world, window)))


def dau_mau(world: World, window: Window) -> Iterable[Row]:
    first, end = window[0] // DAY, min(window[1], NOW) // DAY
    daily = [len(_there(world, (day * DAY, (day + 1) * DAY))) for day in range(first, end)]
    month = len(_there(world, ((end - 30) * DAY, end * DAY)))
    if daily:
        yield (window[0], "", 100 * fmean(daily) / month if month else None, fmean(daily), month)


def _teams(world: World, window: Window) -> dict[str, set[str]]:
    """Active users by account."""
    teams: dict[str, set[str]] = defaultdict(set)
    days = range(window[0] // DAY, window[1] // DAY)
    for account, user in world.active(days, lambda act: world.has((act.account, ""))):
        if account:
            teams[account].add(user)
    return teams


def activated_team_rate(world: World, window: Window) -> Iterable[Row]:
    activated = firsts(world, "Set Up", who)
    sizes = Counter(one[0] for one, at in activated.items() if one[1] and at < window[1])
    yield share(window[0], (sizes[account] >= 3 for account in _teams(world, window)))


def multi_role_rate(world: World, window: Window) -> Iterable[Row]:
    parts: dict[Entity, str] = {}
    for act in world.of("identify"):
        if act.time < window[1]:
            parts[who(act)] = act.says["role"]
    yield share(
        window[0],
        (
            len({parts.get((account, user)) for user in users} - {None}) >= 2
            for account, users in _teams(world, window).items()
        ),
    )


def action_to_activation_lag(world: World, window: Window) -> Iterable[Row]:
    acted: dict[Entity, int] = {}
    for act in world.of(*FEATURES):
        for one in either(who(act)):
            acted.setdefault(one, act.time)
    found = chosen(world, firsts(world, "Set Up", who), window)
    spans = [at - acted[one] for one, at in found.items() if by(acted, one, at)]
    return middle(window[0], spans)


def feedback_after_activation(world: World, window: Window) -> Iterable[Row]:
    activated, scores = firsts(world, "Set Up", who), []
    for act in world.of("Rated"):
        times = [activated[one] for one in either(who(act)) if one in activated]
        if (
            in_window(act, window)
            and act.says["score"] is not None
            and world.has(who(act))
            and any(time <= act.time <= time + 30 * DAY for time in times)
        ):
            scores.append(act.says["score"])
    mean = fmean(scores) if scores else None
    yield (window[0], "", mean, sum(scores), len(scores))


def referral_link_shares(world: World, window: Window) -> Iterable[Row]:
    links = [act for act in world.of("Linked") if in_window(act, window) and world.has(who(act))]
    yield (window[0], "", len(links), None, None)


def referral_prompt_rate(world: World, window: Window) -> Iterable[Row]:
    seen: dict[Entity, int] = {}
    for act in world.of("Prompted"):
        if in_window(act, window) and world.has(who(act)):
            seen.setdefault(who(act), act.time)
    taken = {who(act): act.time for act in world.of("Clicked") if in_window(act, window)}
    yield share(window[0], (taken.get(one, 0) >= at for one, at in seen.items()))


def time_to_invite(world: World, window: Window) -> Iterable[Row]:
    asked: dict[Entity, int] = {}
    for act in world.of("Asked"):
        if world.joined.get(who(act), NOW) <= act.time:
            asked.setdefault(who(act), act.time)
    found = chosen(world, asked, window)
    return middle(window[0], [at - world.joined[one] for one, at in found.items()])


def consent_rate(world: World, window: Window) -> Iterable[Row]:
    answers = {
        who(act): act.says["given"]
        for act in world.of("Agreed")
        if in_window(act, window) and act.says["given"] != "perhaps" and world.has(who(act))
    }
    yield share(window[0], answers.values())


def _lift(world: World, window: Window, reached: Callable[[Entity], int | None]) -> Iterator[Row]:
    variants: dict[tuple[str, Entity], set[str]] = defaultdict(set)
    seen: dict[tuple[str, Entity], int] = {}
    for act in world.of("Seen"):
        key = (act.says["experiment"], who(act))
        variants[key].add(act.says["variant"])
        seen.setdefault(key, act.time)
    groups: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for (experiment, one), at in seen.items():
        if len(variants[experiment, one]) == 1 and one in chosen(world, {one: at}, window, 14):
            time = reached(one)
            if time is None or time >= at:
                (variant,) = variants[experiment, one]
                groups[experiment, variant].append(time is not None and time <= at + 14 * DAY)
    for experiment, control, other in (("price", "control", "b"), ("start", "a", "c")):
        base, found = groups[experiment, control], groups[experiment, other]
        if found:
            lift = 100 * (fmean(found) / fmean(base) - 1) if any(base) else None
            yield (window[0], f"{experiment}: {other}", lift, sum(found), len(found))


def experiment_activation_lift(world: World, window: Window) -> Iterable[Row]:
    activated = firsts(world, "Set Up", who)
    return _lift(world, window, lambda one: earliest(activated, one))


def experiment_conversion_lift(world: World, window: Window) -> Iterable[Row]:
    return _lift(world, window, lambda one: world.first_paid((one[0], "" if one[0] else one[1])))


ORACLES: dict[str, Callable[[World, Window], Iterable[Row]]] = {
    each.__name__: each
    for each in (
        activation_retention,
        onboarding_drop_off,
        onboarding_unfinished,
        activation_tasks_rate,
        trial_actions_rate,
        session_depth,
        product_sharing_rate,
        top_features_rate,
        dau_mau,
        activated_team_rate,
        multi_role_rate,
        action_to_activation_lag,
        feedback_after_activation,
        referral_link_shares,
        referral_prompt_rate,
        time_to_invite,
        consent_rate,
        experiment_activation_lift,
        experiment_conversion_lift,
    )
}
