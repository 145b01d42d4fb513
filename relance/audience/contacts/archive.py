"""Take a contact out of all marketing and flows, keeping the data; and bring it back."""

from __future__ import annotations

from datetime import datetime

from relance.audience import events as kinds
from relance.audience.audiences.model import Audience
from relance.audience.contacts.decide import Teller, archived_by, touched
from relance.audience.contacts.lock import lock
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
    teller = Teller(deed, before.contact_id)
    teller.tell(kinds.ARCHIVED, kinds.Archived(by=archived_by(deed)))
    change = touched(Change(before, before.but(archived_at=now), tuple(teller.events)), now)
    write(tx, deed, [change])
    return change.after


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
