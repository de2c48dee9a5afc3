"""Every test here runs on the embedded broker and, marked ``kafka``, on Apache Kafka."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration.traffic import DEFINITIONS
from tests.services.brokers import Broker
from tests.services.deployment import Deployment
from tests.services.reaper import Reaper

Deploy = Callable[..., Deployment]


@pytest.fixture
def deploy(
    request: pytest.FixtureRequest, broker: Broker, reaper: Reaper, tmp_path: Path
) -> Iterator[Deploy]:
    """Makes deployments whose processes end with the test; a failure shows their logs."""
    with ExitStack() as stack:

        def make(definitions: Path = DEFINITIONS, **options: Any) -> Deployment:
            made = Deployment(broker, reaper, tmp_path, definitions, **options)
            stack.callback(made.close)
            request.node.stash[_DEPLOYMENTS] = [*request.node.stash.get(_DEPLOYMENTS, []), made]
            return made

        yield make


_DEPLOYMENTS = pytest.StashKey[list[Deployment]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        for deployment in item.stash.get(_DEPLOYMENTS, []):
            for running in deployment.running:
                report.sections.append((f"log of {running.name}", running.tail()))
    return report
