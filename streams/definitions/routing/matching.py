"""Which leads a rule is for: its score, segments and traits."""

import re
from typing import Final, cast

from streams.definitions import document
from streams.definitions.conditions.trait import read_trait_name
from streams.definitions.filters import read_comparisons
from streams.definitions.model import AllFilters, Compare, Comparison, TraitCondition
from streams.definitions.problems import quote
from streams.definitions.reader import Reader
from streams.definitions.routing.owners import read_names
from streams.definitions.values import read_comparison, read_number

SCORES_PATTERN: Final = r"^\s*(?:(?:>=|>|<=|<)\s*\S+|\S+\s*\.\.\s*\S+)\s*$"

_RANGE = re.compile(r"\s*(\S{1,40}?)\s*\.\.\s*(\S{1,40})\s*")


def read_segments(reader: Reader, node: document.Node) -> frozenset[str]:
    """A segment or several, each one that the file has."""
    segments = reader.segments.declared

    def known(item: document.Node, name: str) -> None:
        if name not in segments:
            message = f"there is no segment {quote(name)}"
            reader.unknown(item, message, name, segments)

    return frozenset(read_names(reader, node, "`segment`", "enterprise", known))


def read_score(reader: Reader, node: document.Node) -> tuple[Comparison, ...]:
    """``> 90``, or ``70..90`` with both ends in it."""
    found = _RANGE.fullmatch(node.text) if isinstance(node, document.Scalar) else None
    if found is None:
        comparison = read_comparison(reader, node, "`score`")
        if comparison is not None and comparison.operator in ("==", "!="):
            reader.error(
                node,
                "`score` is hardly ever equal to a number: compare it with one of >= > <= <, or "
                "write a range, such as `70..90`",
            )
        return () if comparison is None else (comparison,)
    ends = [document.Scalar(node.place, text, text) for text in found.groups()]
    low, high = (read_number(reader, end, "an end of `score`") for end in ends)
    if low is None or high is None:
        return ()
    if low > high:
        reader.error(node, "`score` goes from the lower to the higher: turn the two around")
    return (Comparison(">=", low), Comparison("<=", high))


def read_traits(reader: Reader, node: document.Node) -> tuple[TraitCondition, ...]:
    """Traits and what each must be; a trait with several operators is there several times."""
    mapping = reader.mapping(node, "`traits`", "{plan: {in: [trial, team]}}")
    if mapping is None:
        return ()
    if not mapping.entries:
        reader.error(mapping, "`traits` are empty: leave them out, or write `{plan: trial}`")
    found: list[TraitCondition] = []
    for written, value in mapping.entries.items():
        place = mapping.keys[written]
        name = read_trait_name(
            reader, document.Scalar(place, written, written), "a field of `traits`"
        )
        filters = None if name is None else read_comparisons(reader, f"traits.{name}", value)
        if name is not None and filters is not None:
            parts = filters.filters if isinstance(filters, AllFilters) else (filters,)
            found += [TraitCondition(name, cast(Compare, part)) for part in parts]
    return tuple(found)
