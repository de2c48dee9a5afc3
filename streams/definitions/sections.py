"""The sections of a file, one after the other."""

from dataclasses import dataclass, field

from streams.definitions import document, funnels
from streams.definitions.abuse import kind_of_rule, read_rule
from streams.definitions.baselines import read_baseline
from streams.definitions.cases import read_cases
from streams.definitions.conditions import read_condition
from streams.definitions.document import Node, Place
from streams.definitions.expectations import Declared
from streams.definitions.health import check_names, read_health_section
from streams.definitions.journeys import FIELDS as JOURNEY_FIELDS
from streams.definitions.journeys import Step, read_journey, read_steps
from streams.definitions.leads import read_lead
from streams.definitions.model import (
    AbuseRule,
    Baseline,
    Case,
    Definitions,
    EntityKind,
    Funnel,
    Health,
    Journey,
    Lead,
    Milestone,
    Role,
    Routing,
    Score,
    Segment,
    Timing,
)
from streams.definitions.names import Entry, read_kind, read_named, read_texts
from streams.definitions.problems import quote
from streams.definitions.reader import Name, Reader, Scope, kind_of
from streams.definitions.roles import Known, read_roles
from streams.definitions.routing import read_routing
from streams.definitions.scores import read_score
from streams.definitions.segments import read_segment
from streams.definitions.shadows import read_shadow
from streams.definitions.values import format_duration, read_duration, read_flag, written

VERSION = 1
SECTIONS = (
    "version", "settings", "segments", "scores", "milestones", "journeys", "funnels", "leads",
    "routing", "abuse", "roles", "tests", "health", "baselines",
)  # fmt: skip
SETTINGS = ("allowed_lateness", "dedupe_within")
MILESTONE_FIELDS = ("of", "title", "description", "when", "live", "repeat", "shadow")

_EXAMPLES = {
    "segments": "{enterprise: {of: account, when: {trait: employees, gte: 1000}}}",
    "baselines": "{usage: {of: account, event: Used, count: true, within: 30d, start: 20}}",
    "scores": "{fit: {of: account, components: {invited: {points: 9, when: {event: Invited}}}}}",
    "milestones": "{signed_up: {of: account, when: {event: Signed Up}}}",
    "journeys": "{self_serve: {of: account, steps: [signed_up, onboarded]}}",
    "funnels": "{activation: {of: user, steps: [{event: Signed Up}, {event: Document Created}]}}",
    "health": "{usage: {of: account, red: {inactive: 14d}}}",
    "leads": '{pqa: {of: account, when: {score: fit, is: ">= 70"}}}',
    "abuse": '{internal: {of: user, when: {trait: email, ends_with: "@acme.example"}}}',
}


@dataclass(slots=True)
class Sections:
    """What was read, complete only where the reader has no errors."""

    timing: Timing = field(default_factory=Timing)
    segments: dict[str, Segment] = field(default_factory=dict)
    baselines: dict[str, Baseline] = field(default_factory=dict)
    scores: dict[str, Score] = field(default_factory=dict)
    milestones: dict[str, Milestone] = field(default_factory=dict)
    journeys: dict[str, Journey] = field(default_factory=dict)
    funnels: dict[str, Funnel] = field(default_factory=dict)
    leads: dict[str, Lead] = field(default_factory=dict)
    routing: Routing | None = None
    abuse: dict[str, AbuseRule] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    tests: tuple[Case, ...] = ()
    declared: dict[str, EntityKind | None] = field(default_factory=dict)
    """Every milestone that the file has a name for, and its kind where that is right: also those
    that are wrong otherwise, so that naming one is no second error."""
    places: dict[str, Place] = field(default_factory=dict)
    """Where the name of each milestone, of each lead and of each health stands."""
    baseline_places: dict[str, Place] = field(default_factory=dict)
    steps: dict[str, list[Step]] = field(default_factory=dict)
    """Steps of each journey, with their places."""
    journey_kinds: dict[str, EntityKind | None] = field(default_factory=dict)
    lead_kinds: dict[str, EntityKind | None] = field(default_factory=dict)
    health: dict[str, Health] = field(default_factory=dict)
    health_kinds: dict[str, EntityKind | None] = field(default_factory=dict)
    rule_kinds: dict[str, EntityKind | None] = field(default_factory=dict)
    score_kinds: dict[str, EntityKind | None] = field(default_factory=dict)


def read_sections(reader: Reader, root: Node | None) -> Sections:
    """Read the whole tree; errors and warnings go to ``reader``."""
    sections = Sections()
    if root is None:
        reader.error(Place(), "the file is empty: it starts with `version: 1`")
        return sections
    mapping = reader.mapping(root, "a definitions file", "version: 1")
    if mapping is None:
        return sections
    reader.only(mapping, SECTIONS, "a definitions file")
    _read_version(reader, mapping)
    _read_all(reader, sections, mapping)
    return sections


