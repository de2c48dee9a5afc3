"""The section ``leads``: which accounts or users are worth a conversation, and whom to talk to."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from schemas.qualifications import LeadKind
from streams.definitions import document
from streams.definitions.conditions import read_condition
from streams.definitions.conditions.naming import find
from streams.definitions.model import Contacts, EntityKind, Lead, Score
from streams.definitions.names import read_texts
from streams.definitions.problems import quote
from streams.definitions.reader import Name, Reader, Scope, kind_of
from streams.definitions.shadows import read_shadow, shadow_schema
from streams.definitions.values import DAY, format_duration, read_duration

FIELDS: Final = (
    "of", "title", "description", "when", "again", "contacts", "shadow", "kind", "goal", "matures",
    "parity",
)  # fmt: skip
KINDS: Final[tuple[LeadKind, ...]] = get_args(LeadKind)
CONTACT_FIELDS: Final = ("milestone", "score", "most")
MOST_CONTACTS: Final = 100
"""All of them are told with every step of a lead's life."""

_USUAL: Final = Contacts("").most
_MATURES: Final = 30 * DAY
_EXAMPLE: Final = "{milestone: decision_maker, most: 5}"

Kinds = Mapping[str, EntityKind | None]
"""Names of milestones, and whose they are; ``None`` where that is wrong itself."""


def read_lead(
    reader: Reader, name: str, of: EntityKind | None, node: document.Mapping, milestones: Kinds
) -> Lead | None:
    """Read what a lead has besides its kind; ``None`` once an error is reported."""
    what, before = f"lead {quote(name)}", reader.errors
    reader.only(node, FIELDS, what)
    title, description = read_texts(reader, node)
    again = node.entries.get("again")
    length = 0 if again is None else read_duration(reader, again, "`again`")
    contacts = _read_contacts(reader, name, of, node, milestones)
    shadow = read_shadow(reader, Name("lead", name), node)
    kind = _read_kind(reader, of, node)
    goal, matures, parity = _read_judgement(reader, name, of, node, milestones)
    when = node.entries.get("when")
    if when is None:
        reader.error(
            node,
            f'{what} lacks `when`: write a condition, such as `{{score: fit, is: ">= 70"}}`',
        )
        return None
    condition = read_condition(when, Scope(reader, of, Name("lead", name)))
    if reader.errors > before or of is None or condition is None or length is None:
        return None
    return Lead(
        name, of, condition, length, contacts, title, description, *shadow, kind,
        goal=goal, matures=matures, parity=parity,
    )  # fmt: skip


def _read_kind(reader: Reader, of: EntityKind | None, lead: document.Mapping) -> LeadKind:
    """What people call it; without a word, a product-qualified account or lead."""
    node = lead.entries.get("kind")
    usual: LeadKind = "pql" if of == "user" else "pqa"
    if node is None:
        return usual
    kind = reader.text(node, "`kind`")
    if kind is None:
        return usual
    if kind not in KINDS:
        message = f"{quote(kind)} is no kind of lead: `pqa`, `pql` or `eql`"
        reader.unknown(node, message, kind, KINDS)
    elif kind == "pqa" and of == "user":
        reader.error(
            node,
            "`pqa` is a product-qualified account: this lead is a user, so call it `pql` or `eql`",
        )
    return next((one for one in KINDS if one == kind), usual)


def _read_judgement(
    reader: Reader,
    name: str,
    of: EntityKind | None,
    lead: document.Mapping,
    milestones: Kinds,
) -> tuple[str | None, int, str | None]:
    """What `milepost watch` judges it by: ``goal``, ``matures`` and ``parity``."""
    goal, matures, parity = (lead.entries.get(field) for field in ("goal", "matures", "parity"))
    length = None if matures is None else read_duration(reader, matures, "`matures`")
    return (
        None if goal is None else _read_goal(reader, name, of, goal, milestones),
        _MATURES if length is None else length,
        None if parity is None else reader.text(parity, "`parity`"),
    )


def _read_goal(
    reader: Reader, lead: str, of: EntityKind | None, node: document.Node, milestones: Kinds
) -> str | None:
    name = reader.text(node, "`goal`")
    if name is None:
        return None
    if name not in milestones:
        reader.unknown(node, f"there is no milestone {quote(name)}", name, milestones)
        return None
    whose = milestones[name]
    if of is not None and whose is not None and whose != of:
        reader.error(
            node,
            f"{quote(name)} is a milestone of {whose}s: this lead is of {of}s, so name one of "
            f"{of}s",
        )
    reader.mentions[Name("lead", lead), Name("milestone", name)] = node.place
    return name


