"""The leads of a demo: what was told of each last, and what all of them came to."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.encoding import time_text

Told = Mapping[str, Any]
"""A published object, see :class:`schemas.wire.QualificationMessage`."""


@dataclass(slots=True)
class Ledger:
    """Every lead once, whatever was told of it."""

    _leads: dict[tuple[Any, ...], Told] = field(default_factory=dict)
    """What was told last of each, with what it qualified by; what was told of last stands last."""

    def add(self, told: Told) -> None:
        """Take in a ``lead.…``."""
        lead = tuple(told[name] for name in ("milestone", "account_id", "user_id", "occurrence"))
        began = self._leads.pop(lead, told)
        why = {name: began[name] for name in ("score", "contributions") if name in began}
        self._leads[lead] = {**told, **why}

    def __len__(self) -> int:
        return len(self._leads)

    def newest(self) -> Iterator[Told]:
        """Leads, the one told of last first."""
        return reversed(self._leads.values())

    @property
    def qualified(self) -> Counter[str]:
        """How many there are, by name."""
        return Counter(told["milestone"] for told in self._leads.values())

    @property
    def routed(self) -> Counter[str]:
        """How many each team was given."""
        return Counter(told["route"]["team"] for told in self._leads.values() if "route" in told)

    @property
    def closed(self) -> Counter[str]:
        """How many were closed, by outcome."""
        outcomes = (told["lead"]["outcome"] for told in self._leads.values())
        return Counter(outcome for outcome in outcomes if outcome)

    @property
    def breached(self) -> int:
        """How many were not contacted by when they were due."""
        return sum(told["lead"]["breached_at"] is not None for told in self._leads.values())

    def in_time(self, now: int) -> int:
        """How many were contacted by when they were due, as far as is known.

        Being contacted is not told by itself: it was, where a lead was closed, or its time was over
        by ``now`` (epoch milliseconds), and no breach was told.
        """
        moment = time_text(now)
        return sum(
            told["lead"]["breached_at"] is None
            and (told["lead"]["outcome"] is not None or told["route"]["due"] < moment)
            for told in self._leads.values()
            if "route" in told
        )

    def as_json(self, now: int) -> dict[str, Any]:
        """For ``--json``, as of ``now`` (epoch milliseconds)."""
        in_time, breached = self.in_time(now), self.breached
        over = in_time + breached
        return {
            "qualified": dict(self.qualified),
            "routed": dict(self.routed),
            "contacted_in_time": in_time,
            "breached": breached,
            "contacted_in_time_share": in_time / over if over else None,
            "closed": dict(self.closed),
        }
