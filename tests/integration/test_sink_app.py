"""``milepost sink`` as a process: topics in, rows out, through kills and a ClickHouse away."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from schemas.activity import ActivityUpdate
from schemas.encoding import as_json
from schemas.qualifications import Qualification
from streams.sinks.clickhouse import connect
from streams.sinks.migrations import migrate
from streams.transport.timekeeper import wall_clock
from tests.services import topics
from tests.services.brokers import Broker
from tests.services.commands import Running
from tests.services.deployment import QUICK
from tests.services.reaper import Reaper
from tests.services.topics import Message
from tests.services.waiting import wait_until
from tests.services.warehouse import ClickHouse

PARTITIONS = 3
ACCOUNTS = 50
PATIENCE = 90
STORED = """
SELECT account_id, events, toUnixTimestamp64Milli(occurred_at), toUInt64(JSONExtractString(value))
FROM activity_daily_by_account
JOIN milestones USING account_id
JOIN traits USING account_id
"""


class Scene:
    """Topics of its own, a ClickHouse of its own, and sinks that share a group."""

    def __init__(self, broker: Broker, reaper: Reaper, folder: Path) -> None:
        name = f"s{secrets.token_hex(4)}"
        self.broker = broker
        self.group = f"{name}-sink"
        self.qualifications, self.activity = f"{name}.qualifications", f"{name}.activity"
        self.dead_letters, self.shadow = f"{name}.dead-letters", f"{name}.shadow"
        self.events = f"{name}.events"
        self.definitions = folder / "definitions.yml"
        names = (self.qualifications, self.shadow, self.activity, self.dead_letters, self.events)
        for topic in names:
            topics.create_topic(broker, topic, PARTITIONS)
        self.clickhouse = ClickHouse(reaper, folder)
        self._folder = folder
        self._reaper = reaper
        self.sinks: list[Running] = []

    def sink(self) -> Running:
        env = {
            "MILEPOST_BOOTSTRAP": self.broker.bootstrap,
            "MILEPOST_SINK_APP_ID": self.group,
            "MILEPOST_QUALIFICATIONS_TOPIC": self.qualifications,
            "MILEPOST_SHADOW_TOPIC": self.shadow,
            "MILEPOST_ACTIVITY_TOPIC": self.activity,
            "MILEPOST_DEAD_LETTERS_TOPIC": self.dead_letters,
            "MILEPOST_EVENTS_TOPIC": self.events,
            "MILEPOST_DEFINITIONS": str(self.definitions),
            "MILEPOST_CLICKHOUSE_DSN": self.clickhouse.dsn,
            **QUICK,
            "MILEPOST_COMMIT_INTERVAL": "0.2",
        }
        log = self._folder / f"sink-{len(self.sinks)}.log"
        sink = Running(self._reaper, ["sink"], env, log, forked=self.broker.kind == "embedded")
        self.sinks.append(sink)
        return sink

    def publish(self, first: int, last: int) -> None:
        """Update ``first`` to ``last`` of every account, and a qualification each."""
        updates = [
            (f"a{account}", number) for number in range(first, last) for account in range(ACCOUNTS)
        ]
        topics.write(self.broker, self.activity, [_update(*update) for update in updates])
        topics.write(self.broker, self.qualifications, [_reached(*update) for update in updates])

    def wait_until_exact(self, published: int) -> None:
        """Of each account: the last count, the earliest occurrence, the newest trait."""
        accounts = [f"a{account}" for account in range(ACCOUNTS)]
        expected = sorted((account, published, 10_001 - published, published)
                          for account in accounts)  # fmt: skip
        client = connect(self.clickhouse.dsn)

        def exact() -> bool:
            assert any(sink.alive for sink in self.sinks), self.sinks[-1].tail()
            return sorted(client.query(STORED).result_rows) == expected

        try:
            wait_until(exact, within=PATIENCE, what=f"{published} of each account", every=0.2)
        finally:
            client.close()


def _update(account: str, number: int) -> Message:
    day = (account, "ann", 20_000, "", {"Opened": [number + 1, 1, 2]})
    trait = (account, None, "plan", str(number + 1), number)
    return Message(orjson.dumps(as_json(ActivityUpdate([day], [trait]))), account.encode())


def _reached(account: str, number: int) -> Message:
    qualification = Qualification(
        id=f"{account}:{number}",
        type="milestone.corrected" if number else "milestone.reached",
        milestone="aha",
        account_id=account,
        user_id=None,
        occurrence=1,
        occurred_at=10_000 - number,
        detected_at=20_000,
        definition_hash="h",
        decided_by="e",
        late=False,
        journey=None,
        evidence=(),
    )
    return Message(orjson.dumps(as_json(qualification)), account.encode())


@pytest.fixture
def scene(broker: Broker, reaper: Reaper, tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(broker, reaper, tmp_path)
    yield scene
    for sink in scene.sinks:
        sink.close()
    scene.clickhouse.kill()


DEFINITIONS = """
version: 1
roles:
  signed_up: {event: Joined, channel: properties.channel}
  subscription: {event: Bought, amount: properties.mrr}
