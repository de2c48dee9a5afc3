"""The commit cycle, killed at every step, against a broker: what is replayed changes nothing."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from streams.agents.qualify import Qualify
from streams.definitions import load
from streams.engine import Engine
from streams.engine.state import revision_of
from streams.evaluator import Evaluator
from streams.explain.desk import Desk
from streams.metrics import Metrics
from streams.outputs import Outputs
from streams.settings import Settings
from streams.status import Status
from streams.tables import Tables, changelogs
from streams.topics import create, topics
from streams.transport.changelog import Recovery, StateError
from streams.transport.connection import admin
from streams.transport.sender import NO_HEADERS, Delivery, Entry, Outgoing, Sender
from streams.transport.stores import Store
from streams.transport.timekeeper import wall_clock
from streams.transport.watermark import WATERMARK, decode_watermark
from tests.services.brokers import Broker
from tests.services.topics import Stored, read_to_end

DEFINITIONS = """
version: 1
milestones:
  keen: {of: account, when: {event: Opened, count: ">= 3", within: 7d}}
  aha:  {of: user,    when: {event: Opened, count: ">= 2", within: 7d}}
  team: {of: account, when: {milestone: aha, users: ">= 2", within: 30d}}
"""
START = 1_767_261_600_000
MINUTE = 60_000


@dataclass(frozen=True)
class Record:
    offset: int
    value: bytes | None
    key: bytes | None = b"acme"
    headers: Sequence[tuple[str, bytes]] = ()
    timestamp: int = START + 3_600_000


def events(count: int) -> list[Record]:
    """Two accounts, three users each, and a record that is no event."""
    records = []
    for n in range(count):
        account = ("acme", "umbrella")[n % 2]
        body = {
            "event": "Opened",
            "event_id": f"e{n}",
            "timestamp": START + n * MINUTE,
            "account_id": account,
            "user_id": f"{account}-{n % 3}",
        }
        records.append(Record(n, b"not json" if n == 5 else orjson.dumps(body)))
    return records


class KilledError(Exception):
    """The process dies here."""


class MortalSender(Sender):
    """Dies at its n-th writing, before it, after half of it, or after it without hearing so."""

    def __init__(self, *args: object, step: int | None = None, moment: str = "") -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self._step = step
        self._moment = moment
        self._calls = 0
        self._nested = False

    async def send(self, records: Iterable[Outgoing]) -> None:
        sent = list(records)
        self._nested = True
        try:
            await self._mortal(lambda part: Sender.send(self, sent[: part and len(sent) // part]))
        finally:
            self._nested = False

    async def append(self, topic: str, partition: int, entries: Sequence[Entry]) -> int | None:
        if self._nested:
            return await super().append(topic, partition, entries)
        offset: int | None = None

        async def write(part: int | None) -> None:
            nonlocal offset
            some = entries[: part and len(entries) // part]
            offset = await Sender.append(self, topic, partition, some)

        await self._mortal(write)
        return offset

    async def _mortal(self, write: object) -> None:
        self._calls += 1
        if self._calls == self._step:
            if self._moment != "before":
                await write(2 if self._moment == "halfway" else None)  # type: ignore[operator]
            raise KilledError
        await write(None)  # type: ignore[operator]


class World:
    """One installation on the broker: its topics, and processes that come and go."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        name = uuid.uuid4().hex[:12]
        self.broker = broker
        self.settings = Settings(
            bootstrap=broker.bootstrap, app_id=f"app-{name}", events_topic=f"in-{name}",
            qualifications_topic=f"q-{name}", shadow_topic=f"s-{name}", activity_topic=f"a-{name}",
            dead_letters_topic=f"d-{name}", partitions=1, recovery_timeout=2.0,
            state_dir=folder / name,
        )  # fmt: skip
        definitions = folder / "definitions.yml"
        definitions.write_text(DEFINITIONS)
        self.engine = Engine(load(definitions))
        self.desk = Desk(load(definitions), "in", Status(), lambda _key: 0, wall_clock)

    async def begin(self) -> None:
        async with admin(self.settings.connection()) as client:
            await create(client, topics(self.settings))

    @asynccontextmanager
    async def process(
        self,
        committed: int | None,
        *,
        reader: Sender | None = None,
        address: str = "",
        **death: object,
    ) -> AsyncIterator[tuple[Qualify, Store]]:
        """A worker's process with its partition open; only the broker outlives it."""
        connection = self.settings.connection()
        delivery = Delivery(self.broker.idempotent)
        logs = changelogs(self.settings.app_id)
        reader = reader or Sender(connection, delivery)
        sender = MortalSender(connection, delivery, **death)
        tables = Tables(self.settings)
        qualify = Qualify(
            0,
            make_evaluator=self._evaluator,
            tables=tables,
            recovery=Recovery(connection, reader, logs, revision_of, 2.0, address),
            sender=sender,
            changelogs=logs,
            outputs=Outputs.of(self.settings),
            telemetry=Metrics(Status()),
            announce=lambda _edits: None,
            reception=self.desk,
        )
        await reader.start()
        await sender.start()
        try:
            await qualify.open({self.settings.events_topic: committed})
            yield qualify, await tables.open(0)
        finally:
            await qualify.close()
            await sender.stop()
            await reader.stop()
            tables.close()

    def _evaluator(self, partition: int, store: Store, epoch: int) -> Evaluator:
        return Evaluator(
            self.engine, topic="in", partition=partition,
            load_account=lambda key: store.get("accounts", key),
            load_user=lambda key: store.get("users", key),
            epoch=epoch,
        )  # fmt: skip

    async def work(self, qualify: Qualify, records: Sequence[Record]) -> None:
        qualify.apply(self.settings.events_topic, records)
        await qualify.persist({self.settings.events_topic: records[-1].offset + 1})

    def published(self, topic: str) -> list[Stored]:
        return read_to_end(self.broker, topic)

    def qualifications(self) -> dict[str, bytes | None]:
        """Id → payload; an id with two payloads fails."""
        found: dict[str, bytes | None] = {}
        for record in self.published(self.settings.qualifications_topic):
            name = record.headers["ce_id"].decode()
            assert found.setdefault(name, record.value) == record.value
        return found

    def state(self) -> dict[bytes, bytes]:
        """What a next owner finds in the tables."""

        async def look() -> dict[bytes, bytes]:
            async with self.process(None) as (_, store):
                tables = [store._tables[name] for name in ("accounts", "users")]
                return {key: value for table in tables for key, value in table.items()}

        return asyncio.run(look())


