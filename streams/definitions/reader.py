"""What reading one file has met so far: problems, references, names; and the plainest checks."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, Literal, NamedTuple, TypeVar

from streams.definitions import document
from streams.definitions.document import Node, Place
from streams.definitions.model import Baseline, EntityKind, Health, Score, Segment
from streams.definitions.problems import Problem, Severity, did_you_mean, quote

DEEPEST_CONDITION = 50
"""Levels of ``all``, ``any`` and ``not``, and again of filters inside ``where``."""

_GUESSES = 100
"""Problems that get a "did you mean": comparing names is slow where thousands are wrong."""


Section = Literal["milestone", "score", "segment", "lead", "health", "abuse", "baseline"]
"""What has conditions, all but leads and abuse rules named by them; and baselines, which components
name."""

T = TypeVar("T", Score, Segment, Health, Baseline)


class Name(NamedTuple):
    """A milestone, a score, a segment, a health, a lead or an abuse rule by its name."""

    section: Section
    name: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A condition names a milestone."""

    place: Place
    owner: Section
    """What its condition belongs to."""
    of: EntityKind | None
    """The owner's kind; ``None`` where that is wrong itself."""
    target: str
    users: bool
    """Whether the account looks at its users' milestone."""
    within: Place | None = None
    """Where it says in which time they reached it."""


@dataclass(slots=True)
class Shelf(Generic[T]):
    """The scores, the segments, the health or the baselines that may be named."""

    declared: tuple[str, ...] = ()
    """Every one that the file has a name for, in its order."""
    read: dict[str, T | None] = field(default_factory=dict)
    """Those so far; ``None`` for one that is wrong, so that naming it is no second error."""


@dataclass(slots=True)
class Reader:
    """Collects while one file is read."""

    source: str
    problems: list[Problem] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    events: dict[str, Place] = field(default_factory=dict)
    """Event names, and where each is named first."""
    segments: Shelf[Segment] = field(default_factory=Shelf[Segment])
    scores: Shelf[Score] = field(default_factory=Shelf[Score])
    health: Shelf[Health] = field(default_factory=Shelf[Health])
    baselines: Shelf[Baseline] = field(default_factory=Shelf[Baseline])
    mentions: dict[tuple[Name, Name], Place] = field(default_factory=dict)
    """Whose condition names what, and where."""
    shadows: dict[Name, tuple[Place, str | None]] = field(default_factory=dict)
    """What is in the shadow, where it says so, and the live one that it is compared with."""
    pattern_steps: int = 0
    """Size of all regular expressions so far, in instructions of their programs."""
    brought: int = 0
    """Size of all that conditions brought in by naming scores and segments, in characters of their
    canonical forms."""
    folder: Path = Path()
    """In which, or below which, files are that the file names."""
    models: int = 0
    """How many scores have a model so far."""
    _errors: int = 0

    @property
    def errors(self) -> int:
        """How many errors there are so far."""
        return self._errors

    def error(self, at: Node | Place, message: str) -> None:
        """Something that keeps the file from being used."""
        self._errors += 1
        self._report(at, "error", message)

    def warning(self, at: Node | Place, message: str) -> None:
        """Something that is probably not meant."""
        self._report(at, "warning", message)

    def unknown(self, at: Node | Place, message: str, name: str, known: Collection[str]) -> None:
        """An error about a name that does not exist, with the nearest that does."""
        guess = did_you_mean(name, known) if len(self.problems) < _GUESSES else ""
        self.error(at, f"{message}{guess}")

    def _report(self, at: Node | Place, severity: Severity, message: str) -> None:
        place = at if isinstance(at, Place) else at.place
        source = place.file or self.source
        self.problems.append(Problem(source, place.line, place.column, severity, message))

    def mapping(self, node: Node, what: str, example: str) -> document.Mapping | None:
        """``node`` as a mapping, or an error that shows an example."""
        if isinstance(node, document.Mapping):
            return node
        self.error(node, f"{what} is a mapping, such as `{example}`, not {kind_of(node)}")
        return None

    def only(self, node: document.Mapping, known: Collection[str], what: str) -> None:
        """An error for each field of ``node`` that ``what`` does not have."""
        for name, place in node.keys.items():
            if name not in known:
                message = f"{quote(name)} is not a field of {what}"
                self.unknown(place, message, name, known)

    def text(self, node: Node, what: str) -> str | None:
        """``node`` as text that is not empty."""
        if not isinstance(node, document.Scalar) or not isinstance(node.value, str):
            quotable = isinstance(node, document.Scalar) and node.value is not None
            remedy = ": put it in quotes" if quotable else ""
            self.error(node, f"{what} must be text, not {kind_of(node)}{remedy}")
            return None
        if not node.value.strip():
            self.error(node, f"{what} is empty")
            return None
        return node.value


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a condition stands."""

    reader: Reader
    of: EntityKind | None
    """Kind of what it belongs to; ``None`` where that is wrong itself."""
    owner: Name
    """What it belongs to."""
    depth: int = 1

    def deeper(self) -> "Scope":
        """The scope of a condition inside this one."""
        return replace(self, depth=self.depth + 1)

    def mention(self, section: Section, name: str, place: Place) -> None:
        """Note that a condition here names something, for what names itself in a circle."""
        self.reader.mentions[self.owner, Name(section, name)] = place


def kind_of(node: Node) -> str:
    """What a node is, in a person's words: ``the number 3``."""
    match node:
        case document.Sequence():
            return "a list"
        case document.Mapping():
            return "a mapping"
        case document.Scalar(value=None):
            return "empty"
        case document.Scalar(value=""):
            return "empty text"
        case document.Scalar(value=bool()):
            return quote(node.text)
        case document.Scalar(value=int() | float()):
            return f"the number {quote(node.text)}"
        case _:
            return f"the text {quote(node.text)}"
