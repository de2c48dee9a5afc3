"""The application that Faust's tutorial leads to: one table, one count an account.

``python -m tests.benchmarks.tutorial BOOTSTRAP TOPIC EVENTS`` counts a slice of the topic and
prints events a second as JSON. The clock starts at the first event, so that start-up, which
the slice would not carry, is given to it for nothing.
"""

import os
import sys
import time

import faust
import orjson


class Usage(faust.Record, serializer="json"):
    """The event as the tutorial would type it."""

    event: str
    account_id: str


def create_app(bootstrap: str, topic: str, events: int) -> faust.App:
    """An app that ends the process after ``events`` events."""
    app = faust.App(
        f"tutorial-{topic}",
        broker=f"kafka://{bootstrap}",
        topic_partitions=8,
        topic_disable_leader=True,
        web_enabled=False,
        # The embedded broker lets a first member wait for half of it, before any clock runs.
        broker_session_timeout=10.0,
    )
    counts = app.Table("counts", default=int, partitions=8)

    @app.agent(app.topic(topic, value_type=Usage))
    async def count(stream: faust.StreamT[Usage]) -> None:
        done, start = 0, 0.0
        async for event in stream:
            start = start or time.perf_counter()
            counts[event.account_id] += 1
            done += 1
            if done == events:
                _report(events, time.perf_counter() - start)

    return app


def _report(events: int, seconds: float) -> None:
    figures = {"events": events, "events_per_second": round(events / seconds)}
    os.write(1, orjson.dumps(figures) + b"\n")
    os._exit(0)


if __name__ == "__main__":
    bootstrap, topic, events = sys.argv[1:]
    app = create_app(bootstrap, topic, int(events))
    faust.Worker(app, loglevel="ERROR").execute_from_commandline()
