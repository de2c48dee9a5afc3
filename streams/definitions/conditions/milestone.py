"""``milestone: NAME`` — another milestone was reached, or users of the account reached theirs."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.form import Canonicalise, Describe, Form, Lasts, ReadCondition
from streams.definitions.conditions.measures import count_lasts
from streams.definitions.meaning import Canonical, canonical_count
from streams.definitions.model import MilestoneCondition
from streams.definitions.reader import Reference, Scope
from streams.definitions.values import format_duration, read_count_comparison, read_duration


class MilestoneForm(Form[MilestoneCondition]):
    """A milestone by name; ``users`` where an account looks at its users' milestone."""

    name = "milestone"
    fields = ("milestone", "users", "within")
    model = MilestoneCondition
    syntax = "`milestone: NAME`"
    true_when = (
        "the milestone is reached (a `live` one: now); in an account, `users` counts the users "
        "who reached theirs, and `within` looks at those who did so in that time"
    )

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> MilestoneCondition | None:
        reader = scope.reader
        before = reader.errors
        self.fits(node, scope)
        target = reader.text(node.entries["milestone"], "`milestone`")
        users = node.entries.get("users")
        within = node.entries.get("within")
        if target is not None:
            place = node.entries["milestone"].place
            windowed = node.keys.get("within") if users is not None else None
            scope.mention("milestone", target, place)
            owner = scope.owner.section
            reader.references.append(
                Reference(place, owner, scope.of, target, users is not None, windowed)
            )
        if within is not None and users is None:
            reader.error(node.keys["within"], '`within` goes with `users`, such as `users: ">= 3"`')
        comparison = read_count_comparison(reader, users, "`users`") if users is not None else None
        length = (
            read_duration(reader, within, "`within`", endless=True) if within is not None else None
        )
        if reader.errors > before or target is None:
            return None
        return MilestoneCondition(target, comparison, length)

    @override
    def describe(self, condition: MilestoneCondition, inner: Describe) -> str:
        if condition.users is None:
            return f"milestone {condition.milestone}"
        words = f"users with milestone {condition.milestone} {condition.users}"
        if condition.within is not None:
            words += f" within {format_duration(condition.within)}"
        return words

    @override
    def canonical(
        self, condition: MilestoneCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        meaning = meanings.get(condition.milestone, condition.milestone)
        users = canonical_count(condition.users) if condition.users is not None else None
        return ["milestone", meaning, users, condition.within]

    @override
    def lasts(self, condition: MilestoneCondition, truth: bool, inner: Lasts) -> bool:
        if condition.users is None:
            return truth
        return condition.within is None and count_lasts(condition.users, truth)

    @override
    def schema(self) -> dict[str, Any]:
        return {
            "milestone": {"type": "string", "minLength": 1, "description": "Its name."},
            "users": {
                "$ref": "#/definitions/comparison",
                "description": "How many of the account's users reached theirs.",
            },
            "within": {"$ref": "#/definitions/duration"},
        }

    @override
    def milestones(self, condition: MilestoneCondition) -> tuple[str, ...]:
        return (condition.milestone,)
