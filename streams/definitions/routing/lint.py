"""What is probably not meant in rules that are right each by itself."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from streams.definitions.document import Node, Place
from streams.definitions.meaning import as_text, canonical_filter
from streams.definitions.model import Comparison, RoutingRule, WorkingHours
from streams.definitions.problems import quote
from streams.definitions.reader import Reader
from streams.definitions.values import DAY, LONGEST_DURATION, UNITS, format_duration, written

_HOUR: Final = UNITS["h"]
_MINUTE: Final = UNITS["m"]


def check_sla(reader: Reader, rule: RoutingRule, node: Node) -> None:
    """Whether a team can hold what a rule promises."""
    if rule.hours is not None:
        if rule.sla / _weekly(rule.hours) * 7 * DAY > LONGEST_DURATION:
            longest = format_duration(LONGEST_DURATION)
            reader.error(
                node,
                f"`sla` is working time: {quote(written(node))} of it take longer than {longest} "
                "in these hours",
            )
        elif rule.sla % _HOUR == 0 and not written(node).endswith(("h", "m", "s")):
            hours = f"{rule.sla // _HOUR}h"
            reader.warning(
                node,
                f"`sla` is working time: {quote(written(node))} are {quote(hours)} of it, write "
                "that where it is meant",
            )
    if rule.floor and rule.sla <= rule.floor:
        reader.warning(
            node,
            f"`sla` is no longer than `floor`, {format_duration(rule.floor)}: the first contact "
            "is due as soon as it is allowed",
        )


def _weekly(hours: WorkingHours) -> int:
    """Milliseconds of a week without holidays."""
    return sum((span.end - span.start) * _MINUTE for span in hours.days if span is not None)


def warn_of_shadows(
    reader: Reader, rules: Sequence[RoutingRule], places: Mapping[str, Place]
) -> None:
    """Warn of rules that never get a lead, as one before takes them all."""
    wanted = [_traits(rule) for rule in rules]
    for number, rule in enumerate(rules):
        for before in range(number):
            if wanted[before] <= wanted[number] and _takes_all(rules[before], rule):
                reader.warning(
                    places[rule.name],
                    f"rule {quote(rule.name)} never gets a lead: {quote(rules[before].name)} "
                    "before it takes them all",
                )
                break


def _takes_all(first: RoutingRule, second: RoutingRule) -> bool:
    """Whether ``first`` fits all leads that ``second`` does, whatever their traits."""
    if first.segments is not None and not (second.segments and second.segments <= first.segments):
        return False
    if first.score and not second.score:
        return False  # it also takes leads without a score
    (low, high), (least, most) = _range(first.score), _range(second.score)
    return low <= least and most <= high


def _range(score: tuple[Comparison, ...]) -> tuple[tuple[float, int], tuple[float, int]]:
    """From where to where it goes; an end that is not in it is a little further inside."""
    low, high = (-math.inf, 0), (math.inf, 0)
    for comparison in score:
        value = comparison.value
        if comparison.operator in (">", ">="):
            low = (value, 1 if comparison.operator == ">" else 0)
        else:
            high = (value, -1 if comparison.operator == "<" else 0)
    return low, high


def _traits(rule: RoutingRule) -> frozenset[str]:
    return frozenset(as_text(canonical_filter(condition.has)) for condition in rule.traits)
