import asyncio
from pathlib import Path

import pytest

from streams.errors import Unavailable
from streams.settings import Settings
from streams.tables import ACCOUNTS, Tables, changelogs


def test_changelogs_are_named_after_the_app_and_accounts_are_written_first() -> None:
    assert [log.topic for log in changelogs("growth")] == [
        "growth-accounts-changelog",
        "growth-users-changelog",
    ]


def test_a_partition_that_comes_straight_back_finds_its_tables() -> None:
    async def rebalance() -> tuple[bytes | None, bytes | None]:
        tables = Tables(Settings())
        for number in (0, 1):
            (await tables.open(number)).write(ACCOUNTS, [(b"k", b"v")], 1)
        tables.keep_only([1])
        return (await tables.open(0)).get(ACCOUNTS, b"k"), (await tables.open(1)).get(
            ACCOUNTS, b"k"
        )

    assert asyncio.run(rebalance()) == (None, b"v")


def test_sizes_are_summed_over_the_partitions() -> None:
    async def fill() -> Tables:
        tables = Tables(Settings())
        for number in (0, 1):
            (await tables.open(number)).write(ACCOUNTS, [(b"k", b"vv")], 1)
        return tables

    size = asyncio.run(fill()).sizes()[ACCOUNTS]
    assert (size.entries, size.size) == (2, 6)


def test_tables_on_disk_are_kept_for_the_next_process(tmp_path: Path) -> None:
    settings = Settings(store="rocksdb", state_dir=tmp_path)

    async def process(value: bytes | None) -> bytes | None:
        tables = Tables(settings)
        store = await tables.open(3)
        if value is not None:
            store.write(ACCOUNTS, [(b"k", value)], 1)
        found = store.get(ACCOUNTS, b"k")
        tables.close()
        return found

    asyncio.run(process(b"v"))
    assert asyncio.run(process(None)) == b"v"


def test_tables_that_another_process_does_not_let_go_are_said_with_the_remedy(
    tmp_path: Path,
) -> None:
    settings = Settings(store="rocksdb", state_dir=tmp_path, recovery_timeout=0.5)

    async def both() -> None:
        first, second = Tables(settings), Tables(settings)
        await first.open(0)
        try:
            await second.open(0)
        finally:
            first.close()

    with pytest.raises(Unavailable, match=r"open in another process.*MILEPOST_STATE_DIR"):
        asyncio.run(both())


def test_tables_are_handed_over_once_the_other_process_closes_them(tmp_path: Path) -> None:
    settings = Settings(store="rocksdb", state_dir=tmp_path)

    async def hand_over() -> None:
        first, second = Tables(settings), Tables(settings)
        await first.open(0)
        waiting = asyncio.create_task(second.open(0))
        await asyncio.sleep(0)
        first.close()
        await waiting
        second.close()

    asyncio.run(hand_over())
