"""``not:`` — a condition that does not hold."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.form import Canonicalise, Describe, Form, Lasts, ReadCondition
from streams.definitions.meaning import Canonical
from streams.definitions.model import Condition, Not
from streams.definitions.reader import Scope


class NotForm(Form[Not]):
    """The condition does not hold."""

    name = "not"
    fields = ("not",)
    model = Not
    syntax = "`not: CONDITION`"
    true_when = "the condition does not hold"

    @override
    def read(self, node: document.Mapping, scope: Scope, inner: ReadCondition) -> Not | None:
        self.fits(node, scope)
        condition = inner(node.entries["not"], scope.deeper())
        return None if condition is None else Not(condition)

    @override
    def describe(self, condition: Not, inner: Describe) -> str:
        return f"not ({inner(condition.condition)})"

    @override
    def canonical(
        self, condition: Not, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        found = inner(condition.condition)
        doubled = isinstance(found, list) and found[0] == "not"
        return found[1] if isinstance(found, list) and doubled else ["not", found]

    @override
    def lasts(self, condition: Not, truth: bool, inner: Lasts) -> bool:
        return inner(condition.condition, not truth)

    @override
    def schema(self) -> dict[str, Any]:
        return {"not": {"$ref": "#/definitions/condition"}}

    @override
    def inside(self, condition: Not) -> tuple[Condition, ...]:
        return (condition.condition,)
