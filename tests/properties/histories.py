"""Made-up histories and the orders in which they may arrive.

Names, values and times come from small alphabets and a coarse grid, so that what is rare in
life happens in every other example: equal timestamps, an event exactly at a window's edge,
two users doing the same thing, a value that is missing.
"""

from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from schemas.events import GROUP, IDENTIFY, Event

SUNDAY = 1_767_484_800_000  # 2026-01-04T00:00:00Z: days and ISO weeks turn within the grid
HOUR = 3_600_000
STEP = 6 * HOUR
STEPS = 20
FEW_STEPS = 9
WHOLE_HISTORY = (STEPS + 1) * STEP

NAMES = [*["open", "share"] * 3, "shared", "invite", "invite", IDENTIFY, GROUP]
WHO = [
    *[("acme", "ann")] * 5,
    *[("acme", "bob")] * 3,
    ("acme", "cid"),
    ("acme", None),
    ("bolt", "ann"),
    ("bolt", "bob"),
    (None, "ann"),
    (None, "bob"),
]
FEW_NAMES = [*["open", "share", "invite"] * 3, IDENTIFY, GROUP]
FEW = [*[("acme", "ann")] * 4, ("acme", "bob"), ("acme", "bob"), ("acme", None), (None, "ann")]
Row = tuple[str, int, tuple[str | None, str | None], dict[str, Any], dict[str, Any]]
"""Name, time, account and user, properties, traits."""

NUMBERS: list[Any] = [0, 1, 2, 3, -1, 2.5, 0.1, 0.2, 1e300, "2", "2.0", "-1", "3e0"]
WORDS: list[Any] = ["admin", "Admin", "administrator", "true", "", "nan", "inf", "1e999", " 2 "]
OTHERS: list[Any] = [True, False, None, [], ["admin", 2], ["ADMIN"], {"deep": 1}, "2026-01-06"]

GAINS = [number for number in NUMBERS if float(number) >= 0]
PROPERTIES: list[dict[str, Any]] = [
    {},
    *({"role": "admin", "size": number, "in": {"size": number}} for number in NUMBERS),
    *({"role": value, "size": 1, "gain": 1} for value in WORDS + OTHERS + NUMBERS),
    *({"size": value, "in": value} for value in OTHERS),
    *({"role": "editor", "gain": number, "size": -1} for number in GAINS),
    {"role": "admin", "in": {}, "gain": 2},
    {"role": "editor", "size": 2, "in": {"size": None}},
]
TRAIT_VALUES: list[Any] = ["trial", "paid", "Paid", 7, "50", 60, True, None, ["trial"]]
TRAITS: list[dict[str, Any]] = [
    {},
    *({"plan": value} for value in TRAIT_VALUES),
    *({"seats": value} for value in TRAIT_VALUES),
    {"plan": "trial", "seats": 50},
]
FEW_PROPERTIES: list[dict[str, Any]] = [
    {},
    *({"size": size, "role": role} for size in (0, 1, 2, 2.5, "2", -1) for role in ("admin", "x")),
    {"size": "many", "role": None},
]
FEW_TRAITS: list[dict[str, Any]] = [
    {"plan": "trial", "seats": 50},
    {"plan": "trial"},
    {"plan": "paid", "seats": "60"},
    {"plan": None},
    {"seats": None},
    {},
]


class Scene(NamedTuple):
    """What happens, when, and to whom."""

    names: list[str]
    steps: int
    who: list[tuple[str | None, str | None]]
    longest: int
    properties: list[dict[str, Any]] = PROPERTIES
    traits: list[dict[str, Any]] = TRAITS


EVERYBODY = Scene(NAMES, STEPS, WHO, 24)
DENSE = Scene(FEW_NAMES, FEW_STEPS, FEW, 20, FEW_PROPERTIES, FEW_TRAITS)
"""Few names, people and instants, so that edges meet and many events have one time."""
ONE_ACCOUNT = Scene(
    ["open"], STEPS, [("acme", who) for who in ("ann", "ann", "bob", "cid", None)], 40
)

SLIPS = (0, 0, 0, 0, -1, 1)
"""A millisecond beside the edge, now and then."""


