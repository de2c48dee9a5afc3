"""docker-compose.yml and the Dockerfile: valid, and naming only what exists."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from compose_spec import PyCompose, PyOptions
from ruamel.yaml import YAML
from typer.testing import CliRunner
from yamllint import linter
from yamllint.config import YamlLintConfig

from streams.cli.main import app
from streams.definitions import load as load_definitions
from streams.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = (ROOT / "deploy" / "docker" / "Dockerfile").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = YAML(typ="safe").load(COMPOSE)["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
ONCE = {"topics", "migrate"}
"""Services that do their work and end."""

YAML_FILES = sorted([COMPOSE, *(ROOT / "deploy").rglob("*.yml")])
STYLE = YamlLintConfig(
    "{extends: default, rules: {document-start: disable, line-length: {max: 140}, comments:"
    " {min-spaces-from-content: 1}, braces: {max-spaces-inside: 1},"
    " truthy: {check-keys: false}}}"  # `no` is a field of conditions, and text in YAML 1.2
)


def port_of_probes() -> int:
    return int(re.findall(r"MILEPOST_HTTP_PORT=(\d+)", DOCKERFILE)[0])


def published_ports(service: str) -> set[int]:
    return {int(port.split(":")[-1]) for port in SERVICES[service].get("ports", ())}


def by_the_specification(text: str) -> PyCompose:
    options = PyOptions()
    options.apply_merge = True
    return options.from_yaml(text)


def test_the_file_is_valid_by_the_compose_specification() -> None:
    by_the_specification(COMPOSE.read_text(encoding="utf-8")).validate()


def test_the_specification_would_notice_a_typing_error() -> None:
    wrong = COMPOSE.read_text(encoding="utf-8").replace("retries: 6", "retires: 6", 1)
    with pytest.raises(ValueError, match="retires"):
        by_the_specification(wrong)


@pytest.mark.parametrize("path", YAML_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_yaml_is_in_good_style(path: Path) -> None:
    problems = linter.run(path.read_text(encoding="utf-8"), STYLE)
    assert [f"{path.name}:{p.line}:{p.column}: {p.desc}" for p in problems] == []


@pytest.mark.parametrize("name", SERVICES)
class TestEveryService:
    def test_has_an_image_with_a_version(self, name: str) -> None:
        image, _, tag = SERVICES[name]["image"].partition(":")
        assert image
        assert re.search(r"\d", tag) or tag == "local"

    def test_is_checked_for_health_or_ends_by_itself(self, name: str) -> None:
        check = SERVICES[name]["healthcheck"]
        if name in ONCE:
            assert check == {"disable": True}
        else:
            assert {"test", "interval", "timeout", "start_period", "retries"} <= set(check)
            assert SERVICES[name]["restart"] == "unless-stopped"

    def test_waits_for_what_it_needs(self, name: str) -> None:
        for other, wait in SERVICES[name].get("depends_on", {}).items():
            assert other in SERVICES
            expected = "service_completed_successfully" if other in ONCE else "service_healthy"
            assert wait == {"condition": expected}

    def test_is_reached_from_this_machine_only(self, name: str) -> None:
        assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))

    def test_mounts_what_exists(self, name: str) -> None:
        for volume in SERVICES[name].get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), source
                assert volume.endswith(":ro")
            else:
                assert source in YAML(typ="safe").load(COMPOSE)["volumes"]


@pytest.mark.parametrize("name", OURS)
class TestEveryMilepostService:
    def test_runs_a_command_that_exists(self, name: str) -> None:
        command, *options = OURS[name]["command"]
        shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
        assert shown.exit_code == 0, shown.output
        assert all(option in shown.output for option in options)

    def test_has_an_environment_that_settings_take(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for variable, value in (container_environment() | OURS[name]["environment"]).items():
            monkeypatch.setenv(variable, value)
        settings = load_settings()
        assert settings.bootstrap == "kafka:19092"
        assert settings.clickhouse_dsn.get_secret_value().endswith("@clickhouse:8123/milepost")
        assert settings.http_port == port_of_probes()
        assert settings.log_format == "json"

    def test_may_take_longer_to_stop_than_its_shutdown(self, name: str) -> None:
        if name not in ONCE:
            grace = float(OURS[name]["stop_grace_period"].removesuffix("s"))
            assert grace > Settings.model_fields["shutdown_timeout"].default


def container_environment() -> dict[str, str]:
    """Settings that the Dockerfile makes."""
    return dict(re.findall(r"(MILEPOST_\w+)=(\S+)", DOCKERFILE))


def test_brokers_are_named_by_the_address_that_they_advertise() -> None:
    advertised = SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    addresses = dict(listener.split("://") for listener in advertised.split(","))
    assert {service["environment"]["KAFKA_BOOTSTRAP"] for service in OURS.values()} == {
        addresses["INSIDE"]
    }
    host, port = addresses["OUTSIDE"].split(":")
    assert host == "localhost"
    assert published_ports("kafka") == {int(port)}


def test_probes_are_asked_on_the_port_where_they_are() -> None:
    port = port_of_probes()
    assert f"EXPOSE {port}" in DOCKERFILE
    for name in ("worker", "sink", "watch"):
        assert f"127.0.0.1:{port}/readyz" in " ".join(SERVICES[name]["healthcheck"]["test"])
    prometheus = YAML(typ="safe").load(ROOT / "deploy" / "prometheus" / "prometheus.yml")
    scraped = {
        (target["names"][0], target["port"])
        for job in prometheus["scrape_configs"]
        for target in job.get("dns_sd_configs", ())
    }
    assert scraped == {("worker", port), ("sink", port), ("watch", port)}


def test_data_sources_of_grafana_are_services() -> None:
    folder = ROOT / "deploy" / "grafana" / "provisioning" / "datasources"
    prometheus, clickhouse = YAML(typ="safe").load(folder / "milepost.yml")["datasources"]
    (port,) = published_ports("prometheus")
    assert prometheus["url"] == f"http://prometheus:{port}"
    data = clickhouse["jsonData"]
    assert data["host"] in SERVICES
    assert {data["port"]} == published_ports("clickhouse")
    environment = SERVICES["clickhouse"]["environment"]
    assert data["username"] == environment["CLICKHOUSE_USER"]
    assert data["defaultDatabase"] == environment["CLICKHOUSE_DB"]
    password = clickhouse["secureJsonData"]["password"].removeprefix("$")
    assert SERVICES["grafana"]["environment"][password] == environment["CLICKHOUSE_PASSWORD"]
    assert clickhouse["type"] in SERVICES["grafana"]["environment"]["GF_INSTALL_PLUGINS"]


def test_the_image_copies_what_exists_and_what_is_not_ignored() -> None:
    ignored = (ROOT / "deploy" / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored, source


def test_the_image_is_built_with_every_file_that_the_package_takes_in() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    build = DOCKERFILE.split("FROM ")[1]
    for source in project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]:
        assert f"COPY {source} {source}\n" in build


def test_the_image_runs_without_root_and_watches_its_health() -> None:
    final = DOCKERFILE.split("FROM ")[-1]
    (user,) = re.findall(r"^USER (\d+):\d+$", final, re.MULTILINE)
    assert int(user) > 0
    assert "HEALTHCHECK" in final
    (command,) = re.findall(r"^ENTRYPOINT (.+)$", final, re.MULTILINE)
    assert json.loads(command) == ["milepost"]


def test_the_definitions_of_the_image_are_there_and_right() -> None:
    inside = Path(container_environment()["MILEPOST_DEFINITIONS"])
    assert f"COPY deploy/definitions {inside.parent}\n" in DOCKERFILE
    for name in ("worker", "watch"):
        assert f"./deploy/definitions:{inside.parent}:ro" in SERVICES[name]["volumes"]
    assert load_definitions(ROOT / "deploy" / "definitions" / inside.name).milestones
