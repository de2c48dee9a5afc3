"""Daily activity: what was told of it, and what it truly was."""

from collections import defaultdict

from schemas.activity import DailyActivity, DayCount
from schemas.events import Event
from tests.properties.driver import Outcome
from tests.properties.oracle_life import unique_events
from tests.properties.oracle_measures import DAY

ActivityKey = tuple[str | None, str | None, int, str]


def assert_activity(arrived: list[Event], outcome: Outcome) -> None:
    """As the sink keeps it: of each part the row with the highest count; a day is their sum."""
    rows: dict[tuple[str | None, str | None, int, str, str], DayCount] = {}
    for update in outcome.updates:
        for row in map(DailyActivity._make, update.activity):
            for event, told in row.events.items():
                count = DayCount(*told)
                key = (row.account_id, row.user_id, row.day, event, row.part)
                if key not in rows or rows[key].count <= count.count:
                    rows[key] = count
    parts: dict[ActivityKey, list[DayCount]] = defaultdict(list)
    for key, total in rows.items():
        parts[key[:4]].append(total)
    found = {
        key: (
            sum(row.count for row in days),
            min(row.first_at for row in days),
            max(row.last_at for row in days),
        )
        for key, days in parts.items()
    }
    assert found == true_activity(arrived)


def true_activity(history: list[Event]) -> dict[ActivityKey, tuple[int, int, int]]:
    times: dict[ActivityKey, list[int]] = defaultdict(list)
    for event in unique_events(history):
        key = (event.account_id, event.user_id, event.time // DAY, event.name)
        times[key].append(event.time)
    return {key: (len(found), min(found), max(found)) for key, found in times.items()}