def _read_contacts(
    reader: Reader, name: str, of: EntityKind | None, lead: document.Mapping, milestones: Kinds
) -> Contacts | None:
    node = lead.entries.get("contacts")
    if node is None:
        return None
    if of == "user":
        reader.error(
            lead.keys["contacts"],
            "`contacts` are users of an account: this lead is a user, so leave it out",
        )
    mapping = reader.mapping(node, "`contacts`", _EXAMPLE)
    if mapping is None:
        return None
    reader.only(mapping, CONTACT_FIELDS, "`contacts`")
    milestone = _read_milestone(reader, name, mapping, milestones)
    score = _read_score(reader, name, mapping)
    most = mapping.entries.get("most")
    number = _USUAL if most is None else _read_most(reader, most)
    return None if milestone is None or number is None else Contacts(milestone, score, number)


def _read_milestone(
    reader: Reader, lead: str, mapping: document.Mapping, milestones: Kinds
) -> str | None:
    node = mapping.entries.get("milestone")
    if node is None:
        reader.error(mapping, f"`contacts` lacks `milestone`: write `contacts: {_EXAMPLE}`")
        return None
    name = reader.text(node, "`milestone`")
    if name is None:
        return None
    if name not in milestones:
        reader.unknown(node, f"there is no milestone {quote(name)}", name, milestones)
        return None
    if milestones[name] == "account":
        reader.error(
            node,
            f"{quote(name)} is a milestone of accounts: contacts are users, so name one of users",
        )
        return None
    Scope(reader, None, Name("lead", lead)).mention("milestone", name, node.place)
    return name


def _read_score(reader: Reader, name: str, mapping: document.Mapping) -> Score | None:
    node = mapping.entries.get("score")
    if node is None:
        return None
    score = find(Scope(reader, None, Name("lead", name)), node, "score", reader.scores)
    if score is not None and score.of == "account":
        reader.error(
            node,
            f"{quote(score.name)} is a score of accounts: contacts are users, so name one of users",
        )
    return score


def _read_most(reader: Reader, node: document.Node) -> int | None:
    value = node.value if isinstance(node, document.Scalar) else None
    if type(value) is not int or not 1 <= value <= MOST_CONTACTS:
        reader.error(
            node, f"`most` is a number of users from 1 to {MOST_CONTACTS}, not {kind_of(node)}"
        )
        return None
    return value


def lead_schema() -> dict[str, Any]:
    """JSON Schema of one lead."""
    text = {"type": "string", "minLength": 1}
    contacts = {
        "type": "object",
        "additionalProperties": False,
        "description": "Users of the account whom it is worth while to talk to.",
        "required": ["milestone"],
        "properties": {
            "milestone": {**text, "description": "Of users: those who have reached it."},
            "score": {**text, "description": "Of users: the highest first."},
            "most": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST_CONTACTS,
                "default": _USUAL,
                "description": "How many of them.",
            },
        },
    }
    kind = "What people call it; without a word, pqa of accounts and pql of users."
    again = "Opened again at the earliest so long after it was closed."
    goal = "A milestone of the same kind: reached in time, the lead was right."
    matures = "So long after it qualified nothing more is expected of it."
    parity = "A trait whose groups should qualify about as often as each other."
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["of", "when"],
        "properties": {
            "of": {"enum": ["account", "user"], "description": "Whose it is."},
            "title": text,
            "description": text,
            "when": {"$ref": "#/definitions/condition"},
            "again": {"$ref": "#/definitions/duration", "description": again},
            "contacts": contacts,
            "shadow": shadow_schema(),
            "kind": {"enum": list(KINDS), "description": kind},
            "goal": {**text, "description": goal},
            "matures": {
                "$ref": "#/definitions/duration",
                "default": format_duration(_MATURES),
                "description": matures,
            },
            "parity": {**text, "description": parity},
        },
        "not": {
            "properties": {"of": {"const": "user"}},
            "anyOf": [
                {"required": ["of", "contacts"]},
                {"required": ["of", "kind"], "properties": {"kind": {"const": "pqa"}}},
            ],
        },
    }
