"""What every kind of signal has: one class says all that there is to say about it."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from streams.definitions import document
from streams.definitions.conditions.form import Canonicalise, ReadCondition
from streams.definitions.meaning import Canonical
from streams.definitions.model import Condition, Signal
from streams.definitions.reader import Scope
from streams.definitions.values import LARGEST_NUMBER

S = TypeVar("S", bound=Signal)

JSON = dict[str, Any]
DURATION: JSON = {"$ref": "#/definitions/duration"}
POSITIVE: JSON = {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST_NUMBER}


class SignalForm(ABC, Generic[S]):
    """One kind of signal."""

    signs: ClassVar[tuple[str, ...]]
    """The fields of which a component that has this signal has exactly one."""
    fields: ClassVar[tuple[str, ...]]
    """All fields that it has."""
    fades: ClassVar[bool] = False
    """Whether between two events it can only fall."""
    model: ClassVar[type[Any]]
    syntax: ClassVar[str]
    """First column of its line in the documentation's table."""
    meaning: ClassVar[str]
    """Second column."""

    @abstractmethod
    def read(self, node: document.Mapping, scope: Scope, inner: ReadCondition) -> S | None:
        """Read a component that has this signal; ``None`` once an error is reported."""

    @abstractmethod
    def canonical(self, signal: S, inner: Canonicalise) -> Canonical:
        """What it means."""

    @abstractmethod
    def schema(self) -> JSON:
        """JSON Schema of its fields: ``properties``, ``required`` and what else there is."""

    def conditions(self, signal: S) -> tuple[Condition, ...]:  # noqa: ARG002 - for overriding
        """The conditions that it looks at."""
        return ()

    def most(self, signal: S) -> float:  # noqa: ARG002 - for overriding
        """The largest that it can be."""
        return 1

    def documentation(self) -> str:
        """Its line in the documentation's table of signals."""
        return f"| {self.syntax} | {self.meaning} |"
