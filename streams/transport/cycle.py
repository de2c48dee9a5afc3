"""The commit cycle of one partition: the order in which its results leave the process."""

from collections.abc import Iterable, Mapping

from streams.transport.owner import Owner, States
from streams.transport.reading import Changelog
from streams.transport.sender import Outgoing, Sender
from streams.transport.stores import Store
from streams.transport.watermark import (
    WATERMARK,
    Watermark,
    decode_watermark,
    encode_watermark,
)


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
        owner: Owner,
        store: Store,
        sender: Sender,
        *,
        accounts: Changelog,
        users: Changelog,
    ) -> None:
        self._owner = owner
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

        Raises:
            LostError: another process has claimed the partition; what was written is void.
        """
        await self._sender.send(outputs)  # 2
        await self._owner.keep(self._accounts, accounts)  # 3a
        await self._owner.keep(self._users, users)  # 3b
        await self._owner.keep(self._users, [(WATERMARK, self._watermark(positions))])  # 4

    def _watermark(self, positions: Mapping[str, int]) -> bytes:
        before = decode_watermark(self._store.get(self._users.table, WATERMARK)).positions
        written = {self._accounts.topic: self._store.next_offset(self._accounts.table)}
        return encode_watermark(Watermark(self._owner.epoch, {**before, **written, **positions}))
