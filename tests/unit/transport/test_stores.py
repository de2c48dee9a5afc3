from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.transport.stores import MemoryStore, Store
from streams.transport.stores.rocksdb import LockedError, RocksDBStore

TABLES = ("accounts", "users")


@pytest.fixture(params=["memory", "rocksdb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else RocksDBStore(tmp_path, TABLES)
    yield made
    made.close()


def test_what_was_written_is_read_and_nothing_else_is_there(store: Store) -> None:
    store.write("accounts", [(b"a", b"1"), (b"b", b"2")], 2)
    assert store.get("accounts", b"a") == b"1"
    assert store.get("accounts", b"c") is None


def test_tables_do_not_see_each_other(store: Store) -> None:
    store.write("accounts", [(b"a", b"1")], 1)
    assert store.get("users", b"a") is None
    assert store.next_offset("users") == 0


def test_a_scan_gives_all_entries_of_a_table(store: Store) -> None:
    store.write("accounts", [(b"a", b"1"), (b"b", b"2"), (b"gone", b"3")], 3)
    store.write("accounts", [(b"b", b""), (b"gone", None)], 5)
    store.write("users", [(b"u", b"4")], 1)
    assert dict(store.scan("accounts")) == {b"a": b"1", b"b": b""}
    assert dict(store.scan("users")) == {b"u": b"4"}
    store.clear()
    assert dict(store.scan("accounts")) == {}


def test_an_empty_value_is_a_value_and_only_none_deletes(store: Store) -> None:
    store.write("accounts", [(b"a", b""), (b"b", b"2")], 2)
    assert store.get("accounts", b"a") == b""
    store.write("accounts", [(b"a", None), (b"never", None)], 4)
    assert store.get("accounts", b"a") is None
    assert store.get("accounts", b"b") == b"2"


def test_keys_and_values_are_any_bytes(store: Store) -> None:
    store.write("accounts", [(b"", b"empty"), (b"\x00\xff", b"\x00" * 100_000)], 2)
    assert store.get("accounts", b"") == b"empty"
    assert store.get("accounts", b"\x00\xff") == b"\x00" * 100_000


def test_the_changelog_offset_moves_with_the_changes_or_stays(store: Store) -> None:
    assert store.next_offset("accounts") == 0
    store.write("accounts", [(b"a", b"1")], 7)
    store.write("accounts", [(b"a", b"2")], None)
    assert store.next_offset("accounts") == 7


def test_a_cleared_store_is_as_new(store: Store) -> None:
    store.write("accounts", [(b"a", b"1")], 7)
    store.clear()
    assert store.get("accounts", b"a") is None
    assert store.next_offset("accounts") == 0


def test_size_follows_what_is_in_memory() -> None:
    store = MemoryStore()
    store.write("users", [(b"a", b"123"), (b"b", b"4")], 2)
    assert (store.size("users").entries, store.size("users").size) == (2, 6)
    store.write("users", [(b"a", b"1"), (b"b", None), (b"c", None)], 5)
    assert (store.size("users").entries, store.size("users").size) == (1, 2)


@pytest.fixture
def reopen(tmp_path: Path) -> Callable[[], RocksDBStore]:
    return lambda: RocksDBStore(tmp_path, TABLES)


def test_rocksdb_keeps_tables_and_offsets_over_a_restart(
    reopen: Callable[[], RocksDBStore],
) -> None:
    store = reopen()
    store.write("users", [(b"a", b"1")], 9)
    store.close()
    store = reopen()
    assert store.get("users", b"a") == b"1"
    assert store.next_offset("users") == 9
    assert store.size("users").entries == 1
    store.close()


def test_rocksdb_that_is_open_elsewhere_is_refused(reopen: Callable[[], RocksDBStore]) -> None:
    store = reopen()
    with pytest.raises(LockedError, match="open in another process"):
        reopen()
    store.close()


def test_keys_are_found_by_what_they_begin_with(store: Store) -> None:
    store.write("users", [(b"u1:ab", b"1"), (b"u1:ac", b"2"), (b"u1:b", b"3"), (b"t", b"4")], 4)
    store.write("users", [(b"u1:ac", None)], 5)
    store.write("accounts", [(b"u1:ad", b"5")], 1)
    assert store.keys("users", b"u1:a") == [b"u1:ab"]
    assert store.keys("users", b"v") == []
    assert sorted(store.keys("users", b"")) == [b"t", b"u1:ab", b"u1:b"]
