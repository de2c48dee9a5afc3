"""What KPIs there are: the headers of the files, checked, and their queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

from streams.definitions.model import Role
from streams.definitions.roles import ROLES, stand_in
from streams.queries.kpis.periods import Grain

Unit = Literal["percent", "days", "money", "ratio", "count", "points"]
Benchmark = Literal["smb", "mid_market", "enterprise"]
Filter = Literal["segment", "cohort", "channel"]
Percentiles = Annotated[tuple[float, ...], Field(min_length=1, max_length=3)]

_FOLDER: Final = Path(__file__).parent
_SHARED: Final = _FOLDER / "shared"
_FORMS: Final = {"event": "facts", "milestone": "milestones", "milestones": "milestones",
                 "lead": "leads"}  # fmt: skip
"""Form of a role → file in ``shared`` that finds what plays it so."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Needs(_Strict):
    """What a KPI is counted from."""

    roles: tuple[str, ...] = ()
    """Roles, or attributes that they must say: ``signed_up``, ``subscription.amount``."""
    views: tuple[str, ...] = ()
    """Views of ClickHouse beside those."""

    def names(self) -> list[str]:
        """The roles, each once."""
        return list(dict.fromkeys(need.partition(".")[0] for need in self.roles))

    @model_validator(mode="after")
    def _are_known(self) -> Self:
        for need in self.roles:
            role, _, attribute = need.partition(".")
            if role not in ROLES or (attribute and attribute not in ROLES[role].attributes):
                raise ValueError(f"there is no role {need}")
        return self


class Header(_Strict):
    """What the comment at the head of a KPI's file says, as YAML."""

    name: str
    """That of the file."""
    title: str
    definition: str
    """In full: who counts, and when."""
    formula: str
    unit: Unit
    """``percent`` is from 0 to 100."""
    better: Literal["higher", "lower"]
    kind: Literal["leading", "lagging"]
    grain: Grain
    """Of the periods that it is looked at in, unless something else is asked."""
    needs: Needs
    settles: int = 0
    """Days after the end of a period until its value is final."""
    filters: tuple[Filter, ...] = ("segment", "cohort", "channel")
    """By what it can be told apart."""
    group: str = ""
    """What the column ``group`` is, where there is a row for each."""
    details: Mapping[str, str] = Field(default_factory=dict)
    """Further columns of the result → what they mean."""
    benchmarks: Mapping[Benchmark, Percentiles] = Field(default_factory=dict)
    """Published 25th, 50th and 75th percentile, the worst first; or the 50th alone."""
    source: str

    @model_validator(mode="after")
    def _has_a_median_or_three(self) -> Self:
        for values in self.benchmarks.values():
            if len(values) == 2 or sorted(values, reverse=self.better == "lower") != list(values):
                raise ValueError(f"{values} are not 25th, 50th and 75th percentile")
        return self


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI: what it means, and the query that finds it."""

    header: Header
    sql: str

    @property
    def name(self) -> str:
        """Of its file."""
        return self.header.name

    def missing(self, roles: Mapping[str, Role]) -> list[str]:
        """What it needs and the definitions do not have: ``nps``, ``subscription.amount``."""
        return [need for need in self.header.needs.roles if not _is_met(need, roles)]

    def cannot_tell(self, filters: Iterable[str]) -> list[str]:
        """By which of these it has no answer."""
        return [name for name in filters if name not in self.header.filters]


def _is_met(need: str, roles: Mapping[str, Role]) -> bool:
    name, _, attribute = need.partition(".")
    found = stand_in(name, roles)
    return found is not None and (not attribute or attribute in roles[found].attributes)


@cache
def catalogue() -> Mapping[str, Kpi]:
    """Every KPI by its name, in the order of the names.

    Raises:
        ValueError: a file has a header that says nothing, or something else than headers say.
    """
    return {path.stem: read(path) for path in sorted(_FOLDER.glob("*.sql"))}


def read(path: Path) -> Kpi:
    """The KPI of a file.

    Raises:
        ValueError: see ``catalogue``.
    """
    opening, _, rest = path.read_text(encoding="utf-8").partition("/*\n")
    comment, closing, query = rest.partition("*/\n")
    if opening or not closing:
        raise ValueError(f"{path.name}: begins with its header, between /* and */")
    header = Header.model_validate(YAML(typ="safe", pure=True).load(comment))
    if header.name != path.stem:
        raise ValueError(f"{path.name}: is named {header.name} in its header")
    return Kpi(header, _whole(query, header.needs.names()))


def _whole(query: str, roles: Iterable[str]) -> str:
    """The query with what it may use before it.

    Nothing from outside goes in here: the names are those of the registry of roles.
    """
    before = [_text("common"), *(found for role in roles if (found := _role(role)))]
    own = query.removeprefix("WITH\n")
    return ",\n".join(before) + (",\n" if own != query else "\n") + own


def _role(name: str) -> str | None:
    """The subquery named like the role: what plays it, and when; ``None`` for a trait."""
    files = dict.fromkeys(_FORMS[form] for form in ROLES[name].forms if form in _FORMS)
    found = "UNION ALL\n".join(Template(_text(file)).substitute(role=name) for file in files)
    return f"{name} AS\n(\n{found})" if found else None


@cache
def _text(name: str) -> str:
    return (_SHARED / f"{name}.sql").read_text(encoding="utf-8")
