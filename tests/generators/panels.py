"""What the operations dashboard shows: every panel, its question and its queries."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """One query and what its lines are called."""

    expr: str
    legend: str


@dataclass(frozen=True)
class Graph:
    """A panel over time."""

    title: str
    description: str
    unit: str
    series: tuple[Series, ...]
    stacked: bool = False


@dataclass(frozen=True)
class Number:
    """One value now, coloured by where it stands."""

    title: str
    description: str
    unit: str
    expr: str
    warn: float | None = None
    """From here on yellow."""
    alarm: float | None = None
    """From here on red."""


NUMBERS = (
    Number(
        "Workers",
        "Worker processes that answer.",
        "short",
        'sum(up{job="milepost-worker"}) or vector(0)',
    ),
    Number(
        "Sinks",
        "Sink processes that answer.",
        "short",
        'sum(up{job="milepost-sink"}) or vector(0)',
    ),
    Number(
        "Events a second",
        "Events that counted, over five minutes.",
        "eps",
        'sum(rate(milepost_events_total{result=~"accepted|late|too_late"}[5m]))',
    ),
    Number(
        "Qualifications today",
        "Milestones reached in the last 24 hours.",
        "short",
        'sum(increase(milepost_qualifications_total{type="milestone.reached"}[24h]))',
    ),
    Number(
        "Lag",
        "Records of all input topics that no commit covers yet.",
        "short",
        "sum(milepost_lag_records)",
        warn=10_000,
        alarm=1_000_000,
    ),
    Number(
        "Commit age",
        "How long the records that have waited longest have waited for a commit.",
        "s",
        "max(milepost_commit_age_seconds)",
        warn=60,
        alarm=120,
    ),
    Number(
        "Dead letters",
        "Share of the records that cannot be an event, over 15 minutes.",
        "percentunit",
        'sum(rate(milepost_events_total{result="dead"}[15m]))'
        ' / sum(rate(milepost_events_total{result!="forwarded"}[15m]))',
        warn=0.001,
        alarm=0.01,
    ),
    Number(
        "Alerts",
        "Alerts of Milepost that are firing.",
        "short",
        'count(ALERTS{alertname=~"Milepost.*", alertstate="firing"}) or vector(0)',
        alarm=1,
    ),
)

ROWS: tuple[tuple[str, tuple[Graph, ...]], ...] = (
    (
        "Input",
        (
            Graph(
                "Records by result",
                "What became of the records read. Forwarded ones are read again by the partition"
                " of their account.",
                "cps",
                (Series("sum by (result) (rate(milepost_events_total[$__rate_interval]))",
                        "{{result}}"),),
                stacked=True,
            ),
            Graph(
                "Dead letters by reason",
                "Records that cannot be an event; the dead-letter topic has each with its reason.",
                "cps",
                (Series("sum by (reason) (rate(milepost_dead_letters_total[$__rate_interval]))",
                        "{{reason}}"),),
                stacked=True,
            ),
            Graph(
                "Lateness",
                "How far events stand behind the newest one of their account.",
                "s",
                tuple(
                    Series(
                        f"histogram_quantile({q}, sum by (le) ("
                        "rate(milepost_event_lateness_seconds_bucket[$__rate_interval])))",
                        f"p{q * 100:g}",
                    )
                    for q in (0.5, 0.9, 0.99)
                ),
            ),
            Graph(
                "Excluded by rule",
                "Events that an abuse rule excluded: no milestone counts them.",
                "cps",
                (Series("sum by (rule) (rate(milepost_excluded_events_total[$__rate_interval]))",
                        "{{rule}}"),),
                stacked=True,
            ),
        ),
    ),
    (
        "Output",
        (
            Graph(
                "Milestones reached",
                "By milestone, an hour.",
                "short",
                (Series('sum by (milestone) (increase(milepost_qualifications_total'
                        '{type="milestone.reached"}[1h]))', "{{milestone}}"),),
                stacked=True,
            ),
            Graph(
                "Corrections",
                "Milestones whose time a late event moved, an hour.",
                "short",
                (Series('sum by (milestone) (increase(milepost_qualifications_total'
                        '{type="milestone.corrected"}[1h]))', "{{milestone}}"),),
                stacked=True,
            ),
            Graph(
                "Leads",
                "Leads that qualified, were routed, breached their SLA or were closed, and"
                " overrides that were not heard, an hour.",
                "short",
                (Series('sum by (milestone, type) (increase(milepost_qualifications_total'
                        '{type=~"lead.+"}[1h]))', "{{milestone}} {{type}}"),
                 Series("sum by (reason) (increase(milepost_overrides_refused_total[1h]))",
                        "override refused, {{reason}}")),
            ),
        ),
    ),
    (
        "Progress",
        (
            Graph(
                "Lag",
                "Records that no commit covers yet, by topic.",
                "short",
                (Series("sum by (job, topic) (milepost_lag_records)", "{{job}} {{topic}}"),),
            ),
            Graph(
                "Commit age",
                "How long records have waited for a commit, by process.",
                "s",
                (Series("milepost_commit_age_seconds", "{{job}} {{instance}}"),),
            ),
            Graph(
                "Batch and commit times",
                "99 of 100 take no longer.",
                "s",
                tuple(
                    Series(
                        f"histogram_quantile(0.99, sum by (job, le) ("
                        f"rate(milepost_{what}_seconds_bucket[$__rate_interval])))",
                        f"{{{{job}}}} {what}",
                    )
                    for what in ("batch", "commit")
                ),
            ),
        ),
    ),
    (
        "Timers",
        (
            Graph(
                "Timers pending",
                "Accounts and users that must be judged some time though no event comes.",
                "short",
                (Series("sum(milepost_timers_pending)", "pending"),),
            ),
            Graph(
                "Timers fired",
                "Accounts and users judged because their time had come.",
                "cps",
                (Series("sum(rate(milepost_timers_fired_total[$__rate_interval]))", "fired"),),
            ),
            Graph(
                "Timers late",
                "How long after its time the last timer fired, by process.",
                "s",
                (Series("milepost_timers_late_seconds", "{{instance}}"),),
            ),
        ),
    ),
    (
        "State and memory",
        (
            Graph(
                "State",
                "Bytes of the tables, over all workers.",
                "bytes",
                (Series("sum by (table) (milepost_state_bytes)", "{{table}}"),),
            ),
            Graph(
                "Entries",
                "Entries of the tables, over all workers.",
                "short",
                (Series("sum by (table) (milepost_state_entries)", "{{table}}"),),
            ),
            Graph(
                "Cache hits",
                "Share of the states that were found as objects.",
                "percentunit",
                (Series("sum(rate(milepost_cache_hits_total[$__rate_interval]))"
                        " / (sum(rate(milepost_cache_hits_total[$__rate_interval]))"
                        " + sum(rate(milepost_cache_misses_total[$__rate_interval])))", "hits"),),
            ),
            Graph(
                "Memory",
                "Resident memory, by process.",
                "bytes",
                (Series('process_resident_memory_bytes{job=~"milepost-.*"}',
                        "{{job}} {{instance}}"),),
            ),
        ),
    ),
    (
        "Sink",
        (
            Graph(
                "Rows written",
                "Rows that ClickHouse acknowledged, by table.",
                "cps",
                (Series("sum by (table) (rate(milepost_sink_rows_total[$__rate_interval]))",
                        "{{table}}"),),
                stacked=True,
            ),
            Graph(
                "Writes tried again",
                "Writes to ClickHouse that failed, in ten minutes.",
                "short",
                (Series("sum(increase(milepost_sink_retries_total[10m]))", "retries"),),
            ),
        ),
    ),
)  # fmt: skip
