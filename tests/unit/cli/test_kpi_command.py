"""``milepost kpi`` as a user runs it."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.cli.main import main
from streams.definitions import loads
from streams.queries.kpis import catalogue, label, most_recent
from streams.transport.timekeeper import wall_clock
from tests.services.persisted import persist
from tests.services.waiting import free_port
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

Milepost = Callable[..., tuple[int, str, str]]

DEFINITIONS = """
version: 1
segments:
  small: {of: account, benchmark: smb, when: {event: "*"}}
leads: {seen: {of: account, when: {event: "*"}}}
roles:
  signed_up: {event: Joined}
  activated: {event: Shared}
  subscription: {event: Paid}
  nps: {event: Answered, score: properties.score}
"""
DAY = 86_400_000
NOW = wall_clock()
WEEKS = most_recent(NOW, "week", 12)
BEFORE, LAST, UNSETTLED = (label(week, "week") for week in WEEKS[-4:-1])


def events() -> Iterator[dict[str, object]]:
    """Of four who come in a week one is activated, of two in the next; later comes one more."""
    for users, week in zip(("abcd", "ef", "g"), WEEKS[-4:], strict=False):
        for user in users:
            yield {"event": "Joined", "timestamp": week.start, "account_id": "acme",
                   "user_id": user}  # fmt: skip
    for user, week in (("a", WEEKS[-4]), ("e", WEEKS[-3])):
        yield {"event": "Shared", "timestamp": week.start + DAY, "account_id": "acme",
               "user_id": user}  # fmt: skip


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    found = migrated(tmp_path_factory.mktemp("kpis"))
    persist(found, loads(DEFINITIONS), events(), NOW)
    return found


@pytest.fixture
def milepost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, dsn: str
) -> Milepost:
    """Runs the command; exit code, stdout and stderr."""
    for name in ("MILEPOST_CLICKHOUSE_DSN", "MILEPOST_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLICKHOUSE_DSN", dsn)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    Path("definitions.yml").write_text(DEFINITIONS)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["milepost", "kpi", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_without_names_all_with_data_are_shown_and_what_the_others_lack(milepost: Milepost) -> None:
    code, out, err = milepost("--segment", "small")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert [
        "Activation rate", "50.0 %", LAST, "▲ 25.0", "at or above 75th of SMB", "▁█",
    ] in map(cells, lines)  # fmt: skip
    assert "… not over, or not final yet" in lines
    assert "nps: there was nothing to count in these periods" in out
    assert "no data for support_deflection: role `ticket` (a ticket is opened): add " in out
    assert any(
        line.startswith("no data for arpu, ")
        and ", net_churn" in line
        and ": role `subscription` lacks `amount`: add " in line
        for line in lines
    )
    assert "no data for cac_by_channel: role `spend`" in out


def test_a_named_kpi_is_shown_period_by_period_with_what_is_behind_it(milepost: Milepost) -> None:
    code, out, _ = milepost("activation_rate")
    lines = [cells(line) for line in out.splitlines()]
    assert code == 0
    assert lines[0] == ["Activation rate", "activation_rate"]
    assert [BEFORE, "25.0 %", "1 / 4", "SMB 50–75"] in lines
    assert [LAST, "50.0 %", "1 / 2", "SMB ≥75"] in lines
    assert any(line[0] == f"{UNSETTLED} …" for line in lines if line)


def test_json_has_every_period_and_every_reason(milepost: Milepost) -> None:
    code, out, err = milepost("activation_rate", "nps", "csat", "--json")
    found = json.loads(out)
    assert (code, err) == (1, "")
    [rate, nps] = found["kpis"]
    last = rate["points"][-3]
    assert (last["period"], last["complete"], last["value"]) == (LAST, True, 50)
    assert (last["numerator"], last["denominator"]) == (1, 2)
    assert last["published"] == {"smb": {"above": 75, "below": None}}
    assert [point["complete"] for point in rate["points"]] == [True] * 10 + [False] * 2
    assert (rate["unit"], rate["grain"], nps["grain"]) == ("percent", "week", "quarter")
    assert [lack["name"] for lack in found["lacking"]] == ["nps", "csat"]


def test_csv_has_a_row_for_each_period(milepost: Milepost) -> None:
    code, out, _ = milepost("activation_rate", "--csv")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "kpi,group,period,complete,value,numerator,denominator"
    assert f"activation_rate,,{LAST},true,50.0,1.0,2.0" in lines
    assert len(lines) == 13


def test_figures_of_periods_of_another_length_are_not_compared(milepost: Milepost) -> None:
    _, out, _ = milepost("activation_rate", "--grain", "quarter", "--json")
    assert all(not point["published"] for point in json.loads(out)["kpis"][0]["points"])


def test_a_cohort_is_a_week(milepost: Milepost) -> None:
    _, out, _ = milepost("activation_rate", "--cohort", LAST, "--json")
    [rate] = json.loads(out)["kpis"]
    assert [point["denominator"] for point in rate["points"] if point["value"]] == [2]


def test_what_cannot_be_told_apart_is_no_answer(milepost: Milepost) -> None:
    spend = "  spend: {event: Spent, channel: properties.c, amount: properties.a}"
    sources = DEFINITIONS.replace("Joined}", "Joined, channel: properties.c}") + spend
    Path("spend.yml").write_text(sources)
    code, out, _ = milepost("cac_by_channel", "-d", "spend.yml", "--segment", "small")
    assert (code, out) == (
        1,
        "no data for cac_by_channel: it cannot be told apart by segment\n",
    )


def test_colours_are_for_terminals(milepost: Milepost, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in milepost()[1]
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[32m▲ 25.0\x1b[0m" in milepost()[1]


def test_the_list_needs_no_clickhouse(milepost: Milepost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLICKHOUSE_DSN", "clickhouse://127.0.0.1:1/none")
    code, out, _ = milepost("list")
    names = [line.split()[0] for line in out.splitlines()[1:] if line[0] != " "]
    assert (code, names) == (0, list(catalogue()))
    [listed] = [one for one in json.loads(milepost("list", "--json")[1])["kpis"]
                if one["name"] == "arpu"]  # fmt: skip
    assert listed["needs"]["roles"] == ["subscription.amount"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["npz"], "error: there is no KPI `npz`, did you mean `nps`?"),
        (["--segment", "smal"], "error: there is no segment `smal` in the definitions, did you "),
        (["--cohort", "week 3"], "error: Invalid value for '--cohort': `week 3` is not a week"),
        (["--grain", "day"], "error: Invalid value for '--grain': `day` is not one of week, "),
        (["--from", "2026-02-01", "--to", "2026-01-01"], "error: --to must be later than --from"),
        (["--from", "1970-01-01", "nps", "--grain", "week"], "error: these are 2,"),
        (["-d", "absent.yml"], "error: absent.yml: cannot be read"),
    ],
)
def test_wrong_usage_is_one_line_and_ends_with_2(
    milepost: Milepost, arguments: list[str], complaint: str
) -> None:
    code, out, err = milepost(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(complaint)
    assert err.count("\n") == 1


def test_a_clickhouse_that_is_away_is_one_line_and_ends_with_1(milepost: Milepost) -> None:
    away = f"clickhouse://127.0.0.1:{free_port()}/none"
    code, out, err = milepost("nps", "--dsn", away)
    assert (code, out) == (1, "")
    assert err == f"error: {away}: does not answer: Connection refused\n"
