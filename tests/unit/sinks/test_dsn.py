"""DSNs, and what is said of a ClickHouse that does not answer."""

import pytest

from schemas.rows import TraitRow
from streams.errors import SettingsError, Unavailable
from streams.sinks.clickhouse import ClickHouseSink, connect, database_of, display_name
from tests.services.waiting import free_port


@pytest.mark.parametrize(
    ("dsn", "shown", "database"),
    [
        ("clickhouse://u:secret@ch.example:8123/growth", "clickhouse://ch.example:8123/growth",
         "growth"),
        ("clickhouses://u:p%40ss@ch/growth?verify=false", "clickhouses://ch/growth", "growth"),
        ("clickhouse://ch", "clickhouse://ch", None),
        ("chdb:///var/lib/milepost", "chdb:///var/lib/milepost", None),
    ],
)  # fmt: skip
def test_a_dsn_is_shown_without_user_password_and_options(
    dsn: str, shown: str, database: str | None
) -> None:
    assert (display_name(dsn), database_of(dsn)) == (shown, database)


@pytest.mark.parametrize("dsn", ["", "ch.example:8123", "http://u:secret@ch", "clickhouse://ch:x"])
def test_what_is_no_dsn_is_refused_without_being_shown(dsn: str) -> None:
    with pytest.raises(SettingsError, match="expected clickhouse://") as refusal:
        ClickHouseSink(dsn)
    assert "secret" not in str(refusal.value)


def test_a_server_that_is_away_is_named_in_one_line_without_its_password() -> None:
    port = free_port()
    with pytest.raises(Unavailable) as refusal:
        connect(f"clickhouse://u:secret@127.0.0.1:{port}/growth")
    assert (
        str(refusal.value)
        == f"clickhouse://127.0.0.1:{port}/growth: does not answer: Connection refused"
    )


def test_rows_that_were_not_taken_stay_for_the_next_flush() -> None:
    sink = ClickHouseSink(f"clickhouse://127.0.0.1:{free_port()}")
    sink.write([TraitRow("acme", "", "plan", '"trial"', 0)])
    for _ in range(2):
        with pytest.raises(Unavailable):
            sink.flush()
    sink.close()


def test_nothing_to_flush_asks_nobody() -> None:
    assert ClickHouseSink(f"clickhouse://127.0.0.1:{free_port()}").flush() == {}
