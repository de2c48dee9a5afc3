"""What all suites share: one broker of a kind for the whole session, and who runs what."""

import pytest

from tests.services.fixtures import broker, reaper

__all__ = ["broker", "reaper"]


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
