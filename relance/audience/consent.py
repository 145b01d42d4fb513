"""Consent that ends: unsubscribing and cleaning. Idempotent: an outcome applied twice leaves the same rows.

Consent that begins is contacts.save and contacts.confirm. Email; a channel of SMS will have its own verbs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from relance.audience.audiences.model import Audience
from relance.audience.contacts.lock import lock, lock_many
from relance.audience.contacts.model import CLEANED, SUBSCRIBED, UNSUBSCRIBED, Actor, Contact, Deed, Draft
from relance.audience.contacts.save import read_held, read_setting
from relance.audience.contacts.status import change_status
from relance.audience.contacts.write import write
from relance.db.pool import Transaction
from relance.events.model import Cause

CleanedBy = Literal["hard_bounce", "soft_bounces"]


def unsubscribe(
    tx: Transaction,
    now: datetime,
    audience: Audience,
    contact: Contact,
    actor: Actor,
    *,
    delivery_id: UUID | None = None,
    reason: str | None = None,
    cause: Cause | None = None,
) -> Contact:
    """The contact, unsubscribed from email by ``actor.by``. An archived one stays archived.

    Somebody unsubscribed by others who now asks too is recorded as having asked: nobody else brings them back.
    """
    deed, before = Deed(now, audience, actor, cause=cause), lock(tx, contact)
    if before.email_status is None:
        return before
    setting, held = read_setting(tx, deed, [Draft()]), read_held(tx, [before])[before.contact_id]
    change = change_status(deed, setting, before, UNSUBSCRIBED, held, delivery_id=delivery_id, reason=reason)
    write(tx, deed, [change])
    return change.after


def unsubscribe_many(
    tx: Transaction, now: datetime, audience: Audience, causes: Mapping[UUID, Cause | None], actor: Actor
) -> set[UUID]:
    """``causes``: contact id → what made it so. Whoever is subscribed becomes unsubscribed, in a constant number of
    statements; the ids of those who did. Nobody else is touched: there is no consent to end."""
    deed = Deed(now, audience, actor)
    found = [one for one in lock_many(tx, audience.audience_id, list(causes)) if one.email_status == SUBSCRIBED]
    if not found:
        return set()
    setting, held = read_setting(tx, deed, [Draft()]), read_held(tx, found)
    changes = [
        change_status(replace(deed, cause=causes[one.contact_id]), setting, one, UNSUBSCRIBED, held[one.contact_id])
        for one in found
    ]
    write(tx, deed, changes)
    return {one.contact_id for one in found}


def clean(
    tx: Transaction, now: datetime, audience: Audience, contact: Contact, by: CleanedBy, *, source: str = "system"
) -> Contact:
    """The contact, cleaned: no email reaches the address. Archived contacts are left as they are (section 9)."""
    deed, before = Deed(now, audience, Actor("bounce", source)), lock(tx, contact)
    if before.email_status is None or before.archived:
        return before
    setting, held = read_setting(tx, deed, [Draft()]), read_held(tx, [before])[before.contact_id]
    change = change_status(deed, setting, before, CLEANED, held, cleaned_by=by)
    write(tx, deed, [change])
    return change.after
