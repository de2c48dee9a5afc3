"""What operators load into Prometheus: valid, tested, about metrics that exist."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.contract.promql import named, unknown
from tests.generators.exported import exported_families, exported_samples

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RUNBOOK = "https://github.com/milepost/milepost/blob/main/docs/operations.md#"


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path)


RULES: list[dict[str, Any]] = [
    rule
    for path in sorted((PROMETHEUS / "rules").glob("*.yml"))
    for group in load(path)["groups"]
    for rule in group["rules"]
]
CASES: list[dict[str, Any]] = [
    case
    for path in sorted((PROMETHEUS / "tests").glob("*.yml"))
    for test in load(path)["tests"]
    for case in test["alert_rule_test"]
]


@pytest.fixture(scope="module")
def promtool() -> str:
    found = os.environ.get("PROMTOOL") or shutil.which("promtool")
    if not found:
        pytest.skip("promtool is not here: install Prometheus, or name it in PROMTOOL")
    return found


def run(promtool: str, *arguments: str) -> None:
    done = subprocess.run(
        [promtool, *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_configuration(promtool: str) -> None:
    run(promtool, "check", "config", "prometheus.yml")


def test_the_rules_pass_their_tests(promtool: str) -> None:
    run(promtool, "test", "rules", *map(str, (PROMETHEUS / "tests").glob("*.yml")))


def test_the_names_of_metrics_follow_the_conventions(promtool: str) -> None:
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.registry import Collector

    class Ours(Collector):
        def collect(self) -> Any:
            return [f for f in exported_families() if f.name.startswith("milepost_")]

    registry = CollectorRegistry()
    registry.register(Ours())
    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=generate_latest(registry),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
class TestEveryAlert:
    def test_asks_for_metrics_and_labels_that_are_exported(self, rule: dict[str, Any]) -> None:
        assert named(rule["expr"]).selectors
        assert list(unknown(rule["expr"], exported_samples())) == []

    def test_is_tested_firing_and_quiet(self, rule: dict[str, Any]) -> None:
        cases = [case["exp_alerts"] for case in CASES if case["alertname"] == rule["alert"]]
        assert any(cases), "no case in which it fires"
        assert not all(cases), "no case in which it must not"

    def test_says_how_bad_what_and_what_to_do(self, rule: dict[str, Any]) -> None:
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert {"summary", "description"} <= set(rule["annotations"])
        assert rule["annotations"]["runbook_url"] == RUNBOOK + rule["alert"].lower()

    def test_has_a_section_in_the_runbook(self, rule: dict[str, Any]) -> None:
        page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        assert re.search(rf"^### {rule['alert']}\n\n.{{40}}", page, re.MULTILINE)


def test_no_runbook_section_is_about_an_alert_that_is_gone() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    sections = re.findall(r"^### (Milepost\w+)$", page, re.MULTILINE)
    assert sections == [rule["alert"] for rule in RULES]


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("sum(milepost_nothing)", "no metric milepost_nothing"),
        ("milepost_lag_records{shelf='1'}", "milepost_lag_records has no label shelf"),
        ("sum by (shelf) (milepost_lag_records)", "nothing has the label shelf"),
    ],
)
def test_the_check_of_queries_would_notice(query: str, complaint: str) -> None:
    assert list(unknown(query, exported_samples())) == [complaint]
