"""The tables of the worker: accounts and users, by partition.

Both are partitioned by account, so the worker that owns a partition owns its accounts whole.
Their names are data: they stand in the names of the changelog topics and of the files on disk.
"""

import asyncio
import logging
from collections.abc import Iterable

from streams.errors import SettingsError, Unavailable
from streams.settings import Settings
from streams.transport.reading import Changelog
from streams.transport.stores import MemoryStore, Size, Store

logger = logging.getLogger(__name__)

ACCOUNTS = "accounts"
"""State of each account."""
USERS = "users"
"""State of each user, in its account; its changelog carries the watermark of the partition."""


def changelogs(app_id: str) -> tuple[Changelog, Changelog]:
    """Accounts and users, in the order in which they are written."""
    return tuple(  # type: ignore[return-value]
        Changelog(table, f"{app_id}-{table}-changelog") for table in (ACCOUNTS, USERS)
    )


class Tables:
    """The stores of the partitions that this worker has, kept open over a rebalance.

    A partition that comes straight back reads only what its changelog has got meanwhile; one
    that goes to another worker is dropped.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stores: dict[int, Store] = {}
        if settings.store == "rocksdb":
            _require_rocksdb()

    async def open(self, partition: int) -> Store:
        """The store of a partition: the one it had, or a new one.

        Raises:
            Unavailable: another process on this machine does not let go of it.
        """
        if partition not in self._stores:
            if self._settings.store == "rocksdb":
                self._stores[partition] = await self._open_rocksdb(partition)
            else:
                self._stores[partition] = MemoryStore()
        return self._stores[partition]

    async def _open_rocksdb(self, partition: int) -> Store:
        from streams.transport.stores.rocksdb import LockedError, RocksDBStore

        path = self._settings.state_dir / self._settings.app_id / str(partition)
        loop = asyncio.get_running_loop()
        over = loop.time() + self._settings.recovery_timeout
        while True:
            try:
                return await asyncio.to_thread(RocksDBStore, path, (ACCOUNTS, USERS))
            except LockedError as error:
                if loop.time() > over:
                    raise Unavailable(
                        f"{error}: give each worker on a machine its own MILEPOST_STATE_DIR"
                    ) from error
                await asyncio.sleep(0.2)  # the worker that had the partition is about to close it
            except OSError as error:
                raise SettingsError(f"state_dir: {error}") from error

    def keep_only(self, partitions: Iterable[int]) -> None:
        """The worker has these partitions now: close the others."""
        for partition in self._stores.keys() - set(partitions):
            self._stores.pop(partition).close()

    def sizes(self) -> dict[str, Size]:
        """Table → its size over the partitions of this worker."""
        sizes = {}
        for table in (ACCOUNTS, USERS):
            parts = [store.size(table) for store in self._stores.values()]
            sizes[table] = Size(sum(p.entries for p in parts), sum(p.size for p in parts))
        return sizes

    def close(self) -> None:
        """Close them all."""
        self.keep_only(())


def _require_rocksdb() -> None:
    try:
        import rocksdict  # noqa: F401
    except ImportError as error:
        raise SettingsError(
            "store: rocksdb needs its extra: pip install 'milepost[rocksdb]'"
        ) from error
