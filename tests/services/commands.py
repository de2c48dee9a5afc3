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
from tests.services.forking import Forked, finished, fork
from tests.services.reaper import Reaper
from tests.services.waiting import free_port


class Running:
    """One process of a milepost command that serves, with its log, probes and metrics.

    Args:
        reaper: what ends it with the tests.
        arguments: of the command line.
        env: settings.
        log: where its output goes.
        forked: start it sooner than users can: see :mod:`tests.services.forking`.
    """

    def __init__(
        self,
        reaper: Reaper,
        arguments: list[str],
        env: Mapping[str, str],
        log: Path,
        *,
        forked: bool = False,
    ) -> None:
        self.name = log.stem
        self._address = f"127.0.0.1:{free_port()}"
        own = {
            "MILEPOST_HTTP_HOST": "127.0.0.1",
            "MILEPOST_HTTP_PORT": self._address.partition(":")[2],
        }
        self.log = log
        self._reaper = reaper
        self.process: subprocess.Popen[bytes] | Forked
        whole = environment({**own, **env})
        with log.open("ab") as stream:
            if forked:
                self.process = fork("streams", arguments, env=whole, stdout=stream, stderr=stream)
                reaper.adopt(self.process.pid)
            else:
                command = [sys.executable, "-m", "streams", *arguments]
                self.process = reaper.start(command, env=whole, cwd=CHECKOUT, stdout=stream)

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


def milepost(
    *arguments: object,
    env: Mapping[str, str] | None = None,
    answer: str = "",
    cwd: Path = CHECKOUT,
    within: float = 120,
) -> "subprocess.CompletedProcess[str]":
    """Run a milepost command to its end, as :func:`subprocess.run` does.

    Args:
        arguments: of the command line.
        env: the whole environment, instead of this process'.
        answer: what it reads.
        cwd: where it runs.
        within: seconds that it may take.
    """
    asked = [str(each) for each in arguments]
    done = finished("streams", asked, env=env, stdin=answer.encode(), cwd=cwd, within=within)
    said = done.stdout.decode(), done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, *said)


def run(arguments: list[str], env: Mapping[str, str] | None = None, *, within: float = 120) -> str:
    """Run a milepost command to its end; its stdout.

    Raises:
        AssertionError: it ended with anything but 0.
    """
    done = milepost(*arguments, env=environment(env or {}), within=within)
    assert done.returncode == 0, f"milepost {' '.join(arguments)}: {done.returncode}\n{done.stderr}"
    return done.stdout


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """The developer's environment without the developer's settings."""
    inherited = {name: value for name, value in os.environ.items() if "MILEPOST_" not in name}
    return {**inherited, **own}
