"""Faust ↔ Kafka in whole batches, with exactly one effect. No business meaning.

Faust brings membership of the group and the assignment of partitions; here the records of a
fetch arrive as one batch a partition, and an offset is committed only after everything that
came of the records before it is safe.

An app hands in what it does with one partition's records, a :class:`Processor`::

    class Persist:                                   # one for every assigned partition
        async def open(self, committed): ...         # assigned: bring back state, if there is any
        def apply(self, topic, records): ...         # a slice of a batch, in offset order; no await
        next_deadline = None                         # when something is due though no record comes
        def pass_time(self, now, most): ...          # work on it, a slice of it; no await
        async def persist(self, positions): ...      # make all that was applied durable
        async def close(self): ...                   # revoked, or the app stops

    app = create_batch_app(
        Subscription("milepost-sink", ["plg.qualifications", "plg.activity"]),
        processors=lambda partition: Persist(partition),
        connection=…, pace=…, status=…, durations=…,
    )
    await run(app, deadline=20.0)                    # until SIGTERM or SIGINT

``persist`` is called once ``pace.commit_interval`` seconds or ``pace.commit_records`` records
have gathered, when partitions are revoked and when the app stops. When it returns, the ledger
moves to ``positions`` (topic → next offset) and the next commit takes it; there is nothing to
acknowledge. While it waits, no record of its partition is applied, others go on. It may wait as
long as it must (a database that is away: back off and try the same again): the partition's
fetching stops once its inbox is full, the others go on, heartbeats too. It can be cancelled at
any ``await``, when a rebalance does not wait longer: what it had not finished is delivered again
from the last commit, to this worker or to another, so it must be safe to repeat. An exception
from ``apply`` or ``persist`` stops the process before any commit: raise nothing that a record
can cause.

====================  ============================================================
`batches`             what a fetch of one partition yields; the fence that keeps old ones out
`processor`           the protocol above
`timekeeper`          when what is due though no record comes may be worked on
`ledger`              up to where each partition is safe
`consumer`, `thread`  Faust's consumer and its thread: fetching batches, committing the ledger
`runner`              one partition at work: inbox, slices, persist, ledger
`source`              what a partition needs of the consumer
`group`               the assigned partitions: assignment, revocation, stop
`app`, `service`      the Faust app; running it until a signal
`connection`          addresses, TLS, SASL; finding out what the broker can do
`sender`              records out: batches built here, every acknowledgement awaited
`stores`              tables of one partition: in memory, in RocksDB
`reading`             changelogs, and reading a stretch of one
`watermark`           how far tables reach, and in which owner's epoch
`owner`               states into the changelogs; noticing that another process writes them
`whereabouts`         where the owner of a partition answers over HTTP
`changelog`           tables back from the changelogs: recovery, and the claim of a new owner
`cycle`               the commit cycle, in numbered steps
====================  ============================================================
"""
