"""The contact confirms a sign-up: double opt-in (G21)."""

from __future__ import annotations

from datetime import datetime

from relance.audience.audiences.model import Audience
from relance.audience.contacts.lock import lock
from relance.audience.contacts.model import PENDING, SUBSCRIBED, Actor, Contact, Deed, Draft
from relance.audience.contacts.save import read_held, read_setting
from relance.audience.contacts.status import change_status
from relance.audience.contacts.write import write
from relance.db.pool import Transaction
from relance.kernel.errors import Conflict


def confirm(tx: Transaction, now: datetime, audience: Audience, contact: Contact, actor: Actor) -> Contact:
    """The contact, subscribed; what it chose while pending is told now. Twice is once.

    Raises Conflict (not_pending) when it has been unsubscribed, cleaned or archived since.
    """
    deed, before = Deed(now, audience, actor), lock(tx, contact)
    if before.email_status == SUBSCRIBED and not before.archived:
        return before
    if before.email_status != PENDING or before.archived:
        raise Conflict("this sign-up is no longer open.", mend="Please sign up again.", code="not_pending")
    setting = read_setting(tx, deed, [Draft()])
    held = read_held(tx, [before])[before.contact_id]
    change = change_status(deed, setting, before, SUBSCRIBED, held, confirmed=True)
    write(tx, deed, [change])
    return change.after
