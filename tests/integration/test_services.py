"""The brokers and their helpers themselves: what the other suites rely on."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.services import brokers, topics
from tests.services.brokers import Broker
from tests.services.reaper import Reaper
from tests.services.topics import Message
from tests.services.waiting import wait_until


def test_what_is_written_is_read_as_it_was(broker: Broker) -> None:
    topics.create_topic(broker, "services-roundtrip", 4)
    messages = [
        Message(b"plain", b"key", [("ce_id", b"1")], timestamp=1_767_225_600_000),
        Message(None, b"key"),
        Message(b"keyless"),
        Message(b"z" * 10_000_000, partition=3),
    ]

    coordinates = topics.write(broker, "services-roundtrip", messages)

    stored = {(record.partition, record.offset): record for record in _all(broker)}
    assert [stored[at].value for at in coordinates] == [message.value for message in messages]
    assert stored[coordinates[0]].headers == {"ce_id": b"1"}
    assert stored[coordinates[0]].timestamp == 1_767_225_600_000


def _all(broker: Broker) -> list[topics.Stored]:
    return topics.read_to_end(broker, "services-roundtrip")


def test_a_topic_that_is_there_already_is_no_error(broker: Broker) -> None:
    topics.create_topic(broker, "services-twice", 2)
    topics.create_topic(broker, "services-twice", 2)


@pytest.mark.parametrize(
    ("commands", "sentence"),
    [
        ({}, "needs a java command of 17 or newer"),
        ({"java": "echo 'openjdk version \"11.0.2\"' >&2"}, "needs a java command of 17 or newer"),
        ({"java": "echo 'openjdk version \"21\"' >&2"}, "fetched by Maven, and there is no mvn"),
        (
            {"java": "echo 'openjdk version \"21\"' >&2", "mvn": "echo '[ERROR] offline'; exit 1"},
            "Maven could not fetch Apache Kafka .*offline",
        ),
    ],
    ids=["no java", "old java", "no maven", "no network"],
)
def test_what_kafka_is_missing_is_said_in_one_sentence(
    reaper: Reaper,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    commands: dict[str, str],
    sentence: str,
) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    monkeypatch.setenv("KAFKA_LIBS", str(tmp_path / "nothing"))
    for name, script in commands.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with (
        pytest.raises(brokers.NotAvailableError, match=sentence),
        brokers.kafka(reaper, tmp_path),
    ):
        pass


def test_what_was_started_ends_even_when_the_tests_are_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from tests.services.reaper import Reaper\n"
        "child = Reaper().start(['sleep', '600'], stdout=open('out', 'wb'))\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    tests = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(brokers.CHECKOUT)},
    )
    assert tests.stdout is not None
    child = int(tests.stdout.readline())
    tests.kill()
    tests.wait()
    tests.stdout.close()

    wait_until(lambda: not psutil.pid_exists(child) or _ended(child), within=10, what="the end")


def _ended(pid: int) -> bool:
    """A container may have no init that reaps orphans: a zombie has ended too."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
