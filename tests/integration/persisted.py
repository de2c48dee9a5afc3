"""What stands in ClickHouse, in the shapes of ``traffic``."""

from collections import Counter

from schemas.encoding import time_text
from tests.integration.traffic import Reached
from tests.services.deployment import Deployment

MILESTONES = """
SELECT milestone, account_id, user_id, occurrence, toUnixTimestamp64Milli(occurred_at)
FROM milestones
"""
ACTIVITY = "SELECT account_id, user_id, toString(day), event, events FROM activity_daily_by_user"


def milestones(deployment: Deployment) -> Reached:
    """Milestones with their times; the sink must have ended."""
    rows = deployment.rows(MILESTONES)
    return {(name, account, user, nth): time_text(at) for name, account, user, nth, at in rows}


def daily_counts(deployment: Deployment) -> Counter[tuple[str, str, str, str]]:
    """How often who did what on which day; the sink must have ended."""
    rows = deployment.rows(ACTIVITY)
    return Counter({(account, user, day, name): n for account, user, day, name, n in rows})
