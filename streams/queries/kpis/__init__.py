"""KPIs: each is one file beside this, SQL under a header that says what it means.

To add one, add ``NAME.sql`` and a case in ``tests/golden/kpis``. The header is the YAML of
:class:`streams.queries.kpis.catalogue.Header`. The query gives one row a period (and group):
``period``, ``value`` (``NULL`` where there is nothing to divide by), ``numerator`` and
``denominator`` where there are such, and the columns that the header describes in ``details``.

It may use the parameters of :mod:`streams.queries.kpis.asking`, and the subqueries of ``shared``:
``periods``, ``users``, ``customers``, and one named for each role that the header needs.
"""

from streams.queries.kpis.asking import Asked, Point, answer
from streams.queries.kpis.catalogue import Header, Kpi, catalogue
from streams.queries.kpis.latest import PERIODS, Told, latest
from streams.queries.kpis.periods import GRAINS, Grain, Period, cover, label, most_recent
from streams.queries.kpis.standing import Newest, Standing, newest, remedy, standing

__all__ = [
    "GRAINS",
    "PERIODS",
    "Asked",
    "Grain",
    "Header",
    "Kpi",
    "Newest",
    "Period",
    "Point",
    "Standing",
    "Told",
    "answer",
    "catalogue",
    "cover",
    "label",
    "latest",
    "most_recent",
    "newest",
    "remedy",
    "standing",
]
