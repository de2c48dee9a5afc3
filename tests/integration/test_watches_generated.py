"""Every watch over made-up histories, against plain loops over the same rows."""

import math
import random
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import quantiles

import pytest

from schemas.rows import ActivityRow, LeadRow, MilestoneRow, Row, TraitRow
from streams.watches.warehouse import Warehouse
from tests.integration.decisions import DAY, UNTIL, ago, closed, did, lead, reached, trait, write
from tests.integration.test_watches import DEFINITIONS, WATCHES, Answers, answers
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

ACCOUNTS = [f"a{number}" for number in range(300)]
SINCE = ago(90)
PQA = DEFINITIONS.leads["pqa"]


def history(seed: int) -> list[Row]:
    """Leads of ``pqa`` that are closed, or pay, or neither; whole hours, so that bounds are hit."""
    chance = random.Random(seed)

    def days(most: float) -> float:
        return chance.randrange(-24, round(most * 24)) / 24

    rows: list[Row] = []
    for account in ACCOUNTS:
        rows += [did(account, days(120)) for _ in range(chance.randrange(4))]
        rows.append(trait(account, "country", chance.choice(["DE", "FR", "US"])))
        for occurrence in range(1, chance.randrange(1, 4)):
            opened = lead(
                account, days(130), occurrence=occurrence, score=float(chance.randrange(60, 100)),
                definition_hash=chance.choice(["old", "new", "new"]),
            )  # fmt: skip
            if opened.definition_hash == "old":
                opened = opened._replace(detected_at=0)
            rows.append(opened)
            if chance.random() < 0.4:
                ended = chance.uniform(0, (UNTIL - opened.occurred_at) / DAY)
                outcome = chance.choice(["converted", "disqualified"])
                rows.append(closed(opened, outcome, round(ended * 24) / 24))
        for occurrence in range(1, chance.randrange(1, 3)):
            rows.append(reached(account, days(130), occurrence=occurrence))
    return rows


class Plain:
    """The definitions of the watches, word by word."""

    def __init__(self, rows: list[Row]) -> None:
        told = [row for row in rows if isinstance(row, LeadRow)]
        self.opened = [row for row in told if row.type == "lead.qualified"]
        self.closed = {_life(row): row for row in told if row.type == "lead.closed"}
        self.paid: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            if isinstance(row, MilestoneRow):
                self.paid[row.account_id].append(row.occurred_at)
        self.seen = {
            row.account_id for row in rows
            if isinstance(row, ActivityRow) and SINCE // DAY < row.day <= UNTIL // DAY
        }  # fmt: skip
        self.country = {row.account_id: row.value for row in rows if isinstance(row, TraitRow)}
        self.judged = [
            right for at, right in map(self.judge, self.opened) if SINCE < at <= UNTIL
        ]  # fmt: skip
        self.precision = sum(self.judged) / len(self.judged)

    def judge(self, row: LeadRow) -> tuple[float, bool]:
        """When it turned out what it was, and whether it was right."""
        matures = row.occurred_at + PQA.matures
        end = self.closed.get(_life(row))
        known = end is not None and end.occurred_at <= UNTIL
        rights = [at for at in self.paid[row.account_id]
                  if row.occurred_at < at <= min(matures, UNTIL)]  # fmt: skip
        if end is not None and known and end.outcome == "converted":
            rights.append(end.occurred_at)
        if row.occurred_at > UNTIL:
            return math.inf, False
        if rights:
            return min(rights), True
        if end is not None and known:
            return end.occurred_at, False
        return (matures if row.definition_hash == "new" else math.inf), False

    def recall(self) -> tuple[float, int]:
        caught = []
        for account, times in self.paid.items():
            inside = [at for at in times if SINCE < at <= UNTIL]
            if inside:
                caught.append(any(row.account_id == account and row.occurred_at < min(inside)
                                  for row in self.opened))  # fmt: skip
        return sum(caught) / len(caught), len(caught)

    def lift(self) -> float:
        reached_ = {account for account in self.seen
                    if any(SINCE < at <= UNTIL for at in self.paid[account])}  # fmt: skip
        return self.precision / (len(reached_) / len(self.seen))

    def parity(self) -> tuple[float, int]:
        became = {row.account_id for row in self.opened if SINCE < row.occurred_at <= UNTIL}
        groups: dict[str, list[bool]] = defaultdict(list)
        for account in self.seen:
            groups[self.country[account]].append(account in became)
        large = [group for group in groups.values() if len(group) >= 30]
        rates = [sum(group) / len(group) for group in large]
        return min(rates) / max(rates), sum(map(len, large))

    def drift(self) -> tuple[float, int]:
        scores = [(row.occurred_at, row.score or 0.0) for row in self.opened
                  if row.definition_hash == "new"]  # fmt: skip
        older = [score for at, score in scores if ago(60) < at <= ago(30)]
        newer = [score for at, score in scores if ago(30) < at <= UNTIL]
        cuts = [-math.inf, *quantiles(older, n=10, method="inclusive"), math.inf]
        total = 0.0
        for low, high in pairwise(cuts):
            a, e = (
                max(sum(low < score <= high for score in month) / len(month), 0.0001)
                for month in (newer, older)
            )
            total += (a - e) * math.log(a / e)
        return total, min(len(older), len(newer))


def _life(row: LeadRow) -> tuple[str, str, int]:
    return row.account_id, row.definition_hash, row.occurrence


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    migrated(tmp_path)
    warehouse = Warehouse(f"chdb://{tmp_path}")
    yield warehouse
    warehouse.close()


@pytest.mark.parametrize("seed", range(5))
def test_every_answer_is_that_of_plain_loops(
    warehouse: Warehouse, tmp_path: Path, seed: int
) -> None:
    rows = history(seed)
    write(tmp_path, random.Random(seed).sample(rows, len(rows)))
    plain = Plain(rows)
    wrong = 1 - plain.precision
    expected: dict[str, Answers] = {
        "lead_precision": {("pqa",): (plain.precision, len(plain.judged))},
        "lead_false_positives": {("pqa",): (wrong, len(plain.judged))},
        "score_false_positives": {
            (score,): (wrong, len(plain.judged)) for score in ("fit", "deep")
        },
        "lead_recall": {("pqa",): plain.recall()},
        "lead_lift": {("pqa",): (plain.lift(), len(plain.judged))},
        "lead_parity": {("pqa",): plain.parity()},
        "score_drift": {("pqa",): plain.drift()},
        "sla_adherence": {},
    }
    assert 0.2 < plain.precision < 0.8
    for name, wanted in expected.items():
        found = answers(warehouse, WATCHES[name])
        assert found.keys() == wanted.keys()
        for key, (value, sample) in wanted.items():
            assert found[key] == (pytest.approx(value), sample), name
