"""Tables in memory."""

from collections import defaultdict
from collections.abc import Iterator

from streams.transport.stores.protocol import Changes, Size


class MemoryStore:
    """A dictionary a table; gone with the process, read back from the changelog."""

    def __init__(self) -> None:
        self._tables: defaultdict[str, dict[bytes, bytes]] = defaultdict(dict)
        self._bytes: defaultdict[str, int] = defaultdict(int)
        self._next_offsets: dict[str, int] = {}

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, ``None`` where there is none."""
        return self._tables[table].get(key)

    def scan(self, table: str) -> Iterator[tuple[bytes, bytes]]:
        """All keys and values."""
        return iter(self._tables[table].items())

    def keys(self, table: str, prefix: bytes) -> list[bytes]:
        """The keys that begin with these bytes; looks at all of them."""
        return [key for key in self._tables[table] if key.startswith(prefix)]

    def write(self, table: str, changes: Changes, next_offset: int | None) -> None:
        """Apply changes; see :class:`streams.transport.stores.Store`."""
        entries = self._tables[table]
        grown = 0
        for key, value in changes:
            before = entries.get(key)
            if before is not None:
                grown -= len(key) + len(before)
            if value is not None:
                grown += len(key) + len(value)
                entries[key] = value
            elif before is not None:
                del entries[key]
        self._bytes[table] += grown
        if next_offset is not None:
            self._next_offsets[table] = next_offset

    def next_offset(self, table: str) -> int:
        """The first changelog offset that the table does not contain."""
        return self._next_offsets.get(table, 0)

    def clear(self) -> None:
        """Forget everything."""
        self._tables.clear()
        self._bytes.clear()
        self._next_offsets.clear()

    def size(self, table: str) -> Size:
        """How large a table is."""
        return Size(len(self._tables[table]), self._bytes[table])

    def close(self) -> None:
        """Free the memory."""
        self.clear()
