"""The README does what it says: its commands run, and what it shows is what they print.

Blocks marked ``sh`` run one after the other in one folder, and the block after one, if it is
``json`` or ``text``, is its output. Those marked ``sh services`` need Kafka, ClickHouse or a
while; of them it is checked that the commands, options and files exist.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.services.commands import milepost

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
FENCE = re.compile(r"^```(\S+)(?: ([^\n]*))?\n(.*?)^```$", re.M | re.S)


class Block(NamedTuple):
    language: str
    options: str
    text: str


BLOCKS = [Block(*match.groups(default="")) for match in FENCE.finditer(README)]


RUNNABLE = [
    (block, after if after and after.language in ("json", "text") else None)
    for block, after in zip(BLOCKS, [*BLOCKS[1:], None], strict=True)
    if block.language == "sh" and block.options != "services"
]


def test_commands_print_what_is_shown(tmp_path: Path) -> None:
    """One after the other: a command reads what an earlier one wrote."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for block, expected in RUNNABLE:
        ran = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", block.text],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "COLUMNS": "100"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        status = int(block.options.removeprefix("exit=") or 0)
        assert ran.returncode == status, f"{block.text}{ran.stderr}"
        if expected:
            assert ran.stdout == expected.text, block.text


def services() -> list[str]:
    text = "\n".join(block.text for block in BLOCKS if block.options == "services")
    return [line for line in text.splitlines() if line.startswith(("make ", "milepost "))]


@pytest.mark.parametrize("line", services())
def test_commands_that_need_services_exist(line: str) -> None:
    if line.startswith("make"):
        assert re.search(rf"^{line.split()[1]}:", (ROOT / "Makefile").read_text(), re.M)
        return
    command, *rest = line.split()[1:]
    told = milepost(command, *(() if command == "--help" else ["--help"]))
    assert told.returncode == 0, told.stderr
    for option in (word for word in rest if word.startswith("-")):
        assert option in told.stdout


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)#]+)", README))
def test_links_lead_to_files(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("target", re.findall(r"`make ([a-z-]+)", README))
def test_every_make_target_that_is_named_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M)
