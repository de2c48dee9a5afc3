"""The forms of a condition: the registry that loading, lint, words, meaning and schema read.

A new form is one class in a file of its own, and its line in ``FORMS``.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from streams.definitions import document
from streams.definitions.conditions.after import AfterForm
from streams.definitions.conditions.combined import AllForm, AnyForm
from streams.definitions.conditions.event import EventForm
from streams.definitions.conditions.first import FirstForm
from streams.definitions.conditions.form import Form
from streams.definitions.conditions.health import HealthForm
from streams.definitions.conditions.inactive import InactiveForm
from streams.definitions.conditions.latest import LatestForm
from streams.definitions.conditions.milestone import MilestoneForm
from streams.definitions.conditions.negation import NotForm
from streams.definitions.conditions.regularly import RegularlyForm
from streams.definitions.conditions.returned import ReturnedForm
from streams.definitions.conditions.score import ScoreForm
from streams.definitions.conditions.segment import SegmentForm
from streams.definitions.conditions.sequence import SequenceForm
from streams.definitions.conditions.trait import TraitForm
from streams.definitions.conditions.trend import TrendForm
from streams.definitions.meaning import Canonical, as_text
from streams.definitions.model import Condition, HealthCondition, ScoreCondition, SegmentCondition
from streams.definitions.problems import quote
from streams.definitions.reader import DEEPEST_CONDITION, Scope

FORMS: Mapping[str, Form[Any]] = {
    form.name: form
    for form in (
        EventForm(), FirstForm(), ReturnedForm(), InactiveForm(), MilestoneForm(), SequenceForm(),
        AfterForm(), RegularlyForm(), LatestForm(), TrendForm(), TraitForm(), SegmentForm(),
        ScoreForm(), HealthForm(), AllForm(), AnyForm(), NotForm(),
    )
}  # fmt: skip
"""Every form by the field that marks it, in the order in which the documentation lists them."""

MOST_BROUGHT = 4_000_000
"""Values and characters of all scores and segments that conditions of a file name, each as often as
it is named: a score has some hundreds, and one that names others has them inside."""

LONGEST_WORDS = 1000
"""Characters of a description."""

_BY_MODEL: Mapping[type, Form[Any]] = {form.model: form for form in FORMS.values()}


def read_condition(node: document.Node, scope: Scope) -> Condition | None:
    """Read a condition of any form; ``None`` once an error is reported."""
    reader = scope.reader
    if scope.depth > DEEPEST_CONDITION:
        reader.error(node, f"conditions are nested deeper than {DEEPEST_CONDITION} levels")
        return None
    mapping = reader.mapping(node, "a condition", "{event: Signed Up}")
    if mapping is None:
        return None
    marks = _marks(mapping)
    if len(marks) == 1:
        condition: Condition | None = FORMS[marks[0]].read(mapping, scope, read_condition)
        if isinstance(condition, ScoreCondition | SegmentCondition | HealthCondition):
            return condition if _can_stand(condition, mapping, scope) else None
        return condition
    if marks:
        names = " and ".join(quote(name) for name in marks)
        reader.error(
            mapping.keys[marks[1]],
            f"a condition has one form, not {names}: write a condition for each inside `all`",
        )
    else:
        _report_formless(mapping, scope)
    return None


def _can_stand(
    condition: ScoreCondition | SegmentCondition | HealthCondition,
    at: document.Node,
    scope: Scope,
) -> bool:
    """Whether what it brings in is neither too deep nor, with all else of the file, too large."""
    reader = scope.reader
    if reader.brought <= MOST_BROUGHT:
        if scope.depth + _depth(condition) > DEEPEST_CONDITION:
            reader.error(
                at,
                f"conditions are nested deeper than {DEEPEST_CONDITION} levels, with those of the "
                "scores and segments that they name",
            )
            return False
        reader.brought += _size(condition)
    if reader.brought > MOST_BROUGHT:
        reader.error(
            at,
            "all scores and segments that conditions name, each as often as it is named, are too "
            "large together: name fewer inside each other",
        )
        return False
    return True


def _depth(condition: Condition) -> int:
    """Levels of conditions inside it."""
    return max((1 + _depth(each) for each in form_of(condition).inside(condition)), default=0)


def _size(condition: Condition) -> int:
    """Values and characters that it and all inside it are made of."""
    size, waiting = 0, list[Any]([condition])
    while waiting:
        thing = waiting.pop()
        size += len(thing) if isinstance(thing, str) else 1
        if isinstance(thing, tuple):
            waiting.extend(thing)
        elif is_dataclass(thing):
            waiting.extend(getattr(thing, field.name) for field in fields(thing))
    return size


def _marks(mapping: document.Mapping) -> list[str]:
    """The fields that mark a form, without those that belong to the form of another one."""
    marks = [name for name in mapping.entries if name in FORMS]
    return [
        name
        for name in marks
        if not any(name in FORMS[other].fields for other in marks if other != name)
    ]


def _report_formless(mapping: document.Mapping, scope: Scope) -> None:
    wanted = f"a condition has one of {', '.join(quote(name) for name in FORMS)}"
    if not mapping.entries:
        scope.reader.error(mapping, f"{wanted}: this one is empty")
        return
    name, place = next(iter(mapping.keys.items()))
    scope.reader.unknown(place, f"{wanted}, not {quote(name)}", name, FORMS)


def form_of(condition: Condition) -> Form[Any]:
    """The form that a condition has."""
    return _BY_MODEL[type(condition)]


def describe(condition: Condition) -> str:
    """A condition in words, on one line: ``count of Invite Sent >= 3 within 14d``.

    It goes with every qualification: what is longer than anybody reads ends with ``…``.
    """
    words = form_of(condition).describe(condition, describe)
    return words if len(words) <= LONGEST_WORDS else words[: LONGEST_WORDS - 1] + "…"


def canonical(condition: Condition, meanings: Mapping[str, str] | None = None) -> str:
    """One text for one meaning: the same for two conditions that say the same thing.

    Args:
        condition: any condition.
        meanings: what stands for the names of milestones, by name (their fingerprints); without
            it, or where a name is not in it, the name itself.
    """
    return as_text(canonical_form(condition, meanings or {}))


def canonical_form(condition: Condition, meanings: Mapping[str, str]) -> Canonical:
    """What ``canonical`` writes down."""
    return form_of(condition).canonical(
        condition, meanings, lambda inner: canonical_form(inner, meanings)
    )


def milestones_in(condition: Condition) -> set[str]:
    """Every milestone that a condition names, at any depth."""
    form = form_of(condition)
    found = set(form.milestones(condition))
    for inner in form.inside(condition):
        found |= milestones_in(inner)
    return found


def lasts(condition: Condition, truth: bool = True) -> bool:
    """Whether, once it is ``truth``, no time and no event can ever change that.

    Asked to warn: where that is hard to say it is ``False``. Milestones that it names are taken to
    be reached for ever.
    """
    return form_of(condition).lasts(condition, truth, lasts)
