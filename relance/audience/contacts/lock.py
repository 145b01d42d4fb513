"""Hold contacts, as they are now, until the transaction ends."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from relance.audience.contacts import store
from relance.audience.contacts.model import Contact
from relance.db.pool import Transaction
from relance.kernel.errors import NotFound


def lock(tx: Transaction, contact: Contact) -> Contact:
    """What the caller read may be old: this is fresh. Raises NotFound when it has been erased meanwhile."""
    fresh = store.read_contacts(tx, contact.audience_id, [contact.contact_id], lock=True).get(contact.contact_id)
    if fresh is None:
        raise NotFound("there is no such contact in this audience.", code="no_contact")
    return fresh


def lock_many(tx: Transaction, audience_id: int, contact_ids: Sequence[UUID]) -> list[Contact]:
    """Those of them that are still there, locked in key order."""
    return list(store.read_contacts(tx, audience_id, list(contact_ids), lock=True).values())
