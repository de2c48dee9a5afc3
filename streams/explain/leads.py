"""What became of a lead, for a person to read."""

from collections.abc import Iterator
from typing import Any, Final

from streams.explain.plain import about_words, date_of, milliseconds, number_words, times_words
from streams.told import closed_words

_DECIDED: Final = {
    "qualify": "that it is a lead",
    "close": "to close it",
    "reroute": "who follows it up",
}


def lead_status(lead: dict[str, Any], missing: str) -> str:
    """``a lead (PQA) since 3 Jan 2026 00:00; became one once``.

    Args:
        lead: an entry of mode ``lead``, see :mod:`streams.explain.answer`.
        missing: how much of its condition is, in words.
    """
    kind, life = lead["kind"].upper(), lead["lead"]
    if life is None:
        return f"not a lead ({kind}) so far{missing}"
    if lead["holds"]:
        words = f"a lead ({kind}) since {date_of(life['opened_at'])}"
    else:
        words = f"a lead ({kind}) until {date_of(lead['closed_at'])}, {closed_words(life)}"
    if lead["again_from"] is not None:
        words += f"; not again before {date_of(lead['again_from'])}"
    return f"{words}; became one {times_words(lead['occurrences'])}"


def lead_lines(lead: dict[str, Any], at: str) -> Iterator[str]:
    """Who has the newest lead, by when it is due, what somebody decided, and whom to talk to."""
    life, route = lead["lead"], lead["route"]
    if life is None:
        return
    due = _due(lead, at)
    if route is not None:
        owner = (
            f"{route['owner']} of {route['team']}" if route["owner"] else f"team {route['team']}"
        )
        yield f"  Followed up by {owner}, by the rule {route['rule']}{due}."
    elif lead["holds"]:
        yield f"  No rule took it{due}."
    override = life["override"]
    if override is not None:
        yield (
            f"  {override['approver']} decided on {date_of(override['at'])}"
            f" {_DECIDED[override['action']]}: {override['reason']}"
        )
    if lead["holds"] and life["contacts"]:
        yield f"  Talk to {', '.join(map(_contact, life['contacts']))}."


def _due(lead: dict[str, Any], at: str) -> str:
    life, route = lead["lead"], lead["route"]
    words = ""
    if life["breached_at"] is not None:
        words += f"; SLA breached on {date_of(life['breached_at'])}"
    if life["contacted_at"] is not None:
        words += f"; contacted on {date_of(life['contacted_at'])}"
    if words or route is None or not lead["holds"]:
        return words
    left = milliseconds(route["due"]) - milliseconds(at)
    if left < 0:
        return f"; contact was due on {date_of(route['due'])}"
    early = "" if route["earliest"] <= at else f" and not before {date_of(route['earliest'])}"
    return f"; contact due by {date_of(route['due'])} (in {about_words(left)}){early}"


def _contact(contact: dict[str, Any]) -> str:
    score = contact["score"]
    return f"{contact['user_id']}" + ("" if score is None else f" (score {number_words(score)})")
