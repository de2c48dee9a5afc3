"""What is made from code and kept in git: ``python -m tests.generators`` writes it again.

Tests compare the files with what these functions return, so that neither can run away.
"""

from collections.abc import Callable
from pathlib import Path

from tests.generators.dashboard import operations_dashboard
from tests.generators.kpis import kpi_page
from tests.generators.reference import operations_page

ROOT = Path(__file__).resolve().parents[2]

GENERATED: dict[str, Callable[[Path], str]] = {
    "deploy/grafana/dashboards/operations.json": operations_dashboard,
    "docs/operations.md": operations_page,
    "docs/kpis.md": kpi_page,
}
"""Path → the whole content that the file should have, given the file as it is."""
