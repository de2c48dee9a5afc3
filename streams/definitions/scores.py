"""The section ``scores``: points for what accounts or users do and are."""

from dataclasses import replace
from typing import Any, Final

from streams.definitions import document
from streams.definitions.conditions import read_condition
from streams.definitions.fallbacks import read_fallback
from streams.definitions.model import Component, Condition, Fallback, Score, Signal
from streams.definitions.models import read_model
from streams.definitions.names import read_kind, read_named, read_texts
from streams.definitions.problems import quote
from streams.definitions.reader import Name, Reader, Scope, kind_of
from streams.definitions.shadows import read_shadow
from streams.definitions.signals import SIGNALS, SIGNS
from streams.definitions.signals.form import SignalForm
from streams.definitions.values import read_number

FIELDS: Final = (
    "of", "title", "description", "components", "intercept", "veto", "force", "shadow", "model",
    "fallback",
)  # fmt: skip

MOST_COMPONENTS: Final = 100
"""Each is told with every value of its score."""

_POINTS: Final = "points"
_OF_SIGNALS: Final = tuple(dict.fromkeys(name for form in SIGNALS for name in form.fields))
_EXAMPLE: Final = "{invited: {points: 30, when: {event: Invite Sent}}}"


def read_score(reader: Reader, name: str, node: document.Mapping) -> Score | None:
    """Read one score; ``None`` once an error is reported."""
    what = f"score {quote(name)}"
    reader.only(node, FIELDS, what)
    of = read_kind(reader, node, what)
    title, description = read_texts(reader, node)
    scope = Scope(reader, of, Name("score", name))
    shadow = read_shadow(reader, scope.owner, node)
    if "model" in node.entries:
        found = _read_modelled(name, node, scope, (title, description))
        return None if found is None else replace(found, shadow=shadow[0], shadow_of=shadow[1])
    components = _read_components(what, node, scope)
    intercept = node.entries.get("intercept")
    start = None if intercept is None else read_number(reader, intercept, "`intercept`")
    veto, force, fallback, right = _read_switches(node, scope)
    right = right and (start is not None) == (intercept is not None)
    if of is None or components is None or not right:
        return None
    return Score(
        name, of, components, start, veto, force, title, description, None, *shadow, fallback
    )


def _read_modelled(
    name: str, node: document.Mapping, scope: Scope, texts: tuple[str | None, str | None]
) -> Score | None:
    """A score whose components and intercept stand in a model file."""
    reader, before = scope.reader, scope.reader.errors
    for field in ("components", "intercept"):
        if field in node.entries:
            reader.error(
                node.keys[field], f"a score has a `model` or {quote(field)} of its own, not both"
            )
    model = read_model(node.entries["model"], scope, _read_signal)
    veto, force, fallback, _ = _read_switches(node, scope)
    if scope.of is None or model is None or reader.errors > before:
        return None
    found, start = model.components, model.intercept
    return Score(
        name, scope.of, found, start, veto, force, *texts, model.version, fallback=fallback
    )


def _read_switches(
    node: document.Mapping, scope: Scope
) -> tuple[Condition | None, Condition | None, Fallback | None, bool]:
    """Veto, force and fallback, and whether those that are written are right."""
    given = [node.entries.get(name) for name in ("veto", "force")]
    veto, force = (None if one is None else read_condition(one, scope) for one in given)
    fallback = read_fallback(node, scope)
    read = {"veto": veto, "force": force, "fallback": fallback}
    right = all(found is not None for name, found in read.items() if name in node.entries)
    return veto, force, fallback, right


def _read_components(
    what: str, node: document.Mapping, scope: Scope
) -> tuple[Component, ...] | None:
    """All of them; ``None`` where one is wrong, also by what it names."""
    reader, listed = scope.reader, node.entries.get("components")
    if listed is None:
        reader.error(node, f"{what} lacks `components`: write `components: {_EXAMPLE}`")
        return None
    if isinstance(listed, document.Mapping) and not listed.entries:
        reader.error(listed, f"`components` is empty: write at least one, such as `{_EXAMPLE}`")
    entries = read_named(reader, listed, "`components`", _EXAMPLE)
    if len(entries) > MOST_COMPONENTS:
        reader.error(
            listed, f"a score has at most {MOST_COMPONENTS} components, this one {len(entries)}"
        )
        return None
    found = [
        None if body is None else _read_component(name, body, scope) for name, _, body in entries
    ]
    right = tuple(each for each in found if each is not None)
    return right if found and len(right) == len(found) else None


def _read_component(name: str, node: document.Mapping, scope: Scope) -> Component | None:
    what = f"component {quote(name)}"
    points = _read_points(scope.reader, node, what)
    signal = _read_signal(what, node, scope, (_POINTS,))
    return None if points is None or signal is None else Component(name, points, signal)


def _read_signal(
    what: str, node: document.Mapping, scope: Scope, others: tuple[str, ...] = ()
) -> Signal | None:
    """The signal of a component, which has ``others`` as well, or of a model's feature."""
    reader, before = scope.reader, scope.reader.errors
    form = _form_of(reader, node, what, others)
    if form is None:
        return None
    sign = next(name for name in node.entries if name in SIGNS)
    kind = f"{what}, which has {quote(sign)}"
    for field, place in node.keys.items():
        message = f"{quote(field)} is not a field of {kind}"
        if field not in (*others, *_OF_SIGNALS):
            reader.unknown(place, message, field, (*others, *form.fields))
        elif field not in (*others, *form.fields):
            reader.error(place, message)
    if "event" in form.fields and "event" not in node.entries:
        reader.error(node, f"{kind}, lacks `event`: write `event: Signed Up`")
    return None if reader.errors > before else form.read(node, scope, read_condition)


def _form_of(
    reader: Reader, node: document.Mapping, what: str, others: tuple[str, ...]
) -> SignalForm[Any] | None:
    """Which signal it has; ``None`` once an error is reported."""
    signs = [name for name in node.entries if name in SIGNS]
    if len(signs) == 1:
        return SIGNS[signs[0]]
    if signs:
        kind = what.partition(" ")[0]
        reader.error(
            node.keys[signs[1]],
            f"a {kind} has one signal, not {quote(signs[0])} and {quote(signs[1])}: write a "
            f"{kind} for each",
        )
        return None
    known = (*others, *_OF_SIGNALS)
    unknown = [name for name in node.entries if name not in known]
    for name in unknown:
        reader.unknown(node.keys[name], f"{quote(name)} is not a field of {what}", name, known)
    if not unknown and "event" in node.entries:
        reader.error(
            node,
            f"{what} lacks a measure of its events: write how many are full, such as `count: 3`, "
            "or `recency: {half_life: 7d}`",
        )
    elif not unknown:
        reader.error(
            node, f"{what} lacks a signal: write a condition, such as `when: {{event: Signed Up}}`"
        )
    return None


def _read_points(reader: Reader, node: document.Mapping, what: str) -> float | None:
    given = node.entries.get(_POINTS)
    if given is None:
        reader.error(node, f"{what} lacks `points`: write `points: 30`")
        return None
    points = read_number(reader, given, "`points`")
    if points == 0:
        reader.error(given, "`points` is not 0: leave the component out")
        return None
    fades = any(SIGNS[name].fades for name in node.entries if name in SIGNS)
    if points is not None and points < 0 and fades:
        reader.error(
            given,
            f"`points` of what fades is more than 0, not {kind_of(given)}: to take points off for "
            "silence, write `when: {inactive: 14d}`",
        )
        return None
    return points
