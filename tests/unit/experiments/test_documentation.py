"""``docs/experiments.md`` shows what the command prints, and definitions that it takes."""

import re
from pathlib import Path

import pytest

from streams.definitions import load
from streams.experiments.judging import judge
from streams.experiments.page import show
from streams.experiments.statistics import Proportion
from streams.experiments.tallies import Question, Tally

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "experiments.md").read_text()


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)
    return str(found)


def test_the_definitions_are_right(tmp_path: Path) -> None:
    file = tmp_path / "product.yml"
    file.write_text(block("yaml"))
    assert set(load(file).roles) == {"activated", "exposure"}


def test_what_is_shown_is_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    tallies = [
        Tally(
            "control", 4310, 20, 203, 205, Proportion(702, 3902),
            {7: Proportion(1690, 4100), 30: Proportion(817, 3600)},
        ),
        Tally(
            "checklist", 4288, 17, 199, 209, Proportion(807, 3880),
            {7: Proportion(1710, 4080), 30: Proportion(828, 3585)},
        ),
    ]  # fmt: skip
    shares = {"control": 1.0, "checklist": 1.0}
    question = Question("checklist", "aha", "user", 14 * 86_400_000, 0)
    show(question, judge(tallies, "control", shares=shares, smallest_lift=0.1))
    assert capsys.readouterr().out == block("text")
