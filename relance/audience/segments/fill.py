"""Fill a new segment, or one with a new condition, slot by slot: some buckets a transaction, the progress in its row.

In the loop that also refreshes, so that no two look at one contact at a time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from relance.audience.segments.refresh import Refresher
from relance.audience.segments.store import queries
from relance.db.pool import Transaction
from relance.db.share import Share
from relance.kernel.slots import buckets_of_slot

AT_ONCE = 16
"""Buckets a transaction: of ten million contacts, some forty thousand."""


def fill(tx: Transaction, refresher: Refresher, share: Share, now: datetime) -> bool:
    """Do a part of the first task of a share's slots. Whether there was one."""
    task = tx.row(queries.next_task, slots=list(share.slots))
    if task is None:
        return False
    share.fence(tx)
    buckets = buckets_of_slot(task.slot)
    some = list(buckets[task.progress : task.progress + AT_ONCE])
    if task.deleted:
        tx.run(queries.empty_members, some=some, segment_id=task.segment_id)
        tx.run(queries.empty_dues, some=some, segment_id=task.segment_id)
    else:
        _ask(tx, refresher, task, some, now)
    key = {"segment_id": task.segment_id, "slot_number": task.slot, "asked_at": task.asked_at}
    if task.progress + AT_ONCE < len(buckets):
        tx.run(queries.note_progress, **key, progress=task.progress + AT_ONCE)
    else:
        tx.run(queries.finish, **key)
    return True


def _ask(tx: Transaction, refresher: Refresher, task: Any, some: list[int], now: datetime) -> None:
    params = {
        "some": some,
        "segment_id": task.segment_id,
        "audience_id": task.audience_id,
        "condition_id": task.condition_id,
        "zone": task.zone,
        "now": now,
    }
    refresher.learn(tx)
    row = tx.row(refresher.fill, **params)
    if row is not None and not row.known:
        refresher.learn(tx, anew=True)
        tx.row(refresher.fill, **params)
