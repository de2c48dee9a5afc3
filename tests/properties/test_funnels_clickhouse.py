"""Funnels and retention over ClickHouse are those over files: random histories, both ways."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.events import Event
from streams.definitions import loads
from streams.definitions.model import EventFilter, Funnel, Timing
from streams.facts import Facts
from streams.files import EventFiles, Line
from streams.funnels.breakdown import GRAINS, Breakdown, by_field, by_period, by_signup
from streams.funnels.reading import EventReading, FileFunnel, FileRetention, SignUps
from streams.funnels.report import Report
from streams.funnels.retention import Return
from streams.queries import raw_events
from streams.queries.funnels import funnel_report, retention_report
from streams.queries.raw_events import Kept, kept
from streams.sinks.clickhouse import ClickHouseSink, connect
from streams.sinks.events import EventRows
from streams.sinks.retention import keep_raw_events
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

START = 1_767_225_600_000  # Thursday 1 January 2026
HOUR = 3_600_000
PARTS = 3
NOW = START + 100 * 24 * HOUR

STEPS = (
    "steps: [{event: [A, Joined]}, {event: B, where: {properties.kind: {in: [doc, 3]}}}, "
    '{event: "C*"}]'
)
LOADED = loads(f"""
version: 1
roles: {{signed_up: {{event: Joined}}}}
funnels:
  ordered: {{of: user, within: 3d, {STEPS}}}
  excluded:
    of: user
    {STEPS}
    exclude: [{{event: X, from: 1, to: 2}}, {{event: C2, from: 2, to: 3}}]
  # The next four are counted in ClickHouse, the others by the engine.
  plain: {{of: user, within: 3d, steps: [{{event: [A, Joined]}}, {{event: B}}, {{event: "C*"}}]}}
  endless: {{of: user, steps: [{{event: X}}, {{event: A}}, {{event: B}}, {{event: C}}]}}
  short:
    {{of: user, within: 12h, steps: [{{event: [B, "J*"]}}, {{event: [X, A]}}, {{event: "C*"}}]}}
  between:
    of: user
    from: 2026-01-02
    to: "2026-01-08T12:00:00Z"
    steps: [{{event: "C*"}}, {{event: B}}, {{event: A}}]
  strict: {{of: user, order: strict, {STEPS}}}
  unordered: {{of: user, order: unordered, within: 3d, exclude: [{{event: X}}], {STEPS}}}
  windowed: {{of: user, from: 2026-01-02, to: "2026-01-08T12:00:00Z", {STEPS}}}
  anything: {{of: user, steps: [{{event: "*"}}, {{event: A, where: {{user_id: {{ne: u1}}}}}}]}}
