"""Append facts to the ledger, with the inbox rows that the dispatcher will judge them by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.events.model import NewEvent
from relance.kernel.ids import bucket_of, bucket_of_key, time_uuid

queries = load_queries(__package__)


def append(tx: Transaction, now: datetime, events: Sequence[NewEvent]) -> list[UUID]:
    """Append ``events`` in one statement and return their ids, in order.

    The caller holds the lock on the contacts concerned (it has just changed them), so the order of ids is the order of
    changes. An event whose ``key`` was seen before is left out: its id is returned all the same, and names nothing.
    """
    if not events:
        return []
    ids = [time_uuid(now) for _ in events]
    rows = [_row(event, event_id, now) for event, event_id in zip(events, ids, strict=True)]
    statement = queries.append_keyed_events if any(event.key for event in events) else queries.append_events
    tx.run(statement, events=msgspec.json.encode(rows).decode(), now=now)
    if any(event.kind.wakes for event in events):
        tx.wake("dispatch")
    return ids


def _row(event: NewEvent, event_id: UUID, now: datetime) -> dict[str, object]:
    cause = event.cause
    return {
        "bucket": bucket_of(event.contact_id) if event.contact_id else bucket_of_key(event.kind.key),
        "event_id": event_id,
        "account_id": event.account_id,
        "audience_id": event.audience_id,
        "contact_id": event.contact_id,
        "kind": event.kind.key,
        "match_key": event.kind.match_key(event.payload),
        "occurred_at": event.occurred_at or now,
        "source": event.source,
        "syncing": event.syncing,
        "payload": event.payload,
        "cause_flow": cause.flow_id if cause else None,
        "cause_run": cause.run_id if cause else None,
        "cause_step": cause.step_id if cause else None,
        "depth": cause.depth if cause else 0,
        "wakes": event.kind.wakes,
        "lane": 1 if event.bulk else 0,
        "key": event.key,
    }


def forget_keys(tx: Transaction, slot: Sequence[int], before: datetime) -> int:
    """Forget the callers' keys that were used before an instant. Returns how many."""
    return tx.run(queries.forget_ingest_keys, slot=list(slot), before=before)
