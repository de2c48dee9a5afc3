"""``milepost experiment`` as a user sees it."""

import json
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.rows import ActivityRow, FactRow, MilestoneRow, Row
from streams.cli.main import main
from streams.sinks.clickhouse import ClickHouseSink
from tests.services.waiting import free_port
from tests.services.warehouse import migrated

Ran = tuple[int, str, str]
Ask = Callable[..., Ran]

DEFINITIONS = """
version: 1
milestones:
  aha: {of: user, when: {event: Shared}}
  pays: {of: account, when: {event: Paid}}
  soon: {of: user, shadow: true, when: {event: Opened}}
roles:
  activated: {milestone: aha}
  exposure: {event: Seen, experiment: properties.experiment, variant: properties.variant}
"""
DAY = 86_400_000
BEGIN = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)
HOSTILE = "[red]b\x1b[2J\n'; DROP"


def story(experiment: str, variants: dict[str, tuple[int, int, int]]) -> list[Row]:
    """Variant → how many saw it, how many of them reached it, how many were there on day 7."""
    rows: list[Row] = []
    for variant, (seen, reached, there) in variants.items():
        for number in range(seen):
            user = f"{experiment}:{variant}:{number}"
            rows.append(
                FactRow("exposure", BEGIN, "acme", user, user, "Seen",
                        experiment=experiment, variant=variant)
            )  # fmt: skip
            if number < reached:
                rows.append(
                    MilestoneRow("aha", "acme", user, "h", 1, user, "milestone.reached",
                                 BEGIN + DAY, BEGIN + DAY, "", False, "[]")
                )  # fmt: skip
            if number < there:
                at = BEGIN + 7 * DAY
                rows.append(ActivityRow("acme", user, at // DAY, "Opened", "", 1, at, at))
    return rows


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = migrated(tmp_path_factory.mktemp("experiments"))
    with closing(ClickHouseSink(place)) as sink:
        sink.write(story("list", {"control": (500, 100, 250), "b": (500, 150, 240)}))
        sink.write(story("menu", {"old": (500, 100, 250), "new": (500, 150, 150)}))
        sink.write(story("skew", {"control": (900, 90, 450), HOSTILE: (100, 10, 50)}))
        for day in range(2):  # of a user without an account
            sink.write(
                [FactRow("exposure", BEGIN + day * DAY, "", "eve", f"{day}", "Seen",
                         experiment="late", variant="b")]
            )  # fmt: skip
        sink.flush()
    return place


@pytest.fixture
def ask(dsn: str, run: Callable[..., Ran], product: Path) -> Ask:
    return lambda *arguments: run("experiment", *arguments, "-d", str(product), "--dsn", dsn)


@pytest.fixture
def product(tmp_path: Path) -> Path:
    file = tmp_path / "product.yml"
    file.write_text(DEFINITIONS)
    return file


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Ran]:
    """Runs a command line; exit code, stdout and stderr."""
    for name in ("CLICKHOUSE_DSN", "MILEPOST_CLICKHOUSE_DSN", "MILEPOST_CONFIG"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["milepost", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfdbinary.readouterr()
        return int(ended.value.code or 0), out.decode(), err.decode()

    return command


@pytest.mark.embedded
def test_it_shows_counts_comparisons_and_a_verdict(ask: Ask) -> None:
    assert ask("list", "--lift", "50%") == (
        0,
        """list on aha, users, reached within 14d of the first exposure
variant  exposed  counted  reached   rate  day 7  day 30
control      500      500      100  20.0%  50.0%    0.0%
b            500      500      150  30.0%  48.0%    0.0%

against control, with 95% confidence
variant     difference, points                       lift       p
b        +10.0 (+4.6 to +15.3)  +50.0% (+20.3% to +87.0%)  0.0003
shares of the variants: what they should be, p 1.0000

b: win: more reach it than with control
""",
        "",
    )


@pytest.mark.embedded
def test_json_has_it_all(ask: Ask) -> None:
    code, out, err = ask("list", "--on", "aha", "--within", "2d", "--from", "2026-01-01", "--json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    asked = {"experiment": "list", "milestone": "aha", "of": "user", "control": "control"}
    assert asked.items() <= answer.items()
    assert (answer["from"], answer["to"]) == ("2026-01-01T00:00:00.000Z", None)
    assert answer["within_seconds"] == 2 * 86_400
    assert answer["sample_ratio"] == {"chi_squared": 0, "p_value": 1, "mismatch": False}
    assert [each["variant"] for each in answer["variants"]] == ["control", "b"]
    assert answer["variants"][1] == {
        "variant": "b",
        "exposed": 500,
        "mixed": 0,
        "reached_before": 0,
        "waiting": 0,
        "counted": 500,
        "reached": 150,
        "rate": 0.3,
        "retention": [
            {"day": 7, "counted": 500, "active": 240, "rate": 0.48},
            {"day": 30, "counted": 500, "active": 0, "rate": 0},
        ],
    }
    [comparison] = answer["comparisons"]
    assert comparison["verdict"] == "win"
    assert comparison["lift"]["value"] == pytest.approx(0.5)
    assert comparison["difference"]["low"] < 0.1 < comparison["difference"]["high"]
    assert comparison["retention"][0]["difference"] == pytest.approx(-0.02)


@pytest.mark.embedded
def test_lost_retention_says_stop(ask: Ask) -> None:
    code, out, _ = ask("menu", "--control", "old")
    assert code == 0
    assert out.splitlines()[-1] == (
        "new: stop: 30.0% are there on day 7, 50.0% with old (p < 0.0001): "
        "3 points or more are lost"
    )


@pytest.mark.embedded
def test_shares_that_are_not_what_they_should_be_say_do_not_trust(ask: Ask) -> None:
    _, out, _ = ask("skew")
    assert "shares of the variants: not what they should be, p < 0.0001" in out
    assert "do not trust this" in out.splitlines()[-1]
    _, out, _ = ask("skew", "--share", "control=9", "--share", f"{HOSTILE}=1")
    assert "no difference seen yet" in out.splitlines()[-1]


@pytest.mark.embedded
def test_what_others_named_cannot_draw_on_the_terminal(ask: Ask) -> None:
    for answer in (ask("skew"), ask()):
        assert answer[0] == 0
        assert "[red]b\\x1b[2J\\n'; DROP" in answer[1]
        assert "\x1b" not in answer[1]


@pytest.mark.embedded
def test_without_a_name_it_lists_what_there_is(ask: Ask) -> None:
    code, out, err = ask("--json")
    assert (code, err) == (0, "")
    assert [
        (each["experiment"], each["variants"], each["users"], each["first_at"])
        for each in json.loads(out)["experiments"]
    ] == [
        ("late", ["b"], 1, "2026-01-01T00:00:00.000Z"),
        ("list", ["b", "control"], 1000, "2026-01-01T00:00:00.000Z"),
        ("menu", ["new", "old"], 1000, "2026-01-01T00:00:00.000Z"),
        ("skew", [HOSTILE, "control"], 1000, "2026-01-01T00:00:00.000Z"),
    ]
    assert ask("--to", "2026-01-01")[1] == "nobody was exposed to an experiment\n"


@pytest.mark.embedded
def test_an_account_whose_users_saw_both_is_left_out_and_counted(ask: Ask) -> None:
    _, out, _ = ask("list", "--on", "pays")
    assert "1 saw more than one variant and are left out" in out
    assert out.splitlines()[-1] == "nothing to compare: nobody saw only one variant"


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("lists",), "nobody was exposed to an experiment `lists`, did you mean `list`?"),
        (("list", "--to", "2026-01-01"), "exposed to an experiment `list` in that time"),
        (("\udcff",), "nobody was exposed to an experiment `\\udcff`"),
        (("late", "--from", "2026-01-02"), "exposed to `late` for the first time in that time"),
        (("late", "--on", "pays"), "and the exposures to `late` name no account"),
        (("list", "--on", "ahaa"), "there is no milestone `ahaa`, did you mean `aha`?"),
        (("list", "--on", "soon"), "the milestone `soon` is in the shadow: name a live one"),
        (("list", "--control", "B"), "nobody saw a variant `B`, did you mean `b`?"),
        (("list", "--share", "b=1"), "--share: `control` was seen, too: say its share"),
        (("list", "--share", "b=1", "--share", "b=2"), "--share: `b` has two shares"),
        (("list", "--share", "b=0"), "--share: `b=0` is not a variant and its share, as in a=90"),
        (("list", "--share", "b=1e309"), "--share: `b=1e309` is not a variant and its share"),
        (("list", "--share", "b"), "--share: `b` is not a variant and its share, as in a=90"),
        (("list", "--lift", "1e-300%"), "`1e-300%` is not a lift, such as 10%"),
        (("list", "--lift", "none"), "`none` is not a lift, such as 10%"),
        (("list", "--within", "7"), "--within is a duration"),
        (("list", "--from", "2026-02-01", "--to", "2026-02-01"), "--to must be later than --from"),
        (("--on", "aha"), "of which experiment? Name it"),
    ],
)
def test_wrong_usage_is_one_clear_line(
    ask: Ask, arguments: tuple[str, ...], complaint: str
) -> None:
    code, out, err = ask(*arguments)
    assert (code, out) == (2, "")
    assert complaint in err
    assert err.count("\n") == 1


def test_definitions_must_say_what_an_exposure_is(run: Callable[..., Ran], tmp_path: Path) -> None:
    assert "by which definitions?" in run("experiment", "list")[2]
    file = tmp_path / "bare.yml"
    file.write_text("version: 1\nmilestones:\n  aha: {of: user, when: {event: Shared}}\n")
    code, _, err = run("experiment", "list", "-d", str(file))
    assert (code, err) == (
        2,
        f"error: {file}: the role `exposure` is missing: `exposure: {{event: …, experiment: "
        "properties.experiment, variant: properties.variant}`\n",
    )
    file.write_text(DEFINITIONS.replace("{milestone: aha}", "{event: Shared}"))
    code, _, err = run("experiment", "list", "-d", str(file))
    assert code == 2
    assert "on which milestone? Name one, --on MILESTONE" in err


def test_a_clickhouse_that_is_away_is_the_answer_no(run: Callable[..., Ran], product: Path) -> None:
    place = f"127.0.0.1:{free_port()}/growth"
    code, out, err = run(
        "experiment", "-d", str(product), "--dsn", f"clickhouse://u:secret@{place}"
    )
    assert (code, out, err) == (
        1, "", f"error: clickhouse://{place}: does not answer: Connection refused\n",
    )  # fmt: skip
