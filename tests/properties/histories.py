"""Made-up histories and the orders in which they may arrive.

Names, values and times come from small alphabets and a coarse grid, so that what is rare in
life happens in every other example: equal timestamps, an event exactly at a window's edge,
two users doing the same thing, a value that is missing.
"""

from random import Random
from typing import Any

from hypothesis import strategies as st

from schemas.events import Event

SUNDAY = 1_767_484_800_000  # 2026-01-04T00:00:00Z: days and ISO weeks turn within the grid
HOUR = 3_600_000
STEP = 6 * HOUR
STEPS = 20

NAMES = ["open", "open", "share", "share", "shared", "invite"]
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


times = st.sampled_from(
    [
        SUNDAY + step * STEP + slip
        for slip in (0, 0, 0, 0, -1, 1)  # a millisecond beside the edge, now and then
        for step in range(STEPS + 1)
    ]
)


rows = st.tuples(st.sampled_from(NAMES), times, st.sampled_from(WHO), st.sampled_from(PROPERTIES))
LONGEST = 24
lists_of_rows = st.sampled_from(
    [st.lists(rows, min_size=size, max_size=LONGEST) for size in (0, 4, 8, 12, 16)]
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """A whole history; event ids are unique in an account, and repeat between accounts."""
    events: list[Event] = []
    for name, time, (account, user), found in draw(draw(lists_of_rows)):
        earlier = sum(event.account_id == account for event in events)
        events.append(Event(f"id-{earlier}", name, time, account, user, found, {}))
    return events


lives_of_one_account = st.lists(
    st.tuples(times, st.sampled_from(["ann", "ann", "bob", "cid", None]), st.integers(1, 5)),
    min_size=8,
    max_size=40,
).map(
    lambda rows: [
        Event(f"id-{number}", "open", time, "acme", user, {"size": size, "gain": size}, {})
        for number, (time, user, size) in enumerate(rows)
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


@st.composite
def arrivals(
    draw: st.DrawFn,
    history: list[Event],
    *,
    allowed_lateness: int,
    dedupe_within: int = 0,
) -> list[Event]:
    """The history in an order in which nothing comes more than ``allowed_lateness`` behind.

    An event that arrives ``delay`` behind its own time stands behind every event that is
    older than ``time + delay``. All such orders can come out. With ``dedupe_within``, events
    come again up to that long after.
    """
    delays = st.one_of(
        st.just(0), st.just(allowed_lateness), st.integers(0, allowed_lateness // STEP).map(_steps)
    )
    keyed = [(event.time + draw(delays), draw(st.integers(0, 7)), event) for event in history]
    if history and dedupe_within:
        longest = (dedupe_within - 1) // STEP
        for event in draw(st.lists(st.sampled_from(history), max_size=8)):
            delay = _steps(draw(st.integers(0, longest)))
            keyed.append((event.time + delay, draw(st.integers(0, 7)), event))
    return [event for *_, event in sorted(keyed, key=lambda item: item[:2])]


def _steps(count: int) -> int:
    return count * STEP
