"""The files of DDL."""

import re
from pathlib import Path

import pytest

from streams.deployed import deployed
from streams.errors import MilepostError
from streams.sinks.migrations import migrations


def test_the_ddl_is_found_and_numbered_from_one_without_a_gap() -> None:
    assert [migration.number for migration in migrations()] == list(
        range(1, len(list(deployed("clickhouse").glob("*.sql"))) + 1)
    )


def test_every_statement_may_be_run_twice() -> None:
    # What is filled keeps a set, the least, the earliest or the newest: again changes nothing.
    twice = re.compile(
        r"(--.*\n)+(CREATE (TABLE|VIEW|MATERIALIZED VIEW) IF NOT EXISTS|CREATE OR REPLACE VIEW"
        r"|INSERT INTO (seen|active|segment|presence|occurrence|shadow_definition)_rows\b"
        r"[^;]*?\nSELECT"
        r"|ALTER TABLE \w+\n(    (ADD (COLUMN|PROJECTION) IF NOT EXISTS"
        r"|MODIFY (COLUMN|ORDER BY|SETTING)|MATERIALIZE PROJECTION) .+\n)+\Z)"
    )
    assert all(twice.match(migration.statement) for migration in migrations())


@pytest.mark.parametrize("names", [["0002_a.sql"], ["0001_a.sql", "0001_b.sql"], ["1_a.sql"]])
def test_a_gap_or_a_double_number_is_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(MilepostError, match="without a gap"):
        migrations(tmp_path)


def test_a_folder_that_is_not_there_is_said_to_be_an_incomplete_installation() -> None:
    with pytest.raises(MilepostError, match="installation is incomplete"):
        deployed("no-such-folder")
