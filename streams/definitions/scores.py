"""The section ``scores``: points for what accounts or users do and are."""

from typing import Any, Final

from streams.definitions import document
from streams.definitions.conditions import read_condition
from streams.definitions.fallbacks import read_fallback
from streams.definitions.model import Component, Condition, Score
from streams.definitions.names import read_kind, read_named, read_texts
from streams.definitions.problems import quote
from streams.definitions.reader import Name, Reader, Scope, kind_of
from streams.definitions.signals import SIGNALS, SIGNS
from streams.definitions.signals.form import SignalForm
from streams.definitions.values import read_number

FIELDS: Final = (
    "of",
    "title",
    "description",
    "components",
    "intercept",
    "veto",
    "force",
    "fallback",
)

MOST_COMPONENTS: Final = 100
"""Each is told with every value of its score."""

_POINTS: Final = "points"
_KNOWN: Final = (
    _POINTS, *dict.fromkeys(name for form in SIGNALS for name in form.fields),
)  # fmt: skip
_EXAMPLE: Final = "{invited: {points: 30, when: {event: Invite Sent}}}"


def read_score(reader: Reader, name: str, node: document.Mapping) -> Score | None:
    """Read one score; ``None`` once an error is reported."""
    what = f"score {quote(name)}"
    reader.only(node, FIELDS, what)
    of = read_kind(reader, node, what)
    title, description = read_texts(reader, node)
    scope = Scope(reader, of, Name("score", name))
    components = _read_components(what, node, scope)
    intercept = node.entries.get("intercept")
    start = None if intercept is None else read_number(reader, intercept, "`intercept`")
    veto, force = (_read_switch(node, switch, scope) for switch in ("veto", "force"))
    fallback = read_fallback(node, scope)
    read = {"intercept": start, "veto": veto, "force": force, "fallback": fallback}
    right = all(found is not None for name, found in read.items() if name in node.entries)
    if of is None or components is None or not right:
        return None
    return Score(name, of, components, start, veto, force, title, description, fallback)


def _read_switch(node: document.Mapping, name: str, scope: Scope) -> Condition | None:
    switch = node.entries.get(name)
    return None if switch is None else read_condition(switch, scope)


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
    reader, what = scope.reader, f"component {quote(name)}"
    form = _form_of(reader, node, what)
    points = _read_points(reader, node, what, form)
    if form is None:
        return None
    before = reader.errors
    sign = next(name for name in node.entries if name in SIGNS)
    kind = f"{what}, which has {quote(sign)}"
    for field, place in node.keys.items():
        message = f"{quote(field)} is not a field of {kind}"
        if field not in _KNOWN:
            reader.unknown(place, message, field, (_POINTS, *form.fields))
        elif field != _POINTS and field not in form.fields:
            reader.error(place, message)
    if "event" in form.fields and "event" not in node.entries:
        reader.error(node, f"{kind}, lacks `event`: write `event: Signed Up`")
    if reader.errors > before:
        return None
    signal = form.read(node, scope, read_condition)
    return None if points is None or signal is None else Component(name, points, signal)


def _form_of(reader: Reader, node: document.Mapping, what: str) -> SignalForm[Any] | None:
    """Which signal it has; ``None`` once an error is reported."""
    signs = [name for name in node.entries if name in SIGNS]
    if len(signs) == 1:
        return SIGNS[signs[0]]
    if signs:
        reader.error(
            node.keys[signs[1]],
            f"a component has one signal, not {quote(signs[0])} and {quote(signs[1])}: write a "
            "component for each",
        )
        return None
    unknown = [name for name in node.entries if name not in _KNOWN]
    for name in unknown:
        reader.unknown(node.keys[name], f"{quote(name)} is not a field of {what}", name, _KNOWN)
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


def _read_points(
    reader: Reader, node: document.Mapping, what: str, form: SignalForm[Any] | None
) -> float | None:
    given = node.entries.get(_POINTS)
    if given is None:
        reader.error(node, f"{what} lacks `points`: write `points: 30`")
        return None
    points = read_number(reader, given, "`points`")
    if points == 0:
        reader.error(given, "`points` is not 0: leave the component out")
        return None
    if points is not None and points < 0 and form is not None and form.fades:
        reader.error(
            given,
            f"`points` of what fades is more than 0, not {kind_of(given)}: to take points off for "
            "silence, write `when: {inactive: 14d}`",
        )
        return None
    return points
