-- A projection says what the rows say: it is made again as parts are merged, and dropped from those of which
-- rows are deleted, until then. (Made again at once it would still have what was deleted.)
ALTER TABLE event_rows
    MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'drop'