""")

events = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["A", "B", "B", "C", "C", "C2", "Joined", "X", "Other"]),
        "timestamp": st.one_of(
            st.integers(0, 12).map(lambda hours: START + hours * 6 * HOUR),
            st.integers(0, 40 * 24).map(lambda hours: START + hours * HOUR),
        ),
        "account_id": st.sampled_from(["a1", "a1", "a1", "é'\\\t\n", None]),
        "user_id": st.sampled_from(["u1", "u1", "u2", None]),
        "properties": st.fixed_dictionaries(
            {},
            optional={
                "kind": st.sampled_from(["doc", "doc", "3", 3, 3.0, "no", None, True]),
                "plan": st.sampled_from(["free", "it's", '"', "\\", "\0{of:String}", 1, [1]]),
            },
        ),
    }
).filter(lambda event: event["account_id"] is not None or event["user_id"] is not None)


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    dsn = migrated(tmp_path_factory.mktemp("warehouse"))
    keep_raw_events(dsn, 20_000)
    return dsn


@pytest.fixture(scope="module")
def client(dsn: str) -> Iterator[Client]:
    client = connect(dsn)
    client.command("SYSTEM STOP MERGES event_rows")
    yield client
    client.close()


class Both:
    """The same events in ClickHouse, as the sink writes them, and in a file."""

    def __init__(self, dsn: str, client: Client, path: Path, history: list[dict[str, Any]]) -> None:
        self.client = client
        self._path = path
        lines = [
            orjson.dumps({key: one for key, one in event.items() if one is not None})
            for event in history
        ]
        path.write_bytes(b"\n".join(lines))
        for table in ("event_rows", "fact_rows"):
            client.command(f"TRUNCATE TABLE {table}")
        sink = ClickHouseSink(dsn)
        decode = EventRows(Facts(LOADED.roles), keep_days=1_000, now=lambda: NOW)
        # Several parts: what comes twice, or in another order, is not put right by one insert.
        for begin in range(PARTS):
            for offset, line in enumerate(lines[begin::PARTS]):
                sink.write(decode(Line(line, offset, NOW), "events", 0))
            sink.flush()
        sink.close()
        found = kept(client)
        assert found is not None
        self.kept: Kept = found

    def read(self, take: Any) -> int:
        files = EventFiles([str(self._path)], recorded_at=NOW)
        # Repeats are told by id and time in ClickHouse, however far they are apart.
        reading = EventReading(Timing(dedupe_within=NOW), files, take)
        list(reading.run())
        assert not reading.dead
        return reading.newest

    def file_report(self, funnel: Funnel, by: Breakdown | None, signed: SignUps | None) -> Report:
        running = FileFunnel(funnel, by, signed)
        return running.report(self.read(running.take))


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    drawn = draw(st.lists(events, min_size=8, max_size=25))
    numbered = [event | {"event_id": f"e{place}"} for place, event in enumerate(drawn)]
    repeated = draw(st.lists(st.sampled_from(numbered), max_size=4))
    return draw(st.permutations([*numbered, *repeated]))


both_ways = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(
    histories(),
    st.sampled_from(sorted(LOADED.funnels)),
    st.sampled_from(["user", "account"]),
    st.sampled_from([None, "properties.plan", "traits.x", "sign-up week", *GRAINS]),
)
@both_ways
def test_a_funnel_over_clickhouse_is_that_over_files(
    dsn: str, client: Client, tmp_path: Path, history: list[dict[str, Any]],
    name: str, of: Any, by: Any,
) -> None:  # fmt: skip
    funnel = LOADED.funnels[name]
    funnel = Funnel(
        name, of, funnel.steps, funnel.order, funnel.within, funnel.exclude, funnel.start,
        funnel.end,
    )  # fmt: skip
    both = Both(dsn, client, tmp_path / "events.jsonl", history)
    signed_up = LOADED.roles["signed_up"].event
    assert signed_up is not None
    signed = SignUps(signed_up, of)
    if by == "sign-up week":
        here = by_signup(signed.at)
    elif by in GRAINS:
        here = by_period(by)
    else:
        here = by_field(by) if by else None
    expected = both.file_report(funnel, here, signed)
    assert funnel_report(client, funnel, both.kept, by) == expected


@given(
    histories(),
    st.sampled_from(["user", "account"]),
    st.sampled_from([None, START + 36 * HOUR]),
    st.sampled_from([("*",), ("B",), ("C*", "A")]),
)
@both_ways
def test_retention_over_clickhouse_is_that_over_files(
    dsn: str, client: Client, tmp_path: Path, history: list[dict[str, Any]],
    of: Any, start: int | None, back: tuple[str, ...],
) -> None:  # fmt: skip
    both = Both(dsn, client, tmp_path / "events.jsonl", history)
    asked = Return(of, EventFilter(("A", "Joined")), EventFilter(back), start)
    running = FileRetention(asked)
    expected = running.report(both.read(running.take))
    assert retention_report(client, asked, both.kept) == expected


def test_an_event_that_came_twice_is_one_step(dsn: str, client: Client, tmp_path: Path) -> None:
    sent = {"event": "A", "timestamp": START, "event_id": "e", "user_id": "u2"}
    both = Both(dsn, client, tmp_path / "events.jsonl", [sent, sent])
    report = funnel_report(client, LOADED.funnels["anything"], both.kept)
    assert [step.count for step in report.steps] == [1, 0]


def test_names_and_values_reach_clickhouse_as_parameters(
    dsn: str, client: Client, tmp_path: Path
) -> None:
    hostile = [
        "'); DROP TABLE event_rows --",
        "{of:String}",
        "\\",
        "%",
        "é\t\n'",
        "*; SELECT 1 --*",
    ]
    history = [
        {"event": name, "timestamp": START + place, "event_id": str(place), "user_id": name,
         "properties": {name: name}}
        for place, name in enumerate(hostile)
    ]  # fmt: skip
    both = Both(dsn, client, tmp_path / "events.jsonl", history)
    for name in hostile[:-1]:
        funnel = Funnel(name, "user", (EventFilter((name,)), EventFilter((name + "*",))))
        report = funnel_report(client, funnel, both.kept, f"properties.{name}")
        assert [step.count for step in report.steps] == [1, 0]
        assert report.groups is not None
        assert list(report.groups) == [name]
    assert both.file_report(funnel, None, None).steps[0].count == 1


def test_only_columns_that_are_looked_at_are_read(client: Client, dsn: str, tmp_path: Path) -> None:
    said = {"event": "A", "timestamp": START, "user_id": "u", "properties": {"a": 1}}
    Both(dsn, client, tmp_path / "events.jsonl", [said])
    selection = raw_events.Selection.of_filters("user", [EventFilter(("A",))])
    [event] = [event for _, own in raw_events.histories(client, selection) for event in own]
    assert event == Event("", "A", START, None, "u", {}, {})
