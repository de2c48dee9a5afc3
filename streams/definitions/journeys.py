"""The section ``journeys``: milestones as steps."""

from typing import Final

from streams.definitions import document
from streams.definitions.document import Place
from streams.definitions.model import EntityKind, Journey
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, kind_of
from streams.definitions.values import read_duration

FIELDS: Final = ("of", "steps", "within", "stuck")

Step = tuple[Place, str]
"""The name of a milestone, and where it stands."""


def read_journey(
    reader: Reader, name: str, of: EntityKind | None, node: document.Mapping, steps: list[Step]
) -> Journey | None:
    """Read what a journey has besides its steps; ``None`` where its kind is wrong."""
    within = node.entries.get("within")
    length = read_duration(reader, within, "`within`", endless=True) if within is not None else None
    names = tuple(step for _, step in steps)
    stuck = _read_stuck(reader, node.entries.get("stuck"), names)
    return None if of is None else Journey(name, of, names, length, stuck)


def read_steps(reader: Reader, node: document.Mapping, what: str) -> list[Step]:
    """The steps of a journey that are text."""
    listed = node.entries.get("steps")
    if listed is None:
        reader.error(node, f"{what} lacks `steps`: write `steps: [signed_up, onboarded]`")
        return []
    if not isinstance(listed, document.Sequence) or not listed.items:
        shown = "empty" if isinstance(listed, document.Sequence) else kind_of(listed)
        reader.error(
            listed,
            f"`steps` is a list of milestones, such as `[signed_up, onboarded]`, not {shown}",
        )
        return []
    steps: list[Step] = []
    names: set[str] = set()
    for item in listed.items:
        step = reader.text(item, "a step")
        if step is None:
            continue
        if step in names:
            reader.error(item, f"{quote(step)} is a step twice: a milestone is reached once")
        names.add(step)
        steps.append((item.place, step))
    return steps


def _read_stuck(
    reader: Reader, node: document.Node | None, steps: tuple[str, ...]
) -> dict[str, int]:
    if node is None:
        return {}
    mapping = reader.mapping(node, "`stuck`", "{onboarded: 7d}")
    if mapping is None:
        return {}
    if not mapping.entries:
        reader.error(mapping, "`stuck` is empty: leave it out, or write `{onboarded: 7d}`")
    found: dict[str, int] = {}
    for name, place in mapping.keys.items():
        length = read_duration(reader, mapping.entries[name], f"`stuck` after {quote(name)}")
        if steps and name not in steps:
            reader.unknown(place, f"{quote(name)} is not a step of this journey", name, steps)
        elif steps and name == steps[-1]:
            reader.error(
                place, f"{quote(name)} is the last step: nobody is stuck where the journey ends"
            )
        elif length is not None:
            found[name] = length
    return found
