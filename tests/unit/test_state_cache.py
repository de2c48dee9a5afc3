"""Which states stay objects between commits."""

import pytest

from schemas.events import Event
from streams.definitions import load
from streams.engine import Engine, Root
from streams.state_cache import StateCache, account_key, user_key

DEFINITIONS = """
version: 1
milestones:
  aha: {of: user, when: {event: Shared, count: ">= 3", within: 7d}}
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    file = tmp_path_factory.mktemp("definitions") / "product.yml"
    file.write_text(DEFINITIONS, encoding="utf-8")
    return Engine(load(file))


class Tables:
    """Two tables, and a cache over them."""

    def __init__(self, engine: Engine, capacity: int) -> None:
        self.accounts: dict[bytes, bytes] = {}
        self.users: dict[bytes, bytes] = {}
        self.cache = StateCache(
            engine, self.accounts.get, self.users.get, capacity, epoch=1, find_users=lambda _: ()
        )

    def touch(self, account: str, *users: str) -> Root:
        root = self.cache.root(Event("id", "Shared", 0, account, None, {}, {}))
        for entity in (*(root.users.get(u) or self.cache.user(root, u) for u in users), root):
            entity.revision += 1
            if not entity.changed:
                self.cache.change(entity, root)
        return root

    def commit(self) -> None:
        for table, changes in zip((self.accounts, self.users), self.cache.collect(), strict=True):
            table.update((key, state) for key, state in changes if state is not None)
        self.cache.committed({})


def test_what_is_not_yet_written_stays_hot_however_much_it_is(engine: Engine) -> None:
    tables = Tables(engine, capacity=2)

    for number in range(5):
        tables.touch(f"a{number}", "u")

    assert len(tables.cache) == 10


def test_after_a_commit_those_touched_longest_ago_go_first(engine: Engine) -> None:
    tables = Tables(engine, capacity=3)
    for name in ("a", "b", "c"):
        tables.touch(name)
        tables.commit()
    tables.touch("a")
    tables.touch("d")
    tables.commit()

    assert set(tables.cache.accounts) == {"a", "c", "d"}


def test_an_account_that_goes_takes_its_users_along(engine: Engine) -> None:
    tables = Tables(engine, capacity=2)
    old = tables.touch("old", "u1", "u2")
    tables.commit()
    tables.touch("new", "u1")
    tables.commit()

    assert set(tables.cache.accounts) == {"new"}
    assert len(tables.cache) == 2
    assert not old.users


def test_a_state_comes_back_as_it_was_written(engine: Engine) -> None:
    tables = Tables(engine, capacity=0)
    tables.touch("a", "u")
    tables.touch("a", "u")
    tables.commit()
    assert len(tables.cache) == 0
    assert set(tables.accounts) == {account_key("a")}
    assert set(tables.users) == {user_key("a", "u")}

    again = tables.touch("a", "u")

    assert again.revision == again.users["u"].revision == 3


def test_what_is_touched_over_and_over_is_written_each_time_and_counted_once(
    engine: Engine,
) -> None:
    tables = Tables(engine, capacity=4)
    for revision in range(1, 50):
        root = tables.touch("a", "u")
        assert root.revision == revision
        written = dict(tables.accounts)
        tables.commit()
        assert tables.accounts != written

    assert len(tables.cache) == 2
