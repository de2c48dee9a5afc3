"""``python -m tests.benchmarks.warehouse``: see :mod:`tests.benchmarks.warehouse.run`."""

import typer

from tests.benchmarks.warehouse.run import run

typer.run(run)
