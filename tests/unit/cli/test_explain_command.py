"""``milepost explain`` over files as a user sees it; over workers: the integration tests."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from schemas.encoding import as_json
from schemas.examples import QUALIFICATIONS
from streams.sinks.audit import audited_rows
from streams.sinks.clickhouse import ClickHouseSink
from streams.sinks.pseudonyms import Pseudonyms
from tests.services.commands import milepost
from tests.services.waiting import free_port
from tests.services.warehouse import migrated

COMMAND = [sys.executable, "-m", "streams", "explain"]

DEFINITIONS = """
version: 1
settings: {allowed_lateness: 1h, dedupe_within: 24h}
milestones:
  aha: {of: user, when: {event: Shared, count: ">= 2", within: 7d}}
  pql:
    of: account
    title: Product-qualified
    when: {all: [{milestone: aha, users: ">= 1"}, {event: Invited, count: ">= 2", within: 14d}]}
"""


def event(
    name: str, day: str, account: str | None = "acme", user: str | None = "ann", **more: str
) -> str:
    return json.dumps(
        {
            "event": name,
            "timestamp": f"2026-01-{day}T10:00:00Z",
            "event_id": f"{name}-{account}-{user}-{day}",
            "account_id": account,
            "user_id": user,
            **more,
        }
    )


LINES = [
    event("Shared", "03"),
    event("Invited", "04"),
    event("Invited", "04"),  # twice: counts once
    "no event",
    event("Shared", "05"),
    event("Invited", "06"),
    event("Opened", "07", account="bolt", user=None),
    event("Opened", "07", account=None, user="cid"),
    event("Opened", "07", account=None, user="bolt"),
    event("Opened", "07", account="acme/emea", user="bob/b"),
    event("Opened", "09", account="late", user=None),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "product.yml").write_text(DEFINITIONS)
    (tmp_path / "events.jsonl").write_text("\n".join(LINES))
    return tmp_path


def explain(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("MILEPOST_", "CLICKHOUSE_"))}
    return milepost("explain", *arguments, cwd=folder, env=ours)


FILES = ("-d", "product.yml", "--events", "events.jsonl")


def test_what_is_missing_is_said_as_of_the_time_asked_for(folder: Path) -> None:
    ran = explain(folder, "acme", "pql", *FILES, "--at", "2026-01-04T12:00:00Z")
    assert (ran.returncode, ran.stdout.splitlines()) == (
        0,
        [
            "acme, account, on 4 Jan 2026 12:00 UTC",
            "",
            "✗ Product-qualified (pql): not reached, 2 of 2 conditions are missing",
            "  ✗ at least 1 user who reached aha: none yet, 1 is needed",
            "  ✗ Invited at least 2 times in the last 14 days: 1, 1 more is needed",
        ],
    )
    assert ran.stderr == "read 11 events, 1 that are none\n"


def test_without_a_time_it_is_the_newest_event_of_the_files(folder: Path) -> None:
    ran = explain(folder, "acme", "pql", *FILES)
    assert ran.stdout.splitlines() == [
        "acme, account, on 9 Jan 2026 10:00 UTC",
        "",
        "✓ Product-qualified (pql): reached on 6 Jan 2026 10:00",
        "  It took:",
        "  ✓ at least 1 user who reached aha: 1 or more, since 5 Jan 2026 10:00",
        "  ✓ Invited at least 2 times in the last 14 days: 2 or more, since 6 Jan 2026 10:00",
        "  What was told:",
        "    6 Jan 2026 10:00 reached, decided by event Invited-acme-ann-06",
    ]


def test_json_is_one_object_with_what_was_told_as_replay_tells_it(folder: Path) -> None:
    ran = explain(folder, "acme/ann", *FILES, "--json")
    [answer] = map(json.loads, ran.stdout.splitlines())
    assert (answer["account_id"], answer["user_id"], answer["of"]) == ("acme", "ann", "user")
    [aha] = answer["milestones"]
    said = milepost("replay", "-d", "product.yml", "events.jsonl", cwd=folder)
    told = [json.loads(line) for line in said.stdout.splitlines()]
    assert aha["told"] == [one for one in told if one["milestone"] == "aha"]


def test_all_milestones_of_its_kind_are_explained(folder: Path) -> None:
    ran = explain(folder, "late", *FILES)
    headed = [line for line in ran.stdout.splitlines()[1:] if line and not line.startswith(" ")]
    assert headed == ["✗ Product-qualified (pql): not reached, 2 of 2 conditions are missing"]


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        (["cid"], "cid, user, on"),
        (["acme/emea"], "acme/emea, account, on"),
        (["acme/emea/bob/b"], "acme/emea/bob/b, user, on"),
        (["--account", "bolt"], "bolt, account, on"),
        (["--user", "bolt"], "bolt, user, on"),
        (["--account", "acme/emea", "--user", "bob/b", "aha"], "acme/emea/bob/b, user, on"),
        (["bolt", "aha"], "bolt, user, on"),
        (["bolt", "pql"], "bolt, account, on"),
    ],
)
def test_whoever_is_meant_is_found(folder: Path, who: list[str], shown: str) -> None:
    ran = explain(folder, *who, *FILES)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(shown)


def test_files_that_a_shell_has_written_out_are_all_read(folder: Path) -> None:
    (folder / "more.jsonl").write_text(event("Invited", "08", account="late"))
    for milestone in ([], ["pql"]):
        ran = explain(folder, "late", *milestone, *FILES, "more.jsonl")
        assert "Invited at least 2 times in the last 14 days: 1, 1 more is needed" in ran.stdout


def test_somebody_whom_no_event_names_is_the_answer_no(folder: Path) -> None:
    for who in (["nobody"], ["acme/bob"], ["--user", "ann"]):
        ran = explain(folder, *who, *FILES)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert "is not known: no event has named such an account or user" in ran.stderr
    early = explain(folder, "late", *FILES, "--at", "2026-01-08")
    assert early.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "about whom?"),
        (["", *FILES], "about whom?"),
        (["acme", "pq", *FILES], "there is no milestone `pq`, did you mean `pql`?"),
        (["acme", "aha", *FILES], "`aha` is a milestone of users, and this is account acme"),
        (["bolt", *FILES], "say --account bolt or --user bolt"),
        (["acme", "--events", "events.jsonl"], "by which definitions?"),
        (["acme", "-d", "product.yml"], "over which events?"),
        (["acme", *FILES, "--dsn", "chdb:///x"], "leave --dsn away"),
        (["acme", *FILES, "missing.jsonl"], "there is no milestone `missing.jsonl`"),
        (["acme", "pql", *FILES, "missing.jsonl"], "missing.jsonl: cannot be read"),
        (["acme", "pql", "again"], "one milestone at a time"),
        (["acme", "pql", "again", "--audit"], "one milestone at a time"),
        (["acme", *FILES, "--audit"], "--audit asks ClickHouse alone"),
        (["acme", "--at", "yesterday"], "--at"),
        (["acme", "--at", "2026-01-01"], "a worker knows of now only: for the past"),
    ],
)
def test_a_mistake_is_one_line_with_the_remedy(
    folder: Path, arguments: list[str], said: str
) -> None:
    ran = explain(folder, *arguments)
    assert ran.returncode == 2
    assert said in ran.stderr.splitlines()[-1]
    assert "Traceback" not in ran.stderr


def test_a_broker_that_is_away_is_one_line(folder: Path) -> None:
    (folder / "milepost.yml").write_text(
        f"bootstrap: 127.0.0.1:{free_port()}\nconnect_timeout: 0.2\n"
    )
    ran = explain(folder, "acme", "--config", "milepost.yml")
    assert ran.returncode == 1
    assert "no Kafka broker answered at" in ran.stderr.splitlines()[-1]


def test_a_clickhouse_that_is_away_is_one_line_for_the_past(folder: Path) -> None:
    dsn = f"clickhouse://u:secret@127.0.0.1:{free_port()}/x"
    ran = explain(folder, "acme", "--at", "2026-01-01", "--dsn", dsn)
    assert ran.returncode == 1
    assert "does not answer: Connection refused" in ran.stderr.splitlines()[-1]
    assert "secret" not in ran.stderr


LEADS = """
version: 1
leads:
  pqa: {of: account, when: {event: Opened, count: ">= 9"}}
  pql: {of: user, when: {event: Shared, count: ">= 2"}}