def _read_all(reader: Reader, sections: Sections, mapping: document.Mapping) -> None:
    """Each section after those that it may name."""
    entries = mapping.entries
    if not entries.keys() & {"milestones", "funnels", "leads", "health"}:
        reader.warning(mapping, "there are no `milestones`: nothing will ever be reached")
    if "settings" in entries:
        sections.timing = _read_settings(reader, entries["settings"])
    _read_segments(reader, sections, _entries(reader, mapping, "segments"))
    health = _entries(reader, mapping, "health")
    sections.places |= {name: place for name, place, _ in health}
    sections.health, sections.health_kinds = read_health_section(reader, health)
    _read_baselines(reader, sections, _entries(reader, mapping, "baselines"))
    _read_scores(reader, sections, _entries(reader, mapping, "scores"))
    for name, place, node in _entries(reader, mapping, "milestones"):
        _read_milestone(reader, sections, name, place, node)
    for name, _, node in _entries(reader, mapping, "journeys"):
        _read_journey(reader, sections, name, node)
    for name, _, node in _entries(reader, mapping, "funnels"):
        _read_funnel(reader, sections, name, node)
    for name, place, node in _entries(reader, mapping, "leads"):
        _read_lead(reader, sections, name, place, node)
    check_names(
        reader, health, sections.health_kinds,
        milestones=sections.declared, leads=sections.lead_kinds, journeys=sections.journey_kinds,
    )  # fmt: skip
    if "routing" in entries:
        sections.routing = read_routing(reader, entries["routing"])
    for name, place, node in _entries(reader, mapping, "abuse"):
        _read_rule(reader, sections, name, place, node)
    if "roles" in entries:
        known = Known(sections.declared, sections.lead_kinds)
        sections.roles = read_roles(reader, entries["roles"], known)
    if "tests" in entries:
        declared = Declared(
            sections.declared,
            sections.journey_kinds,
            sections.milestones,
            sections.journeys,
            sections.lead_kinds,
            sections.health_kinds,
            sections.health,
            sections.rule_kinds,
        )
        sections.tests = read_cases(reader, entries["tests"], declared)


def read_test_file(reader: Reader, root: Node | None, definitions: Definitions) -> tuple[Case, ...]:
    """Read a file that has nothing but tests, of these definitions."""
    if root is None:
        reader.error(Place(), "the file is empty: it starts with `version: 1`")
        return ()
    mapping = reader.mapping(root, "a file of tests", "version: 1")
    if mapping is None:
        return ()
    reader.only(mapping, ("version", "tests"), "a file of tests")
    _read_version(reader, mapping)
    if "tests" not in mapping.entries:
        reader.error(mapping, "there are no `tests`")
        return ()
    milestones, journeys = definitions.milestones, definitions.journeys
    declared = Declared(
        {name: milestone.of for name, milestone in milestones.items()},
        {name: journey.of for name, journey in journeys.items()},
        milestones,
        journeys,
        {name: lead.of for name, lead in definitions.leads.items()},
        {name: health.of for name, health in definitions.health.items()},
        definitions.health,
        {name: kind_of_rule(rule) for name, rule in definitions.abuse.items()},
    )
    return read_cases(reader, mapping.entries["tests"], declared)


def _read_version(reader: Reader, mapping: document.Mapping) -> None:
    node = mapping.entries.get("version")
    if node is None:
        reader.error(mapping, "the version of the language is missing: begin with `version: 1`")
    elif not (isinstance(node, document.Scalar) and type(node.value) is int):
        reader.error(node, f"`version` must be the number 1, not {kind_of(node)}")
    elif node.value != VERSION:
        reader.error(
            node, f"version {quote(node.text)} is unknown: this release reads `version: 1`"
        )


def _read_settings(reader: Reader, node: Node) -> Timing:
    timing = Timing()
    mapping = reader.mapping(node, "`settings`", "{allowed_lateness: 1h}")
    if mapping is None:
        return timing
    reader.only(mapping, SETTINGS, "`settings`")
    found = {
        name: read_duration(reader, mapping.entries[name], f"`{name}`", setting=True)
        for name in SETTINGS
        if name in mapping.entries
    }
    return Timing(**{name: length for name, length in found.items() if length is not None})


def _entries(reader: Reader, root: document.Mapping, section: str) -> list[Entry]:
    return read_named(reader, root.entries.get(section), f"`{section}`", _EXAMPLES[section])


def _read_segments(reader: Reader, sections: Sections, entries: list[Entry]) -> None:
    reader.segments.declared = tuple(name for name, _, _ in entries)
    for name, _, node in entries:
        segment = None if node is None else read_segment(reader, name, node)
        reader.segments.read[name] = segment
        if segment is not None:
            sections.segments[name] = segment


