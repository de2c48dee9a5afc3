"""The section ``routing``: rules in order, and what becomes of the leads that none fits."""

from dataclasses import dataclass
from typing import Final

from streams.definitions import document
from streams.definitions.document import Place
from streams.definitions.model import Comparison, Routing, RoutingRule, TraitCondition, WorkingHours
from streams.definitions.names import read_named
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, kind_of
from streams.definitions.routing.hours import read_hours
from streams.definitions.routing.lint import check_sla, warn_of_shadows
from streams.definitions.routing.matching import read_score, read_segments, read_traits
from streams.definitions.routing.owners import read_owners
from streams.definitions.values import read_duration

FIELDS: Final = ("hours", "floor", "rules", "otherwise")
CONDITIONS: Final = ("score", "segment", "traits")
TARGETS: Final = ("team", "owners", "territories", "sla", "floor", "hours")
OTHERWISE: Final = "otherwise"
"""The name of the rule for the leads that no other fits."""
NOBODY: Final = "nobody"
ALWAYS: Final = "always"
MOST_RULES: Final = 200
"""Each is compared with those before it."""

_EXAMPLE = "{hot: {score: '> 90', team: sales, sla: 4h}}"


@dataclass(frozen=True, slots=True)
class _Context:
    """What all rules of a file share."""

    reader: Reader
    hours: WorkingHours | None
    floor: int


def read_routing(reader: Reader, node: document.Node) -> Routing | None:
    """Read the section; ``None`` once an error is reported. Segments must have been read before."""
    before = reader.errors
    mapping = reader.mapping(node, "`routing`", "{rules: {…}, otherwise: nobody}")
    if mapping is None:
        return None
    reader.only(mapping, FIELDS, "`routing`")
    entries = mapping.entries
    hours = read_hours(reader, entries["hours"]) if "hours" in entries else None
    context = _Context(reader, hours, _read_floor(reader, entries.get("floor"), 0))
    rules, places = _read_rules(context, mapping)
    other = _read_otherwise(context, mapping)
    if reader.errors > before:
        return None
    warn_of_shadows(reader, rules, places)
    return Routing((*rules, *other))


def _read_rules(
    context: _Context, routing: document.Mapping
) -> tuple[list[RoutingRule], dict[str, Place]]:
    """The rules that are right, and where the name of each stands."""
    reader, node = context.reader, routing.entries.get("rules")
    if node is None:
        reader.error(routing, f"`routing` lacks `rules`: write `rules: {_EXAMPLE}`")
        return [], {}
    entries = read_named(reader, node, "`rules`", _EXAMPLE)
    if len(entries) > MOST_RULES:
        reader.error(node, f"there are at most {MOST_RULES} rules, not {len(entries)}")
        return [], {}
    found = [_read_rule(context, *entry) for entry in entries]
    places = {name: place for name, place, _ in entries}
    return [rule for rule in found if rule is not None], places


def _read_rule(
    context: _Context, name: str, place: Place, mapping: document.Mapping | None
) -> RoutingRule | None:
    reader, before = context.reader, context.reader.errors
    if name == OTHERWISE:
        reader.error(place, "`otherwise` stands beside `rules`, not among them")
    if mapping is None:
        return None
    reader.only(mapping, (*CONDITIONS, *TARGETS), f"rule {quote(name)}")
    entries = mapping.entries
    if not any(each in entries for each in CONDITIONS):
        reader.error(
            place,
            f"rule {quote(name)} asks for nothing and takes every lead: give it `score`, "
            "`segment` or `traits`, or write it as `otherwise`",
        )
    score = read_score(reader, entries["score"]) if "score" in entries else ()
    segments = read_segments(reader, entries["segment"]) if "segment" in entries else None
    traits = read_traits(reader, entries["traits"]) if "traits" in entries else ()
    return _read_target(context, name, mapping, before, score, segments, traits)


def _read_otherwise(context: _Context, routing: document.Mapping) -> list[RoutingRule]:
    """The rule for all other leads, or none where they go to nobody."""
    reader, node = context.reader, routing.entries.get(OTHERWISE)
    example = "`otherwise: {team: self_service, sla: 48h}`, or `otherwise: nobody`"
    if node is None:
        reader.error(
            routing,
            f"`routing` lacks `otherwise`, for the leads that no rule fits: write {example}",
        )
        return []
    if isinstance(node, document.Scalar) and node.value == NOBODY:
        return []
    if not isinstance(node, document.Mapping):
        reader.error(node, f"{example} is how the rest is written, not {kind_of(node)}")
        return []
    before = reader.errors
    for name in CONDITIONS:
        if name in node.keys:
            reader.error(
                node.keys[name], f"`otherwise` takes what is left: {quote(name)} belongs to a rule"
            )
    reader.only(node, (*CONDITIONS, *TARGETS), "`otherwise`")
    rule = _read_target(context, OTHERWISE, node, before)
    return [] if rule is None else [rule]


def _read_target(
    context: _Context,
    name: str,
    node: document.Mapping,
    before: int,
    score: tuple[Comparison, ...] = (),
    segments: frozenset[str] | None = None,
    traits: tuple[TraitCondition, ...] = (),
) -> RoutingRule | None:
    """Where the leads go that pass; ``None`` where there are more errors than ``before``."""
    reader, entries = context.reader, node.entries
    what = quote(name) if name == OTHERWISE else f"rule {quote(name)}"
    for missing, example in (("team", "sales"), ("sla", "4h")):
        if missing not in entries:
            reader.error(node, f"{what} lacks `{missing}`: write `{missing}: {example}`")
    team = reader.text(entries["team"], "`team`") if "team" in entries else None
    sla = read_duration(reader, entries["sla"], "`sla`") if "sla" in entries else None
    floor = _read_floor(reader, entries.get("floor"), context.floor)
    hours = _read_own_hours(context, entries.get("hours"))
    owners = read_owners(reader, node)
    if team is None or sla is None or reader.errors > before:
        return None
    rule = RoutingRule(name, team, sla, floor, hours, owners, score, segments, traits)
    check_sla(reader, rule, entries["sla"])
    return rule


def _read_floor(reader: Reader, node: document.Node | None, default: int) -> int:
    length = None if node is None else read_duration(reader, node, "`floor`", setting=True)
    return default if length is None else length


def _read_own_hours(context: _Context, node: document.Node | None) -> WorkingHours | None:
    if node is None:
        return context.hours
    if isinstance(node, document.Scalar):
        if node.value != ALWAYS:
            context.reader.error(
                node,
                "`hours` of a rule are a mapping, such as `{zone: Europe/Berlin, "
                f"mon-fri: 09:00-17:00}}`, or `{ALWAYS}`, not {kind_of(node)}",
            )
        return None
    return read_hours(context.reader, node)
