"""From a file to ``Definitions``, or to everything that is wrong with it."""

from dataclasses import dataclass
from pathlib import Path

from streams.definitions.document import Document, DocumentError, Place, read_document
from streams.definitions.lint import lint
from streams.definitions.model import Definitions
from streams.definitions.problems import Problem
from streams.definitions.reader import Reader
from streams.definitions.sections import read_sections, read_test_file
from streams.definitions.texts import printable, read_text
from streams.errors import DefinitionsError, UsageError

TEST_ENDINGS = ("_test.yml", "_test.yaml")
"""Of the names of files that have tests and nothing else."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A file that was read: its definitions, and what there is to say about it."""

    definitions: Definitions | None
    """``None`` where there are errors."""
    problems: tuple[Problem, ...]
    """Errors and warnings, in the order of the text."""


def load(path: str | Path) -> Definitions:
    """Read a definitions file.

    Raises:
        DefinitionsError: the file has errors; all of them, each with line and column.
        UsageError: there is no such file, or it cannot be read.
    """
    return _definitions(examine(path))


def loads(text: str, source: str = "definitions") -> Definitions:
    """Read definitions from text; ``source`` stands for the file's name in messages.

    Raises:
        DefinitionsError: the text has errors; all of them, each with line and column.
    """
    return _definitions(examine_text(text, source))


def check(path: str | Path) -> list[Problem]:
    """Every error and warning of a definitions file, in the order of its text.

    Raises:
        UsageError: there is no such file, or it cannot be read.
    """
    return list(examine(path).problems)


def examine(path: str | Path) -> Outcome:
    """Read a definitions file and keep what was found, good or bad.

    Raises:
        UsageError: there is no such file, or it cannot be read.
    """
    source, text = _read(path)
    return examine_text(text, source, Path(path).parent) if isinstance(text, str) else text


def _read(path: str | Path) -> tuple[str, str | Outcome]:
    """What stands for the file in messages, and its text or why there is none."""
    source = printable(path)
    try:
        return source, read_text(path)
    except OSError as error:
        raise UsageError(f"{source}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{source!r}: cannot be read: {error}") from error
    except DocumentError as error:
        return source, _refused(source, error.place, error.message)


def examine_text(text: str, source: str, folder: Path = Path()) -> Outcome:
    """Read definitions from text and keep what was found, good or bad.

    Args:
        text: of the definitions.
        source: what stands for their file in messages.
        folder: from which the files that they name are looked for; where nothing is given, the
            current one.
    """
    opened = _open(text, source)
    if isinstance(opened, Outcome):
        return opened
    reader, document = opened
    reader.folder = folder
    sections = read_sections(reader, document.root)
    lint(reader, sections)
    problems = tuple(sorted(set(reader.problems)))  # two scores may name one model
    if reader.errors:
        return Outcome(None, problems)
    definitions = Definitions(
        sections.timing,
        sections.milestones,
        sections.journeys,
        sections.funnels,
        sections.tests,
        sections.segments,
        sections.scores,
        leads=sections.leads,
        routing=sections.routing,
        health=sections.health,
        abuse=sections.abuse,
        roles=sections.roles,
        baselines=sections.baselines,
    )
    return Outcome(definitions, problems)


def _open(text: str, source: str) -> tuple[Reader, Document] | Outcome:
    """The tree of a text, and a reader that knows what is wrong with the text as YAML."""
    try:
        document = read_document(text)
    except DocumentError as error:
        return _refused(source, error.place, error.message)
    reader = Reader(source)
    for place, message in document.faults:
        reader.error(place, message)
    return reader, document


def subject_of(path: Path) -> Path | None:
    """The definitions that a file of tests stands beside; ``None`` for any other file.

    Raises:
        UsageError: they are not there.
    """
    for ending in TEST_ENDINGS:
        if path.name.endswith(ending):
            stem = path.name.removesuffix(ending)
            for suffix in (".yml", ".yaml"):
                if (beside := path.with_name(stem + suffix)).exists():
                    return beside
            raise UsageError(f"{path}: there is no {stem}.yml beside it, which it would be about")
    return None


def examine_tests(path: Path, tested: Outcome) -> Outcome:
    """Read a file of tests that stands beside the definitions which it is about.

    Returns:
        definitions that have these tests and nothing else, or what is wrong with them.

    Raises:
        UsageError: there is no such file, or it cannot be read.
    """
    definitions = tested.definitions
    if definitions is None:
        wrong = tested.problems[0].file
        return _refused(str(path), Place(), f"{wrong}, which it is about, has errors")
    source, text = _read(path)
    opened = _open(text, source) if isinstance(text, str) else text
    if isinstance(opened, Outcome):
        return opened
    reader, document = opened
    cases = read_test_file(reader, document.root, definitions)
    problems = tuple(sorted(reader.problems))
    return Outcome(None if reader.errors else Definitions(tests=cases), problems)


def _refused(source: str, place: Place, message: str) -> Outcome:
    return Outcome(None, (Problem(source, place.line, place.column, "error", message),))


def _definitions(outcome: Outcome) -> Definitions:
    if outcome.definitions is None:
        raise DefinitionsError(
            [problem for problem in outcome.problems if problem.severity == "error"]
        )
    return outcome.definitions
