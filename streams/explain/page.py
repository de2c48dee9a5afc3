"""The answer for a person to read: plain sentences, a line for each condition."""

from collections.abc import Iterator
from typing import Any, Final

from streams.explain.answer import Answer
from streams.explain.leads import lead_lines, lead_status
from streams.explain.plain import about_words, date_of, milliseconds, number_words, times_words
from streams.explain.scores import (
    component_words,
    contribution_words,
    curve_words,
    model_words,
    switches,
)
from streams.explain.seen import observed_words
from streams.told import told_words

YES: Final = "✓"
NO: Final = "✗"
_OPEN: Final = "·"
"""Before what counts neither for nor against."""
_MOST_TOLD: Final = 10
_KEEPING_UP: Final = 10_000
"""Records that a worker which is not behind may have before it, or not committed yet."""
_LEVELS: Final = {"green": YES, "yellow": _OPEN, "red": NO}
_HEADS: Final = {"all": "all of these at the same time", "any": "at least one of these"}


def page(answer: Answer, *, told: bool) -> Iterator[str]:
    """Line by line.

    Args:
        answer: see :mod:`streams.explain.answer`.
        told: whether to say what was published, and what it took to reach what is reached.
    """
    account_id, user_id = answer["account_id"], answer["user_id"]
    name = "/".join(part for part in (account_id, user_id) if part is not None)
    yield f"{name}, {answer['of']}, on {date_of(answer['at'])} UTC"
    if answer.get("records_behind", 0) > _KEEPING_UP:
        yield f"Up to {answer['records_behind']:,} records may not be in this answer yet."
    for flag in answer.get("flags", ()):
        yield _excluded(flag)
    health = answer.get("health", ())  # a worker of an earlier version does not know of it
    if not answer["milestones"] and not health:
        yield f"There are no milestones of {answer['of']}s."
    for milestone in answer["milestones"]:
        yield ""
        yield from _milestone(answer, milestone, told=told)
    for one in health:
        yield ""
        yield from _health(answer, one, told=told)


def _excluded(flag: Answer) -> str:
    until = f" until {date_of(flag['until'])}" if flag["until"] else ""
    if flag["since"] is None:
        return f"It is beyond the limit {flag['rule']}{until}: more such events are excluded."
    return (
        f"Flagged by {flag['rule']} since {date_of(flag['since'])}{until}: its events are excluded."
    )


def _milestone(answer: Answer, milestone: Answer, *, told: bool) -> Iterator[str]:
    name, title, why = milestone["milestone"], milestone["title"], milestone["why"]
    named = name if title is None else f"{title} ({name})"
    named += ", in the shadow" if milestone.get("shadow") else ""  # older workers do not say
    yield f"{YES if milestone['holds'] else NO} {named}: {_status(milestone)}"
    if milestone["coming"] is not None:
        since, told_from = milestone["coming"]["true_since"], milestone["coming"]["told_from"]
        yield (
            f"  It is true since {date_of(since)}. It is told on {date_of(told_from)}, unless an"
            " event that comes late says otherwise."
        )
    if milestone["mode"] == "lead":
        yield from lead_lines(milestone, answer["at"])
    is_over = milestone["mode"] == "once" and milestone["holds"]
    if why is not None and (told or not is_over):
        if why["holds"] is None:
            yield "  What it took is no longer known here, as nothing can change it any more:"
        elif is_over:
            yield "  It took:"
        elif milestone["mode"] == "lead":
            yield "  To become one takes:"
        yield from _Tree(answer, is_over=is_over).whole(why)
    if told and milestone["told"]:
        yield from _told(milestone["told"], evidence=why is None or not is_over)


def _health(answer: Answer, health: Answer, *, told: bool) -> Iterator[str]:
    """Its level, and the conditions by which it is that, or would be another."""
    name, title, level = health["health"], health["title"], health["level"]
    words = f"{level} since {date_of(health['since'])}" if health["since"] else level
    if count := health["changes"]:
        words += f"; it changed {times_words(count)}"
    yield f"{_LEVELS[level]} {name if title is None else f'{title} ({name})'}: {words}"
    for other, why in (health["why"] or {}).items():
        yield f"  It is {other} while{' not red and' if other == 'yellow' else ''}:"
        yield from _Tree(answer, is_over=False).node(why, "    ")
    if told and health["told"]:
        yield from _told(health["told"], evidence=health["why"] is None)


def _status(milestone: Answer) -> str:
    count, why = milestone["occurrences"], milestone["why"]
    if milestone["mode"] == "live":
        return _live_status(milestone)
    if milestone["mode"] == "lead":
        return lead_status(milestone, _how_many_missing(why))
    if not milestone["holds"]:
        return f"not reached{_how_many_missing(why)}"
    if count <= 1:
        return f"reached on {date_of(milestone['first_at'])}"
    again = milestone["again_from"]
    later = f"; not again before {date_of(again)}" if again else ""
    return f"reached {times_words(count)}, the last on {date_of(milestone['last_at'])}{later}"


def _live_status(milestone: Answer) -> str:
    count = milestone["occurrences"]
    since = milestone["last_at"] if milestone["why"] is None else milestone["why"]["since"]
    words = "holds" if milestone["holds"] else "does not hold"
    if not count:
        return f"{words}, and never did" if not milestone["holds"] else words
    words += f", since {date_of(since)}" if since else ""
    return f"{words}; entered {times_words(count)}"


def _how_many_missing(why: Answer | None) -> str:
    if why is None or why["kind"] != "all" or why["holds"] is not False:
        return ""
    parts = why["parts"]
    count = sum(not part["holds"] for part in parts)
    return f", {count} of {len(parts)} conditions {'is' if count == 1 else 'are'} missing"