"""


def _event(number: int, **fields: object) -> Message:
    name = ("Joined", "Bought", "Opened")[number % 3]
    told = {
        "event": name,
        "event_id": f"e{number}",
        "timestamp": wall_clock() // 86_400_000 * 86_400_000 - number,
        "account_id": f"a{number % 7}",
        "user_id": "ann",
        "properties": {"mrr": number, "channel": "paid"},
        **fields,
    }
    return Message(orjson.dumps(told), f"a{number % 7}".encode())


def _kill_at_work(sink: Running, rows: int) -> None:
    """Kill -9 as soon as it has partitions, and has written that many rows."""

    def at_work() -> bool:
        written = sink.metrics().get(("milepost_sink_rows_total", "activity_rows"), 0)
        return "assigned partitions" in sink.tail() and written >= rows

    wait_until(lambda: "probes and metrics on" in sink.tail(), within=PATIENCE, what="its start")
    wait_until(at_work, within=PATIENCE, what="the sink is at work", every=0.02)
    sink.kill()


def test_a_clickhouse_that_is_away_is_waited_for_and_everything_catches_up(scene: Scene) -> None:
    scene.publish(0, 20)
    sink = scene.sink()
    wait_until(lambda: "trying the same rows again" in sink.tail(), within=PATIENCE, what="a retry")
    assert sink.alive
    assert not sink.ready()
    scene.clickhouse.start()
    list(migrate(scene.clickhouse.dsn))
    scene.wait_until_exact(published=20)
    scene.clickhouse.kill()
    scene.publish(20, 40)
    wait_until(lambda: not sink.ready(), within=PATIENCE, what="the sink notices")
    scene.clickhouse.start()
    scene.wait_until_exact(published=40)
    wait_until(sink.ready, within=PATIENCE, what="the sink is ready again")
    assert sink.terminate(within=30) == 0


def test_sinks_killed_at_any_moment_leave_every_row_counted_once(scene: Scene) -> None:
    scene.clickhouse.start()
    list(migrate(scene.clickhouse.dsn))
    for round_ in range(4):
        scene.publish(round_ * 20, round_ * 20 + 20)
        _kill_at_work(scene.sink(), rows=round_ % 2)
    scene.sink()
    scene.publish(80, 81)  # behind all that is delivered again
    scene.wait_until_exact(published=81)


def test_what_cannot_be_decoded_goes_to_the_dead_letters_and_the_rest_is_kept(
    scene: Scene,
) -> None:
    scene.clickhouse.start()
    list(migrate(scene.clickhouse.dsn))
    bad = [Message(b"\x00not json", b"k1"), Message(None, b"k2"), Message(b"{}", None)]
    (written, *_) = topics.write(scene.broker, scene.activity, bad)
    scene.publish(0, 1)
    scene.sink()
    scene.wait_until_exact(published=1)
    letters = wait_until(
        lambda: (found := topics.read_to_end(scene.broker, scene.dead_letters))[2:] and found,
        within=PATIENCE,
        what="three dead letters",
    )
    found = {record.key: record for record in letters}
    assert {key: record.value for key, record in found.items()} == {
        b"k1": b"\x00not json",
        b"k2": None,
        None: b"{}",
    }
    assert found[b"k1"].headers == {
        "dead_letter_reason": b"not_json",
        "dead_letter_path": b"",
        "dead_letter_detail": found[b"k1"].headers["dead_letter_detail"],
        "dead_letter_topic": scene.activity.encode(),
        "dead_letter_partition": b"%d" % written[0],
        "dead_letter_offset": b"%d" % written[1],
    }


def test_events_and_their_facts_are_kept_once_however_often_they_come(scene: Scene) -> None:
    scene.definitions.write_text(DEFINITIONS)
    scene.clickhouse.start()
    list(migrate(scene.clickhouse.dsn))
    events = [_event(number) for number in range(300)]
    identified = _event(0, event="identify", event_id="i", traits={"plan": "pro"})
    topics.write(scene.broker, scene.events, [*events, Message(b"no event", b"k"), identified])
    scene.sink()
    expected = {
        "events": [(301, 301)],
        "facts": [("signed_up", 100, 0.0, "paid"), ("subscription", 100, 14_950.0, "")],
        "trait_history": [("a0", "ann", '"pro"')],
    }
    questions = {
        "events": "SELECT count(), uniqExact(event_id) FROM events",
        "facts": "SELECT role, count(), sum(ifNull(value, 0)), max(channel) FROM facts"
        " GROUP BY role ORDER BY role",
        "trait_history": "SELECT account_id, user_id, value FROM trait_history",
    }

    def found() -> dict[str, list[tuple[object, ...]]]:
        client = connect(scene.clickhouse.dsn)
        try:
            return {
                name: [tuple(row) for row in client.query(question).result_rows]
                for name, question in questions.items()
            }
        finally:
            client.close()

    wait_until(lambda: found() == expected, within=PATIENCE, what="events and facts", every=0.2)
    scene.sinks[-1].kill()
    again = [*events[::-1], identified, _event(3, event="Last", event_id="last")]
    topics.write(scene.broker, scene.events, again)
    scene.sink()
    expected["events"] = [(302, 302)]
    wait_until(lambda: found() == expected, within=PATIENCE, what="the last event", every=0.2)
    assert topics.read_to_end(scene.broker, scene.dead_letters) == []


def test_without_definitions_events_become_no_facts_and_that_is_said_once(scene: Scene) -> None:
    scene.clickhouse.start()
    list(migrate(scene.clickhouse.dsn))
    topics.write(scene.broker, scene.events, [_event(0)])
    sink = scene.sink()
    client = connect(scene.clickhouse.dsn)
    try:
        wait_until(
            lambda: client.query("SELECT count() FROM events").result_rows == [(1,)],
            within=PATIENCE,
            what="the event",
            every=0.2,
        )
        assert client.query("SELECT count() FROM facts").result_rows == [(0,)]
    finally:
        client.close()
    assert sink.tail().count("events become no facts") == 1


def test_topics_that_nobody_made_are_told_with_the_remedy(scene: Scene) -> None:
    scene.activity = f"{scene.activity}-missing"
    sink = scene.sink()
    assert sink.process.wait(PATIENCE) == 1
    assert sink.tail().endswith(
        f"error: these topics do not exist: {scene.activity}; make them with"
        " milepost topics --create"
    )
