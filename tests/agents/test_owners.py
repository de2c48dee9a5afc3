"""Owners of a partition, one after the other: what an earlier one still writes is void."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from streams.tables import changelogs
from streams.transport.processor import LostError
from streams.transport.sender import Delivery, Entry, Sender
from streams.transport.stores import Store
from streams.transport.watermark import (
    WATERMARK,
    Watermark,
    decode_watermark,
    encode_watermark,
    epoch_headers,
    epoch_of,
)
from streams.transport.whereabouts import find_owner
from tests.agents.test_qualify import World, events
from tests.services.brokers import Broker

ACCOUNT, USER = b"aacme", b"u4:acmeacme-0"
GHOST = b"aghost"


def epoch(store: Store) -> int:
    return decode_watermark(store.get("users", WATERMARK)).epoch


def tables(store: Store) -> dict[str, dict[bytes, bytes]]:
    """The states, without watermarks."""
    return {
        name: {key: value for key, value in store._tables[name].items() if key != WATERMARK}
        for name in ("accounts", "users")
    }


def diverged(state: bytes | None) -> bytes:
    """A state of the same entity and owner, with more records applied."""
    assert state is not None
    return state[:4] + (10**6).to_bytes(5, "big") + state[9:]


class Late:
    """Writes as an owner that does not know yet that it is none."""

    def __init__(self, world: World, sender: Sender, writer: int) -> None:
        accounts, users = changelogs(world.settings.app_id)
        self._topics = {"accounts": accounts.topic, "users": users.topic}
        self._events = world.settings.events_topic
        self._sender = sender
        self._headers = epoch_headers(writer)
        self._writer = writer

    async def write(self, table: str, *states: tuple[bytes, bytes | None]) -> None:
        entries: list[Entry] = [(key, state, self._headers) for key, state in states]
        await self._sender.append(self._topics[table], 0, entries)

    async def write_cycle(self, store: Store) -> None:
        """States of either table, one of them new, one deleted, and a watermark far ahead."""
        account, user = diverged(store.get("accounts", ACCOUNT)), diverged(store.get("users", USER))
        await self.write("accounts", (ACCOUNT, account), (GHOST, account))
        mark = encode_watermark(Watermark(self._writer, {self._events: 10**6}))
        await self.write("users", (USER, user), (b"u4:acmeacme-1", None), (WATERMARK, mark))


@asynccontextmanager
async def late(world: World, writer: int) -> AsyncIterator[Late]:
    sender = Sender(world.settings.connection(), Delivery(world.broker.idempotent))
    await sender.start()
    try:
        yield Late(world, sender, writer)
    finally:
        await sender.stop()


def last_states(world: World, table: int) -> dict[bytes | None, bytes | None]:
    """What compaction would leave of a changelog."""
    log = changelogs(world.settings.app_id)[table]
    return {record.key: record.value for record in world.published(log.topic)}


def test_every_owner_has_a_higher_epoch_than_the_one_before(broker: Broker, tmp_path: Path) -> None:
    world = World(broker, tmp_path)

    async def live() -> list[int]:
        await world.begin()
        epochs = []
        for _ in range(3):
            async with world.process(None) as (_, store):
                epochs.append(epoch(store))
        return epochs

    assert asyncio.run(live()) == [1, 2, 3]


def test_two_that_open_a_partition_at_once_have_different_epochs(
    broker: Broker, tmp_path: Path
) -> None:
    world = World(broker, tmp_path)

    async def own() -> int:
        async with world.process(None) as (_, store):
            return epoch(store)

    async def live() -> list[int]:
        await world.begin()
        return list(await asyncio.gather(*(own() for _ in range(4))))

    epochs = asyncio.run(live())
    assert len(set(epochs)) == 4


@pytest.mark.parametrize("works", [False, True], ids=["that did nothing", "that worked"])
def test_what_an_earlier_owner_writes_behind_a_claim_does_not_survive_the_next_recovery(
    works: bool, broker: Broker, tmp_path: Path
) -> None:
    world = World(broker, tmp_path)
    reached = 12 if works else 8

    async def live() -> tuple[object, object, int]:
        await world.begin()
        async with world.process(None) as (qualify, _):
            await world.work(qualify, events(8))
        async with world.process(8) as (qualify, store), late(world, 1) as zombie:
            if works:
                await world.work(qualify, events(12)[8:])
            await zombie.write_cycle(store)
            right = tables(store)
        async with world.process(reached) as (_, store):
            mark = decode_watermark(store.get("users", WATERMARK))
            return right, tables(store), mark.positions[world.settings.events_topic]

    right, recovered, position = asyncio.run(live())
    assert recovered == right
    assert position == reached


def test_void_states_are_written_over_so_that_compaction_does_not_keep_them(
    broker: Broker, tmp_path: Path
) -> None:
    world = World(broker, tmp_path)

    async def live() -> dict[str, dict[bytes, bytes]]:
        await world.begin()
        async with world.process(None) as (qualify, _):
            await world.work(qualify, events(8))
        async with world.process(8) as (_, store), late(world, 1) as zombie:
            await zombie.write_cycle(store)
            right = tables(store)
        async with world.process(8):
            return right

    right = asyncio.run(live())
    for place, table in enumerate(("accounts", "users")):
        last = last_states(world, place)
        assert {key: last[key] for key in right[table]} == right[table]
    assert last_states(world, 0)[GHOST] is None


def test_an_owner_at_work_notices_void_states_and_writes_over_them(
    broker: Broker, tmp_path: Path
) -> None:
    world = World(broker, tmp_path)

    async def live() -> dict[str, dict[bytes, bytes]]:
        await world.begin()
        async with world.process(None) as (qualify, _):
            await world.work(qualify, events(8))
        async with world.process(8) as (qualify, store), late(world, 1) as zombie:
            await zombie.write_cycle(store)
            await world.work(qualify, events(9)[8:])
            return tables(store)

    right = asyncio.run(live())
    for place, table in enumerate(("accounts", "users")):
        last = last_states(world, place)
        assert {key: last[key] for key in right[table]} == right[table]
    assert last_states(world, 0)[GHOST] is None


def test_an_earlier_owner_is_told_in_its_cycle_and_reads_its_tables_anew(
    broker: Broker, tmp_path: Path
) -> None:
    world = World(broker, tmp_path)

    async def live() -> tuple[object, object]:
        await world.begin()
        async with world.process(None) as (sleeper, slept):
            await world.work(sleeper, events(8))
            async with world.process(8) as (qualify, store):
                await world.work(qualify, events(12)[8:])
                right = tables(store)
            with pytest.raises(LostError):
                await world.work(sleeper, events(16)[8:])
            await sleeper.close()
            await sleeper.open({world.settings.events_topic: 12})
            return right, tables(slept)

    right, recovered = asyncio.run(live())
    assert recovered == right


class Overtaken(Sender):
    """Another owner writes in between, before the claim of this one."""

    other: Late
    state: bytes

    async def append(self, topic: str, partition: int, entries: Sequence[Entry]) -> int | None:
        state, self.state = self.state, b""
        if state:
            await self.other.write("accounts", (ACCOUNT, state))
            await self.other.write("users", (WATERMARK, encode_watermark(Watermark(7))))
        return await super().append(topic, partition, entries)


def test_what_stands_before_the_claim_counts_even_if_it_came_after_the_reading(
    broker: Broker, tmp_path: Path
) -> None:
    world = World(broker, tmp_path)

    async def live() -> tuple[bytes | None, bytes, int]:
        await world.begin()
        async with world.process(None) as (qualify, store):
            await world.work(qualify, events(8))
            newer = diverged(store.get("accounts", ACCOUNT))
        overtaken = Overtaken(world.settings.connection(), Delivery(broker.idempotent))
        async with late(world, 7) as other:
            overtaken.other, overtaken.state = other, newer
            async with world.process(8, reader=overtaken) as (_, store):
                return store.get("accounts", ACCOUNT), newer, epoch(store)

    found, newer, claimed = asyncio.run(live())
    assert found == newer
    assert claimed == 8


def test_every_record_of_a_changelog_says_whose_it_is(broker: Broker, tmp_path: Path) -> None:
    world = World(broker, tmp_path)

    async def live() -> None:
        await world.begin()
        for first, end in ((0, 8), (8, 12)):
            async with world.process(first or None) as (qualify, _):
                await world.work(qualify, events(end)[first:])

    asyncio.run(live())
    for log in changelogs(world.settings.app_id):
        writers = [epoch_of(list(r.headers.items())) for r in world.published(log.topic)]
        assert writers == sorted(writers)
        assert set(writers) == {1, 2}


def test_the_owner_of_a_partition_says_where_it_answers_and_the_next_one_somewhere_else(
    broker: Broker, tmp_path: Path
) -> None:
    world = World(broker, tmp_path)
    connection, marked = world.settings.connection(), changelogs(world.settings.app_id)[1]

    async def live() -> list[str | None]:
        await world.begin()
        found = [await find_owner(connection, marked, 0)]
        async with world.process(None, address="one:8080"):
            found.append(await find_owner(connection, marked, 0))
        async with world.process(None, address="two:8080") as (qualify, _):
            # So many states come after the claim that a look at the end does not see it.
            await world.work(qualify, events(600))
            found.append(await find_owner(connection, marked, 0))
            async with late(world, 1) as earlier:
                for number in range(200):
                    await earlier.write("users", (b"u4:acme%d" % number, b"void"))
                found.append(await find_owner(connection, marked, 0))
        async with world.process(None):
            found.append(await find_owner(connection, marked, 0))
        return found

    assert asyncio.run(live()) == [None, "one:8080", "two:8080", "two:8080", None]
