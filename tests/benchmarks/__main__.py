"""``python -m tests.benchmarks`` measures throughput and memory on the reference load."""

import typer

from tests.benchmarks.throughput import run

typer.run(run)
