"""Why somebody is qualified, or what is missing: one answer, from files or from a worker.

===========  ======================================================================
`names`      what a person types for an account or a user
`plain`      dates, lengths of time and numbers in plain words
`words`      what a condition asks for, in plain words
`seen`       what was seen of it, and how much is missing
`scores`     what a score is made of
`leads`      what became of a lead, in plain words
`tree`       the conditions of a milestone
`answer`     one entity and its milestones, as the JSON object that everything else shows
`history`    what was told, from a replay or from ClickHouse, as a part of it
`files`      the answer from event files
`desk`       the answer of a worker, over its own state
`kept`       what ClickHouse has of an entity
`decisions`  the record of decisions about it
`asking`     finding the worker that has the state, and asking it
`page`       the answer for a person to read
===========  ======================================================================
"""
