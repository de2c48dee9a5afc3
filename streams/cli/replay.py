"""``milepost replay``: the same engine over files, without Kafka."""

import base64
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import orjson
import typer
from rich.console import Console
from rich.markup import escape

from schemas.dead_letters import DeadLetter
from schemas.encoding import as_json
from schemas.qualifications import QualificationType
from streams.cli import options, output
from streams.definitions import load
from streams.errors import UsageError
from streams.files import EventFiles
from streams.replay import Outcome, Replay, Tally

_TOLD: Final[Mapping[QualificationType, str]] = {
    "milestone.reached": "",
    "milestone.corrected": "corrected ",
    "milestone.entered": "entered ",
    "milestone.exited": "exited ",
    "journey.stuck": "stuck at ",
    "lead.qualified": "became a lead: ",
    "lead.routed": "routed to ",
    "lead.sla_breached": "SLA breached: ",
    "lead.closed": "closed: ",
    "health.changed": "health changed: ",
    "entity.flagged": "flagged by ",
    "entity.cleared": "cleared of ",
    "entity.deleted": "erased: ",
}
"""What is said of each type, before the names of what was told."""


def replay(
    events: Annotated[
        list[str],
        typer.Argument(
            help="Files of one JSON event a line, gzipped or not; - is standard input.",
            metavar="EVENTS...",
        ),
    ],
    definitions: Annotated[
        Path, typer.Option("--definitions", "-d", help="The definitions file.", metavar="DEFS")
    ],
    until: Annotated[
        int | None,
        typer.Option(
            parser=options.time("--until"),
            metavar="TIME",
            help="Move the clock on to this time after the last event; without it, the clock "
            "stops at the newest event. ISO 8601 (UTC where it names no zone).",
        ),
    ] = None,
    dead_letters: Annotated[
        Path | None,
        typer.Option(help="Write the lines that are no events here, as JSON lines with reasons."),
    ] = None,
    shadow: Annotated[
        bool,
        typer.Option("--shadow", help="Print what is in the shadow, too, marked as such."),
    ] = False,
) -> None:
    """Run definitions over events in files, in the order given, without Kafka.

    Milestones come as JSON lines on stdout; progress and a summary on stderr. What comes out is
    what the worker would publish for the same events.

      milepost replay -d product.yml events.jsonl
      milepost replay -d product.yml 2026-*.jsonl.gz > milestones.jsonl
      zcat events.gz | milepost replay -d product.yml - | jq -r .milestone
    """
    files = EventFiles(events, recorded_at=time.time_ns() // 1_000_000)
    running = Replay(load(definitions), files, until)
    screen = output.screen()
    started = time.monotonic()
    with ExitStack() as stack:
        letters = stack.enter_context(_writable(dead_letters)) if dead_letters else None
        stack.callback(lambda: _summary(screen, running, time.monotonic() - started))
        for outcome in _shown(running, files):
            _publish(outcome, letters, shadow=shadow)


@contextmanager
def _writable(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("wb")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: cannot be written: {reason}") from None
    with file:
        yield file


def _shown(running: Replay, files: EventFiles) -> Iterator[Outcome]:
    """The outcomes, with a bar on a terminal while they come."""
    with output.reading(files.size) as update:
        for outcome in running.run():
            yield outcome
            told = running.tally.told
            reached = told["milestone.reached"].total() + told["milestone.entered"].total()
            text = f"{running.counts.read:,} events, {reached:,} milestones"
            update(files.bytes_read, text)


def _publish(outcome: Outcome, letters: BinaryIO | None, *, shadow: bool) -> None:
    for told in outcome.qualifications:
        output.emit(as_json(told))
    for hidden in outcome.hidden if shadow else ():
        output.emit(as_json(hidden))
    output.flush()
    if letters:
        for letter in outcome.dead_letters:
            letters.write(orjson.dumps(_refusal(letter), option=orjson.OPT_APPEND_NEWLINE))


def _refusal(letter: DeadLetter) -> dict[str, object]:
    refusal: dict[str, object] = {
        "file": letter.topic,
        "line": letter.offset,
        "reason": letter.reason,
        "path": letter.path,
        "detail": letter.detail,
    }
    original = letter.original or b""
    try:
        return refusal | {"original": original.decode()}
    except UnicodeDecodeError:
        return refusal | {"original_base64": base64.b64encode(original).decode()}


def milestones_told(tally: Tally) -> str:
    """What a replay has told, in words; of each type the most frequent first."""
    parts = [_listed(words, tally.told[kind]) for kind, words in _TOLD.items()]
    parts.append(_listed("in the shadow: ", tally.shadows))
    return "; ".join(part for part in parts if part) or "none"


def _listed(verb: str, names: Counter[str]) -> str:
    listed = ", ".join(f"{name} {count:,}" for name, count in names.most_common())
    return f"{verb}{listed}" if listed else ""


def _summary(screen: Console, running: Replay, seconds: float) -> None:
    counts, tally = running.counts, running.tally
    rate = counts.read / seconds if seconds else 0
    screen.print(
        f"read {counts.read:,} events in {seconds:.1f} s ({rate:,.0f}/s): "
        f"{counts.accepted:,} accepted, {counts.duplicates:,} duplicates, "
        f"{tally.dead.total():,} dead letters; {counts.late:,} late, "
        f"{counts.too_late:,} later than allowed",
        soft_wrap=True,
    )
    screen.print(escape(f"milestones: {milestones_told(tally)}"), soft_wrap=True)
    if counts.excluded:
        excluded = Counter(counts.excluded)
        words = f"excluded {excluded.total():,} events: {_listed('', excluded)}"
        screen.print(escape(words), soft_wrap=True)
    for refusal, count in counts.overrides_refused.items():
        screen.print(f"overrides of leads that were not heard, {refusal.value}: {count:,}")
    for reason, count in tally.dead.most_common():
        screen.print(f"dead letters, {reason}: {count:,}")
        for letter in tally.examples[reason]:
            place = f"  {letter.topic}:{letter.offset}: "
            at = f"{letter.path}: " if letter.path else ""
            screen.print(escape(f"{place}{at}{letter.detail}"), soft_wrap=True)