class _Tree:
    """Conditions, a line each.

    Args:
        answer: whose they are.
        is_over: whether they are looked at as they were when a milestone was reached for good.
    """

    def __init__(self, answer: Answer, *, is_over: bool) -> None:
        self._at = answer["at"]
        self._first_seen = answer["first_seen"]
        self._is_over = is_over

    def whole(self, why: Answer) -> Iterator[str]:
        """Of an ``all``, the status of the milestone has said what it is."""
        if why["kind"] != "all":
            yield from self.node(why, "  ")
            return
        if turns := self._turns(why):
            yield f"  As a whole{turns}"
        for part in why["parts"]:
            yield from self.node(part, "  ")

    def node(self, node: Answer, indent: str, *, negated: bool = False) -> Iterator[str]:
        """A condition, and those inside it."""
        head, kind = indent + _mark(node, negated=negated), node["kind"]
        if kind == "not":
            inner = node["parts"][0]
            yield f"{head} {_words(node)}{self._when(node)}"
            yield from self._inside(inner, f"{indent}  ", negated=not negated)
            return
        yield f"{head} {_words(node, negated=negated)}{_group(node)}{self._when(node)}"
        yield from self._inside(node, f"{indent}  ", negated=negated)

    def _inside(self, node: Answer, indent: str, *, negated: bool) -> Iterator[str]:
        if node.get("score"):
            yield from self._score(node["score"], indent)
        for part in node["parts"]:
            yield from self.node(part, indent, negated=negated)

    def _score(self, score: Answer, indent: str) -> Iterator[str]:
        """What it is made of; also what adds nothing, as that is what could be gained."""
        for words, condition in switches(score):
            yield f"{indent}{_OPEN} {words}"
            yield from self.node(condition, f"{indent}  ")
        curve = curve_words(score)
        if curve is not None:
            yield f"{indent}{_OPEN} {curve}"
        for part in score["components"]:
            since = _counted(part["history_since"])
            yield f"{indent}{component_words(part)}{since}"
            for one in part["parts"]:
                yield from self.node(one, f"{indent}  ")

    def _when(self, node: Answer) -> str:
        """Since when it is as it is, and until when."""
        since, words = node["since"], ""
        if since is not None and node["holds"]:
            words = f", since {date_of(since)}"
        elif since is not None and since != self._first_seen:
            was = "so since" if node["kind"] == "not" else "it was true until"
            words = f"; {was} {date_of(since)}"
        return words + self._turns(node)

    def _turns(self, node: Answer) -> str:
        turns_at = node["turns_at"]
        if turns_at is None or self._is_over:
            return ""
        turned = "until" if node["holds"] else "true on"
        in_ = about_words(milliseconds(turns_at) - milliseconds(self._at))
        return f"; {turned} {date_of(turns_at)} (in {in_}) if nothing happens"


def _mark(node: Answer, *, negated: bool) -> str:
    if node["holds"] is None:
        return _OPEN
    if negated:  # what is true of it stands in the way
        return f"{NO} is so:" if node["holds"] else f"{YES} is not so:"
    return YES if node["holds"] else NO


def _words(node: Answer, *, negated: bool = False) -> str:
    if node["kind"] in _HEADS:
        return _HEADS[node["kind"]]
    if node["kind"] == "not":
        before = f" in {node['segment']}, which comes first" if "segment" in node else ""
        return f"must not be{before}: {_words(node['parts'][0], negated=True)}"
    words = str(node["requires"])
    if node["seen"] is not None:
        seen = str(node["seen"])
        if negated and node.get("missing") is not None:
            seen = seen.partition(", ")[0]  # nobody asks for what is missing
        words += f": {seen}"
    return words + _counted(node.get("history_since"))


def _counted(since: str | None) -> str:
    return "" if since is None else f", counted since {date_of(since)}"


def _group(node: Answer) -> str:
    if node["holds"] is not False or node["kind"] not in _HEADS:
        return ""
    if node["kind"] == "any":
        return ": none yet, the nearest first"
    missing = sum(not part["holds"] for part in node["parts"])
    return f": {missing} of {len(node['parts'])} missing"


def _told(told: list[Any], *, evidence: bool) -> Iterator[str]:
    yield "  What was told:"
    if len(told) > _MOST_TOLD:
        yield f"  {len(told) - _MOST_TOLD:,} times before; --json has them all"
    for one in told[-_MOST_TOLD:]:
        decided = f"event {one['decided_by']}" if one["decided_by"] else "the passing of time"
        journey = f" in {one['journey']}" if one["journey"] else ""
        shadow = "; in the shadow" if "shadow" in one else ""
        late = ", later than is allowed" if one["late"] else ""
        number = f" for the {_ordinal(one['occurrence'])} time" if _is_again(one) else ""
        yield (
            f"    {date_of(one['occurred_at'])} {told_words(one)}{journey}"
            f"{number}, decided by {decided}{late}{_scored(one)}{shadow}"
        )
    for each in told[-1].get("contributions", ()):
        yield f"      {contribution_words(each['component'], each['points'], each['signal'])}"
    for each in told[-1]["evidence"] if evidence else ():
        observed = observed_words(each["observed"], at_least=each["at_least"])
        yield f"      {YES if each['holds'] else NO} {each['condition']}: {observed}"


def _is_again(one: Any) -> bool:
    """Whether the same was told before; every change of health is another."""
    return bool(one["occurrence"] > 1 and "health" not in one)


def _scored(one: Answer) -> str:
    score = f"; score {number_words(one['score'])}" if "score" in one else ""
    if "model" in one:
        score += f" by {model_words(one['model'])}"
    if "fell_back_to" in one:
        score += f", as {one['fell_back_to']} stood in"
    return score + (f"; segment {one['segment']}" if "segment" in one else "")


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