"""


def test_leads_are_explained_by_name(folder: Path) -> None:
    (folder / "product.yml").write_text(LEADS)
    ran = explain(folder, "acme", "pqa", *FILES)
    assert ran.returncode == 0
    assert "✗ pqa: not a lead (PQA) so far" in ran.stdout
    ran = explain(folder, "acme/ann", *FILES)
    assert "✓ pql: a lead (PQL) since 5 Jan 2026 10:00; became one once" in ran.stdout
    mistyped, other = explain(folder, "acme", "pqq", *FILES), explain(folder, "acme", "pql", *FILES)
    assert "there is no milestone or lead `pqq`, did you mean `pql`?" in mistyped.stderr
    assert "`pql` is a lead of users, and this is account acme" in other.stderr


@pytest.mark.embedded
def test_the_record_of_decisions_is_shown_to_who_has_the_key(folder: Path) -> None:
    dsn, key = migrated(folder / "clickhouse"), "0123456789abcdef"
    rows = audited_rows(Pseudonyms(key))
    with closing(ClickHouseSink(dsn)) as sink:
        for told in QUALIFICATIONS:
            sink.write(rows(orjson.dumps(as_json(told))))
        sink.flush()
    (folder / "milepost.yml").write_text(f"clickhouse_dsn: {dsn}\naudit_key: {key}\n")
    ran = explain(folder, "acme", "pqa", "--audit", "--config", "milepost.yml")
    assert ran.returncode == 0
    first, second, *_ = ran.stdout.splitlines()
    assert first == "Decisions about account acme:"
    assert second.startswith("  1 Jan 2026 10:00 pqa lead.qualified, by event ")
    assert second.endswith(
        "; definition 9a1f6c20; model conversion 2026-11; score 72.5; segment enterprise"
    )
    assert "outcome converted" in ran.stdout.splitlines()[-3]
    told = explain(folder, "acme/ann", "--audit", "--json", "--config", "milepost.yml")
    names = [one["name"] for one in json.loads(told.stdout)["decisions"]]
    assert sorted(names) == ["active", "aha", "aha", "pql"]
    without = explain(folder, "acme", "--audit", "--dsn", dsn)
    assert (without.returncode, without.stdout) == (1, "")
    assert without.stderr == "error: no decision about `acme` is kept\n"
