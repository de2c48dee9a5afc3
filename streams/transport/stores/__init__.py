"""Tables of one partition, behind one protocol: in memory, in RocksDB."""

from streams.transport.stores.memory import MemoryStore
from streams.transport.stores.protocol import Changes, Size, Store

__all__ = ["Changes", "MemoryStore", "Size", "Store"]
