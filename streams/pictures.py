"""Answers as pictures, for slides and messages."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from streams.errors import UsageError
from streams.funnels.report import Report
from streams.funnels.retention import RetentionReport

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS: Final = (".png", ".svg")

_BAR = "#3b6fb6"
_REST = "#dfe7f2"
_DARK = 0.5
"""From this share on a field is so dark that its text is white."""


def check_picture(path: Path) -> None:
    """Tell before the work whether a picture can be drawn there.

    Raises:
        UsageError: of the name, or as the library that draws is missing.
    """
    if path.suffix.lower() not in KINDS:
        raise UsageError(f"{path}: a picture ends in {' or '.join(KINDS)}")
    try:
        import matplotlib as mpl  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "a picture needs the extra `pictures`: pip install 'milepost[pictures]'"
        ) from error


def draw_funnel(report: Report, path: Path) -> None:
    """Write the funnel as bars; the ending of ``path`` says in which format.

    Raises:
        UsageError: it cannot be written.
    """
    from matplotlib.figure import Figure

    steps = report.steps
    figure = Figure(figsize=(9, 1.2 + 0.62 * len(steps)), layout="constrained")
    axes = figure.add_subplot()
    places = list(range(len(steps)))
    whole = max(steps[0].count, 1)
    axes.barh(places, [whole] * len(steps), color=_REST, height=0.72)
    axes.barh(places, [step.count for step in steps], color=_BAR, height=0.72)
    for place, step in zip(places, steps, strict=True):
        share = "" if step.of_previous is None else f", {step.of_previous:.0%} of the step before"
        axes.text(whole * 1.015, place, f"{step.count:,}{share}", va="center", fontsize=10)
    # A $ in a name is no formula.
    axes.set_yticks(places, [step.name.replace("$", r"\$") for step in steps], fontsize=10)
    axes.invert_yaxis()
    axes.set_xlim(0, whole * 1.45)
    axes.set_xticks([])
    axes.spines[:].set_visible(False)
    axes.tick_params(left=False)
    title = f"{report.name}: {report.of}s".replace("$", r"\$")
    axes.set_title(title, loc="left", fontsize=12)
    _write(figure, path)


def draw_retention(report: RetentionReport, path: Path) -> None:
    """Write who came back week after week as a triangle; a darker field is a larger share.

    Raises:
        UsageError: it cannot be written.
    """
    from matplotlib.figure import Figure

    rows = [(f"{week} ({one.size:,})", one) for week, one in report.cohorts.items()]
    rows.append((f"all ({report.whole.size:,})", report.whole))
    columns = max(sum(1 for each in one.weeks if each.of) for _, one in rows)
    figure = Figure(figsize=(2.2 + 0.7 * columns, 1.4 + 0.42 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    for place, (_, cohort) in enumerate(rows):
        for week, each in enumerate(cohort.weeks[:columns]):
            if each.share is None:
                continue
            axes.barh(place, 0.96, 0.92, week - 0.48, color=_BAR, alpha=0.08 + 0.92 * each.share)
            colour = "white" if each.share > _DARK else "black"
            axes.text(
                week, place, f"{each.share:.0%}", ha="center", va="center", color=colour, fontsize=9
            )
    axes.set_yticks(range(len(rows)), [name for name, _ in rows], fontsize=9)
    axes.set_xticks(range(columns), [f"+{week}" for week in range(1, columns + 1)], fontsize=9)
    axes.xaxis.tick_top()
    axes.set_xlim(-0.5, max(columns, 1) - 0.5)
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    axes.tick_params(left=False, top=False)
    axes.set_title(f"retention: {report.asked.of}s, by week", loc="left", fontsize=12)
    _write(figure, path)


def _write(figure: "Figure", path: Path) -> None:
    try:
        figure.savefig(path, dpi=160)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
