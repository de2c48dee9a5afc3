"""What no single condition can see: names that must fit together across the file."""

from graphlib import CycleError, TopologicalSorter

from streams.definitions.conditions import lasts, milestones_in
from streams.definitions.document import Place
from streams.definitions.fingerprints import fingerprints
from streams.definitions.model import AllOf, Condition, Definitions, Lead, SegmentCondition
from streams.definitions.problems import quote
from streams.definitions.reader import Name, Reader, Reference
from streams.definitions.sections import Sections
from streams.definitions.shadows import Kinds, check_shadows

_MOST_CIRCLES = 20
"""Each of them is looked for anew, so thousands would take long."""

_LONGEST_CIRCLE = 10
"""Names of a circle that a message shows."""


def lint(reader: Reader, sections: Sections) -> None:
    """Check references, journeys and names; errors and warnings go to ``reader``."""
    for reference in reader.references:
        _check_reference(reader, reference, sections)
    for journey, steps in sections.steps.items():
        for place, step in steps:
            _check_step(reader, journey, place, step, sections)
    _check_shadows(reader, sections)
    _warn_of_capitals(reader)
    _check_circles(reader)
    if not reader.errors:
        _warn_of_twins(reader, sections)
        _warn_of_what_lasts(reader, sections)
        _warn_of_kinds(reader, sections)
        _warn_of_idle_baselines(reader, sections)


def _warn_of_idle_baselines(reader: Reader, sections: Sections) -> None:
    named = {target.name for _, target in reader.mentions if target.section == "baseline"}
    for name, place in sections.baseline_places.items():
        if name not in named:
            reader.warning(
                place,
                f"no component names the baseline {quote(name)}: give one "
                f"`count: {{baseline: {name}}}`",
            )


def _check_reference(reader: Reader, reference: Reference, sections: Sections) -> None:
    target, place, declared = reference.target, reference.place, sections.declared
    if target in sections.lead_kinds and target not in declared:
        reader.error(place, f"{quote(target)} is a lead: conditions name milestones")
        return
    if target in sections.health_kinds and target not in declared:
        reader.error(place, f"{quote(target)} is a health: write `health: {target}` with `is: red`")
        return
    if target not in declared:
        reader.unknown(place, f"there is no milestone {quote(target)}", target, declared)
        return
    of = declared[target]
    if reference.of is None or of is None:
        return
    if reference.of == "user" and reference.users:
        reader.error(
            place, f"`users` counts the users of an account: this {reference.owner} is a user's"
        )
    elif reference.of == "user" and of == "account":
        reader.error(
            place,
            f"{quote(target)} is a milestone of accounts: a user's condition names the user's "
            "own milestones",
        )
    elif reference.users and of == "account":
        reader.error(place, f"{quote(target)} is the account's own milestone: leave `users` out")
    elif reference.of == "account" and of == "user" and not reference.users:
        reader.error(
            place,
            f"{quote(target)} is a milestone of users: say how many of them, such as "
            '`users: ">= 1"`',
        )
    elif reference.within is not None and _is_live(sections, target):
        reader.error(
            reference.within,
            f"{quote(target)} is live: `users` counts those for whom it is true now, so leave "
            "`within` out",
        )


def _check_shadows(reader: Reader, sections: Sections) -> None:
    kinds: Kinds = {
        "milestone": sections.declared,
        "score": sections.score_kinds,
        "lead": sections.lead_kinds,
    }
    steps = [(name, *step) for name, steps in sections.steps.items() for step in steps]
    check_shadows(reader, kinds, steps)


def _is_live(sections: Sections, name: str) -> bool:
    milestone = sections.milestones.get(name)
    return milestone is not None and milestone.live


def _check_step(reader: Reader, journey: str, place: Place, step: str, sections: Sections) -> None:
    if step not in sections.declared:
        message = f"there is no milestone {quote(step)}"
        reader.unknown(place, message, step, sections.declared)
        return
    of, wanted = sections.declared[step], sections.journey_kinds[journey]
    if of is not None and wanted is not None and of != wanted:
        reader.error(
            place,
            f"{quote(step)} is a milestone of {of}s, {quote(journey)} a journey of {wanted}s: "
            "every step is of the journey's kind",
        )


