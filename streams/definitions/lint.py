"""What no single condition can see: names that must fit together across the file."""

from collections.abc import Mapping
from graphlib import CycleError

from streams.definitions.document import Place
from streams.definitions.fingerprints import fingerprints, in_order
from streams.definitions.model import Definitions, EntityKind
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, Reference
from streams.definitions.sections import Sections


def lint(reader: Reader, sections: Sections) -> None:
    """Check references, journeys and names; errors and warnings go to ``reader``."""
    for reference in reader.references:
        _check_reference(reader, reference, sections.declared)
    for journey, steps in sections.steps.items():
        for place, step in steps:
            _check_step(reader, journey, place, step, sections)
    _warn_of_capitals(reader)
    if not reader.errors:
        _check_circles(reader, sections)
    if not reader.errors:
        _warn_of_twins(reader, sections)


def _check_reference(
    reader: Reader, reference: Reference, declared: Mapping[str, EntityKind | None]
) -> None:
    target, place = reference.target, reference.place
    if target not in declared:
        reader.unknown(place, f"there is no milestone {quote(target)}", target, declared)
        return
    of = declared[target]
    if reference.of is None or of is None:
        return
    if reference.of == "user" and reference.users:
        reader.error(place, "`users` counts the users of an account: this milestone is a user's")
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


def _check_circles(reader: Reader, sections: Sections) -> None:
    try:
        in_order(sections.milestones)
    except CycleError as error:
        circle: list[str] = error.args[1][::-1]
        reader.error(
            sections.places[circle[0]],
            f"milestones name each other in a circle: {' → '.join(map(quote, circle))}",
        )


def _warn_of_capitals(reader: Reader) -> None:
    """The same event under two spellings is nearly always one that will never match."""
    first: dict[str, str] = {}
    for name, place in reader.events.items():
        spelled = first.setdefault(name.casefold(), name)
        if spelled != name:
            line = reader.events[spelled].line
            reader.warning(
                place,
                f"{quote(name)} is written {quote(spelled)} in line {line}: names of "
                "events must match to the letter",
            )


def _warn_of_twins(reader: Reader, sections: Sections) -> None:
    first: dict[str, str] = {}
    definitions = Definitions(sections.timing, sections.milestones, sections.journeys)
    for name, meaning in fingerprints(definitions).items():
        twin = first.setdefault(meaning, name)
        if twin != name:
            reader.warning(sections.places[name], f"{quote(name)} means the same as {quote(twin)}")
