"""Keyed hashes in place of ids: who has the key finds somebody's, and nobody else does."""

from hashlib import blake2b
from typing import Final, Literal

IdKind = Literal["account", "user", "event", "decision"]
"""What an id is of: the same text as another kind has another pseudonym."""

_SIZE: Final = 16
"""Bytes of a pseudonym: two of a thousand million ids are the same once in 10^20 times."""


class Pseudonyms:
    """Replaces ids, or leaves them as they are.

    Args:
        key: a secret; empty: ids stay plain.
    """

    def __init__(self, key: str) -> None:
        # Hashed first: the key of the hash has a limit that a secret need not know of.
        self._key = blake2b(key.encode()).digest() if key else b""

    @property
    def are_kept(self) -> bool:
        """Whether ids are replaced."""
        return bool(self._key)

    def of(self, kind: IdKind, value: str) -> str:
        """What stands for an id; an empty one means none, and stays empty."""
        if not value or not self._key:
            return value
        hashed = blake2b(value.encode(), digest_size=_SIZE, key=self._key, person=kind.encode())
        return hashed.hexdigest()