def histories(scene: Scene = EVERYBODY) -> st.SearchStrategy[list[Event]]:
    """A whole history. Some are drawn, and shrink well; more come from a seed, and are rich
    whatever else is drawn after them. Draw them first: Hypothesis leaves the end of an example
    simple."""
    drawn = st.lists(_drawn_rows(scene), max_size=scene.longest)
    sizes = st.one_of(
        st.integers(2 * scene.longest // 3, scene.longest), st.integers(0, scene.longest)
    )
    seeded = st.builds(lambda seed, size: _seeded_rows(scene, seed, size), seeds, sizes)
    return st.one_of(seeded, seeded, drawn).map(as_history)


seeds = st.integers(0, 2**64)


def _drawn_rows(scene: Scene) -> st.SearchStrategy[Row]:
    times = st.sampled_from(
        [SUNDAY + step * STEP + slip for slip in SLIPS for step in range(scene.steps + 1)]
    )

    def carrying(name: str) -> st.SearchStrategy[Row]:
        traits = st.sampled_from(_traits(scene, name))
        who, properties = st.sampled_from(scene.who), st.sampled_from(scene.properties)
        return st.tuples(st.just(name), times, who, properties, traits)

    return st.sampled_from(scene.names).flatmap(carrying)


def _seeded_rows(scene: Scene, seed: int, size: int) -> list[Row]:
    chance = Random(seed)
    found: list[Row] = []
    for _ in range(size):
        name = chance.choice(scene.names)
        time = SUNDAY + chance.randint(0, scene.steps) * STEP + chance.choice(SLIPS)
        who, properties = chance.choice(scene.who), chance.choice(scene.properties)
        found.append((name, time, who, properties, chance.choice(_traits(scene, name))))
    return found


def _traits(scene: Scene, name: str) -> list[dict[str, Any]]:
    return scene.traits if name in (IDENTIFY, GROUP) else [{}]


def as_history(rows: list[Row]) -> list[Event]:
    """Event ids are unique in an account, and repeat between accounts."""
    events: list[Event] = []
    for name, time, (account, user), found, traits in rows:
        earlier = sum(event.account_id == account for event in events)
        owner = account if name == GROUP else user
        events.append(
            Event(f"id-{earlier}", name, time, account, user, found, traits if owner else {})
        )
    return events


lives_of_one_account = histories(ONE_ACCOUNT).map(
    lambda events: [
        Event(
            one.event_id, one.name, one.time, "acme", one.user_id, {"size": size, "gain": size}, {}
        )
        for place, one in enumerate(events)
        for size in [1 + place % 5]
    ]
)


def crowd(seed: int, allowed_lateness: int) -> tuple[list[Event], list[Event]]:
    """A long history of one account with many users and values, and the same as it arrives.

    From a seed and not drawn: nothing this long can be shrunk anyway.
    """
    chance = Random(seed)
    people = [f"user-{number}" for number in range(chance.choice([3, 20, 60]))]
    sizes = chance.choice([5, 15, 40])
    history = [
        Event(
            f"id-{number}",
            "open",
            SUNDAY + chance.randrange(4 * STEPS) * STEP // 2,
            "acme",
            chance.choice(people),
            {"size": (size := chance.randint(1, sizes)), "gain": size},
            {},
        )
        for number in range(chance.choice([60, 120, 200]))
    ]
    late = [(event.time + chance.randint(0, allowed_lateness), event) for event in history]
    return history, [event for _, event in sorted(late, key=lambda item: item[0])]


class Disorder(NamedTuple):
    """How events come late, and again; from a seed, for the reason that histories are."""

    seed: int
    late: int
    """How many of four events come late."""
    again: int
    """How many come again."""


disorders = st.builds(Disorder, seeds, st.integers(0, 4), st.integers(0, 8))


def arrivals(
    history: list[Event], disorder: Disorder, *, allowed_lateness: int, dedupe_within: int = 0
) -> list[Event]:
    """The history in an order in which nothing comes more than ``allowed_lateness`` behind.

    An event that arrives ``delay`` behind its own time stands behind every event that is
    older than ``time + delay``. All such orders can come out. With ``dedupe_within``, events
    come again up to that long after.
    """
    chance = Random(disorder.seed)
    keyed: list[tuple[int, int, Event]] = []
    for event in history:
        some = chance.randint(0, allowed_lateness // STEP) * STEP
        delay = chance.choice([some, some, allowed_lateness])
        late = disorder.late > chance.randrange(4)
        # Of one time, those that are in order come first to last, the others in any order.
        place = chance.randint(0, 7) if disorder.late else 0
        keyed.append((event.time + delay * late, place, event))
    if history and dedupe_within:
        longest = (dedupe_within - 1) // STEP
        for event in chance.choices(history, k=disorder.again):
            delay = chance.randint(0, longest) * STEP
            keyed.append((event.time + delay, chance.randint(0, 7), event))
    return [event for *_, event in sorted(keyed, key=lambda item: item[:2])]
