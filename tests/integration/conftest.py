"""Every test here runs on the embedded broker and, marked ``kafka``, on Apache Kafka."""

from tests.services.fixtures import broker, reaper

__all__ = ["broker", "reaper"]
