"""What is wrong with a definitions file, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]

_LONGEST_QUOTE = 60
_LONGEST_GUESS = 100


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One error or warning at one place."""

    file: str
    line: int
    """Counts from 1."""
    column: int
    """Counts from 1, in characters."""
    severity: Severity
    message: str

    def __str__(self) -> str:
        word = "warning: " if self.severity == "warning" else ""
        return f"{self.file}:{self.line}:{self.column}: {word}{self.message}"


def quote(text: object) -> str:
    """``text`` between backticks, fit for one line of a message whatever it contains."""
    shown = str(text)
    if len(shown) > _LONGEST_QUOTE:
        shown = shown[:_LONGEST_QUOTE] + "…"
    escaped = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in shown
    )
    return f"`{escaped}`"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: ``, did you mean `event`?`` or nothing."""
    if len(name) > _LONGEST_GUESS:
        return ""
    spelled = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(name.casefold(), spelled, n=1)
    return f", did you mean {quote(spelled[close[0]])}?" if close else ""
