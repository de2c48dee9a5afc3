"""Things in order, quick to put in, to take out and to count, however many there are."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from typing import Any, Final

_CHUNK: Final = 1024


class Ordered:
    """A sorted list in chunks: to change it moves the items of one chunk and no others."""

    __slots__ = ("_chunks", "_highest", "_size")

    def __init__(self, items: Iterable[Any] = ()) -> None:
        """Take ``items``, in any order."""
        found = sorted(items)
        self._size = len(found)
        self._chunks = [found[at : at + _CHUNK] for at in range(0, len(found), _CHUNK)]
        self._highest: list[Any] = [chunk[-1] for chunk in self._chunks]
        """Of each chunk."""

    def __len__(self) -> int:
        return self._size

    def add(self, item: Any) -> None:
        """Put one in."""
        self._size += 1
        chunks, highest = self._chunks, self._highest
        if not chunks:
            chunks.append([item])
            highest.append(item)
            return
        place = min(bisect_right(highest, item), len(chunks) - 1)
        chunk = chunks[place]
        insort(chunk, item)
        highest[place] = chunk[-1]
        if len(chunk) > 2 * _CHUNK:
            chunks.insert(place + 1, chunk[_CHUNK:])
            del chunk[_CHUNK:]
            highest.insert(place, chunk[-1])

    def remove(self, item: Any) -> None:
        """Take one out that is there."""
        chunks, highest = self._chunks, self._highest
        place = bisect_left(highest, item)
        chunk = chunks[place]
        del chunk[bisect_left(chunk, item)]
        self._size -= 1
        if chunk:
            highest[place] = chunk[-1]
        else:
            del chunks[place], highest[place]

    def rank(self, item: Any) -> int:
        """How many are not greater than ``item``."""
        chunks = self._chunks
        place = bisect_right(self._highest, item)
        if place == len(chunks):
            return self._size
        within = bisect_right(chunks[place], item)
        if 2 * place > len(chunks):  # counted from the nearer end
            return self._size - sum(map(len, chunks[place:])) + within
        return sum(map(len, chunks[:place])) + within

    def count(self, item: Any) -> int:
        """How many are ``item``."""
        found = 0
        for place in range(bisect_left(self._highest, item), len(self._chunks)):
            chunk = self._chunks[place]
            here = bisect_right(chunk, item) - bisect_left(chunk, item)
            if not here:
                break
            found += here
        return found

    def since(self, item: Any) -> Any:
        """The first that is not less than ``item``; ``None`` for none."""
        place = bisect_left(self._highest, item)
        if place == len(self._chunks):
            return None
        chunk = self._chunks[place]
        return chunk[bisect_left(chunk, item)]

    def after(self, item: Any) -> Any:
        """The first that is greater than ``item``; ``None`` for none."""
        place = bisect_right(self._highest, item)
        if place == len(self._chunks):
            return None
        chunk = self._chunks[place]
        return chunk[bisect_right(chunk, item)]

    def between(self, low: Any, high: Any) -> list[Any]:
        """All that are greater than ``low`` and not greater than ``high``, in order."""
        first, last = bisect_right(self._highest, low), bisect_right(self._highest, high)
        found: list[Any] = []
        for chunk in self._chunks[first : last + 1]:
            found += chunk[bisect_right(chunk, low) : bisect_right(chunk, high)]
        return found
