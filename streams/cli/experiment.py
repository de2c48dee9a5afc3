"""``milepost experiment``: what the variants of an experiment made of a milestone."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from streams.cli import options, output
from streams.definitions import load
from streams.definitions.model import Definitions, Milestone
from streams.definitions.problems import did_you_mean, quote
from streams.definitions.values import DAY, LARGEST_NUMBER, parse_number, read_duration
from streams.errors import UsageError
from streams.experiments import answer, page
from streams.experiments.judging import judge
from streams.experiments.tallies import Experiment, Question, Tally, nobody

_WITHIN = 14 * DAY
_LIFT = 0.1
_CONTROL = "control"
_LIFTS = (0.01, 1000)
"""Percent: with less no number will do, and more is a mistake."""
_SMALLEST_SHARE = 1e-6
_ROLE = "{event: …, experiment: properties.experiment, variant: properties.variant}"


def _lift(text: str) -> float:
    percent = parse_number(text.removesuffix("%"))
    if percent is None or not _LIFTS[0] <= percent <= _LIFTS[1]:
        raise typer.BadParameter(f"{quote(text)} is not a lift, such as 10%")
    return percent / 100


def experiment(
    name: Annotated[
        str | None,
        typer.Argument(help="The experiment; without it, all that there are.", show_default=False),
    ] = None,
    definitions: Annotated[
        Path | None,
        typer.Option("--definitions", "-d", help="The definitions file.", metavar="DEFS"),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="MILESTONE",
            help="What should be reached more often; without it, the milestone of the role"
            " activated.",
        ),
    ] = None,
    control: Annotated[
        str | None,
        typer.Option(
            metavar="VARIANT",
            help="What the others are compared with; without it, control, or else the first by"
            " name.",
        ),
    ] = None,
    within: Annotated[
        int | None,
        typer.Option(
            parser=options.defined(read_duration, "--within"),
            metavar="TIME",
            help="From the exposure to the milestone: 12h, 30d; without it, 14d.",
        ),
    ] = None,
    share: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VARIANT=N",
            help="How many should have seen it, once for each variant; without it, as many each.",
        ),
    ] = None,
    lift: Annotated[
        float | None,
        typer.Option(
            parser=_lift,
            metavar="PERCENT",
            help="The smallest lift that is worth finding, of the control's rate; without it, 10%.",
        ),
    ] = None,
    start: Annotated[
        int | None,
        typer.Option(
            "--from", parser=options.time("--from"), metavar="TIME", help="Exposed since then."
        ),
    ] = None,
    end: Annotated[
        int | None,
        typer.Option(
            "--to", parser=options.time("--to"), metavar="TIME", help="Exposed before then."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    dsn: Annotated[
        str | None,
        typer.Option(help="ClickHouse; without it, the setting clickhouse_dsn."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings, YAML or TOML; the environment wins.", metavar="FILE"),
    ] = None,
) -> None:
    """Show what the variants of an experiment made of a milestone, with a verdict on each.

    The first exposure of each account or user counts. The verdict says win, loss, no difference,
    no difference seen yet, stop, or do not trust this.

      milepost experiment -d product.yml
      milepost experiment checklist -d product.yml --on aha
      milepost experiment price -d product.yml --on transacted --within 30d --share a=9 --share b=1
    """
    if definitions is None:
        raise UsageError("by which definitions? They say what an exposure is: -d product.yml")
    options.check_span(start, end)
    loaded = load(definitions)
    if "exposure" not in loaded.roles:
        raise UsageError(f"{definitions}: the role `exposure` is missing: `exposure: {_ROLE}`")
    if name is None:
        if on or control or share:
            raise UsageError("of which experiment? Name it, and then its milestone and variants")
        _list(_count(loaded, (start, end), None, dsn, config)[0], as_json=as_json)
        return
    milestone = _milestone(str(definitions), loaded, on)
    now = time.time_ns() // 1_000_000
    question = Question(
        _text(name), milestone.name, milestone.of, within or _WITHIN, now, start, end
    )
    known, tallies = _count(loaded, (start, end), question, dsn, config)
    if not tallies:
        raise UsageError(_is_unknown(question, known))
    tallies, shares = _dealt(tallies, share or [])
    base = _control(tallies, control)
    findings = judge(tallies, base, shares=shares, smallest_lift=lift or _LIFT)
    if as_json:
        output.emit(answer.of_one(question, findings))
        output.flush()
    else:
        page.show(question, findings)


def _text(argument: str) -> str:
    """An argument as text that ClickHouse and JSON take, also where its bytes are none."""
    return argument.encode(errors="backslashreplace").decode()


def _list(found: Sequence[Experiment], *, as_json: bool) -> None:
    if as_json:
        output.emit(answer.of_all(found))
        output.flush()
    else:
        page.show_all(found)


def _milestone(file: str, definitions: Definitions, on: str | None) -> Milestone:
    """The milestone that is asked for."""
    live = [name for name, one in definitions.milestones.items() if not one.shadow]
    if on is None:
        role = definitions.roles.get("activated")
        if role is None or len(role.milestones) != 1:
            raise UsageError(
                f"on which milestone? Name one, --on MILESTONE: {file} has none in the role "
                "`activated`"
            )
        [on] = role.milestones
    if on not in definitions.milestones:
        raise UsageError(f"{file}: there is no milestone {quote(on)}{did_you_mean(on, live)}")
    if on not in live:
        raise UsageError(f"{file}: the milestone {quote(on)} is in the shadow: name a live one")
    return definitions.milestones[on]


def _count(
    definitions: Definitions,
    period: tuple[int | None, int | None],
    question: Question | None,
    dsn: str | None,
    config: Path | None,
) -> tuple[list[Experiment], list[Tally]]:
    """What is counted; where nothing was asked or nobody is found, the experiments there are.

    Raises:
        Unavailable: ClickHouse does not answer.
    """
    from streams.queries import experiments as queries
    from streams.queries.roles import role_parameters
    from streams.settings import load_settings
    from streams.sinks.clickhouse import reading

    place = dsn or load_settings(config).clickhouse_dsn.get_secret_value()
    roles = role_parameters(definitions)
    start, end = period
    with reading(place) as client:
        found = [] if question is None else queries.tallies(client, roles, question)
        if found:
            return [], found
        return queries.experiments(client, roles, start=start, end=end), []


def _is_unknown(question: Question, known: Sequence[Experiment]) -> str:
    """Why nobody is found."""
    name = question.experiment
    for each in known:
        if each.name != name:
            continue
        if each.users if question.of == "user" else each.accounts:
            return f"nobody was exposed to {quote(name)} for the first time in that time"
        return (
            f"{quote(question.milestone)} is a milestone of {question.of}s, and the exposures to "
            f"{quote(name)} name no {question.of}"
        )
    guess = did_you_mean(name, [each.name for each in known])
    when = "" if (question.start, question.end) == (None, None) else " in that time"
    return f"nobody was exposed to an experiment {quote(name)}{when}{guess}"


def _dealt(tallies: list[Tally], given: Sequence[str]) -> tuple[list[Tally], Mapping[str, float]]:
    """The variants, also those that nobody saw, and what share each should have."""
    seen = [tally.variant for tally in tallies]
    if not given:
        return tallies, dict.fromkeys(seen, 1.0)
    shares: dict[str, float] = {}
    for text in given:
        variant, _, digits = _text(text).rpartition("=")
        share = parse_number(digits)
        if not variant or share is None or not _SMALLEST_SHARE <= share <= LARGEST_NUMBER:
            raise UsageError(f"--share: {quote(text)} is not a variant and its share, as in a=90")
        if variant in shares:
            raise UsageError(f"--share: {quote(variant)} has two shares")
        shares[variant] = float(share)
    for variant in seen:
        if variant not in shares:
            raise UsageError(f"--share: {quote(variant)} was seen, too: say its share")
    return [*tallies, *(nobody(variant) for variant in shares if variant not in seen)], shares


def _control(tallies: Sequence[Tally], asked: str | None) -> str:
    """The variant that the others are compared with."""
    variants = [tally.variant for tally in tallies]
    if asked is None:
        return _CONTROL if _CONTROL in variants else min(variants)
    if asked not in variants:
        guess = did_you_mean(asked, variants)
        raise UsageError(f"--control: nobody saw a variant {quote(asked)}{guess}")
    return asked
