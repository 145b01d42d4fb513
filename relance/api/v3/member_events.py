"""/lists/{id}/members/{member}/events: custom events of a contact (spec/flows.md, trigger 40)."""

from __future__ import annotations

from typing import Any

import msgspec

from relance.api.body import fit
from relance.api.http import Answer, Call
from relance.api.v3.audience import audience_of, member_of
from relance.api.v3.collections import collection, link, page_of, read_moment, stamp, wants
from relance.audience import contacts
from relance.audience import events as kinds
from relance.audience.contacts import browse
from relance.audience.record_event import Fact, record_event
from relance.db.pool import Transaction
from relance.kernel.ids import hex_id


class EventForm(msgspec.Struct, kw_only=True):
    """``is_syncing``: stored, does not fire."""

    name: str
    properties: dict[str, Any] | None = None
    occurred_at: str | None = None
    is_syncing: bool = False


def index(call: Call, tx: Transaction) -> Answer:
    """Newest first, as far back as the ledger goes."""
    audience = audience_of(call, tx)
    contact = member_of(call, tx, audience)
    page = page_of(call)
    found = contacts.timeline(tx, contact, page.offset + page.count, kinds=[kinds.CUSTOM.key])[page.offset :]
    total = browse.count_events(tx, contact, kinds.CUSTOM.key) if wants(call, "total_items") else 0
    events = [
        {
            "occurred_at": stamp(entry.occurred_at),
            "name": entry.payload["name"],
            "properties": entry.payload["properties"],
        }
        for entry in found
    ]
    parent = call.url("lists", hex_id(audience.audience_id), "members", contacts.key_of(contact.email or ""))
    links = (link("self", f"{parent}/events"), link("parent", parent), link("create", f"{parent}/events", "POST"))
    return collection(call, "events", events, total, *links)


def create(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    form = fit(call.body(), EventForm)
    contact = member_of(call, tx, audience, lock=True)
    fact = Fact(
        audience,
        str(contact.contact_id),
        form.name,
        form.properties or {},
        read_moment(form.occurred_at, "occurred_at") if form.occurred_at else None,
        form.is_syncing,
        call.idempotency_key(),
    )
    record_event(tx, call.now, fact)
    return Answer()
