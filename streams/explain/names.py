"""What a person types for an account or a user, ``acme``, ``acme/ann``, and for what is asked."""

from collections.abc import Sequence

from streams.definitions.model import Definitions, EntityKind, Health, Lead, Milestone, Owner
from streams.definitions.problems import did_you_mean, quote


def readings(entity: str) -> list[Owner]:
    """Everything that it may stand for: ids may hold a slash, too; what is likelier comes first."""
    parts = entity.split("/")
    split: list[Owner] = [
        ("/".join(parts[:place]), "/".join(parts[place:])) for place in range(1, len(parts))
    ]
    known = [(account, user) for account, user in split if account and user]
    return [*known, (entity, None), (None, entity)]


def kind_of(owner: Owner) -> EntityKind:
    """Whose milestones it has."""
    return "account" if owner[1] is None else "user"


def named(definitions: Definitions, name: str) -> Milestone | Lead | Health | None:
    """The milestone, the lead or the health of that name."""
    lead = definitions.leads.get(name)
    return definitions.milestones.get(name) or lead or definitions.health.get(name)


def asked_for(
    definitions: Definitions, of: EntityKind, name: str | None
) -> tuple[list[str], list[str]]:
    """Names of milestones and leads, and of health: of one of them, or of all of a kind."""
    if name is not None:
        return ([], [name]) if name in definitions.health else ([name], [])
    milestones = [one.name for one in definitions.milestones.values() if one.of == of]
    return (
        milestones + [one.name for one in definitions.leads.values() if one.of == of],
        [one.name for one in definitions.health.values() if one.of == of],
    )


def is_unnamed(definitions: Definitions, name: str) -> str:
    """What to say where there is neither a milestone, a lead nor a health of that name."""
    known = [*definitions.milestones, *definitions.leads, *definitions.health]
    what = "milestone or lead" if definitions.leads else "milestone"
    return f"there is no {what} {quote(name)}{did_you_mean(name, known)}"


def is_of_others(one: Milestone | Lead | Health, owner: Owner) -> str:
    """What to say where it is of another kind than who is asked about."""
    what = {Milestone: "milestone", Lead: "lead", Health: "health"}[type(one)]
    return f"{quote(one.name)} is a {what} of {one.of}s, and this is {spoken(owner)}"


def spoken(owner: Owner) -> str:
    """``account acme``, ``user ann of account acme``, ``user ann``."""
    account_id, user_id = owner
    if user_id is None:
        return f"account {account_id}"
    return f"user {user_id}" if account_id is None else f"user {user_id} of account {account_id}"


def switches(owner: Owner) -> str:
    """The options that mean it and nothing else."""
    account_id, user_id = owner
    given = {"--account": account_id, "--user": user_id}
    return " ".join(f"{name} {value}" for name, value in given.items() if value is not None)


def is_ambiguous(entity: str, known: Sequence[Owner]) -> str:
    """What to say where several are meant."""
    listed = " or ".join(switches(owner) for owner in known)
    return f"{quote(entity)} may be any of several: say {listed}"


def is_unknown(entity: str) -> str:
    """What to say where nobody is meant."""
    return f"{quote(entity)} is not known: no event has named such an account or user"
