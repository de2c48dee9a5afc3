"""Regular expressions of filters: RE2 alone decides which there are, within bounds."""

from typing import Final

import re2

from streams.definitions.document import Node
from streams.definitions.reader import Reader

LONGEST_PATTERN: Final = 1000
"""Characters."""

_MOST_STEPS: Final = 2_000_000
"""Instructions of the programs of all patterns of a file, each some 30 bytes; an ordinary pattern
has some dozens."""

_TOO_LARGE: Final = 100_000
"""Instructions, about, after which RE2 gives up on a pattern; that takes its time, too."""


def read_pattern(reader: Reader, node: Node, what: str) -> str | None:
    """A regular expression; ``None`` once an error is reported."""
    pattern = reader.text(node, what)
    if pattern is None:
        return None
    if len(pattern) > LONGEST_PATTERN:
        reader.error(node, f"{what} is longer than {LONGEST_PATTERN} characters")
        return None
    return pattern if _compiles(reader, node, what, pattern) else None


def _compiles(reader: Reader, node: Node, what: str, pattern: str) -> bool:
    """Whether RE2 takes a pattern, and all patterns of the file together leave memory for else."""
    if reader.pattern_steps <= _MOST_STEPS:
        options = re2.Options()
        options.log_errors = False
        try:
            reader.pattern_steps += re2.compile(pattern, options).programsize
        except re2.error as error:
            reason = error.args[0] if error.args else "not a regular expression"
            if isinstance(reason, bytes):
                reason = reason.decode("utf-8", "replace")
            if "too large" in reason:
                reader.pattern_steps += _TOO_LARGE
            reader.error(
                node,
                f"{what} is no regular expression that RE2 knows (no look-around, no "
                f"back-references): {reason}",
            )
            return False
    if reader.pattern_steps > _MOST_STEPS:
        reader.error(
            node, f"{what}: all patterns of the file together are too large: let them repeat less"
        )
        return False
    return True
