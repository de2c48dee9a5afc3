"""``milepost explain``: why somebody is qualified, or what is missing."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from streams.cli import options, output
from streams.definitions import load
from streams.definitions.model import Definitions, Owner
from streams.definitions.problems import quote
from streams.errors import Unavailable, UsageError
from streams.explain import names as naming
from streams.explain.answer import Answer
from streams.explain.decisions import as_answer, decisions_page
from streams.explain.files import FileSource
from streams.explain.history import add_history, from_history
from streams.explain.page import NO, YES, page
from streams.files import EventFiles

if TYPE_CHECKING:
    from streams.queries.audit import Decision

_T = TypeVar("_T")

UNKNOWN = 1
_COLOURS = {YES: "green", NO: "red"}


def explain(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ENTITY [MILESTONE]",
            help="An account (acme), its user (acme/ann) or a user without account (ann); and the "
            "milestone, the lead or the health, or all of them.",
            show_default=False,
        ),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The account, in place of ENTITY; with --user, its user."),
    ] = None,
    user: Annotated[
        str | None, typer.Option(metavar="ID", help="The user, in place of ENTITY.")
    ] = None,
    definitions: Annotated[
        Path | None,
        typer.Option("--definitions", "-d", help="With --events: the definitions.", metavar="DEFS"),
    ] = None,
    events: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE...",
            help="Ask event files, not a worker: one JSON event a line, gzipped or not; - is "
            "standard input.",
        ),
    ] = None,
    at: Annotated[
        int | None,
        typer.Option(
            parser=options.time("--at"),
            metavar="TIME",
            help="As of then; files and ClickHouse only. Without it: now, and in files at the "
            "newest event.",
        ),
    ] = None,
    dsn: Annotated[
        str | None,
        typer.Option(
            help="ClickHouse, for what was told before; without it, CLICKHOUSE_DSN where set."
        ),
    ] = None,
    audit: Annotated[
        bool,
        typer.Option(
            help="The record of decisions instead, from ClickHouse alone: by what each was decided,"
            " and by whom where somebody decided otherwise.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings, YAML or TOML; the environment wins.", metavar="FILE"),
    ] = None,
) -> None:
    """Explain why an account or a user is qualified, or what is missing.

    Condition by condition: what was seen, how much more it takes, since when, and when it turns by
    itself. It asks the worker that has the account, or event files.

      milepost explain acme pql
      milepost explain acme/ann
      milepost explain --account acme/emea --user ann aha
      milepost explain acme pql -d product.yml --events 2026-*.jsonl.gz --at 2026-03-01
      milepost explain acme pqa --audit

    Exit codes: 0 explained (reached or not), 1 there is no such account or user, or nobody
    answers, 2 there is no such milestone, or wrong usage.
    """
    entity, owners, rest = _who(list(names or []), account, user)
    if audit:
        if events or definitions is not None:
            raise UsageError("--audit asks ClickHouse alone: leave --events and -d away")
        kept = _decided(owners, _one_name(rest), at, dsn, config)
        missing = f"no decision about {quote(entity)} is kept"
        _show_decisions(_only(entity, kept, missing), as_json=as_json)
        return
    if events or definitions is not None:
        if dsn is not None:
            raise UsageError("--events tells all that there is: leave --dsn away")
        found, milestone = _from_files(owners, rest, definitions, events or [], at)
    else:
        milestone = _one_name(rest)
        found = _from_services(owners, milestone, at, dsn, config)
    _, answer = _only(entity, found, naming.is_unknown(entity))
    if as_json:
        output.emit(answer)
        output.flush()
    else:
        _show(answer, told=milestone is not None)


def _one_name(rest: list[str]) -> str | None:
    name, *surplus = [*rest, None]
    if surplus and surplus[0] is not None:
        raise UsageError(f"one milestone at a time, not {quote(surplus[0])} as well")
    return name


def _only(entity: str, found: Mapping[Owner, _T], missing: str) -> tuple[Owner, _T]:
    """The one that was meant, with what was found of it."""
    if not found:
        output.fail(missing)
        raise typer.Exit(UNKNOWN)
    if len(found) > 1:
        raise UsageError(naming.is_ambiguous(entity, list(found)))
    [only] = found.items()
    return only


def _who(
    names: list[str], account: str | None, user: str | None
) -> tuple[str, list[Owner], list[str]]:
    """Who may be meant, in words and by ids, and the arguments that are left."""
    if account is not None or user is not None:
        owner = account, user
        return "/".join(part for part in owner if part is not None), [owner], names
    if not names or not names[0]:
        raise UsageError("about whom? Name an account or a user: milepost explain acme")
    return names[0], naming.readings(names[0]), names[1:]


def _from_files(
    owners: Sequence[Owner],
    rest: list[str],
    definitions: Path | None,
    events: list[str],
    at: int | None,
) -> tuple[dict[Owner, Answer], str | None]:
    if definitions is None:
        raise UsageError("by which definitions? Name them: -d product.yml")
    loaded = load(definitions)
    milestone = None
    if rest and (naming.named(loaded, rest[0]) or not Path(rest[0]).exists()):
        milestone, *rest = rest
        if naming.named(loaded, milestone) is None:
            raise UsageError(f"{definitions}: {naming.is_unnamed(loaded, milestone)}")
    events = [*events, *rest]  # what a shell makes of --events *.jsonl
    if not events:
        raise UsageError("over which events? Name files: --events events.jsonl")
    files = EventFiles(events, recorded_at=time.time_ns() // 1_000_000)
    source = FileSource(loaded, files, owners, at)
    with output.reading(files.size) as update:
        for read in source.run():
            update(files.bytes_read, f"{read:,} events")
    output.screen().print(
        f"read {source.read:,} events, {source.dead:,} that are none", soft_wrap=True
    )
    known = [owner for owner in owners if source.knows(owner)]
    return {
        owner: source.answer(owner, *naming.asked_for(loaded, naming.kind_of(owner), milestone))
        for owner in _of_kind(loaded, known, milestone)
    }, milestone


def _of_kind(
    definitions: Definitions, known: Sequence[Owner], milestone: str | None
) -> Sequence[Owner]:
    """Those of them who can have the milestone, or be the lead."""
    if milestone is None or not known:
        return known
    one = naming.named(definitions, milestone)
    if one is None:
        return []
    found = [owner for owner in known if naming.kind_of(owner) == one.of]
    if not found:
        raise UsageError(naming.is_of_others(one, known[0]))
    return found


def _from_services(
    owners: Sequence[Owner],
    milestone: str | None,
    at: int | None,
    dsn: str | None,
    config: Path | None,
) -> dict[Owner, Answer]:
    from streams.explain.asking import ask
    from streams.explain.kept import told_of
    from streams.settings import load_settings

    settings = load_settings(config)
    if dsn is None and "clickhouse_dsn" in settings.model_fields_set:
        dsn = settings.clickhouse_dsn.get_secret_value()
    if at is not None:
        return _from_history(owners, milestone, at, dsn)
    found = asyncio.run(ask(settings, owners, milestone))
    if dsn is not None and len(found) == 1:
        [(owner, answer)] = found.items()
        try:
            add_history(answer, told_of(dsn, owner, milestone, None))
        except Unavailable as error:
            output.screen().print(f"without what was told before: {error}", soft_wrap=True)
    return found


def _from_history(
    owners: Sequence[Owner], milestone: str | None, at: int, dsn: str | None
) -> dict[Owner, Answer]:
    """What had been told by then; a worker's state is of now."""
    from streams.explain.kept import told_of

    if dsn is None:
        raise UsageError(
            "a worker knows of now only: for the past, name event files (-d DEFS --events FILE...)"
            " or ClickHouse (--dsn)"
        )
    output.screen().print(
        "a worker knows of now only: this is what had been told by then, as ClickHouse has it",
        soft_wrap=True,
    )
    told = {owner: told_of(dsn, owner, None, at) for owner in owners}
    found = {
        owner: from_history(owner, rows, at, milestone) for owner, rows in told.items() if rows
    }
    if not found:
        raise Unavailable(f"nothing had been told of {naming.spoken(owners[0])} by then")
    return found


def _decided(
    owners: Sequence[Owner],
    name: str | None,
    at: int | None,
    dsn: str | None,
    config: Path | None,
) -> "dict[Owner, list[Decision]]":
    from streams.explain.kept import decided_of
    from streams.settings import load_settings
    from streams.sinks.pseudonyms import Pseudonyms

    settings = load_settings(config)
    place = dsn or settings.clickhouse_dsn.get_secret_value()
    pseudonyms = Pseudonyms(settings.audit_key.get_secret_value())
    return decided_of(place, owners, pseudonyms, name=name, until=at)


def _show(answer: dict[str, Any], *, told: bool) -> None:
    console = Console(highlight=False)
    for line in page(answer, told=told):
        text = Text(line)
        for mark, colour in _COLOURS.items():
            if line.lstrip().startswith(mark):
                start = line.index(mark)
                text.stylize(colour, start, start + 1)
        console.print(text, soft_wrap=True)


def _show_decisions(found: "tuple[Owner, list[Decision]]", *, as_json: bool) -> None:
    if as_json:
        output.emit(as_answer(*found))
        output.flush()
        return
    console = Console(highlight=False, markup=False)
    for line in decisions_page(*found):
        console.print(line, soft_wrap=True)
