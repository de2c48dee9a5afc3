"""``/healthz``, ``/readyz``, ``/metrics`` and ``/explain`` of a worker or a sink, on one port.

========== ============================ ====================================================
path       answers 200 when             an orchestrator does with a 503
========== ============================ ====================================================
/healthz   a restart would not help     restart the process
/readyz    the work is being done       hold the roll-out, tell an operator
/metrics   always                       (Prometheus' text format)
/explain   it is known here             (a worker's alone: see :mod:`streams.explain`)
========== ============================ ====================================================

The server shares the app's event loop on purpose: a loop that hangs does not answer, and a probe
without an answer fails.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry
from prometheus_client.aiohttp import make_aiohttp_handler

from streams.errors import Unavailable
from streams.status import Status

logger = logging.getLogger(__name__)

Explain = Callable[[Mapping[str, str]], tuple[int, dict[str, Any]]]
"""Query → HTTP status and JSON object."""


@dataclass(frozen=True, slots=True)
class Limits:
    """For how long records may wait for a commit, seconds."""

    ready: float = 60.0
    """Longer than this, the app is not ready."""
    stuck: float = 300.0
    """Longer than this, its commits are stuck and only a restart helps."""


def unhealthy(status: Status, limits: Limits) -> list[str]:
    """Why the process should be restarted; empty where it should not.

    An app that waits for a service outside is left alone: a restart does not bring that back.
    Recovery is left alone too: a restart would begin it again.
    """
    problems = []
    if status.crashed is not None:
        problems.append(f"crashed: {status.crashed}")
    if status.waiting_for is None and status.commit_age > limits.stuck:
        problems.append(
            f"stuck: records have waited {status.commit_age:.0f} s for a commit"
            f" (limit {limits.stuck:.0f} s)"
        )
    return problems


def unready(status: Status, limits: Limits) -> list[str]:
    """Why the app does not do its work now; empty where it does."""
    problems = []
    if status.crashed is not None:
        problems.append(f"crashed: {status.crashed}")
    if not status.assigned:
        problems.append("no partitions assigned yet")
    elif not status.recovered:
        problems.append("state is being recovered")
    if status.waiting_for is not None:
        problems.append(f"waiting for {status.waiting_for}")
    if status.commit_age > limits.ready:
        problems.append(
            f"behind: records have waited {status.commit_age:.0f} s for a commit"
            f" (limit {limits.ready:.0f} s)"
        )
    return problems


class HealthServer:
    """Serves the probes and the metrics of one app.

    Args:
        status: what the app knows of itself.
        registry: what ``/metrics`` shows.
        host: address to listen on.
        port: 0 takes a free one.
        limits: see :class:`Limits`.
        explain: answers ``/explain``.
    """

    def __init__(
        self,
        status: Status,
        registry: CollectorRegistry,
        *,
        host: str = "0.0.0.0",  # noqa: S104 - probes and Prometheus come from other machines
        port: int = 0,
        limits: Limits | None = None,
        explain: Explain | None = None,
    ) -> None:
        self._status = status
        self._limits = limits or Limits()
        self._host = host
        self._port = port
        app = web.Application()
        app.router.add_get("/healthz", self._probe(unhealthy))
        app.router.add_get("/readyz", self._probe(unready))
        app.router.add_get("/metrics", make_aiohttp_handler(registry))
        if explain is not None:
            app.router.add_get("/explain", _explanations(explain))
        # Probes every few seconds are no news: no access log.
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> int:
        """Listen; returns the port.

        Raises:
            Unavailable: the port is taken or not allowed.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise Unavailable(
                f"cannot listen on {self._host}:{self._port} for probes and metrics"
                f" ({error.strerror}): choose another port, or 0 for a free one"
            ) from error
        port: int = self._runner.addresses[0][1]
        logger.info("probes and metrics on http://%s:%d (/healthz /readyz /metrics)",
                    self._host, port)  # fmt: skip
        return port

    async def stop(self) -> None:
        """Close the port; safe to call twice, and without a start."""
        await self._runner.cleanup()

    def _probe(self, judge: Callable[[Status, Limits], list[str]]) -> Handler:
        async def answer(_request: web.Request) -> web.Response:
            problems = judge(self._status, self._limits)
            body = {
                "ok": not problems,
                "problems": problems,
                "partitions": len(self._status.partitions),
                "lag": self._status.lag,
                "commit_age_seconds": round(self._status.commit_age, 3),
            }
            return web.json_response(body, status=503 if problems else 200)

        return answer


def _explanations(explain: Explain) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        status, body = explain(request.query)
        return web.json_response(body, status=status)

    return answer
