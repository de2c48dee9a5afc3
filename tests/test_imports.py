"""The layering, held by reading every import (and a few calls) of the source."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

CLIENTS = ["faust", "mode", "aiokafka", "aiohttp", "clickhouse_connect", "chdb", "rocksdict"]
OBSERVERS = ["logging", "prometheus_client", "rich", "typer"]
OUTSIDE = ["os", "io", "pathlib", "socket", "subprocess", "asyncio", "threading"]
CLOCKS = ["time", "sched", "random", "secrets", "uuid"]
IMPURE = [*CLIENTS, *OBSERVERS, *OUTSIDE, *CLOCKS]
WIRING = ["streams.app", "streams.settings", "streams.tables", "streams.cli"]

FORBIDDEN: dict[str, list[str]] = {
    "schemas": ["streams", "tests", *IMPURE],
    "streams": ["tests"],
    "streams/engine": [
        *IMPURE,
        *WIRING,
        "streams.agents",
        "streams.decoding",
        "streams.evaluator",
        "streams.metrics",
        "streams.sinks",
        "streams.transport",
        "ruamel",
        "zoneinfo",  # reads files: definitions bring their zones along
    ],
    "streams/engine/routing": ["streams.engine.engine", "streams.engine.compiler"],
    "streams/evaluator.py": [*IMPURE, *WIRING, "streams.sinks", "streams.transport"],
    "streams/schedule.py": [*IMPURE, *WIRING, "streams.sinks", "streams.transport"],
    "streams/timers.py": ["streams", *IMPURE],
    "streams/facts.py": [*IMPURE, *WIRING, "streams.sinks", "streams.transport"],
    "streams/funnels": [*IMPURE, *WIRING, "streams.queries", "streams.transport"],
    "streams/decoding": [*IMPURE, *WIRING, "streams.engine", "streams.definitions"],
    "streams/definitions": [*CLIENTS, *CLOCKS, "streams.engine", "streams.evaluator"],
    "streams/transport": ["streams.definitions", "streams.sinks", "streams.agents", "streams.cli"],
    "streams/agents": ["clickhouse_connect", "chdb", "sqlite3", "json", "orjson", "streams.engine"],
    "streams/sinks": ["faust", "mode", "streams.engine", "streams.definitions", "streams.agents"],
    "streams/queries": ["faust", "mode", "aiokafka", "streams.transport", "streams.agents"],
    "streams/watches": ["faust", "mode", "streams.agents", "streams.cli", "streams.app"],
    "streams/replay.py": [*CLIENTS, *CLOCKS, "streams.transport", "streams.app"],
    "streams/explain": ["faust", "mode", "streams.cli", "streams.app", "streams.agents"],
    "streams/explain/desk.py": [*IMPURE, *WIRING, "streams.sinks", "streams.transport"],
    "streams/explain/words.py": [*IMPURE, *WIRING, "streams.engine", "streams.evaluator"],
    "streams/experiments": [*CLIENTS, *CLOCKS, *WIRING, "streams.queries", "streams.sinks"],
    "streams/experiments/judging.py": [*IMPURE, *WIRING],
    "streams/demo/traffic.py": [*CLIENTS, *OBSERVERS, *OUTSIDE, "time"],
    "streams/errors.py": [*IMPURE, *WIRING],
}
"""Place → modules that nothing in it may import."""

PURE = [
    "streams/engine",
    "streams/evaluator.py",
    "streams/schedule.py",
    "streams/timers.py",
    "streams/decoding",
]
CLOCK_READINGS = {"now", "utcnow", "today", "time", "time_ns", "monotonic"}
SQL = re.compile(r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|CREATE\s+TABLE|ALTER\s+TABLE)\b", re.S)


def sources(place: str) -> list[Path]:
    path = ROOT / place
    return [path] if path.suffix else sorted(path.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a file imports, wherever in the file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).with_suffix("").parts[: -node.level or None]
            prefix = ".".join(package) + "." if node.level else ""
            module = prefix + (node.module or "")
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def within(module: str, parent: str) -> bool:
    return module == parent or module.startswith(parent + ".")


@pytest.mark.parametrize("place", FORBIDDEN)
def test_a_layer_imports_nothing_from_above_or_beside_it(place: str) -> None:
    assert sources(place), f"{place} has no source: the table above is out of date"
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in sources(place)
        for line, module in imports(path)
        if any(within(module, forbidden) for forbidden in FORBIDDEN[place])
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("place", PURE)
def test_the_pure_part_reads_no_clock(place: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(place)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCK_READINGS
    ]
    assert not wrong, "time is an argument everywhere: " + ", ".join(wrong)


def test_agents_hold_no_sql() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources("streams/agents")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    ]
    assert not wrong, "SQL belongs to streams/sinks and streams/queries: " + ", ".join(wrong)


def test_no_module_makes_an_application_when_it_is_imported() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{statement.lineno}"
        for path in sources("streams")
        for statement in tree(path).body
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"faust.App", "App"}
    ]
    assert not wrong, "create_app makes applications: " + ", ".join(wrong)


def test_only_the_metrics_module_speaks_to_prometheus() -> None:
    allowed = {"metrics.py", "health.py", "app.py"}
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources("streams")
        if path.name not in allowed
        for line, module in imports(path)
        if within(module, "prometheus_client")
    ]
    assert not wrong, "metrics are documented in one place: " + ", ".join(wrong)


def test_nothing_under_deploy_is_python() -> None:
    assert not list((ROOT / "deploy").rglob("*.py")), (
        "the worker must not import what operators edit"
    )


def test_the_help_of_the_command_line_imports_no_client() -> None:
    said = "import sys, streams.cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert set(CLIENTS) & set(done.stdout.split()) == set()
