"""Take a contact out of all marketing and flows, keeping the data; and bring it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from relance.audience import events as kinds
from relance.audience.audiences.model import Audience
from relance.audience.contacts.decide import Teller, archived_by, touched
from relance.audience.contacts.lock import lock, lock_many
from relance.audience.contacts.model import Actor, Change, Contact, Deed
from relance.audience.contacts.write import write
from relance.db.pool import Transaction
from relance.events.model import Cause


def archive(
    tx: Transaction, now: datetime, audience: Audience, contact: Contact, actor: Actor, *, cause: Cause | None = None
) -> Contact:
    """The contact, archived; its statuses are kept for a return. Twice is once."""
    deed, before = Deed(now, audience, actor, cause=cause), lock(tx, contact)
    if before.archived:
        return before
    change = _archived(deed, before)
    write(tx, deed, [change])
    return change.after


def archive_many(
    tx: Transaction, now: datetime, audience: Audience, causes: Mapping[UUID, Cause | None], actor: Actor
) -> set[UUID]:
    """``causes``: contact id → what made it so. In a constant number of statements; the ids of those who were not
    archived yet."""
    deed = Deed(now, audience, actor)
    found = [one for one in lock_many(tx, audience.audience_id, list(causes)) if not one.archived]
    write(tx, deed, [_archived(replace(deed, cause=causes[one.contact_id]), one) for one in found])
    return {one.contact_id for one in found}


def _archived(deed: Deed, before: Contact) -> Change:
    teller = Teller(deed, before.contact_id)
    teller.tell(kinds.ARCHIVED, kinds.Archived(by=archived_by(deed)))
    return touched(Change(before, before.but(archived_at=deed.now), tuple(teller.events)), deed.now)


def restore(
    tx: Transaction, now: datetime, audience: Audience, contact: Contact, actor: Actor, *, cause: Cause | None = None
) -> Contact:
    """The contact in its former status: restoring is no sign-up. Twice is once."""
    deed, before = Deed(now, audience, actor, cause=cause), lock(tx, contact)
    if not before.archived:
        return before
    teller = Teller(deed, before.contact_id)
    teller.tell(kinds.RESTORED, kinds.Restored(by=archived_by(deed)))
    change = touched(Change(before, before.but(archived_at=None), tuple(teller.events)), now)
    write(tx, deed, [change])
    return change.after
