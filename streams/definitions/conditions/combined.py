"""``all:`` and ``any:`` — conditions combined."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.form import Canonicalise, Describe, Form, Lasts, ReadCondition
from streams.definitions.meaning import Canonical, unordered
from streams.definitions.model import (
    AfterCondition,
    AllOf,
    AnyOf,
    Condition,
    ReturnedCondition,
    SequenceCondition,
)
from streams.definitions.reader import Scope, kind_of

M = TypeVar("M", AllOf, AnyOf)

_LONG = AllOf | AnyOf | SequenceCondition | AfterCondition | ReturnedCondition
"""What stands in brackets among others: in words it has parts itself."""


class _CombinedForm(Form[M]):
    """A list of conditions under one name."""

    joiner: ClassVar[str]
    """Between the parts of a description."""

    @override
    def read(self, node: document.Mapping, scope: Scope, inner: ReadCondition) -> M | None:
        self.fits(node, scope)
        listed = node.entries[self.name]
        if not isinstance(listed, document.Sequence) or not listed.items:
            shown = "empty" if isinstance(listed, document.Sequence) else kind_of(listed)
            scope.reader.error(
                listed,
                f"`{self.name}` is a list of conditions, such as `[{{event: Signed Up}}, "
                f"{{event: Invite Sent}}]`, not {shown}",
            )
            return None
        found = [inner(item, scope.deeper()) for item in listed.items]
        conditions = tuple(each for each in found if each is not None)
        combined: M = self.model(conditions)
        return combined if len(conditions) == len(found) else None

    @override
    def describe(self, condition: M, inner: Describe) -> str:
        return self.joiner.join(
            f"({inner(each)})" if isinstance(each, _LONG) else inner(each)
            for each in condition.conditions
        )

    @override
    def canonical(
        self, condition: M, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        return unordered(self.name, [inner(each) for each in condition.conditions])

    @override
    def lasts(self, condition: M, truth: bool, inner: Lasts) -> bool:
        return all(inner(each, truth) for each in condition.conditions)

    @override
    def schema(self) -> dict[str, Any]:
        items = {"$ref": "#/definitions/condition"}
        return {self.name: {"type": "array", "minItems": 1, "items": items}}

    @override
    def inside(self, condition: M) -> tuple[Condition, ...]:
        return condition.conditions


class AllForm(_CombinedForm[AllOf]):
    """Every condition holds."""

    name = "all"
    fields = ("all",)
    model = AllOf
    joiner = " and "
    syntax = "`all: [CONDITION, …]`"
    true_when = "every condition holds at the same moment"


class AnyForm(_CombinedForm[AnyOf]):
    """At least one condition holds."""

    name = "any"
    fields = ("any",)
    model = AnyOf
    joiner = " or "
    syntax = "`any: [CONDITION, …]`"
    true_when = "at least one condition holds"