def _check_circles(reader: Reader) -> None:
    """Found from what was named and not from milestones: those with other errors count, too."""
    graph: dict[Name, list[Name]] = {}
    for owner, target in reader.mentions:
        graph.setdefault(owner, []).append(target)
    for _ in range(_MOST_CIRCLES):
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle: list[Name] = error.args[1][::-1]
        else:
            return
        sections = sorted({each.section for each in circle})
        *others, last = (one if one == "health" else f"{one}s" for one in sections)
        kinds = f"{', '.join(others)} and {last}" if others else last
        names = list(map(_named, circle))
        shown = names if len(names) <= _LONGEST_CIRCLE else [*names[:3], "…", *names[-2:]]
        reader.error(
            reader.mentions[circle[0], circle[1]],
            f"{kinds} name each other in a circle: {' → '.join(shown)}",
        )
        for name in circle:
            graph.pop(name, None)


def _named(name: Name) -> str:
    shown = quote(name.name)
    return shown if name.section == "milestone" else f"{name.section} {shown}"


def _warn_of_capitals(reader: Reader) -> None:
    """The same event under two spellings is nearly always one that will never match."""
    first: dict[str, str] = {}
    for name, place in reader.events.items():
        spelled = first.setdefault(name.casefold(), name)
        if spelled != name:
            other = reader.events[spelled]
            where = (
                f"line {other.line}" if other.file == place.file else other.file or reader.source
            )
            reader.warning(
                place,
                f"{quote(name)} is written {quote(spelled)} in {where}: names of "
                "events must match to the letter",
            )


def _warn_of_twins(reader: Reader, sections: Sections) -> None:
    first: dict[str, str] = {}
    definitions = Definitions(sections.timing, sections.milestones, sections.journeys)
    for name, meaning in fingerprints(definitions).items():
        twin = first.setdefault(meaning, name)
        if twin != name:
            reader.warning(sections.places[name], f"{quote(name)} means the same as {quote(twin)}")


def _warn_of_what_lasts(reader: Reader, sections: Sections) -> None:
    """To be left, reached again or opened again, a condition must turn false."""
    found: list[tuple[str, Condition, str]] = []
    for name, milestone in sections.milestones.items():
        if milestone.live:
            found.append((name, milestone.when, "is never left"))
        elif milestone.repeat is not None:
            what = "is reached only once, whatever `repeat` says"
            found.append((name, milestone.when, what))
    for name, lead in sections.leads.items():
        if lead.again:
            found.append((name, lead.when, "is opened only once, whatever `again` says"))
    for name, health in sections.health.items():
        if health.red is not None:
            found.append((name, health.red, "stays red once it is"))
        if health.yellow is not None:
            found.append((name, health.yellow, "is never green again once it was yellow"))
    for name, when, what in found:
        named = milestones_in(when)
        if lasts(when) and not any(_is_live(sections, each) for each in named):
            reader.warning(
                sections.places[name],
                f"{quote(name)} {what}: once true its condition stays true, unless it looks at a "
                "window, such as `within: 30d`",
            )


def _warn_of_kinds(reader: Reader, sections: Sections) -> None:
    """Two leads of one kind are two conversations with the same people about the same."""
    before: dict[tuple[str, str], list[Lead]] = {}
    for lead in sections.leads.values():
        if lead.shadow:  # nobody is told of it
            continue
        others = before.setdefault((lead.of, lead.kind), [])
        other = next((one for one in others if not _exclude(one.when, lead.when)), None)
        others.append(lead)
        if other is not None:
            reader.warning(
                sections.places[lead.name],
                f"{quote(lead.name)} is a `{lead.kind}` of {lead.of}s like {quote(other.name)}, "
                "and both may be open at once: write one lead with `any`, or give them different "
                "kinds",
            )


def _exclude(one: Condition, other: Condition) -> bool:
    """Whether they are of different segments; an account or a user is in one at most."""
    first, second = _segment_in(one), _segment_in(other)
    return first is not None and second is not None and first != second


def _segment_in(condition: Condition) -> str | None:
    """The segment without which it does not hold."""
    if isinstance(condition, SegmentCondition):
        return condition.segment
    if isinstance(condition, AllOf):
        return next((name for one in condition.conditions if (name := _segment_in(one))), None)
    return None
