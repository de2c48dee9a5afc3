-- Of what is there of before; ClickHouse does it by and by.
ALTER TABLE event_rows
    MATERIALIZE PROJECTION by_name
