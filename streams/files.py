"""Event files as records: JSON lines, gzipped or not, and standard input."""

import gzip
import io
import os
import stat
import sys
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from streams.errors import UsageError

STDIN = "-"
TOPIC = "files"
"""Stands for the topic in the ids of events that have none of their own."""
SLICE_BYTES = 1 << 20
"""Most that is read at once: what is in memory of a file of any size."""

_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"
"""A byte order mark, which some programs put at the start of a UTF-8 file."""


class Line(NamedTuple):
    """One line of a file, in the shape of a Kafka record."""

    value: bytes
    offset: int
    """Position among all lines of all files, from 0, blank ones included."""
    timestamp: int
    """Record time, epoch milliseconds."""
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


class EventFiles:
    """Files of one event a line, read in the order given; blank lines are no records.

    Args:
        paths: the files; ``-`` is standard input. Gzipped ones are known by their first bytes.
        recorded_at: epoch milliseconds that stand as every record's time.

    Raises:
        UsageError: a file cannot be opened; all are tried before any is read.
    """

    def __init__(self, paths: Sequence[str], recorded_at: int) -> None:
        self._paths = paths
        self._recorded_at = recorded_at
        self._starts: list[int] = []
        self._before = 0
        self._raw: BinaryIO | None = None
        sizes = [_size(path) for path in paths]
        self.size: int | None = None if None in sizes else sum(size or 0 for size in sizes)
        """Bytes in all, as they are on disk; ``None`` where nobody knows."""

    def __iter__(self) -> Iterator[list[Line]]:
        """Slices of lines.

        Raises:
            UsageError: a file ends in the middle of its compressed data, or a disk fails.
        """
        offset = 0
        for path in self._paths:
            self._starts.append(offset)
            for lines in self._read(path):
                yield [
                    Line(line, number, self._recorded_at)
                    for number, line in enumerate(lines, offset)
                    if line and not line.isspace()
                ]
                offset += len(lines)

    @property
    def bytes_read(self) -> int:
        """How much of ``size`` has been read."""
        here = self._raw.tell() if self._raw and not self._raw.closed else 0
        return self._before + here

    def place(self, offset: int) -> tuple[str, int]:
        """File and line number (from 1) of a line by its offset."""
        index = bisect_right(self._starts, offset) - 1
        return self._paths[index], offset - self._starts[index] + 1

    def _read(self, path: str) -> Iterator[list[bytes]]:
        line = 1
        with _open(path) as raw:
            self._raw = raw if raw.seekable() else None
            try:
                for lines in _lines(_plain(raw)):
                    if line == 1:
                        lines[0] = lines[0].removeprefix(_MARK)
                    line += len(lines)
                    yield lines
            except (OSError, EOFError, zlib.error) as error:
                raise UsageError(f"{path}:{line}: cannot be read on: {_reason(error)}") from None
            self._before = self.bytes_read


def _open(path: str) -> io.BufferedReader:
    if path == STDIN:
        # A second descriptor: closing it leaves standard input open.
        return os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {_reason(error)}") from None


def _lines(file: io.BufferedReader) -> Iterator[list[bytes]]:
    """Whole lines without their ends, as many as there are: of a pipe, what has come so far."""
    rest = b""
    while piece := file.read1(SLICE_BYTES):
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        if lines:
            yield lines
    if rest:
        yield [rest]


def _plain(raw: io.BufferedReader) -> io.BufferedReader:
    if raw.peek(2)[:2] != _GZIP:
        return raw
    # GzipFile finds lines in Python, BufferedReader in C.
    return io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=raw)), SLICE_BYTES)


def _size(path: str) -> int | None:
    """Bytes of a file that can be opened; ``None`` of what is no file but can be read."""
    # A pipe must not be opened to try: it is there once, and its writer would lose its reader.
    if path == STDIN or Path(path).is_fifo():
        return None
    with _open(path) as file:
        status = os.fstat(file.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
