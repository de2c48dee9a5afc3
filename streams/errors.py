"""Errors that a user can act on.

::

    MilepostError
    ├── UsageError           wrong arguments, unreadable input      (exit code 2)
    ├── DefinitionsError     one or more problems in a definitions file (exit code 1)
    ├── SettingsError        one or more wrong settings             (exit code 2)
    ├── Rejected             a record that cannot be an event       (a dead letter, never an exit)
    └── Unavailable          a service that should answer does not  (exit code 1)

The text of each is one clear line (a line a problem where there are several) that names the
place and the remedy; the command line prints it without a traceback.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from schemas.dead_letters import DeadLetter, Reason

if TYPE_CHECKING:
    from streams.definitions.problems import Problem


class MilepostError(Exception):
    """Base of every error that is shown to a user as it is."""

    exit_code = 1


class UsageError(MilepostError):
    """The command was called wrongly, or an input cannot be read."""

    exit_code = 2


class SettingsError(MilepostError):
    """Settings that cannot work; the text has a line for each."""

    exit_code = 2


class DefinitionsError(MilepostError):
    """A definitions file that cannot be used; the text has a line for each problem.

    Args:
        problems: every error of the file, in the order of its text.
    """

    def __init__(self, problems: "Sequence[Problem]") -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class Unavailable(MilepostError):
    """A service that this command needs does not answer."""


class Rejected(MilepostError):
    """A record that cannot be an event.

    Args:
        reason: the closed set that metrics count by.
        path: path of the field at fault; empty for the record as a whole.
        detail: one sentence for a person.
    """

    def __init__(self, reason: Reason, path: str, detail: str) -> None:
        super().__init__(f"{reason.value}: {path + ': ' if path else ''}{detail}")
        self.reason = reason
        self.path = path
        self.detail = detail

    def letter(
        self, topic: str, partition: int, offset: int, key: bytes | None, original: bytes | None
    ) -> DeadLetter:
        """The dead letter of the record that was read there."""
        return DeadLetter(
            reason=self.reason,
            path=self.path,
            detail=self.detail,
            topic=topic,
            partition=partition,
            offset=offset,
            key=key,
            original=original,
        )
