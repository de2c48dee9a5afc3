"""Experiments as ClickHouse has them: which there are, and what became of those who saw one."""

from typing import Final

from clickhouse_connect.driver.client import Client

from schemas.rows import EARLIEST, LATEST
from streams.experiments.statistics import Proportion
from streams.experiments.tallies import RETENTION_DAYS, Experiment, Question, Tally
from streams.queries import asking
from streams.queries.roles import Parameters

_EXPOSURES: Final = "exposure_facts"


def experiments(
    client: Client, roles: Parameters, *, start: int | None = None, end: int | None = None
) -> list[Experiment]:
    """Experiments with exposures, the one that was seen last first.

    Args:
        client: of a migrated ClickHouse.
        roles: see :func:`streams.queries.roles.role_parameters`.
        start: only exposures since then, epoch milliseconds.
        end: only exposures before then.
    """
    parameters = {_EXPOSURES: roles[_EXPOSURES]} | _period(start, end)
    return [
        Experiment(
            row["experiment"],
            tuple(row["variants"]),
            row["users"],
            row["accounts"],
            row["first_at"],
            row["last_at"],
        )
        for row in asking.rows(client, "experiments", parameters)
    ]


def tallies(client: Client, roles: Parameters, question: Question) -> list[Tally]:
    """What is counted of an experiment, variant by variant, by name.

    Args:
        client: of a migrated ClickHouse.
        roles: see :func:`streams.queries.roles.role_parameters`.
        question: what is asked.
    """
    parameters = _period(question.start, question.end) | {
        _EXPOSURES: roles[_EXPOSURES],
        "experiment": question.experiment,
        "milestone": question.milestone,
        "of": question.of,
        "within": question.within,
        "now": question.now,
        "days": list(RETENTION_DAYS),
    }
    return [
        Tally(
            row["variant"],
            row["exposed"],
            row["mixed"],
            row["before"],
            row["waiting"],
            Proportion(row["reached"], row["counted"]),
            {
                day: Proportion(retained, due)
                for day, retained, due in zip(
                    RETENTION_DAYS, row["retained"], row["due"], strict=True
                )
            },
        )
        for row in asking.rows(client, "experiment", parameters)
    ]


def _period(start: int | None, end: int | None) -> dict[str, int]:
    return {
        "from": EARLIEST if start is None else start,
        "to": LATEST + 1 if end is None else end,
    }
