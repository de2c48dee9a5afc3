"""What all suites share: one broker of a kind for the whole session, and who runs what.

How many examples properties are tried on: a quick look by default, the same ones each time with
``HYPOTHESIS_PROFILE=ci`` (what is found anew by chance is for those who can look at it), thousands
with ``HYPOTHESIS_PROFILE=thorough``.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.services.fixtures import broker, reaper

__all__ = ["broker", "reaper"]

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "quick", max_examples=100, deadline=None, suppress_health_check=SLOW_IS_FINE
)
settings.register_profile("ci", settings.get_profile("quick"), derandomize=True)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.hookimpl(tryfirst=True)  # pytest-xdist looks at the marks in this hook, too
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share what their module has made run in one process: it is made once.

    Of several processes, that is, with ``--dist loadgroup``.
    """
    for item in items:
        if isinstance(item, pytest.Function) and _shares(item):
            item.add_marker(pytest.mark.xdist_group(item.module.__name__))


def _shares(item: pytest.Function) -> bool:
    found = item._fixtureinfo.name2fixturedefs.values()
    return any(fixtures[-1].scope == "module" for fixtures in found)
