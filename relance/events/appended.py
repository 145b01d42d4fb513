"""Which of the events just appended are in the ledger: the others had a key that was used before (A3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from relance.db.pool import Transaction
from relance.db.sql import load_queries

queries = load_queries(__package__, "appended.sql")


def appended(tx: Transaction, now: datetime, buckets: Mapping[UUID, int]) -> set[UUID]:
    """The event ids that are there. ``buckets``: event id → bucket; ``now`` is that of the append."""
    if not buckets:
        return set()
    rows = tx.rows(queries.appended_events, buckets=list(buckets.values()), event_ids=list(buckets), now=now)
    return {row.event_id for row in rows}
