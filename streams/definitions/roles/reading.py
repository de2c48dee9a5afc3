"""The section ``roles``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from streams.definitions import document
from streams.definitions.conditions.events import event_schema, read_event
from streams.definitions.document import Node
from streams.definitions.model import EntityKind, Role
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, kind_of
from streams.definitions.roles.registry import ATTRIBUTES, ROLES, Form, RoleKind
from streams.definitions.values import read_path

_EXAMPLES: Mapping[Form, str] = {
    "event": "{event: Signed Up}",
    "milestone": "{milestone: aha}",
    "milestones": "{milestones: [onboarded, aha]}",
    "lead": "{lead: pqa}",
    "trait": "{trait: role}",
}

Kinds = Mapping[str, EntityKind | None]


@dataclass(frozen=True, slots=True)
class Known:
    """Names that roles may name."""

    milestones: Kinds
    leads: Kinds


def read_roles(reader: Reader, node: Node, known: Known) -> dict[str, Role]:
    """The roles that are right."""
    mapping = reader.mapping(node, "`roles`", "{signed_up: {event: Signed Up}}")
    if mapping is None:
        return {}
    found: dict[str, Role] = {}
    for name, entry in mapping.entries.items():
        kind = ROLES.get(name)
        if kind is None:
            reader.unknown(mapping.keys[name], f"there is no role {quote(name)}", name, ROLES)
            continue
        role = _read_role(reader, name, kind, entry, known)
        if role is not None:
            found[name] = role
    return found


def _read_role(reader: Reader, name: str, kind: RoleKind, node: Node, known: Known) -> Role | None:
    what, before = f"role {quote(name)}", reader.errors
    mapping = reader.mapping(node, what, _EXAMPLES[kind.forms[0]])
    if mapping is None:
        return None
    of_events = ("where", *kind.attributes) if "event" in kind.forms else ()
    reader.only(mapping, (*kind.forms, *of_events), what)
    given = [form for form in kind.forms if form in mapping.entries]
    if len(given) != 1:
        if reader.errors == before:
            forms = " or ".join(map(quote, kind.forms))
            number = "one of them" if given else "this one none"
            example = _EXAMPLES[kind.forms[0]]
            reader.error(mapping, f"{what} has {forms}, such as `{example}`: {number}")
        return None
    form = given[0]
    if form == "event":
        role = _read_events(reader, name, kind, mapping)
    else:
        for extra in of_events:
            if extra in mapping.keys:
                message = f"{quote(extra)} is a field of roles that are events: leave it out"
                reader.error(mapping.keys[extra], message)
        role = _read_names(reader, name, form, mapping.entries[form], known)
    return role if reader.errors == before else None


def _read_events(
    reader: Reader, name: str, kind: RoleKind, mapping: document.Mapping
) -> Role | None:
    event = read_event(reader, mapping)
    attributes: dict[str, str] = {}
    for each in kind.attributes:
        if each in mapping.entries:
            path = read_path(reader, mapping.entries[each], quote(each))
            if path is not None:
                attributes[each] = path
        elif each in kind.required:
            reader.error(
                mapping,
                f"role {quote(name)} lacks {quote(each)}: write the path of its value, such as "
                f"`{each}: properties.{each}`",
            )
    return None if event is None else Role(name, event, attributes)


def _read_names(reader: Reader, name: str, form: Form, node: Node, known: Known) -> Role | None:
    if form == "trait":
        return Role(name, trait=reader.text(node, "`trait`"))
    if form == "lead":
        return Role(name, lead=_read_name(reader, name, node, "lead", known))
    if form == "milestone":
        nodes = [node]
    elif isinstance(node, document.Sequence) and node.items:
        nodes = node.items
    else:
        shown = "empty" if isinstance(node, document.Sequence) else kind_of(node)
        reader.error(node, f"`milestones` is a list, such as `[onboarded, aha]`, not {shown}")
        return None
    names: list[str] = []
    for each in nodes:
        found = _read_name(reader, name, each, "milestone", known)
        if found in names:
            reader.error(each, f"{quote(found)} is named twice")
        elif found is not None:
            names.append(found)
    return Role(name, milestones=tuple(names))


def _read_name(
    reader: Reader, role: str, node: Node, what: Literal["milestone", "lead"], known: Known
) -> str | None:
    """The name of a milestone, or of a lead; ``None`` once an error is reported."""
    name = reader.text(node, f"a {what}")
    wanted, others, other = known.milestones, known.leads, "lead"
    if what == "lead":
        wanted, others, other = others, wanted, "milestone"
    if name is None or name in wanted:
        return name
    if name in others:
        remedy = f"write `{other}: {name}`" if other in ROLES[role].forms else f"name a {what}"
        reader.error(node, f"{quote(name)} is a {other}: {remedy}")
    else:
        reader.unknown(node, f"there is no {what} {quote(name)}", name, wanted)
    return None


def roles_schema() -> dict[str, Any]:
    """JSON Schema of the section."""
    return {
        "type": "object",
        "description": "Which of the product's own names mean what KPIs ask for.",
        "additionalProperties": False,
        "properties": {name: _role_schema(kind) for name, kind in ROLES.items()},
    }


def _role_schema(kind: RoleKind) -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    many = {"type": "array", "items": text, "minItems": 1, "uniqueItems": True}
    path = {"$ref": "#/definitions/path"}
    forms: list[dict[str, Any]] = []
    for form in kind.forms:
        properties: dict[str, Any] = {form: many if form == "milestones" else text}
        required: list[str] = [form]
        if form == "event":
            attributes = {
                each: {"description": ATTRIBUTES[each].meaning, "allOf": [path]}
                for each in kind.attributes
            }
            properties = {**event_schema(), **attributes}
            required += kind.required
        forms.append(
            {
                "type": "object",
                "additionalProperties": False,
                "required": required,
                "properties": properties,
            }
        )
    return {"description": kind.meaning, **(forms[0] if len(forms) == 1 else {"oneOf": forms})}
