"""Tables in RocksDB: state larger than memory, and restarts that read only what is new."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from rocksdict import Options, Rdict, WriteBatch

from streams.transport.stores.protocol import Changes, Size

_OFFSETS = "changelog-offsets"


class LockedError(Exception):
    """Another process has the tables open."""


class RocksDBStore:
    """A column family a table, in one database a partition.

    Changes and the changelog offset that follows them are one write, so after a kill both are
    there or neither. Writes are not synced to the disk: what a power cut takes is read again
    from the changelog.

    Args:
        path: the database's directory; made where it is missing.
        tables: their names.

    Raises:
        LockedError: another process has it open.
    """

    def __init__(self, path: Path, tables: Sequence[str]) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._path = path
        names = [*tables, _OFFSETS]
        options = _options()
        try:
            existing = Rdict.list_cf(str(path), options)
        except Exception:  # rocksdict has no class of its own for "no database yet"
            existing = []
        families = {name: _options() for name in {*existing, *names} if name != "default"}
        try:
            self._db = Rdict(str(path), options, column_families=families)
        except Exception as error:
            if "lock" in str(error).lower():
                raise LockedError(f"{path} is open in another process") from error
            raise
        self._families = {name: self._db.get_column_family(name) for name in names}
        self._handles = {name: self._db.get_column_family_handle(name) for name in names}

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, ``None`` where there is none."""
        value: bytes | None = self._families[table].get(key)
        return value

    def scan(self, table: str) -> Iterator[tuple[bytes, bytes]]:
        """All keys and values."""
        entries: Iterator[tuple[bytes, bytes]] = self._families[table].items()
        return entries

    def keys(self, table: str, prefix: bytes) -> list[bytes]:
        """The keys that begin with these bytes."""
        following: Iterator[bytes] = self._families[table].keys(from_key=prefix)
        return list(takewhile(lambda key: key.startswith(prefix), following))

    def write(self, table: str, changes: Changes, next_offset: int | None) -> None:
        """Apply changes; see :class:`streams.transport.stores.Store`."""
        batch = WriteBatch(raw_mode=True)
        handle = self._handles[table]
        for key, value in changes:
            if value is None:
                batch.delete(key, handle)
            else:
                batch.put(key, value, handle)
        if next_offset is not None:
            batch.put(table.encode(), b"%d" % next_offset, self._handles[_OFFSETS])
        self._db.write(batch)

    def next_offset(self, table: str) -> int:
        """The first changelog offset that the table does not contain."""
        return int(self._families[_OFFSETS].get(table.encode()) or 0)

    def clear(self) -> None:
        """Forget everything, on disk too."""
        for family in self._families.values():
            for key in family.keys():  # noqa: SIM118 - not a mapping: it cannot be iterated
                family.delete(key)

    def size(self, table: str) -> Size:
        """How large a table is, as RocksDB estimates it."""
        family = self._families[table]
        entries = family.property_int_value("rocksdb.estimate-num-keys") or 0
        on_disk = family.property_int_value("rocksdb.estimate-live-data-size") or 0
        in_memory = family.property_int_value("rocksdb.cur-size-all-mem-tables") or 0
        return Size(entries, on_disk + in_memory)

    def close(self) -> None:
        """Close the files and give back the lock."""
        self._families.clear()
        self._handles.clear()
        self._db.close()


def _options() -> Options:
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.create_missing_column_families(True)
    return options
