"""The largest or smallest of any part of a long list."""

from collections.abc import Callable
from typing import Any, Final

_BLOCK: Final = 64


class Peaks:
    """The extremes of the whole blocks of a list, of blocks of these, and so on."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: list[list[Any]] = []
        """Each has one value for a block of the one before, the first for a block of the list."""

    def cut(self, place: int) -> None:
        """The list has changed from ``place`` on, otherwise than by what was appended."""
        for row in self._rows:
            place //= _BLOCK
            del row[place:]

    def find(
        self, values: list[Any], first: int, last: int, pick: Callable[[list[Any]], Any]
    ) -> Any:
        """What ``pick``, always the same, chooses of ``values[first:last]``, which is not empty."""
        return pick(self._candidates(values, first, last, pick, 0))

    def _candidates(
        self, row: list[Any], first: int, last: int, pick: Callable[[list[Any]], Any], level: int
    ) -> list[Any]:
        if last - first <= 2 * _BLOCK:
            return row[first:last]
        if level == len(self._rows):
            self._rows.append([])
        above = self._rows[level]
        low, high = -(-first // _BLOCK), last // _BLOCK
        for block in range(len(above), high):
            above.append(pick(row[block * _BLOCK : (block + 1) * _BLOCK]))
        return [
            *row[first : low * _BLOCK],
            *self._candidates(above, low, high, pick, level + 1),
            *row[high * _BLOCK : last],
        ]
