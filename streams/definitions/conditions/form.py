"""What every form of a condition has: one class says all that there is to say about it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from streams.definitions import document
from streams.definitions.conditions.measures import MEASURES
from streams.definitions.meaning import Canonical
from streams.definitions.model import Condition
from streams.definitions.problems import quote
from streams.definitions.reader import Scope

C = TypeVar("C", bound=Condition)

ReadCondition = Callable[[document.Node, Scope], Condition | None]
Describe = Callable[[Condition], str]
Canonicalise = Callable[[Condition], Canonical]
Lasts = Callable[[Condition, bool], bool]


class Form(ABC, Generic[C]):
    """One form of a condition.

    The last argument of ``read``, ``describe``, ``canonical`` and ``lasts`` does the same for a
    condition inside this one, whatever its form.
    """

    name: ClassVar[str]
    """The field that marks the form: ``event``."""
    fields: ClassVar[tuple[str, ...]]
    """All fields that it has, ``name`` among them."""
    required: ClassVar[Mapping[str, str]] = {}
    """Those that it must have besides ``name``, each with what may be written."""
    together: ClassVar[Mapping[str, Any]] = {}
    """What JSON Schema can say of its fields together."""
    model: ClassVar[type[Any]]
    """The type in the model that it is read into."""
    syntax: ClassVar[str]
    """First column of its line in the documentation's table."""
    true_when: ClassVar[str]
    """Second column."""

    @abstractmethod
    def read(self, node: document.Mapping, scope: Scope, inner: ReadCondition) -> C | None:
        """Read a mapping that has the field ``name``; ``None`` once an error is reported."""

    @abstractmethod
    def describe(self, condition: C, inner: Describe) -> str:
        """The condition in words, on one line."""

    @abstractmethod
    def canonical(
        self, condition: C, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        """What it means; ``meanings`` stands for the names of the milestones that it has."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """JSON Schema of its fields, by name."""

    @property
    def what(self) -> str:
        """Its name in messages: ``an `event` condition``."""
        return f"a{'n' if self.name[0] in 'aeiou' else ''} `{self.name}` condition"

    def fits(self, node: document.Mapping, scope: Scope) -> bool:
        """Whether a mapping has all fields that the form needs and no others; says so where not."""
        reader, before = scope.reader, scope.reader.errors
        for name, place in node.keys.items():
            message = f"{quote(name)} is not a field of {self.what}"
            if name in MEASURES and name not in self.fields:
                reader.error(place, f"{message}: it measures events, in an `event` condition only")
            elif name not in self.fields:
                reader.unknown(place, message, name, self.fields)
        for name, example in self.required.items():
            if name not in node.entries:
                reader.error(node, f"{self.what} lacks `{name}`: write `{example}`")
        return reader.errors == before

    def documentation(self) -> str:
        """Its line in the documentation's table of forms."""
        return f"| {self.syntax} | {self.true_when} |"

    def inside(self, condition: C) -> tuple[Condition, ...]:  # noqa: ARG002 - for overriding
        """The conditions directly inside it."""
        return ()

    def lasts(self, condition: C, truth: bool, inner: Lasts) -> bool:  # noqa: ARG002
        """Whether, once it is ``truth``, no time and no event can ever change that.

        Asked to warn only: where that is hard to say, it may be ``False``.
        """
        return False

    def milestones(self, condition: C) -> tuple[str, ...]:  # noqa: ARG002 - for overriding
        """The milestones that it names itself."""
        return ()
