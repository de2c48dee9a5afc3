"""Every topic that Milepost reads or writes, with the configuration it must have."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from streams.errors import MilepostError
from streams.settings import Settings
from streams.tables import changelogs

Role = Literal["in", "out", "internal"]

HOUR = 3_600_000
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it should be."""

    name: str
    role: Role
    """``in``: written by the products. ``out``: for subscribers. ``internal``: the worker's own."""
    holds: str
    """What its records are."""
    partitions: int
    config: Mapping[str, str]
    replication_factor: int = 1
    follows: str | None = None
    """The topic whose number of partitions it must share."""


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as it is on the broker."""

    topic: Topic
    partitions: int | None
    """``None``: there is no such topic."""
    differences: list[str] = field(default_factory=list)
    """What is not as it should be, a sentence each."""
    config_known: bool = True
    """The embedded broker does not tell its configuration."""


def repartition_topic(app_id: str) -> str:
    """Where events go whose key is not their account."""
    return f"{app_id}-repartition"


def topics(settings: Settings, events_partitions: int | None = None) -> list[Topic]:
    """All of them.

    Args:
        settings: names and sizes.
        events_partitions: how many partitions the events topic really has, where it exists: the
            worker's own topics share its number, account by account.
    """
    largest = {"max.message.bytes": str(settings.max_message_bytes)}
    kept = {"cleanup.policy": "delete", **largest}
    changelog = {
        # Compaction alone: a changelog that also deletes by age forgets entities.
        "cleanup.policy": "compact",
        # A worker that was paused may append an old state behind a newer one. Both must stay
        # until every worker that could read them knows which one counts.
        "min.compaction.lag.ms": str(6 * HOUR),
        # Tables on disk that were away for less than this still see what was deleted.
        "delete.retention.ms": str(7 * DAY),
        **largest,
    }
    names = settings
    own = events_partitions or settings.partitions
    wanted: list[tuple[str, Role, str, int, dict[str, str]]] = [
        (names.events_topic, "in", "product events", settings.partitions, kept),
        (names.qualifications_topic, "out", "qualifications", settings.partitions, kept),
        (names.shadow_topic, "out", "what is in the shadow", settings.partitions, kept),
        (names.activity_topic, "out", "daily activity, traits", settings.partitions, kept),
        (names.dead_letters_topic, "out", "dead letters", settings.partitions, kept),
        (repartition_topic(names.app_id), "internal", "events on their way to their account", own,
         kept | {"retention.ms": str(7 * DAY)}),
        *((log.topic, "internal", f"state of {log.table}", own, changelog)
          for log in changelogs(names.app_id)),
    ]  # fmt: skip
    return [
        Topic(
            name,
            role,
            holds,
            partitions,
            config,
            settings.replication_factor,
            follows=settings.events_topic if role == "internal" else None,
        )
        for name, role, holds, partitions, config in wanted
    ]


async def look(client: AIOKafkaAdminClient, settings: Settings) -> list[Found]:
    """Every topic beside what the broker has.

    Raises:
        MilepostError: the broker does not let us see.
    """
    counts = await partition_counts(client)
    wanted = topics(settings, counts.get(settings.events_topic))
    existing = [topic for topic in wanted if topic.name in counts]
    configs = await _configs(client, [topic.name for topic in existing])
    found = []
    for topic in wanted:
        partitions = counts.get(topic.name)
        differences = [] if partitions is None else _differences(topic, partitions, configs)
        found.append(Found(topic, partitions, differences, topic.name in configs))
    return found


async def create(client: AIOKafkaAdminClient, missing: Sequence[Topic]) -> None:
    """Make the topics, and wait until the broker knows them.

    Raises:
        MilepostError: with a line for each that could not be made.
    """
    if not missing:
        return
    problems = []
    for topic in missing:
        new = NewTopic(
            topic.name,
            topic.partitions,
            topic.replication_factor,
            topic_configs=dict(topic.config),
        )
        try:
            answer = await client.create_topics([new])
        except KafkaError as error:
            problems.append(f"topic {topic.name}: {error}")
            continue
        code, text = answer.topic_errors[0][1:3]
        error_type = for_code(code)
        if error_type not in {NoError, TopicAlreadyExistsError}:
            problems.append(f"topic {topic.name}: {text or error_type.__name__}")
    if problems:
        raise MilepostError("\n".join(problems))
    names = {topic.name for topic in missing}
    for _ in range(100):
        if names <= (await partition_counts(client)).keys():
            return
        await asyncio.sleep(0.1)
    raise MilepostError("the broker made the topics but does not list them after 10 s")


async def prepare(client: AIOKafkaAdminClient, settings: Settings) -> int:
    """What a worker needs: topics in and out are there, its own are made where missing.

    Returns:
        The number of partitions of the events topic.

    Raises:
        MilepostError: topics are missing, or the worker's own do not fit the events topic.
    """
    found = await look(client, settings)
    missing = [f.topic.name for f in found if f.partitions is None and f.topic.role != "internal"]
    if missing:
        raise MilepostError(
            f"these topics do not exist: {', '.join(missing)}; make them with"
            " milepost topics --create"
        )
    await create(client, [f.topic for f in found if f.partitions is None])
    events = found[0].partitions or 0
    unfit = [
        f"topic {f.topic.name} has {f.partitions} partitions, {f.topic.follows} has {events}:"
        " accounts would be looked for in the wrong place"
        for f in found
        if f.topic.follows and f.partitions not in {None, events}
    ]
    if unfit:
        raise MilepostError("\n".join(unfit))
    return events


async def partition_counts(client: AIOKafkaAdminClient) -> dict[str, int]:
    """Topic → how many partitions it has.

    Raises:
        MilepostError: the broker does not let us see.
    """
    try:
        described = await client.describe_topics()
    except KafkaError as error:
        raise MilepostError(f"the broker does not list its topics: {error}") from error
    return {
        topic["topic"]: len(topic["partitions"]) for topic in described if not topic["error_code"]
    }


async def _configs(client: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, Any]]:
    """Topic → its configuration; without those that the broker does not tell."""
    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    try:
        answers = await client.describe_configs(resources)
    except KafkaError:
        return {}
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for code, _text, _kind, name, entries in answer.resources
        if code == 0
    }


def _differences(
    topic: Topic, partitions: int, configs: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    differences = []
    if topic.follows and partitions != topic.partitions:
        differences.append(f"{partitions} partitions, must be {topic.partitions}")
    have = configs.get(topic.name)
    for name, value in topic.config.items():
        if have is None or name not in have or have[name] == value:
            continue
        if value.isdigit() and str(have[name]).isdigit() and int(have[name]) >= int(value):
            continue  # more room, longer kept: no harm
        differences.append(f"{name} is {have[name]}, should be {value}")
    return differences
