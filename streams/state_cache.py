"""States as objects while they are hot, as bytes in the tables otherwise."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from schemas.events import Event
from streams.engine import Engine, Entity, Root
from streams.engine.compiler import Plan
from streams.engine.entities import AFTER_ALL, NO_NAMES
from streams.engine.manifest import Edit, Since, manifest_of, succeed
from streams.engine.state import (
    Chunks,
    deadline_of,
    decode_entity,
    decode_manifest,
    decode_root,
    encode_chunk,
    encode_entity,
    encode_manifest,
    encode_root,
)

TableKey = bytes
Change = tuple[TableKey, bytes | None]
Loader = Callable[[TableKey], bytes | None]
Finder = Callable[[TableKey], Iterable[TableKey]]
"""Gives the keys of a table that begin with these bytes."""
Touch = tuple[Entity, Root, int]
"""What was touched, its root, and in which generation."""


def account_key(account_id: str) -> TableKey:
    """Key of an account in the accounts table."""
    return b"a" + account_id.encode()


def user_key(account_id: str, user_id: str) -> TableKey:
    """Key of an account's user in the users table; no two pairs of ids have the same."""
    account = account_id.encode()
    return b"u%d:" % len(account) + account + user_id.encode()


def loner_key(user_id: str) -> TableKey:
    """Key, in the users table, of a user without an account."""
    return b"l" + user_id.encode()


def _chunk_key(root: Root, chunk: int) -> TableKey:
    """Key, in the users table, of a large chunk of a root's recent event ids."""
    return b"c%d:" % chunk + root.key


def users_prefix(account_id: str) -> TableKey:
    """What the keys of an account's users begin with, and no others."""
    return user_key(account_id, "")


def root_and_user(key: TableKey) -> tuple[TableKey, str] | None:
    """Whose state a table key is for: key of the root, and the user's id where it is no root.

    ``None`` for what is no state of an entity.
    """
    kind = key[:1]
    if kind in {b"a", b"l"}:
        return key, ""
    if kind == b"u":
        length, _, ids = key[1:].partition(b":")
        account = int(length)
        return b"a" + ids[:account], ids[account:].decode()
    return None


def _chunk_changes(root: Root, chunks: Chunks, epoch: int) -> list[Change]:
    gone: list[Change] = [(_chunk_key(root, chunk), None) for chunk in root.recent.gone]
    return gone + [
        (_chunk_key(root, chunk), encode_chunk(root, ids, epoch)) for chunk, ids in chunks.items()
    ]


_NO_GENERATION: Final = -1
"""Of what is let go before it was written."""

_MANIFEST_KEY: Final = b"\xc1definitions"
"""Key, in the users table, of what the states were kept for. Byte C1 is in no UTF-8 text."""


