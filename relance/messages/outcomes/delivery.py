"""The delivery that an outcome is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.events.model import EventKind, NewEvent, Payload
from relance.messages.track.token import DeliveryRef

queries = load_queries(__package__)


def lock(tx: Transaction, ref: DeliveryRef) -> Any | None:
    """The row, held until the transaction ends; None when it is too old to be kept."""
    return tx.row(queries.lock_delivery, bucket=ref.bucket, delivery_id=ref.delivery_id, queued_at=ref.queued_at)


def mark(
    tx: Transaction,
    row: Any,
    *,
    opened_at: datetime | None = None,
    clicked_at: datetime | None = None,
    machine_at: datetime | None = None,
) -> None:
    tx.run(
        queries.mark,
        bucket=row.bucket,
        delivery_id=row.delivery_id,
        queued_at=row.queued_at,
        opened_at=opened_at,
        clicked_at=clicked_at,
        machine_at=machine_at,
    )


def fact(row: Any, kind: EventKind, payload: Payload, key: str | None = None) -> NewEvent:
    return NewEvent(kind, payload, row.account_id, row.audience_id, row.contact_id, "system", key=key)
