"""Queries of the dashboards as Grafana and its ClickHouse data source would ask them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tests.generators import ROOT

_SPANS = {"h": 3_600, "d": 86_400, "y": 365 * 86_400}


class PanelQuery(NamedTuple):
    """A query of a panel, or of a variable."""

    board: str
    title: str
    sql: str
    is_panel: bool
    span: int
    """Seconds that the dashboard shows when it is opened."""


def queries() -> Iterator[PanelQuery]:
    """Those of all dashboards."""
    for path in sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json")):
        board: dict[str, Any] = json.loads(path.read_bytes())
        since = re.fullmatch(r"now-(\d+)([hdy])", board["time"]["from"])
        assert since is not None, f"{path}: opens at another time"
        span = int(since[1]) * _SPANS[since[2]]
        for panel in board["panels"]:
            for target in panel.get("targets", ()):
                if "rawSql" in target:
                    yield PanelQuery(path.stem, panel["title"], target["rawSql"], True, span)
        for variable in board.get("templating", {}).get("list", ()):
            if variable["type"] == "query":
                yield PanelQuery(path.stem, variable["name"], variable["query"], False, span)


def expanded(sql: str, chosen: Mapping[str, Sequence[str]], since: int, until: int) -> str:
    """With all that Grafana and its data source fill in.

    Args:
        sql: of a panel.
        chosen: what somebody has chosen of each variable.
        since: from when the dashboard shows, epoch seconds.
        until: until when.
    """

    def texts(found: re.Match[str]) -> str:
        return ",".join("'" + one.replace("'", "''") + "'" for one in chosen[found[1]])

    whole = _macros(re.sub(r"\$\{(\w+):sqlstring\}", texts, sql), since, until)
    assert "$" not in whole, "nobody fills this in"
    return whole


def _macros(sql: str, since: int, until: int) -> str:
    """What the data source makes of its macros: see the plugin's documentation."""
    first, last = f"toDateTime({since})", f"toDateTime({until})"
    sql = re.sub(r"\$__timeFilter\(([\w.]+)\)", rf"\1 >= {first} AND \1 <= {last}", sql)
    sql = re.sub(
        r"\$__timeInterval\((\w+)\)",
        r"toStartOfInterval(toDateTime(\1), INTERVAL 3600 second)",
        sql,
    )
    return sql.replace("$__fromTime", first).replace("$__toTime", last)
