"""Answers as pictures, for slides and messages."""

from pathlib import Path
from typing import Final

from streams.errors import UsageError
from streams.funnels import Report

KINDS: Final = (".png", ".svg")

_BAR = "#3b6fb6"
_REST = "#dfe7f2"


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
    title = f"{report.funnel.name}: {report.funnel.of}s".replace("$", r"\$")
    axes.set_title(title, loc="left", fontsize=12)
    try:
        figure.savefig(path, dpi=160)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
