"""``when: CONDITION`` — points while a condition holds."""

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.form import Canonicalise, ReadCondition
from streams.definitions.meaning import Canonical
from streams.definitions.model import Condition, WhileTrue
from streams.definitions.reader import Scope
from streams.definitions.signals.form import JSON, SignalForm


class WhileForm(SignalForm[WhileTrue]):
    """A condition holds."""

    signs = ("when",)
    fields = ("when",)
    model = WhileTrue
    syntax = "`when: CONDITION`"
    meaning = "1 while the condition holds, otherwise 0"

    @override
    def read(self, node: document.Mapping, scope: Scope, inner: ReadCondition) -> WhileTrue | None:
        condition = inner(node.entries["when"], scope)
        return None if condition is None else WhileTrue(condition)

    @override
    def canonical(self, signal: WhileTrue, inner: Canonicalise) -> Canonical:
        return ["while", inner(signal.condition)]

    @override
    def schema(self) -> JSON:
        return {
            "properties": {"when": {"$ref": "#/definitions/condition"}},
            "required": ["when"],
        }

    @override
    def conditions(self, signal: WhileTrue) -> tuple[Condition, ...]:
        return (signal.condition,)
