"""What a KPI's points say: where it stands, where it goes, and what it lacks."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from streams.definitions.model import Role
from streams.definitions.roles import ROLES, stand_in
from streams.queries.kpis.asking import Point
from streams.queries.kpis.catalogue import Header

_PERCENTILES: Final = {1: (50,), 3: (25, 50, 75)}


class Newest(NamedTuple):
    """The newest point that counts, and what it is compared with."""

    point: Point
    change: float | None
    """Since the period before; ``None`` where that has no value."""


class Standing(NamedTuple):
    """Between which published percentiles a value lies."""

    above: int | None
    """``None``: below them all."""
    below: int | None
    """``None``: above them all."""


def newest(points: Sequence[Point]) -> Newest | None:
    """The newest point of a group that has a value; complete, if any of them is."""
    known = [place for place, point in enumerate(points) if point.value is not None]
    if not known:
        return None
    place = max(known, key=lambda place: (points[place].complete, place))
    value, before = points[place].value, points[place - 1].value if place else None
    return Newest(points[place], None if value is None or before is None else value - before)


def standing(header: Header, percentiles: Sequence[float], value: float) -> Standing:
    """Where the value lies; one that equals a percentile has reached it.

    Args:
        header: of the KPI; it says which way is better.
        percentiles: one of its benchmarks.
        value: of a period as long as the header's grain, for which they are published.
    """
    ranks = _PERCENTILES[len(percentiles)]
    sign = 1 if header.better == "higher" else -1
    reached = sum(sign * value >= sign * one for one in percentiles)
    return Standing(
        ranks[reached - 1] if reached else None, ranks[reached] if reached < len(ranks) else None
    )


def remedy(need: str, roles: Mapping[str, Role]) -> str:
    """What to write into the definitions for a need that they do not meet, in words.

    Args:
        need: a role or its attribute, see :meth:`streams.queries.kpis.catalogue.Kpi.missing`.
        roles: of the definitions.
    """
    name, _, attribute = need.partition(".")
    found = stand_in(name, roles)
    if found is not None and attribute:
        return f"role `{found}` lacks `{attribute}`: add `{attribute}: properties.{attribute}`"
    kind = ROLES[name]
    form = kind.forms[0]
    wanted = dict.fromkeys([*kind.required, *([attribute] if attribute else [])])
    says = "".join(f", {each}: properties.{each}" for each in wanted if form == "event")
    named = "[NAME, NAME]" if form == "milestones" else "NAME"
    return f"role `{name}` ({kind.meaning}): add `{name}: {{{form}: {named}{says}}}`"