def _read_baselines(reader: Reader, sections: Sections, entries: list[Entry]) -> None:
    reader.baselines.declared = tuple(name for name, _, _ in entries)
    for name, place, node in entries:
        sections.baseline_places[name] = place
        baseline = None if node is None else read_baseline(reader, name, node)
        reader.baselines.read[name] = baseline
        if baseline is not None:
            sections.baselines[name] = baseline


def _read_scores(reader: Reader, sections: Sections, entries: list[Entry]) -> None:
    reader.scores.declared = tuple(name for name, _, _ in entries)
    for name, _, node in entries:
        score = None if node is None else read_score(reader, name, node)
        reader.scores.read[name] = score
        sections.score_kinds[name] = None if score is None else score.of
        if score is not None:
            sections.scores[name] = score


def _read_milestone(
    reader: Reader, sections: Sections, name: str, place: Place, node: document.Mapping | None
) -> None:
    sections.places[name] = place
    sections.declared[name] = None
    if node is None:
        return
    what = f"milestone {quote(name)}"
    reader.only(node, MILESTONE_FIELDS, what)
    of = sections.declared[name] = read_kind(reader, node, what)
    title, description = read_texts(reader, node)
    live, repeat = _read_again(reader, node, sections.timing)
    shadow = read_shadow(reader, Name("milestone", name), node)
    when = node.entries.get("when")
    if when is None:
        reader.error(
            node, f"{what} lacks `when`: write a condition, such as `{{event: Signed Up}}`"
        )
        return
    condition = read_condition(when, Scope(reader, of, Name("milestone", name)))
    if of is not None and condition is not None:
        sections.milestones[name] = Milestone(
            name, of, condition, title, description, live, repeat, *shadow
        )


def _read_again(reader: Reader, node: document.Mapping, timing: Timing) -> tuple[bool, int | None]:
    """Whether it is live, and after how long it may be reached again."""
    live, repeat = node.entries.get("live"), node.entries.get("repeat")
    is_live = live is not None and bool(read_flag(reader, live, "`live`"))
    if repeat is None:
        return is_live, None
    length = read_duration(reader, repeat, "`repeat`")
    if is_live:
        reader.error(
            node.keys["repeat"], "what is `live` is entered again anyway: give one of them"
        )
    elif length is not None and length < timing.allowed_lateness:
        least = format_duration(timing.allowed_lateness)
        reader.error(
            repeat,
            f"`repeat` is at least `allowed_lateness`, {least}, not {quote(written(repeat))}: "
            "until then a late event may change what was reached",
        )
    return is_live, length


def _read_journey(
    reader: Reader, sections: Sections, name: str, node: document.Mapping | None
) -> None:
    if node is None:
        return
    what = f"journey {quote(name)}"
    reader.only(node, JOURNEY_FIELDS, what)
    of = sections.journey_kinds[name] = read_kind(reader, node, what)
    sections.steps[name] = read_steps(reader, node, what)
    journey = read_journey(reader, name, of, node, sections.steps[name])
    if journey is not None:
        sections.journeys[name] = journey


def _read_funnel(
    reader: Reader, sections: Sections, name: str, node: document.Mapping | None
) -> None:
    if node is None:
        return
    what = f"funnel {quote(name)}"
    reader.only(node, funnels.FIELDS, what)
    funnel = funnels.read_funnel(reader, name, read_kind(reader, node, what), node)
    if funnel is not None:
        sections.funnels[name] = funnel


def _read_lead(
    reader: Reader, sections: Sections, name: str, place: Place, node: document.Mapping | None
) -> None:
    sections.places[name] = place
    sections.lead_kinds[name] = None
    if name in sections.declared:
        reader.error(
            place,
            f"{quote(name)} is the name of a milestone: subscribers know both by name alone, so "
            "give the lead another",
        )
    if node is None:
        return
    of = sections.lead_kinds[name] = read_kind(reader, node, f"lead {quote(name)}")
    lead = read_lead(reader, name, of, node, sections.declared)
    if lead is not None:
        sections.leads[name] = lead


def _read_rule(
    reader: Reader, sections: Sections, name: str, place: Place, node: document.Mapping | None
) -> None:
    sections.rule_kinds[name] = None
    for what, taken in (("milestone", sections.declared), ("lead", sections.lead_kinds)):
        if name in taken:
            reader.error(
                place,
                f"{quote(name)} is the name of a {what}: subscribers know both by name alone, so "
                "give the rule another",
            )
    rule = None if node is None else read_rule(reader, name, node)
    if rule is not None:
        sections.abuse[name] = rule
        sections.rule_kinds[name] = kind_of_rule(rule)
