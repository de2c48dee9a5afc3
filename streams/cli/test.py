"""``milepost test``: the tests of definitions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from streams.cli import output
from streams.definitions import TEST_ENDINGS, examine, examine_tests, subject_of
from streams.definitions.model import Case, Definitions
from streams.errors import DefinitionsError, UsageError
from streams.junit import junit_xml
from streams.testing import Result, run_tests

FAILED = 1


def test(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="DEFS...",
            help="Definitions, or the *_test.yml beside them.",
            show_default=False,
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object with all results.")
    ] = False,
    junit: Annotated[
        Path | None,
        typer.Option(help="Write the results into this file as JUnit XML.", metavar="FILE"),
    ] = None,
) -> None:
    """Run the tests that stand in definitions, and in the *_test.yml beside them.

    Each has events, on a simulated clock, and says what must have been reached after them; what
    is not as expected is explained, condition by condition.

      milepost test product.yml
      milepost test definitions/*.yml --junit results.xml

    Exit codes: 0 all pass, 1 a test fails or a file has errors, 2 there is nothing to test.
    """
    suites: dict[str, list[Result]] = {}
    for path, (definitions, cases) in _collected(files).items():
        suites[path] = list(run_tests(definitions, cases))
    if junit is not None:
        _write(junit, junit_xml(suites))
    if as_json:
        output.emit(_as_json(suites))
        output.flush()
    else:
        _show(suites)
    if any(result.failures for results in suites.values() for result in results):
        raise typer.Exit(FAILED)


def _collected(files: Sequence[Path]) -> dict[str, tuple[Definitions, tuple[Case, ...]]]:
    """File → the definitions that its tests are about, and the tests; none twice.

    Raises:
        DefinitionsError: files have errors: all of them.
        UsageError: there are no tests at all.
    """
    found: dict[str, tuple[Definitions, tuple[Case, ...]]] = {}
    problems = []
    for path in dict.fromkeys(subject_of(file) or file for file in files):
        tested = examine(path)
        outcomes = {path: tested}
        for ending in TEST_ENDINGS:
            beside = path.with_name(path.stem + ending)
            if tested.definitions is not None and beside.exists():
                outcomes[beside] = examine_tests(beside, tested)
        for file, outcome in outcomes.items():
            problems += [one for one in outcome.problems if one.severity == "error"]
            tests = outcome.definitions.tests if outcome.definitions is not None else ()
            if tested.definitions is not None and tests:
                found[str(file)] = tested.definitions, tests
    if problems:
        raise DefinitionsError(problems)
    if not found:
        names = ", ".join(map(str, files))
        raise UsageError(f"{names}: there are no tests: begin with a list `tests:`")
    return found


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None


def _as_json(suites: Mapping[str, Sequence[Result]]) -> dict[str, Any]:
    results = [(file, result) for file, found in suites.items() for result in found]
    return {
        "tests": len(results),
        "failed": sum(bool(result.failures) for _, result in results),
        "results": [
            {
                "file": file,
                "line": result.case.line,
                "name": result.case.name,
                "passed": not result.failures,
                "failures": [
                    {
                        "what": one.what,
                        "expected": one.expected,
                        "actual": one.actual,
                        "why": list(one.why),
                    }
                    for one in result.failures
                ],
            }
            for file, result in results
        ],
    }


def _show(suites: Mapping[str, Sequence[Result]]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    total = failed = 0
    seconds = 0.0
    for file, results in suites.items():
        console.print(Text(file, style="bold"))
        for result in results:
            total += 1
            seconds += result.seconds
            if not result.failures:
                console.print(Text.assemble(("  ✓ ", "green"), result.case.name))
                continue
            failed += 1
            place = f"  ({file}:{result.case.line})"
            console.print(Text.assemble(("  ✗ ", "red"), result.case.name, (place, "dim")))
            for failure in result.failures:
                for line in failure.lines():
                    console.print(Text(f"      {line}"))
    style = "red" if failed else "green"
    tests = f"{total} test{'' if total == 1 else 's'}"
    console.print(Text(f"{tests}, {failed} failed, {seconds:.2f} s", style=style))
