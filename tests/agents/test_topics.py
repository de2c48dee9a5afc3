"""Topics on a broker: what is missing, what is made, what does not fit."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import TypeVar

import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from typer.testing import CliRunner

from streams.cli.main import app
from streams.errors import MilepostError
from streams.settings import Settings
from streams.topics import Found, create, look, prepare, topics
from streams.transport.connection import admin
from tests.services.brokers import Broker
from tests.services.topics import create_topic

Result = TypeVar("Result")


@pytest.fixture
def settings(broker: Broker) -> Settings:
    name = uuid.uuid4().hex[:12]
    return Settings(
        bootstrap=broker.bootstrap,
        app_id=f"app-{name}",
        events_topic=f"in-{name}",
        qualifications_topic=f"q-{name}",
        shadow_topic=f"s-{name}",
        activity_topic=f"a-{name}",
        dead_letters_topic=f"d-{name}",
        partitions=3,
    )


def asked(
    settings: Settings, question: Callable[[AIOKafkaAdminClient], Awaitable[Result]]
) -> Result:
    async def ask() -> Result:
        async with admin(settings.connection()) as client:
            return await question(client)

    return asyncio.run(ask())


def found(settings: Settings) -> list[Found]:
    return asked(settings, lambda client: look(client, settings))


def test_only_changelogs_are_compacted_and_they_are_nothing_but_compacted() -> None:
    policies = {topic.name: topic.config["cleanup.policy"] for topic in topics(Settings())}
    assert {name for name, policy in policies.items() if policy == "compact"} == {
        "milepost-accounts-changelog",
        "milepost-users-changelog",
    }
    assert set(policies.values()) == {"compact", "delete"}


def test_the_workers_own_topics_have_the_partitions_of_the_events_topic() -> None:
    made = topics(Settings(partitions=8), events_partitions=5)
    assert {t.partitions for t in made if t.role == "internal"} == {5}
    assert {t.partitions for t in made if t.role != "internal"} == {8}


def test_missing_topics_are_made_as_they_are_needed(settings: Settings) -> None:
    assert all(each.partitions is None for each in found(settings))
    asked(settings, lambda client: create(client, topics(settings)))
    now = found(settings)
    assert [each.partitions for each in now] == [3] * len(now)
    assert [each.differences for each in now] == [[]] * len(now)


def test_making_what_is_there_already_is_no_error(settings: Settings) -> None:
    for _ in range(2):
        asked(settings, lambda client: create(client, topics(settings)))


def test_a_worker_makes_its_own_topics_but_not_those_of_others(settings: Settings) -> None:
    with pytest.raises(MilepostError, match=r"do not exist: in-.*milepost topics --create"):
        asked(settings, lambda client: prepare(client, settings))
    others = [topic for topic in topics(settings) if topic.role != "internal"]
    asked(settings, lambda client: create(client, others))
    assert asked(settings, lambda client: prepare(client, settings)) == 3
    assert all(each.partitions == 3 for each in found(settings))


def test_a_worker_refuses_own_topics_with_other_partitions_than_the_events(
    settings: Settings, broker: Broker
) -> None:
    create_topic(broker, f"{settings.app_id}-users-changelog", 2)
    others = [topic for topic in topics(settings) if topic.role != "internal"]
    asked(settings, lambda client: create(client, others))
    with pytest.raises(MilepostError, match=r"users-changelog has 2 partitions, in-.* has 3"):
        asked(settings, lambda client: prepare(client, settings))


def test_a_configuration_that_differs_is_told(settings: Settings, broker: Broker) -> None:
    name = f"{settings.app_id}-accounts-changelog"
    create_topic(broker, name, 3, **{"cleanup.policy": "compact,delete"})
    [changelog] = [each for each in found(settings) if each.topic.name == name]
    if changelog.config_known:
        told = "cleanup.policy is compact,delete, should be compact"
        assert told in changelog.differences


def test_the_command_prints_json_and_its_exit_code_says_whether_all_is_well(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = ("events", "qualifications", "shadow", "activity", "dead_letters")
    for name in ("bootstrap", "app_id", *(f"{one}_topic" for one in held)):
        monkeypatch.setenv(f"MILEPOST_{name.upper()}", getattr(settings, name))
    missing = CliRunner().invoke(app, ["topics", "--json"])
    assert missing.exit_code == 1
    assert not any(topic["exists"] for topic in orjson.loads(missing.stdout)["topics"])
    made = CliRunner().invoke(app, ["topics", "--json", "--create"])
    assert made.exit_code == 0
    assert all(topic["exists"] for topic in orjson.loads(made.stdout)["topics"])
    shown = CliRunner().invoke(app, ["topics"])
    assert shown.exit_code == 0
    assert settings.events_topic in shown.stdout
