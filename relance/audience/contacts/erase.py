"""Erase a person for good. Only a keyed hash of the address stays, so that no import brings it back (section 9)."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from relance.audience import events as kinds
from relance.audience.audiences.model import Audience
from relance.audience.contacts import store
from relance.audience.contacts.decide import Teller
from relance.audience.contacts.lock import lock
from relance.audience.contacts.model import Actor, Contact, Deed
from relance.audience.contacts.rules import forgotten_key, key_of
from relance.db.pool import Transaction
from relance.events.append import append

KEPT = (
    "previous", "by", "channel", "attribute", "at_creation", "imported", "confirmed", "email_status", "sms_status",
    "name", "via", "hardness", "code", "machine", "class", "kind", "how", "purpose", "moment", "state",
)  # fmt: skip
"""Words of ours in payloads that say nothing of the person; ids stay too."""


def erase(tx: Transaction, now: datetime, audience: Audience, contact: Contact, actor: Actor) -> None:
    """Rows, identities and personal values in payloads are gone; ``contact.erased`` ends the runs, and the engine's
    upkeep blanks what messages, runs and the trail hold (flows/engine/forget.py).

    Raises NotFound when it is gone already.
    """
    deed, before = Deed(now, audience, actor), lock(tx, contact)
    gone = []
    if before.email is not None:
        key = key_of(before.email)
        gone.append(("email", key, before.contact_id))
        secret = _secret(tx, audience.account_id)
        hashed = forgotten_key(secret, audience.audience_id, key)
        store.remember_forgotten(tx, now, audience.audience_id, hashed, before.contact_id)
    if before.sms_number is not None:
        gone.append(("sms", before.sms_number, before.contact_id))
    store.drop_identities(tx, audience.audience_id, gone)
    store.erase_contact(tx, before)
    blank_events(tx, before.contact_id)
    store.insert_erasure(tx, now, before)
    tx.wake("upkeep")
    teller = Teller(deed, before.contact_id)
    teller.tell(kinds.ERASED, kinds.Erased())
    append(tx, now, teller.events)


def blank_events(tx: Transaction, contact_id: UUID) -> None:
    """Personal values in the payloads of what the ledger tells of the contact."""
    store.blank_events(tx, contact_id, KEPT)


def _secret(tx: Transaction, account_id: int) -> str:
    """The account's key for what it forgets, made when first needed."""
    _, secret = store.find_account(tx, account_id)
    if secret is None:
        store.keep_forget_key(tx, account_id, secrets.token_hex(32))
        _, secret = store.find_account(tx, account_id)
    if secret is None:
        raise LookupError(f"account {account_id} has lost its forget key")
    return secret
