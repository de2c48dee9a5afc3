"""What Grafana loads: the dashboard that the code makes, asking for metrics that exist."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.contract.promql import named, unknown
from tests.generators import GENERATED, ROOT
from tests.generators.exported import exported_families, exported_samples

GRAFANA = ROOT / "deploy" / "grafana"
DASHBOARD: dict[str, Any] = json.loads((GRAFANA / "dashboards" / "operations.json").read_bytes())
NOT_SHOWN = {
    "milepost_build_info",
    "milepost_recovered",
    "milepost_assigned_partitions",
    "milepost_cache_hot_states",
    "milepost_shadow_qualifications",
    "milepost_watch_answered_timestamp_seconds",
    "milepost_watch_failures",
}
"""Metrics for alerts and for a closer look."""


def provisioned(name: str) -> Any:
    return YAML(typ="safe").load(GRAFANA / "provisioning" / name / "milepost.yml")


def queries() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]


@pytest.mark.parametrize("name", GENERATED)
def test_generated_files_are_what_the_code_makes(name: str) -> None:
    path = ROOT / name
    assert path.read_text(encoding="utf-8") == GENERATED[name](path), (
        f"{name} is out of date; run: python -m tests.generators"
    )


@pytest.mark.parametrize("query", list(queries()))
def test_every_query_asks_for_metrics_and_labels_that_are_exported(query: str) -> None:
    assert list(unknown(query, exported_samples())) == []


def test_the_dashboard_leaves_out_no_metric_by_accident() -> None:
    asked = {metric for query in queries() for metric, _ in named(query).selectors}
    shown = {
        family.name
        for family in exported_families()
        if any(sample.name in asked for sample in family.samples)
    }
    ours = {
        family.name
        for family in exported_families()
        if family.name.startswith("milepost_") and not family.name.endswith("_sample_size")
    }
    assert ours - shown - {name.removesuffix("_info") for name in NOT_SHOWN} == set()


def test_panels_have_their_own_ids_and_a_place_of_their_own() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (place.get("x", 0) + dx, place.get("y", 0) + dy)
            for dx in range(place["w"])
            for dy in range(place["h"])
        }
        assert not cells & taken, f"{panel['title']} lies over another panel"
        assert max(x for x, _ in cells) < 24, f"{panel['title']} is too wide"
        taken |= cells


def test_every_panel_says_what_it_shows() -> None:
    panels = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
    assert all(panel["title"] and panel["description"] for panel in panels)


def test_panels_ask_a_data_source_that_is_provisioned() -> None:
    known = {
        (source["type"], source["uid"]) for source in provisioned("datasources")["datasources"]
    }
    asked = {
        (panel["datasource"]["type"], panel["datasource"]["uid"])
        for panel in DASHBOARD["panels"]
        if panel["type"] != "row"
    }
    assert asked <= known


def test_dashboards_are_read_from_where_compose_mounts_them() -> None:
    compose = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    mounts = dict(volume.split(":")[:2] for volume in compose["services"]["grafana"]["volumes"])
    (provider,) = provisioned("dashboards")["providers"]
    assert Path(mounts["./deploy/grafana/dashboards"]) == Path(provider["options"]["path"])
    home = compose["services"]["grafana"]["environment"][
        "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"
    ]
    assert Path(home) == Path(provider["options"]["path"]) / "operations.json"
