"""Every role that KPIs ask for, and every attribute. To add one, add its line here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["event", "milestone", "milestones", "lead", "trait"]
Kind = Literal["number", "text", "flag"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something that an event says of itself: a path of the event gives it."""

    column: str
    """Of ``fact_rows``, where it is kept."""
    kind: Kind
    meaning: str


ATTRIBUTES: Final[Mapping[str, Attribute]] = {
    "amount": Attribute("value", "number", "money: the MRR from now on, or what was spent"),
    "score": Attribute("value", "number", "the score that was given"),
    "plan": Attribute("plan", "text", "the plan from now on"),
    "self_serve": Attribute("self_serve", "flag", "whether it was done without sales"),
    "channel": Attribute("channel", "text", "the marketing channel"),
    "feature": Attribute("feature", "text", "the feature; without it the event's name is one"),
    "invitee": Attribute("invitee", "text", "who is invited; forgotten after 30 days"),
    "experiment": Attribute("experiment", "text", "the experiment"),
    "variant": Attribute("variant", "text", "the variant that was shown"),
    "given": Attribute("given", "flag", "whether consent was given"),
}
"""Attribute → what it is."""


@dataclass(frozen=True, slots=True)
class RoleKind:
    """A role, and what may play it."""

    meaning: str
    forms: tuple[Form, ...] = ("event",)
    attributes: tuple[str, ...] = ()
    """Those that its events may have."""
    required: tuple[str, ...] = ()
    """Those that they must have."""
    otherwise: str | None = None
    """The role that stands in where the file does not have this one."""
    invites: bool = False
    """Whether its events tell of somebody who was invited."""

    def documentation(self, name: str) -> str:
        """Its line in the documentation's table of roles."""
        forms = ", ".join(f"`{form}`" for form in self.forms)
        attributes = ", ".join(
            f"**`{each}`**" if each in self.required else f"`{each}`" for each in self.attributes
        )
        stands_in = f"; without it `{self.otherwise}`" if self.otherwise else ""
        return f"| `{name}` | {self.meaning}{stands_in} | {forms} | {attributes} |"


_REACHED: Final[tuple[Form, ...]] = ("milestone", "event")
_FOUND: Final[tuple[Form, ...]] = ("lead", "milestone")

ROLES: Final[Mapping[str, RoleKind]] = {
    "visit": RoleKind("somebody looks at the public pages", attributes=("channel",)),
    "signed_up": RoleKind("a user signs up", attributes=("channel",)),
    "onboarding": RoleKind(
        "the steps after the sign-up, in order", ("milestones",), otherwise="activation_tasks"
    ),
    "key_action": RoleKind("the first thing that matters", otherwise="key_features"),
    "key_features": RoleKind("a feature that activates is used", attributes=("feature",)),
    "activation_tasks": RoleKind("what makes activation complete", ("milestones",)),
    "activated": RoleKind("the user, or the account, is activated", _REACHED),
    "value": RoleKind("the moment of value: time to value ends", _REACHED, otherwise="activated"),
    "user_role": RoleKind("says what a user is in its account", ("trait",)),
    "pql": RoleKind("product-qualified", _FOUND),
    "trial_started": RoleKind("a trial begins", _REACHED),
    "trial_actions": RoleKind("what should be done in a trial", ("milestones",)),
    "limit_hit": RoleKind("a limit of the plan is hit", _REACHED),
    "checkout_started": RoleKind("a checkout begins"),
    "checkout_completed": RoleKind("a checkout is completed"),
    "subscription": RoleKind(
        "a subscription begins or changes", attributes=("amount", "plan", "self_serve")
    ),
    "subscription_ended": RoleKind("a subscription ends"),
    "expansion": RoleKind("a customer needs more (EQL)", ("milestone", "lead", "event")),
    "invite_sent": RoleKind("a user invites somebody", attributes=("invitee",), invites=True),
    "invite_accepted": RoleKind(
        "somebody who was invited comes; the event's user is who came",
        attributes=("invitee",),
        invites=True,
    ),
    "referral_prompt_viewed": RoleKind("a request to refer is seen"),
    "referral_prompt_clicked": RoleKind("a request to refer is taken up"),
    "referral_shared": RoleKind("a referral link is shared"),
    "referral_signup": RoleKind("somebody signs up by a referral"),
    "product_shared": RoleKind("something made with the product is shared"),
    "help_viewed": RoleKind("help is read"),
    "ticket": RoleKind("a ticket is opened"),
    "nps": RoleKind("0 to 10: would recommend it", attributes=("score",), required=("score",)),
    "csat": RoleKind("how satisfied", attributes=("score",), required=("score",)),
    "feedback": RoleKind(
        "a score for the product", attributes=("score",), required=("score",), otherwise="csat"
    ),
    "exposure": RoleKind(
        "a variant of an experiment is shown",
        attributes=("experiment", "variant"),
        required=("experiment", "variant"),
    ),
    "consent": RoleKind("consent is given or refused", attributes=("given",), required=("given",)),
    "spend": RoleKind(
        "money is spent to win customers",
        attributes=("channel", "amount"),
        required=("channel", "amount"),
    ),
}
"""Name → what it means, in the order in which the documentation lists them."""


def stand_in(name: str, given: Mapping[str, object]) -> str | None:
    """The role that counts for ``name``: itself, or what stands in for it; ``None``: nothing."""
    wanted: str | None = name
    while wanted is not None and wanted not in given:
        wanted = ROLES[wanted].otherwise
    return wanted
