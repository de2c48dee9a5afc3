"""The dashboards of those who run the business: executive, growth and leads."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import VariableModel, VariableOption

import streams.queries
from tests.generators.dashboard import graph_panel
from tests.generators.kpi_panels import kpi_over_time, kpi_table, segment
from tests.generators.warehouse import choice, numbers, over_time, rows, text
from tests.generators.watched import DECISIONS

Row: TypeAlias = tuple[str, Sequence[Any]]
"""Its title, and builders of panels, placed from left to right."""

EXECUTIVE: Final = (
    "activation_rate", "free_to_paid_conversion", "gross_churn", "net_churn", "expansion_mrr",
    "arpu",
)  # fmt: skip
ALSO: Final = (
    "time_to_value", "viral_coefficient", "pql_conversion", "dau_mau", "support_deflection", "nps",
)  # fmt: skip
GROWTH: Final = (
    "activation_rate", "time_to_value", "viral_coefficient", "time_to_invite",
    "onboarding_drop_off", "activation_retention",
)  # fmt: skip
JUDGED: Final = ("Lead precision", "Lead recall", "Lead lift", "Score drift")


def executive_dashboard(_file: Path) -> str:
    """The JSON of ``executive.json``."""
    return _board(
        "executive",
        "Where the product stands beside others and beside the year before.",
        "now-1y",
        [segment()],
        [
            ("Where it stands", [kpi_table("KPIs", (*EXECUTIVE, *ALSO))]),
            ("Over time", [kpi_over_time(name) for name in EXECUTIVE]),
        ],
    )


def growth_dashboard(_file: Path) -> str:
    """The JSON of ``growth.json``."""
    return _board(
        "growth",
        "How far newcomers come, where they stop, and whom they bring.",
        "now-90d",
        [segment(), *_steps()],
        [
            ("Journey", [_funnel(), *_milestones()]),
            ("Stuck", _stuck()),
            ("KPIs", [kpi_over_time(name) for name in GROWTH]),
            ("Cohorts", [_cohorts()]),
        ],
    )


def leads_dashboard(_file: Path) -> str:
    """The JSON of ``leads.json``."""
    judged = [graph for graph in DECISIONS[1] if graph.title in JUDGED]
    return _board(
        "leads",
        "Which leads wait, whether they are contacted in time, and whether they were right.",
        "now-30d",
        [],
        [
            ("Queue", _queue()),
            ("SLA", _sla()),
            ("Were they right", [*(graph_panel(each, 6) for each in judged), _outcomes()]),
            ("In the shadow", _shadow()),
        ],
    )


def _board(
    name: str, says: str, since: str, variables: Sequence[Builder[VariableModel]],
    content: Sequence[Row],
) -> str:  # fmt: skip
    board = (
        dashboard.Dashboard(f"Milepost: {name}")
        .uid(f"milepost-{name}")
        .description(says)
        .tags(["milepost"])
        .readonly()
        .refresh("5m")
        .time(since, "now")
        .timezone("utc")
    )
    for variable in variables:
        board = board.with_variable(variable)
    ids = itertools.count(1)
    for title, panels in content:
        board = board.with_row(dashboard.Row(title).id(next(ids)))
        for panel in panels:
            board = board.with_panel(panel.id(next(ids)))
    return JSONEncoder(sort_keys=True, indent=2).encode(board.build()) + "\n"


def _steps() -> list[Builder[VariableModel]]:
    """Whose journey, and its steps: those that most have reached come first."""
    of = (
        dashboard.CustomVariable("of")
        .label("Of")
        .values("account,user")
        .current(VariableOption(selected=True, text="account", value="account"))
    )
    steps = choice("steps", "Steps", text("steps"), "All").multi(True).include_all(True)
    return [of, steps.current(VariableOption(selected=True, text=["All"], value=["$__all"]))]


def _funnel() -> Any:
    asked = Path(streams.queries.__file__).with_name("journey.sql").read_text(encoding="utf-8")
    journey = (
        asked.replace("{steps:Array(String)}", "[${steps:sqlstring}]")
        .replace("{within:Int64}", "-1")
        .replace("{of:String}", "${of:sqlstring}")
    )
    return rows(
        "Journey",
        "How many came to each step after all the steps before it, ever; the steps in the order in"
        " which they are chosen above.",
        text("steps_reached").replace(":JOURNEY:", journey),
        {"of_all": "percent", "median_days_since_the_step_before": "d"},
    )


def _milestones() -> list[Any]:
    title, says = "Milestones reached", "By milestone; of accounts and users."
    return [over_time(title, says, "short", text("milestones_reached"), stacked=True).span(24)]


def _stuck() -> list[Any]:
    return [
        over_time(
            "Became stuck", "Accounts and users that took too long for the next step, by journey.",
            "short", text("stuck_by_step"), stacked=True,
        ).span(24),
        rows(
            "Stuck accounts",
            "Who became stuck in this time and has reached no milestone since, the newest first.",
            text("stuck_now"), {},
        ),
    ]  # fmt: skip


def _cohorts() -> Any:
    weeks = {f"week_{nth}": "percent" for nth in (1, 2, 3, 4, 8, 12)}
    return rows(
        "Who comes back",
        "Of the users who signed up in a week, the share that did something so many weeks later.",
        text("cohorts"),
        weeks,
    )


def _queue() -> list[Any]:
    return [
        numbers("Open leads", "Open now, overdue, and due within four hours.", text("leads_open")),
        rows(
            "Queue", "Open leads, the most urgent first.", text("lead_queue"), {"due_in": "s"},
        ),
        over_time(
            "Qualified", "Leads by the time at which they qualified.", "short",
            text("leads_qualified"), stacked=True,
        ).span(24),
    ]  # fmt: skip


def _sla() -> list[Any]:
    return [
        over_time(
            "In time by team", "Share of the leads due on a day that were contacted in time.",
            "percent", text("sla_by_team"),
        ),
        rows(
            "By rule", "The same by lead, rule and team, the worst first.",
            text("sla_by_rule"), {"in_time": "percent"},
        ).span(12).height(8),
    ]  # fmt: skip


def _outcomes() -> Any:
    return rows(
        "What became of them", "Leads that were closed, by outcome and reason.",
        text("lead_outcomes"), {"median_time": "s"},
    )  # fmt: skip


def _shadow() -> list[Any]:
    shares = dict.fromkeys(
        ("both_converted", "only_live_converted", "only_shadow_converted"), "percent"
    )
    sooner = {"shadow_came_sooner_by": "s"}
    return [
        rows(
            "Leads",
            "Who became the lead by the live definition, by the one in the shadow, by both, and"
            " the share of each that converted.", text("shadow_leads"), {**shares, **sooner},
        ),
        rows(
            "Milestones", "Who reached the live milestone, the one in the shadow, or both.",
            text("shadow_milestones"), sooner,
        ).span(12).height(8),
        over_time(
            "Scores", "How much higher the score in the shadow is, in the mean of a day.",
            "short", text("shadow_scores"),
        ),
    ]  # fmt: skip
