"""``milepost worker`` and ``milepost sink`` as the processes that they are."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.services.brokers import CHECKOUT
from tests.services.reaper import Reaper
from tests.services.waiting import free_port


class Running:
    """One process of a milepost command that serves, with its log, probes and metrics."""

    def __init__(
        self, reaper: Reaper, arguments: list[str], env: Mapping[str, str], log: Path
    ) -> None:
        self.name = log.stem
        self._address = f"127.0.0.1:{free_port()}"
        own = {
            "MILEPOST_HTTP_HOST": "127.0.0.1",
            "MILEPOST_HTTP_PORT": self._address.partition(":")[2],
        }
        self.log = log
        self._reaper = reaper
        with log.open("ab") as stream:
            self.process = reaper.start(
                [sys.executable, "-m", "streams", *arguments],
                env=environment({**own, **env}),
                cwd=CHECKOUT,
                stdout=stream,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """``kill -9``: no chance to finish anything."""
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        """Stop the process where it stands, as a long garbage collection or a swap would."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def terminate(self, *, within: float) -> int:
        """SIGTERM, as an orchestrator stops it; the exit code.

        Raises:
            TimeoutError: it had not ended ``within`` seconds.
        """
        self.process.terminate()
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise TimeoutError(
                f"{self.name} did not end within {within:g} s:\n{self.tail()}"
            ) from None

    def ready(self) -> bool:
        """Whether ``/readyz`` says yes."""
        try:
            with urllib.request.urlopen(f"http://{self._address}/readyz", timeout=5):
                return True
        except OSError:
            return False

    def metrics(self) -> dict[tuple[str, ...], float]:
        """Samples of ``/metrics``: (name, label values …) → value."""
        with urllib.request.urlopen(f"http://{self._address}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def close(self) -> None:
        self._reaper.stop(self.process)

    def tail(self, lines: int = 60) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def run(arguments: list[str], env: Mapping[str, str] | None = None, *, within: float = 120) -> str:
    """Run a milepost command to its end; its stdout.

    Raises:
        AssertionError: it ended with anything but 0.
    """
    done = subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        env=environment(env or {}),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=within,
    )
    assert done.returncode == 0, f"milepost {' '.join(arguments)}: {done.returncode}\n{done.stderr}"
    return done.stdout


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """The developer's environment without the developer's settings."""
    inherited = {name: value for name, value in os.environ.items() if "MILEPOST_" not in name}
    return {**inherited, **own}
