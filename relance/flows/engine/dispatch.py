"""The dispatcher only starts runs and releases waits: it judges the inbox in batches, each in one statement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from relance.audience.conditions import CompiledCache, compose, compose_seen
from relance.db.pool import Database, Transaction
from relance.db.share import Share
from relance.db.sql import Query, load_queries
from relance.flows.engine.clock import look_late
from relance.kernel import clock
from relance.kernel.ids import time_uuid

queries = load_queries(__package__, "dispatch.sql")


class Dispatcher:
    """``batch`` judges up to ``limit`` events of a share in one transaction and returns how many it judged."""

    def __init__(self, database: Database, conditions: CompiledCache) -> None:
        self._database = database
        self._conditions = conditions
        self._epoch = -1
        self._judge: Query = queries.judge

    def batch(self, share: Share, limit: int = 1000) -> int:
        with self._database.transaction() as tx:
            share.fence(tx)
            claimed = tx.rows(queries.claim_inbox, slot=share.buckets, limit=limit)
            if not claimed:
                return 0
            self._learn_forms(tx)
            kept = self._judge_events(tx, claimed)
            done = [row for row in claimed if row.event_id not in kept]
            tx.run(
                queries.settle_inbox,
                buckets=[row.bucket for row in done],
                events=[row.event_id for row in done],
            )
            tx.wake("advance")
            return len(done)

    def _judge_events(self, tx: Transaction, claimed: list[Any]) -> set[UUID]:
        """Judge, look after people whose date may have passed, and return the events that must wait their turn."""
        now = clock.now()
        answers = tx.rows(
            self._judge,
            now=now,
            base=time_uuid(now),
            buckets=[row.bucket for row in claimed],
            events=[row.event_id for row in claimed],
            recorded=[row.recorded_at for row in claimed],
            oldest=min(row.recorded_at for row in claimed),
            newest=max(row.recorded_at for row in claimed),
        )
        late: dict[int, set[UUID]] = {}
        for row in answers:
            if row.what == "late":
                late.setdefault(row.trigger_id, set()).add(row.contact_id)
        for trigger_id, contacts in late.items():
            look_late(tx, now, trigger_id, sorted(contacts))
        return {row.event_id for row in answers if row.what == "later"}

    def _learn_forms(self, tx: Transaction) -> None:
        """Recompose the judgement when publication has brought new forms of conditions."""
        epoch = tx.value(queries.catalogue_epoch)
        if epoch != self._epoch:
            shapes = self._conditions.refresh(tx)
            self._judge = queries.judge.compose(yes=compose(shapes), seen=compose_seen(shapes))
            self._epoch = epoch
