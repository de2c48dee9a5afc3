"""What crosses Kafka of what is in the shadow, as types; see :mod:`schemas.wire`."""

from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from schemas.qualifications import QualificationType
from schemas.wire import ContributionMessage, EntityId, QualificationMessage, Time

_CLOSED = ConfigDict(use_attribute_docstrings=True, extra="forbid")


@with_config(_CLOSED)
class ShadowMessage(QualificationMessage):
    """A qualification of a milestone or lead in the shadow: what subscribers would be told."""

    shadow: Literal[True]
    """It is told nobody."""
    shadow_of: NotRequired[Annotated[str, Field(min_length=1)]]
    """Name of the live one that it is compared with. Left out where there is none."""


@with_config(_CLOSED)
class ComparisonMessage(TypedDict):
    """What a score in the shadow was when the live one was told with a milestone or a lead."""

    id: str
    """Deterministic: the same input gives the same id."""
    type: Literal["score.compared"]
    """What has happened."""
    qualification: str
    """Id of the qualification that told the live score."""
    told: QualificationType
    """Its type."""
    milestone: str
    """Its milestone, or lead."""
    account_id: EntityId | None
    """Null for a user without an account."""
    user_id: EntityId | None
    """Null for what is of an account."""
    occurrence: Annotated[int, Field(ge=1)]
    """As of the qualification."""
    occurred_at: Time
    """The instant of both values, event time."""
    detected_at: Time
    """As of the qualification."""
    definition_hash: str
    """Fingerprint of the meaning of the milestone, or lead."""
    score: str
    """Name of the live score."""
    value: float
    """What it was."""
    shadow: str
    """Name of the score in the shadow."""
    shadow_hash: str
    """Fingerprint of its meaning."""
    shadow_value: float
    """What it was."""
    contributions: list[ContributionMessage]
    """What ``shadow_value`` is made of, the most points first."""
