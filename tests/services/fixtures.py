"""Fixtures for suites that need a broker: one suite, run on each broker.

``pytest -m "not kafka"`` runs it on the embedded broker, ``pytest -m kafka`` on Apache Kafka.
"""

from collections.abc import Iterator

import pytest

from tests.services import brokers
from tests.services.brokers import Broker
from tests.services.reaper import Reaper

EVERY_BROKER = [
    pytest.param("embedded", marks=pytest.mark.embedded),
    pytest.param("kafka", marks=pytest.mark.kafka),
]


@pytest.fixture(scope="session")
def reaper() -> Iterator[Reaper]:
    """What starts processes that must not outlive the tests."""
    reaper = Reaper()
    yield reaper
    reaper.close()


@pytest.fixture(scope="session", params=EVERY_BROKER)
def broker(
    request: pytest.FixtureRequest, reaper: Reaper, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """A running broker, shared by the session: topic names must be a test's own."""
    start = {"kafka": brokers.kafka, "embedded": brokers.embedded}[request.param]
    try:
        with start(reaper, tmp_path_factory.mktemp(request.param)) as broker:
            yield broker
    except brokers.NotAvailableError as error:
        pytest.skip(str(error))
