"""The contact leaves by the link or the one-click header of a message (RFC 8058), and may come back at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relance.audience import audiences, consent, contacts
from relance.audience.audiences import Audience
from relance.audience.contacts import PENDING, SUBSCRIBED, UNSUBSCRIBED, Actor, Contact, Draft
from relance.db.pool import Transaction
from relance.messages.outcomes.delivery import lock, queries
from relance.messages.track.token import DeliveryRef


@dataclass(frozen=True, slots=True)
class Standing:
    """Who the link belongs to. ``out``: gets no marketing email; ``may_return``: was subscribed before leaving."""

    audience: Audience
    contact: Contact
    out: bool
    may_return: bool


def standing(tx: Transaction, ref: DeliveryRef) -> Standing | None:
    """None when the delivery or the contact is gone."""
    row = lock(tx, ref)
    return None if row is None else _standing(tx, row)


def unsubscribed(tx: Transaction, now: datetime, ref: DeliveryRef, address: str | None) -> Standing | None:
    """Unsubscribe at once; twice is once. ``address``: network address of the request."""
    row = lock(tx, ref)
    before = None if row is None else _standing(tx, row)
    if row is None or before is None:
        return None
    consent.unsubscribe(tx, now, before.audience, before.contact, _contact_at(address), delivery_id=row.delivery_id)
    return _standing(tx, row)


def returned(tx: Transaction, now: datetime, ref: DeliveryRef, address: str | None) -> Standing | None:
    """Undo: who was subscribed before leaving is so again. The signed link proves whose address it is."""
    row = lock(tx, ref)
    before = None if row is None else _standing(tx, row)
    if row is None or before is None:
        return None
    if before.may_return:
        draft = Draft(contact_id=before.contact.contact_id, email_status=SUBSCRIBED, confirmed=True)
        contacts.save(tx, now, before.audience, draft, _contact_at(address))
    return _standing(tx, row)


def _standing(tx: Transaction, row: Any) -> Standing | None:
    contact = contacts.find(tx, row.audience_id, str(row.contact_id), lock=True)
    if contact is None:
        return None
    audience = audiences.get(tx, row.account_id, row.audience_id)
    out = contact.email_status not in (SUBSCRIBED, PENDING)
    last = tx.row(queries.last_consent, bucket=row.bucket, contact_id=row.contact_id)
    left = contact.email_status == UNSUBSCRIBED and not contact.archived
    may_return = left and last is not None and (last.old, last.new, last.by) == (SUBSCRIBED, UNSUBSCRIBED, "self")
    return Standing(audience, contact, out, may_return)


def _contact_at(address: str | None) -> Actor:
    return Actor("self", "preference_page", address=address)