@pytest.fixture(scope="module")
def undisturbed(
    broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> tuple[set[str], dict[bytes, bytes]]:
    """Ids and states of a world in which nothing dies."""
    world = World(broker, tmp_path_factory.mktemp("undisturbed"))

    async def live() -> None:
        await world.begin()
        async with world.process(None) as (qualify, _):
            await world.work(qualify, events(8))
            await world.work(qualify, events(16)[8:])

    asyncio.run(live())
    return set(world.qualifications()), _without_names(world.state(), world)


def _without_names(state: dict[bytes, bytes], world: World) -> dict[bytes, bytes]:
    """Without what differs between worlds: names of topics, and who wrote a state."""
    mark = decode_watermark(state[WATERMARK]).positions
    nobodys = {key: value[:1] + value[4:] for key, value in state.items()}
    return nobodys | {WATERMARK: b"%d" % mark[world.settings.events_topic]}


@pytest.mark.parametrize("moment", ["before", "halfway", "after"])
@pytest.mark.parametrize("step", [1, 2, 3, 4], ids=["outputs", "accounts", "users", "watermark"])
def test_a_process_killed_in_a_step_of_the_cycle_leaves_nothing_missing_and_nothing_twice(
    step: int, moment: str, broker: Broker, tmp_path: Path,
    undisturbed: tuple[set[str], dict[bytes, bytes]],
) -> None:  # fmt: skip
    world = World(broker, tmp_path)

    async def live() -> None:
        await world.begin()
        async with world.process(None) as (qualify, _):
            await world.work(qualify, events(8))
        async with world.process(8, step=step, moment=moment) as (qualify, _):
            with pytest.raises(KilledError):
                await world.work(qualify, events(16)[8:])
        async with world.process(8) as (qualify, _):
            # Another cut of the same records: batches are not the same after a restart.
            await world.work(qualify, events(11)[8:])
            await world.work(qualify, events(16)[11:])

    asyncio.run(live())
    assert set(world.qualifications()) == undisturbed[0]
    assert _without_names(world.state(), world) == undisturbed[1]
    letters = world.published(world.settings.dead_letters_topic)
    assert {letter.headers["dead_letter_offset"] for letter in letters} == {b"5"}


def test_a_replay_of_what_is_safe_publishes_nothing_new(broker: Broker, tmp_path: Path) -> None:
    world = World(broker, tmp_path)

    async def live() -> None:
        await world.begin()
        async with world.process(None) as (qualify, _):
            await world.work(qualify, events(16))
        async with world.process(None) as (qualify, _):
            await world.work(qualify, events(16))

    asyncio.run(live())
    told = world.published(world.settings.qualifications_topic)
    assert len(told) == len(world.qualifications())


def test_the_highest_revision_wins_and_is_written_again_over_a_zombies(
    broker: Broker, tmp_path: Path
) -> None:
    world = World(broker, tmp_path)
    accounts, _ = changelogs(world.settings.app_id)

    async def live() -> tuple[bytes | None, bytes | None]:
        await world.begin()
        async with world.process(None) as (qualify, store):
            await world.work(qualify, events(4))
            old = store.get("accounts", b"aacme")
            await world.work(qualify, events(16)[4:])
            new = store.get("accounts", b"aacme")
        zombie = Sender(world.settings.connection(), Delivery(broker.idempotent))
        await zombie.start()
        await zombie.append(accounts.topic, 0, [(b"aacme", old, NO_HEADERS)])
        await zombie.stop()
        async with world.process(16) as (_, store):
            return new, store.get("accounts", b"aacme")

    new, recovered = asyncio.run(live())
    assert recovered == new
    log = [record for record in world.published(accounts.topic) if record.key == b"aacme"]
    assert log[-1].value == new
    assert log[-2].value != new


def test_a_changelog_that_ends_before_the_committed_offset_is_refused(
    broker: Broker, tmp_path: Path
) -> None:
    world = World(broker, tmp_path)

    async def live() -> None:
        await world.begin()
        async with world.process(None) as (qualify, _):
            await world.work(qualify, events(4))
        async with world.process(5):
            pass

    with pytest.raises(StateError, match="committed up to 5, its state reaches 4"):
        asyncio.run(live())


def test_tables_that_are_ahead_of_a_recreated_changelog_are_read_anew(
    broker: Broker, tmp_path: Path
) -> None:
    world = World(broker, tmp_path)

    async def live() -> tuple[bytes | None, bytes | None]:
        await world.begin()
        async with world.process(None) as (qualify, store):
            await world.work(qualify, events(4))
            store.write("accounts", [(b"aghost", b"x" * 9)], 10_000)
            await qualify.open({world.settings.events_topic: 4})
            return store.get("accounts", b"aghost"), store.get("accounts", b"aacme")

    ghost, real = asyncio.run(live())
    assert ghost is None
    assert real is not None


@pytest.mark.parametrize("store", ["memory", "rocksdb"])
def test_a_next_owner_goes_on_where_the_last_one_committed(
    store: str, broker: Broker, tmp_path: Path,
    undisturbed: tuple[set[str], dict[bytes, bytes]],
) -> None:  # fmt: skip
    world = World(broker, tmp_path)
    world.settings = world.settings.model_copy(update={"store": store})

    async def live() -> None:
        await world.begin()
        async with world.process(None) as (qualify, _):
            await world.work(qualify, events(8))
        async with world.process(8) as (qualify, _):
            await world.work(qualify, events(16)[8:])

    asyncio.run(live())
    assert set(world.qualifications()) == undisturbed[0]
