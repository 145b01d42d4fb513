"""Change a contact's email status outside of a draft: confirmation, unsubscribe, bounce."""

from __future__ import annotations

from uuid import UUID

from relance.audience import events as kinds
from relance.audience.contacts import rules
from relance.audience.contacts.decide import Teller, tell_rest, tell_status, touched
from relance.audience.contacts.model import CLEANED, SUBSCRIBED, Change, Consent, Contact, Deed, Held, Setting


def change_status(
    deed: Deed,
    setting: Setting,
    before: Contact,
    new: str,
    held: Held,
    *,
    confirmed: bool = False,
    cleaned_by: str = "",
    delivery_id: UUID | None = None,
    reason: str | None = None,
    shown: str | None = None,
) -> Change:
    """The change to a status that has been decided already. Pure. Archived stays archived."""
    old = before.email_status
    out_by = rules.next_out_by(old, before.email_out_by, new, deed.actor.by)
    after = before.but(email_status=new, email_out_by=out_by)
    if new == SUBSCRIBED and old != new:
        after = after.but(opted_in_at=deed.now)
    if after == before:
        return Change(before, before)
    teller = Teller(deed, before.contact_id)
    if new == CLEANED:
        teller.tell(kinds.CLEANED, kinds.Cleaned(channel="email", by=cleaned_by))
    tell_status(teller, deed, old, new, confirmed=confirmed, delivery_id=delivery_id, reason=reason)
    tell_rest(teller, setting, before, after, held, set(held.tags), set(held.groups), deed.now)
    consent = Consent("email", old, new, shown)
    return touched(Change(before, after, tuple(teller.events), (consent,)), deed.now)
