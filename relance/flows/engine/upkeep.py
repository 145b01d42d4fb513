"""What the engine tidies up: figures folded, erased people forgotten, months made ahead, input keys forgotten."""

from __future__ import annotations

from datetime import timedelta

from relance.db import partitions
from relance.db.pool import Database
from relance.db.share import Share
from relance.db.sql import load_queries
from relance.events.append import forget_keys
from relance.flows.contexts import keep_contexts
from relance.flows.engine.forget import forget
from relance.kernel import clock
from relance.kernel.slots import buckets_of_slot

queries = load_queries(__package__, "upkeep.sql")

KEYS_KEPT = timedelta(days=30)


class Upkeep:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._hour = self._day = -1

    def tidy(self, share: Share) -> int:
        """Fold the figures of a share and forget the erased; once an hour look after months and keys.

        Never has more to do at once."""
        for number in share.slots:
            with self._database.transaction() as tx:
                share.fence(tx)
                slot = list(buckets_of_slot(number))
                tx.run(queries.fold_figures, slot=slot, first=slot[0])
        forget(self._database, share)
        if clock.now().hour != self._hour:
            self._hourly(share)
            self._hour = clock.now().hour
        return 0

    def _hourly(self, share: Share) -> None:
        if clock.now().day != self._day:
            self._keep_contexts(share)
            self._day = clock.now().day
        with self._database.transaction() as tx:
            partitions.ensure(tx, clock.now())
        with self._database.transaction() as tx:
            forget_keys(tx, share.buckets, clock.now() - KEYS_KEPT)

    def _keep_contexts(self, share: Share) -> None:
        """A month before the ledger lets go of what runs under way are asked about."""
        before = partitions.month(clock.now(), 1 - partitions.KEPT)
        with self._database.transaction() as tx:
            if not partitions.reaches_back(tx, "event", before):
                return
        for number in share.slots:
            with self._database.transaction() as tx:
                share.fence(tx)
                keep_contexts(tx, buckets_of_slot(number), before)
