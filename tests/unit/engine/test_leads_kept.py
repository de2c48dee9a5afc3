"""Leads: what is kept of them, to the last field, and no more."""

import ormsgpack
import pytest

from schemas.qualifications import Contact, LeadLife, LeadOverride, LeadRoute
from streams.engine.leads import Book, LeadLeaf
from tests.unit.engine.desk import DUE, Desk, meaning
from tests.unit.engine.worker import DAY, HOUR, START


def test_an_account_that_never_was_a_lead_keeps_nothing_of_leads() -> None:
    desk = Desk()
    desk.send(0, "Other")
    desk.send(1, "lead_contacted")
    account = desk.evaluator.hot("acme", None)
    assert account is not None
    assert not account.leaves
    desk.send(2)
    assert len(account.leaves) == 2


LIVES = [
    None,
    LeadLife(START),
    LeadLife(START, (), LeadRoute("r", "sales", None, START, START + DUE), START + 1),
    LeadLife(
        START,
        (Contact("ann", 1.5), Contact("bob", None)),
        LeadRoute("r", "sales", "bob", START, START + DUE),
        START + 2,
        START + DUE,
        3,
        "disqualified",
        "too small",
    ),
    LeadLife(START, override=LeadOverride("qualify", "kim", "known", START)),
]


@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("closed_at", [None, START + 5])
def test_what_is_known_of_a_lead_is_kept_to_the_last_field(
    life: LeadLife | None, closed_at: int | None
) -> None:
    leaf = LeadLeaf(1, meaning().leads["pqa"])
    book = Book()
    book.life, book.closed_at, book.occurrence = life, closed_at, 7
    kept = leaf.load(ormsgpack.unpackb(ormsgpack.packb(leaf.dump(book))))
    assert (kept.life, kept.closed_at, kept.occurrence) == (life, closed_at, 7)
    assert kept.coming is None
    assert hash(kept.life) == hash(life)


SAID = {
    "reason": "so", "for": "6h", "lead": "pqa", "action": "reroute", "approver": "kim",
    "team": "field",
}  # fmt: skip


def test_a_state_from_before_leads_had_kinds_and_overrides_is_read() -> None:
    leaf = LeadLeaf(1, meaning(of="user").leads["pqa"])
    route = ["r", "sales", None, START, START + DUE]
    data = [2, None, [START, [["ann", 1.5]], route, START + 1, None, 3, None, None]]
    kept = leaf.load(data)
    assert kept.life == LeadLife(
        START, (Contact("ann", 1.5),), LeadRoute("r", "sales", None, START, START + DUE), START + 1,
        None, 3, kind="pql",
    )  # fmt: skip
    assert leaf.dump(kept) == data


def test_a_restart_between_any_two_steps_makes_no_difference() -> None:
    def lead(restarts: bool) -> Desk:
        desk = Desk(again=HOUR)
        for at, name in [
            (0, "Hot"), (HOUR, "lead_snoozed"), (DAY, "Other"), (30 * HOUR, "Hot"),
            (40 * HOUR, "Hot"), (41 * HOUR, "lead_overridden"), (3 * DAY, "lead_disqualified"),
            (4 * DAY, "Hot"),
            (4 * DAY + DUE, "lead_contacted"), (4 * DAY + DUE + 1, "lead_converted"),
        ]:  # fmt: skip
            desk.send(at, name, SAID)
            if restarts:
                desk.commit()
                desk.restart()
        return desk

    assert lead(restarts=True).told == lead(restarts=False).told
    assert len(lead(restarts=True).told) == 8