class StateCache:
    """The hot states of one partition, and which of them changed since the last commit.

    A state is written once a commit, however many events changed it. Between commits the states
    touched longest ago are let go beyond ``capacity``; never one that is not yet written.

    How long ago is told by generation: those that were touched between two commits are one. An
    account is touched whenever one of its users is, and lets go of them when it is let go itself.
    """

    def __init__(
        self,
        engine: Engine,
        load_account: Loader,
        load_user: Loader,
        capacity: int,
        epoch: int,
        find_users: Finder,
    ) -> None:
        self._engine = engine
        self._load_account = load_account
        self._load_written_user = load_user
        self._find_users = find_users
        self._capacity = capacity
        self._epoch = epoch
        self.accounts: dict[str, Root] = {}
        self.loners: dict[str, Root] = {}
        self._manifest: bytes | None = None
        """What the states are kept for, where the tables do not have it yet."""
        self.hits = 0
        self.misses = 0
        self._hot = 0
        self._generation = 0
        self._touched: list[Touch] = []
        """Loaded or changed since the last commit."""
        self._order: deque[Touch] = deque()
        """The same of the commits before, oldest first. Only an entity's last one counts."""
        self._chunks: dict[Root, Collection[int]] = {}
        """The chunks collected for a root."""
        self._gone: set[TableKey] = set()
        """States that the tables are yet to let go of."""

    def take_over(self, now: int, edits: list[Edit]) -> Since:
        """Compare the definitions with those that the states in the tables were kept for.

        Args:
            now: epoch milliseconds.
            edits: takes what has changed.

        Returns:
            Since when that what was added later has seen events.
        """
        data = self._load_user(_MANIFEST_KEY)
        if data is None:
            self._manifest = encode_manifest(manifest_of(self._engine), self._epoch)
            return {}
        before = decode_manifest(data)
        after, found = succeed(before, self._engine, now)
        edits += found
        if found:
            self._manifest = encode_manifest(after, self._epoch)
        return after.since

    def __len__(self) -> int:
        return self._hot

    def root(self, event: Event) -> Root:
        """The state of the event's account, or of its user where it names no account."""
        return self._root(event.account_id, event.user_id)

    def _root(self, account_id: str | None, user_id: str | None) -> Root:
        if account_id is not None:
            hot, name = self.accounts, account_id
        else:
            hot, name = self.loners, user_id or ""
        found = hot.get(name)
        if found is not None:
            self.hits += 1
            return found
        self.misses += 1
        key, load = (
            (account_key(name), self._load_account)
            if account_id is not None
            else (loner_key(name), self._load_user)
        )
        root = Root(key, account_id, user_id, self._engine.dedupe_within)
        data = load(key)
        if data is not None:
            decode_root(data, root, self._engine, self._load_chunk)
            root.scheduled = root.deadline
        hot[name] = root
        self._add(root, root)
        return root

    def user(self, root: Root, user_id: str) -> Entity:
        """The state of one of an account's users that is not hot."""
        self.misses += 1
        key = user_key(root.account_id or "", user_id)
        user = Entity(key, user_id)
        data = self._load_user(key)
        if data is not None:
            decode_entity(data, user, self._engine)
            user.scheduled = user.deadline
        root.users[user_id] = user
        self._add(user, root)
        return user

    def user_to_change(self, root: Root, user_id: str) -> Entity:
        """The state of one of an account's users, noted as changed though no record names it."""
        user = root.users.get(user_id) or self.user(root, user_id)
        user.revision += 1
        if not user.changed:
            self.change(user, root)
        return user

    def _load_user(self, key: TableKey) -> bytes | None:
        return None if key in self._gone else self._load_written_user(key)

    def forget_users(self, root: Root, through: int = AFTER_ALL) -> None:
        """Let go of an account's users, hot or not, but for those first seen after ``through``."""
        found = set(self._find_users(users_prefix(root.account_id or "")))
        for user in list(root.users.values()):
            found.discard(user.key)
            if user.born <= through:
                self.forget_user(root, user)
        for key in found - self._gone:
            if through == AFTER_ALL or self._born(key) <= through:
                self._gone.add(key)

    def _born(self, key: TableKey) -> int:
        user = Entity(key, None)
        decode_entity(self._load_user(key) or b"", user, self._engine)
        return user.born

    def forget_user(self, root: Root, user: Entity) -> None:
        """Let go of a user of an account."""
        self._gone.add(user.key)
        user.changed = False
        user.generation = _NO_GENERATION
        self._let_go(user, root)

    def forget_root(self, root: Root) -> None:
        """Let go of a root of which nothing is left, with the chunks of its ids."""
        self._gone.add(root.key)
        self._gone.update(_chunk_key(root, chunk) for chunk in root.recent.stored)
        root.changed = False
        root.generation = _NO_GENERATION
        self._let_go(root, root)

    def _add(self, entity: Entity, root: Root) -> None:
        self._hot += 1
        entity.generation = self._generation
        self._touched.append((entity, root, self._generation))

    def root_of(self, key: TableKey) -> Root:
        """The state of an account, or of a user without one, by its table key."""
        name = key[1:].decode()
        return self._root(name, None) if key[:1] == b"a" else self._root(None, name)

    def hot(self, key: TableKey, user_id: str) -> Entity | None:
        """A state where it is hot: the root's with this key, or that of one of its users."""
        name = key[1:].decode()
        root = (self.accounts if key[:1] == b"a" else self.loners).get(name)
        return root if root is None or not user_id else root.users.get(user_id)

    def state_of(self, account_id: str | None, user_id: str | None) -> bytes | None:
        """A state as bytes, from what is hot or from the tables; looking at it changes nothing."""
        if account_id is not None and user_id is not None:
            account = self.accounts.get(account_id)
            user = account.users.get(user_id) if account is not None else None
            if user is None:
                return self._load_user(user_key(account_id, user_id))
            return encode_entity(user, self._engine.users, self._epoch)
        if account_id is not None:
            root = self.accounts.get(account_id)
            load, key = self._load_account, account_key(account_id)
        else:
            root = self.loners.get(user_id or "")
            load, key = self._load_user, loner_key(user_id or "")
        if root is None:
            return load(key)
        return encode_root(root, self._engine.plan_of(root), {}, self._epoch)

    def deadline_at_rest(self, key: TableKey, user_id: str) -> int | None:
        """The deadline of the same in the tables, without reading the rest of it."""
        if user_id:
            key = user_key(key[1:].decode(), user_id)
        data = (self._load_account if key[:1] == b"a" else self._load_user)(key)
        return None if data is None else deadline_of(data, self.plan_of(key))

    def plan_of(self, key: TableKey) -> Plan:
        """The milestones that the entity of a table key is judged by."""
        return self._engine.accounts if key[:1] == b"a" else self._engine.users

    def changed(self) -> Iterator[tuple[Entity, Root]]:
        """What changed since the last commit, each with its root."""
        return ((entity, root) for entity, root, _ in self._touched if entity.changed)

    def change(self, entity: Entity, root: Root) -> None:
        """Note that an entity is going to be changed, the first time since the last commit."""
        entity.changed = True
        if entity.generation != self._generation:
            entity.generation = self._generation
            self._touched.append((entity, root, self._generation))

    def collect(self) -> tuple[list[Change], list[Change]]:
        """What the accounts table and the users table have to be told."""
        accounts: list[Change] = []
        users: list[Change] = []
        for gone in self._gone:
            (accounts if gone[:1] == b"a" else users).append((gone, None))
        chunks: list[Change] = []
        engine, epoch = self._engine, self._epoch
        for entity, root, _ in self._touched:
            if not entity.changed:
                continue
            if entity is not root:
                users.append((entity.key, encode_entity(entity, engine.users, epoch)))
                continue
            root.recent.expire(root.clock)
            large = root.recent.chunks()
            if large or root.recent.gone:
                chunks += _chunk_changes(root, large, epoch)
                self._chunks[root] = large.keys()
            table = accounts if root.account_id is not None else users
            table.append((root.key, encode_root(root, engine.plan_of(root), large, epoch)))
        if self._manifest is not None:
            users.append((_MANIFEST_KEY, self._manifest))
        return accounts, users + chunks

    def committed(self, reached: Mapping[int, int]) -> None:
        """What was collected is safe.

        Args:
            reached: source → offset of the last record that was seen. After a crash an account may
                be further than that; what it had ignored there its users have yet to learn.
        """
        for entity, root, _ in self._touched:
            if not entity.changed:
                continue
            entity.changed = False
            entity.untold = NO_NAMES
            if entity is root:
                root.recent.committed(self._chunks.pop(root, ()))
                if root.ignored:
                    root.ignored = tuple(i for i in root.ignored if i[1] > reached[i[0]])
                self._engine.forget(root, reached)
        self._manifest = None
        self._gone.clear()
        self._order.extend(self._touched)
        self._touched.clear()
        self._generation += 1
        self._shrink()

    def _shrink(self) -> None:
        order = self._order
        while self._hot > self._capacity:
            entity, root, generation = order.popleft()
            if entity.generation == generation:
                self._let_go(entity, root)
        if len(order) > 2 * self._capacity:
            self._order = deque(touch for touch in order if touch[0].generation == touch[2])

    def _let_go(self, entity: Entity, root: Root) -> None:
        if entity is not root:
            if root.users.pop(entity.user_id or "", None) is not None:
                self._hot -= 1
            return
        self._hot -= 1 + len(root.users)
        root.users.clear()
        if root.account_id is not None:
            del self.accounts[root.account_id]
        else:
            del self.loners[root.user_id or ""]

    def _load_chunk(self, root: Root, chunk: int) -> bytes | None:
        return self._load_user(_chunk_key(root, chunk))
