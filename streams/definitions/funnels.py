"""The section ``funnels``: events as steps."""

from typing import Final, get_args

from streams.definitions import document
from streams.definitions.conditions.event import read_range
from streams.definitions.conditions.events import read_events_alone
from streams.definitions.model import EntityKind, EventFilter, Exclusion, Funnel, FunnelOrder
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, kind_of
from streams.definitions.values import read_duration, read_number

FIELDS: Final = ("of", "steps", "within", "order", "exclude", "from", "to")
ORDERS: Final[tuple[FunnelOrder, ...]] = get_args(FunnelOrder)
MOST_STEPS: Final = 60
"""Steps of a funnel, and exclusions: each is a bit of a number that is set for each event."""

_NOTHING = EventFilter(())
"""Stands for an event that is wrong, so that the others keep their numbers."""


def read_funnel(
    reader: Reader, name: str, of: EntityKind | None, node: document.Mapping
) -> Funnel | None:
    """Read one funnel whose fields are known; ``None`` once an error is reported."""
    before = reader.errors
    entries = node.entries
    steps = _read_steps(reader, name, node)
    order = _read_order(reader, entries.get("order"))
    within = entries.get("within")
    length = read_duration(reader, within, "`within`", endless=True) if within is not None else None
    start, end = read_range(reader, node, "nothing is in between")
    exclude = _read_exclusions(reader, entries.get("exclude"), len(steps), order)
    if reader.errors > before or of is None:
        return None
    return Funnel(name, of, tuple(steps), order, length, tuple(exclude), start, end)


def _read_steps(reader: Reader, name: str, node: document.Mapping) -> list[EventFilter]:
    listed = node.entries.get("steps")
    example = "`steps: [{event: Signed Up}, {event: Document Created}]`"
    if listed is None:
        reader.error(node, f"funnel {quote(name)} lacks `steps`: write {example}")
        return []
    if not isinstance(listed, document.Sequence):
        reader.error(listed, f"{example} is how steps are written, not {kind_of(listed)}")
        return []
    if not 2 <= len(listed.items) <= MOST_STEPS:
        reader.error(listed, f"a funnel has 2 to {MOST_STEPS} steps, this one {len(listed.items)}")
    found = [read_events_alone(reader, item, "a step of a funnel") for item in listed.items]
    return [event or _NOTHING for event in found]


def _read_order(reader: Reader, node: document.Node | None) -> FunnelOrder:
    if node is None:
        return "ordered"
    value = node.value if isinstance(node, document.Scalar) else None
    for order in ORDERS:
        if value == order:
            return order
    message = f"`order` is {', '.join(map(quote, ORDERS))}, not {kind_of(node)}"
    reader.unknown(node, message, value if isinstance(value, str) else "", ORDERS)
    return "ordered"


def _read_exclusions(
    reader: Reader, node: document.Node | None, steps: int, order: FunnelOrder
) -> list[Exclusion]:
    if node is None:
        return []
    if not isinstance(node, document.Sequence) or not node.items:
        shown = "empty" if isinstance(node, document.Sequence) else kind_of(node)
        reader.error(
            node, f"`exclude` is a list, such as `[{{event: X, from: 1, to: 2}}]`, not {shown}"
        )
        return []
    if len(node.items) > MOST_STEPS:
        reader.error(node, f"at most {MOST_STEPS} events are excluded")
        return []
    return [_read_exclusion(reader, item, steps, order) for item in node.items]


def _read_exclusion(
    reader: Reader, node: document.Node, steps: int, order: FunnelOrder
) -> Exclusion:
    before = reader.errors
    event = read_events_alone(reader, node, "an excluded event of a funnel", ("from", "to"))
    found = {"from": 1, "to": steps}
    entries = node.entries if isinstance(node, document.Mapping) else {}
    for name in ("from", "to"):
        if name not in entries:
            continue
        if order == "unordered":
            reader.error(
                entries[name], f"`{name}` is the number of a step, and these have no order"
            )
            continue
        number = read_number(reader, entries[name], f"`{name}`")
        if number is not None and (number not in range(1, steps + 1)):
            reader.error(entries[name], f"`{name}` is the number of a step, from 1 to {steps}")
        elif number is not None:
            found[name] = int(number)
    if steps and found["from"] >= found["to"] and reader.errors == before:
        reader.error(node, "an event is excluded from one step to a later one: `from: 1, to: 2`")
    return Exclusion(event or _NOTHING, found["from"], found["to"])
