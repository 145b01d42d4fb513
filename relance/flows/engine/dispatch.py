"""The dispatcher only starts runs and releases waits: it judges the inbox in batches, each in one statement."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from relance.audience.conditions import CompiledCache, compose, compose_asks_contact, compose_seen
from relance.db.front import Front
from relance.db.pool import Database, Transaction
from relance.db.share import Share
from relance.db.sql import Query, load_queries
from relance.flows.engine.clock import look_late
from relance.flows.engine.set_aside import Isolation, set_event_aside
from relance.kernel import clock
from relance.kernel.ids import time_uuid

queries = load_queries(__package__, "dispatch.sql")

AT_ONCE = 1000
"""Events a batch, about: each queue's part is rounded up."""


class Picked(NamedTuple):
    """A row of pick: an event to judge, with what it was picked from. An event without a contact is its own."""

    row: str
    bucket: int
    contact_id: UUID
    event_id: UUID
    recorded_at: datetime
    lane: int
    slot: int
    account_id: int
    part: int
    both_lanes: bool
    epoch: int


class Dispatcher:
    """``batch`` judges up to ``limit`` events of a share in one transaction and returns how many it judged.

    The advancer of the same worker goes on with the runs that it started or released.
    """

    def __init__(self, database: Database, conditions: CompiledCache) -> None:
        self._database = database
        self._conditions = conditions
        self._epoch = -1
        self._judge: Query = queries.judge
        self._isolation = Isolation("event")
        self._front = Front()
        self._in_hand: list[Picked] = []

    def batch(self, share: Share, limit: int = AT_ONCE) -> int:
        """An event that cannot be judged, for a mistake of ours, is set aside: it must not keep the others waiting."""
        return self._isolation.attempt(
            limit, lambda few: self._batch(share, few), lambda trouble: self._set_aside(share, trouble)
        )

    def _set_aside(self, share: Share, trouble: str) -> bool:
        if not self._in_hand:
            return False
        with self._database.transaction() as tx:
            share.fence(tx)
            set_event_aside(tx, self._in_hand[0], trouble)
        return True

    def _batch(self, share: Share, limit: int) -> int:
        self._in_hand = []
        with self._database.transaction() as tx:
            picked = self._pick(tx, share, limit)
            if not picked:
                return 0
            share.fence(tx)
            self._learn_forms(tx, picked[0].epoch)
            now = clock.now()
            times = Counter((one.bucket, one.contact_id) for one in picked)
            answers = tx.rows(
                self._judge,
                now=now,
                base=time_uuid(now),
                slot=share.buckets,
                oldest=picked[0].recorded_at,
                rows=[one.row for one in picked],
                buckets=[one.bucket for one in picked],
                events=[one.event_id for one in picked],
                recorded=[one.recorded_at for one in picked],
                lanes=[one.lane for one in picked],
                crowded=[times[one.bucket, one.contact_id] > 1 for one in picked],
            )
            late: dict[int, dict[UUID, list[datetime]]] = {}
            judged = 0
            for row in answers:
                if row.trigger_id is not None:
                    late.setdefault(row.trigger_id, {}).setdefault(row.contact_id, []).append(row.changed_at)
                    continue
                judged = row.judged
                if row.more or _is_cut(picked):
                    tx.wake("dispatch")
                if row.touches:
                    tx.wake("segments")
            for trigger_id, changes in sorted(late.items()):
                look_late(tx, now, trigger_id, changes)
            return judged

    def _pick(self, tx: Transaction, share: Share, limit: int) -> list[Picked]:
        now = clock.now()
        since = self._front.since(now)
        rows = tx.tuples(queries.pick, slot=share.buckets, slots=list(share.slots), now=now, since=since, limit=limit)
        picked = [Picked(*row) for row in rows]
        self._front.found(now, picked[0].recorded_at if picked else None)
        self._in_hand = picked
        return picked

    def _learn_forms(self, tx: Transaction, epoch: int) -> None:
        """Recompose the judgement when publication has brought new forms of conditions."""
        if epoch != self._epoch:
            shapes = self._conditions.refresh(tx)
            self._judge = queries.judge.compose(
                yes=compose(shapes), seen=compose_seen(shapes), asks_contact=compose_asks_contact(shapes)
            )
            self._epoch = epoch


def _is_cut(picked: list[Picked]) -> bool:
    """Whether something was left for the next batch: a part that is full, or bulk beside single events."""
    parts = Counter((one.slot, one.lane, one.account_id) for one in picked)
    return picked[0].both_lanes or any(parts[one.slot, one.lane, one.account_id] >= one.part for one in picked)
