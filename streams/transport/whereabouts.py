"""Where the owner of a partition answers over HTTP: told with every watermark, and found there.

The group's own description would say it, too, but not every broker gives it out, nor can every
client read it. And what the owner itself has written tells who has the state, not who is to have
it next.
"""

import socket
from contextlib import suppress

from aiokafka import TopicPartition

from streams.transport.connection import Connection
from streams.transport.reading import Changelog, changelog_reader, read
from streams.transport.watermark import WATERMARK, address_of, epoch_of

_LOOK_BACK = 64
"""Records at the end of a changelog that are looked at first: an idle partition's last record is
the watermark, a busy one's comes after each cycle's states."""
_FURTHER = 16
"""How many times as many are looked at next."""


async def find_owner(connection: Connection, marked: Changelog, partition: int) -> str | None:
    """Where the worker that has a partition's state answers, ``host:port``.

    Args:
        connection: how the brokers are reached.
        marked: the changelog that carries the watermarks.
        partition: its number.

    Returns:
        ``None`` where no owner has said that.
    """
    tp = TopicPartition(marked.topic, partition)
    async with changelog_reader(connection, [tp]) as reader:
        begin = (await reader.beginning_offsets([tp]))[tp]
        end = (await reader.end_offsets([tp]))[tp]
        look_back = _LOOK_BACK
        while True:
            first = max(begin, end - look_back)
            newest: tuple[int, bytes] | None = None
            async for records in read(reader, tp, first, None):
                for record in records:
                    if record.key == WATERMARK:
                        found = epoch_of(record.headers), address_of(record.headers)
                        newest = found if newest is None or found[0] >= newest[0] else newest
            if newest is not None or first == begin:
                return newest[1].decode() or None if newest else None
            look_back *= _FURTHER


def own_host(bootstrap: str) -> str:
    """The address that this machine has towards the brokers; nothing is sent."""
    for server in bootstrap.split(","):
        host, _, port = server.rpartition(":")
        with suppress(OSError, ValueError):
            found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)
            family, kind, protocol, _, address = found[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.connect(address)
                return str(probe.getsockname()[0])
    return socket.gethostname()
