"""A message was opened: its pixel was fetched (spec/flows.md 33, M4, M5)."""

from __future__ import annotations

from datetime import datetime

from relance.db.pool import Transaction
from relance.events.append import append
from relance.messages import events
from relance.messages.outcomes.delivery import fact, lock, mark
from relance.messages.track.token import DeliveryRef

_LONGEST_CLIENT = 200


def opened(tx: Transaction, now: datetime, ref: DeliveryRef, *, machine: bool, client: str = "") -> bool:
    """Record the first open by a person and the first by a machine; later ones change nothing.

    ``client``: the user agent. Returns whether this one was a first.
    """
    row = lock(tx, ref)
    if row is None:
        return False
    machine = machine and not row.machines_count
    if (row.machine_at if machine else row.opened_at) is not None:
        return False
    mark(tx, row, **{"machine_at" if machine else "opened_at": now})
    payload = events.Opened(
        delivery_id=row.delivery_id,
        message_id=row.message_id,
        machine=machine,
        client=client[:_LONGEST_CLIENT] or None,
    )
    append(tx, now, [fact(row, events.OPENED, payload)])
    return True
