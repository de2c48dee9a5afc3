"""The commit cycle of one partition: the order in which its results leave the process."""

from collections.abc import Iterable, Mapping, Sequence

from streams.transport.changelog import (
    WATERMARK,
    Changelog,
    decode_watermark,
    encode_watermark,
)
from streams.transport.sender import NO_HEADERS, Entry, Outgoing, Sender
from streams.transport.stores import Store

States = Sequence[tuple[bytes, bytes | None]]
"""Table key and state of each entity that has changed; ``None`` deletes it."""


class CommitCycle:
    """Makes durable what a partition's records have brought about.

    ==== ============================== ====================================================
    step                                when the process dies in it, or before the next
    ==== ============================== ====================================================
    1    results are staged (evaluator) nothing had left: all is worked on again
    2    outputs are sent and           some are sent once more, with the same ids:
         acknowledged                   subscribers drop them
    3a   account states are in the      accounts that are written skip the replay, the
         changelog, acknowledged        others take it in; outputs as in 2
    3b   then user states               the same; an account may be ahead of its users,
                                        never behind: it does not ask them twice
    4    the watermark is written       the replay changes nothing
    5    the ledger moves on and        the replay changes nothing
         offsets are committed (runner)
    ==== ============================== ====================================================

    A step that is cancelled or fails leaves the later ones undone, and the ledger where it was.
    """

    def __init__(
        self,
        partition: int,
        store: Store,
        sender: Sender,
        *,
        accounts: Changelog,
        users: Changelog,
    ) -> None:
        self._partition = partition
        self._store = store
        self._sender = sender
        self._accounts = accounts
        self._users = users

    async def run(
        self,
        outputs: Iterable[Outgoing],
        accounts: States,
        users: States,
        positions: Mapping[str, int],
    ) -> None:
        """Steps 2 to 4.

        Args:
            outputs: qualifications, activity, dead letters, forwarded events.
            accounts: changed states of accounts.
            users: changed states of users.
            positions: source topic → the offset after the last record in all this.
        """
        await self._sender.send(outputs)  # 2
        await self._keep(self._accounts, accounts)  # 3a
        await self._keep(self._users, users)  # 3b
        await self._keep(self._users, [(WATERMARK, self._watermark(positions))])  # 4

    def _watermark(self, positions: Mapping[str, int]) -> bytes:
        before = decode_watermark(self._store.get(self._users.table, WATERMARK))
        written = {self._accounts.topic: self._store.next_offset(self._accounts.table)}
        return encode_watermark(before | written | dict(positions))

    async def _keep(self, changelog: Changelog, states: States) -> None:
        """Into the changelog first, then the table: the table is never ahead of it."""
        if not states:
            return
        entries: list[Entry] = [(key, state, NO_HEADERS) for key, state in states]
        next_offset = await self._sender.append(changelog.topic, self._partition, entries)
        self._store.write(changelog.table, states, next_offset)
