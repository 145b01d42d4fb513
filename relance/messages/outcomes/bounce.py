"""A message that was sent came back later (spec/flows.md section 9): by a report, not by the answer at hand-over."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from relance.audience import audiences, consent, contacts
from relance.db.pool import Transaction
from relance.events.append import append
from relance.messages import events
from relance.messages.outcomes.delivery import fact, lock, queries
from relance.messages.track.token import DeliveryRef


def bounced(
    tx: Transaction, now: datetime, ref: DeliveryRef, hardness: Literal["hard", "soft"], code: str | None = None
) -> bool:
    """Record the bounce once; a hard one cleans the contact. Returns whether anything changed.

    ``code``: the enhanced status, or the SMTP reply.
    """
    row = lock(tx, ref)
    if row is None:
        return False
    key = {"bucket": ref.bucket, "delivery_id": ref.delivery_id, "queued_at": ref.queued_at}
    if not tx.run(queries.mark_bounced, now=now, hardness=hardness, **key):
        return False
    if hardness == "hard" and (contact := contacts.find(tx, row.audience_id, str(row.contact_id), lock=True)):
        consent.clean(tx, now, audiences.get(tx, row.account_id, row.audience_id), contact, "hard_bounce")
    payload = events.Bounced(delivery_id=row.delivery_id, message_id=row.message_id, hardness=hardness, code=code)
    append(tx, now, [fact(row, events.BOUNCED, payload)])
    return True
