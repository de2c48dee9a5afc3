"""Random leads: of conditions of every form, routed by segment and traits, with what comes back."""

from dataclasses import dataclass, replace
from random import Random
from typing import get_args
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from schemas.events import Event
from schemas.qualifications import LeadKind
from streams.definitions.model import (
    Compare,
    Comparison,
    Contacts,
    DayHours,
    Definitions,
    EntityKind,
    EventCondition,
    Lead,
    Measure,
    Milestone,
    Routing,
    RoutingRule,
    Segment,
    TraitCondition,
    WorkingHours,
)
from tests.properties.driver import Cycle, FakeRecord, cycles, record
from tests.properties.histories import (
    DENSE,
    FEW,
    FEW_NAMES,
    STEP,
    SUNDAY,
    Disorder,
    Scene,
    arrivals,
    disorders,
    histories,
)
from tests.properties.languages import FOCUSES
from tests.properties.oracle_leads import FEEDBACK, LENGTHS
from tests.properties.oracle_live import waits_for_users
from tests.properties.standing import newest

_SAID = [
    {},
    {},
    {},
    {"lead": "lead_m0"},
    {"lead": "lead_m1"},
    {"lead": "another"},
    {"reason": "too small"},
    *({"for": length} for length in (*LENGTHS, "a while")),
    *({"until": SUNDAY + step * STEP + 1} for step in range(0, 14, 3)),
    {"until": "2026-01-06T21:00:00+01:00"},
    {"until": SUNDAY, "for": "2d"},
]
_BY = {"approver": "kim", "reason": "known"}
_DECIDED = [
    {"lead": f"lead_m{place}", **_BY, **more}
    for place in (0, 0, 1)
    for more in (
        {"action": "qualify"},
        {"action": "qualify"},
        {"action": "close", "outcome": "converted"},
        {"action": "close", "outcome": "disqualified"},
        {"action": "close"},
        {"action": "reroute", "team": "field", "owner": "ann"},
        {"action": "reroute", "team": "field"},
        {"action": "reroute", "owner": "bob"},
        {"action": "reroute"},
        {"action": "reroute", "team": "field", "reason": ""},
    )
]
_SAID += [*_DECIDED, {**_BY, "action": "qualify"}]
_NAMES = [*FEW_NAMES, *FEEDBACK, FEEDBACK[0], "lead_converted", *["lead_overridden"] * 3]
SCENE = Scene(_NAMES, 14, FEW, 36, [*DENSE.properties, *_SAID * 2], DENSE.traits)
HOURS = WorkingHours(
    ZoneInfo("UTC"),
    (DayHours(0, 1440), None, DayHours(360, 1080), DayHours(360, 721), None, DayHours(1, 2), None),
)
_TALKED = EventCondition(("share", "invite"), None, Measure("count", Comparison(">=", 1)), 4 * STEP)


@dataclass(frozen=True)
class LeadCase:
    """Definitions with leads, a history, its records as they come, and the time in the end."""

    meaning: Definitions
    conditions: dict[str, str]
    """Lead → the milestone with the same condition."""
    history: list[Event]
    records: list[FakeRecord]
    until: int


@st.composite
def _meanings(draw: st.DrawFn) -> tuple[Definitions, dict[str, str]]:
    base = draw(st.sampled_from(sorted(FOCUSES)).flatmap(FOCUSES.__getitem__))
    untimely = waits_for_users(base)
    whom = {
        "talker": Milestone("talker", "user", _TALKED),
        "talking": Milestone("talking", "user", _TALKED, live=True),
    }
    leads = {}
    for milestone in base.milestones.values():
        if milestone.name in untimely:
            continue
        name = f"lead_{milestone.name}"
        contacts = None
        if milestone.of == "account" and draw(st.integers(0, 3)):
            contacts = Contacts(draw(st.sampled_from(sorted(whom))), most=draw(st.integers(1, 3)))
        again = draw(st.sampled_from([0, 0, 1, STEP, 3 * STEP]))
        kind = draw(st.sampled_from(get_args(LeadKind)))
        leads[name] = Lead(name, milestone.of, milestone.when, again, contacts, kind=kind)
    meaning = replace(
        base,
        milestones={**base.milestones, **whom},
        segments={**base.segments, **draw(_segments)},
        leads=leads,
        routing=draw(st.one_of(_routings(), _routings(), _routings(), st.none())),
    )
    return meaning, {name: name.removeprefix("lead_") for name in leads}


_kinds: list[EntityKind] = ["account", "user"]
_segments = st.lists(st.sampled_from(_kinds), max_size=2, unique=True).map(
    lambda kinds: {f"s_{of}": Segment(f"s_{of}", of, _TALKED) for of in kinds}
)
_wanted = st.sampled_from(
    [
        *[()] * 3,
        (TraitCondition("plan", Compare("traits.plan", "eq", "paid")),),
        (TraitCondition("plan", Compare("traits.plan", "ne", "trial")),),
        (TraitCondition("seats", Compare("traits.seats", "gte", 55)),),
    ]
)
_lasting = st.sampled_from([0, 1, STEP, STEP + 1, 3 * STEP, 5 * STEP])


@st.composite
def _routings(draw: st.DrawFn) -> Routing:
    rules = [
        RoutingRule(
            f"r{number}",
            "sales",
            sla=draw(_lasting),
            floor=draw(st.sampled_from([0, 0, STEP // 2, 2 * STEP])),
            hours=draw(st.sampled_from([None, HOURS])),
            segments=draw(st.sampled_from([None, None, frozenset({"s_account", "s_user"})])),
            traits=draw(_wanted),
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    return Routing(tuple(rules))


def in_order(history: list[Event]) -> list[Event]:
    """By time, and no two at one instant: of these it would matter which comes first."""
    found: list[Event] = []
    for one in sorted(history, key=lambda event: event.time):
        time = max(one.time, found[-1].time + 1) if found else one.time
        found.append(
            Event(
                one.event_id,
                one.name,
                time,
                one.account_id,
                one.user_id,
                one.properties,
                one.traits,
            )
        )
    return found


@st.composite
def lead_cases(draw: st.DrawFn, *, late: bool = False) -> LeadCase:
    """A record is written when its event happens, or ``late``; events come again, too."""
    history = in_order(draw(histories(SCENE)))
    disorder = draw(disorders)
    meaning, conditions = draw(_meanings())
    arrived = arrivals(
        history,
        disorder if late else Disorder(disorder.seed, 0, disorder.again),
        allowed_lateness=meaning.timing.allowed_lateness,
        dedupe_within=meaning.timing.dedupe_within,
    )
    records: list[FakeRecord] = []
    now = 0
    for offset, event in enumerate(arrived):
        now = max(now, event.time)
        records.append(record(event, offset)._replace(timestamp=now))
    patience = draw(st.sampled_from([0, 1, STEP, 5 * STEP, 30 * STEP]))
    return LeadCase(meaning, conditions, history, records, newest(history) + patience)


def with_timers(plan: list[Cycle], seed: int) -> list[Cycle]:
    """The same, and time passes in slices in between."""
    chance = Random(seed)
    return [cycle._replace(timers=chance.choice([0, 1, 1, 2, 100])) for cycle in plan]


_seeds = st.integers(0, 2**32)
crashing_plans = st.builds(with_timers, st.lists(cycles, max_size=12), _seeds)
_committed = st.tuples(
    st.integers(0, 8), st.integers(1, 4), st.sampled_from(["commit", "restart"])
).map(lambda of: Cycle(*of))
quiet_plans = st.builds(with_timers, st.lists(_committed, max_size=16), _seeds)
