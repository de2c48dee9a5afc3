"""The parameters of a partition: what it was told of them, beside the states of its accounts."""

from collections.abc import Callable
from typing import Final

from schemas.events import Event
from streams.decoding.parameters import read_parameter
from streams.engine import Engine
from streams.engine.leaves.parameters import Parameter
from streams.engine.state import decode_parameter, encode_parameter
from streams.state_cache import Change, TableKey


def _key(name: str) -> TableKey:
    """Key, in the accounts table, of a parameter. Byte C1 is in no UTF-8 text."""
    return b"\xc1parameter:" + name.encode()


class Parameters:
    """What one partition knows of the parameters that definitions look at.

    Args:
        engine: with the definitions.
        load: state bytes by key of the accounts table, as the last commit left them.
        epoch: of whoever owns the partition now.
    """

    def __init__(
        self, engine: Engine, load: Callable[[TableKey], bytes | None], epoch: int
    ) -> None:
        self._epoch = epoch
        self.known: Final[dict[str, Parameter]] = {}
        """By name."""
        for name in sorted(engine.parameters):
            data = load(_key(name))
            self.known[name] = Parameter() if data is None else decode_parameter(data)

    def set(self, event: Event, offset: int) -> None:
        """Take in what an event of the control account says; what nobody looks at is passed over.

        Raises:
            Rejected: it sets no parameter, or to what that cannot be.
        """
        name, value = read_parameter(event)
        parameter = self.known.get(name)
        if parameter is not None:
            parameter.set(event.time, value, offset)

    def collect(self) -> list[Change]:
        """What the accounts table has to be told."""
        return [
            (_key(name), encode_parameter(one, self._epoch))
            for name, one in self.known.items()
            if one.changed
        ]

    def committed(self) -> None:
        """What was collected is safe."""
        for parameter in self.known.values():
            parameter.changed = False
