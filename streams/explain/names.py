"""What a person types for an account or a user: ``acme``, ``acme/ann``, ``ann``."""

from collections.abc import Sequence

from streams.definitions.model import Definitions, EntityKind, Owner
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


def subjects(definitions: Definitions) -> dict[str, EntityKind]:
    """What can be asked about, by name: milestones, then leads, each with whose they are."""
    milestones = {name: one.of for name, one in definitions.milestones.items()}
    return milestones | {name: one.of for name, one in definitions.leads.items()}


def is_other_kind(name: str, definitions: Definitions, owner: Owner) -> str:
    """What to say where one that is of users is asked about an account, or the other way round."""
    what = "lead" if name in definitions.leads else "milestone"
    of = subjects(definitions)[name]
    return f"{quote(name)} is a {what} of {of}s, and this is {spoken(owner)}"


def is_no_subject(name: str, definitions: Definitions) -> str:
    """What to say where there is nothing of that name."""
    what = "milestone or lead" if definitions.leads else "milestone"
    guess = did_you_mean(name, subjects(definitions))
    return f"there is no {what} {quote(name)}{guess}"


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
