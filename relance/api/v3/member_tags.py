"""/lists/{id}/members/{member}/tags: put tags on and take them off."""

from __future__ import annotations

from typing import Literal

import msgspec

from relance.api.body import fit
from relance.api.http import Answer, Call
from relance.api.v3.audience import API, audience_of, member_of
from relance.api.v3.collections import in_memory, link, stamp
from relance.audience import contacts
from relance.db.pool import Transaction
from relance.kernel.ids import hex_id


class TagForm(msgspec.Struct, kw_only=True):
    name: str
    status: Literal["active", "inactive"]


class TagsForm(msgspec.Struct, kw_only=True):
    """``is_syncing``: history is being loaded, nothing starts (spec/flows.md G11)."""

    tags: list[TagForm]
    is_syncing: bool = False


def index(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    contact = member_of(call, tx, audience)
    held = contacts.tags_of(tx, [contact])[contact.contact_id]
    parent = call.url("lists", hex_id(audience.audience_id), "members", contacts.key_of(contact.email or ""))
    links = (link("self", f"{parent}/tags"), link("parent", parent), link("update", f"{parent}/tags", "POST"))
    return in_memory(
        call,
        "tags",
        held,
        lambda each: {"id": each[0].tag_id, "name": each[0].name, "date_added": stamp(each[1])},
        *links,
    )


def change(call: Call, tx: Transaction) -> Answer:
    """Of a tag that stands in a call twice, the last word counts."""
    audience = audience_of(call, tx)
    form = fit(call.body(), TagsForm)
    contact = member_of(call, tx, audience)
    wanted = {tag.name: tag.status == "active" for tag in form.tags}
    contacts.set_tags(
        tx, call.now, audience, contact, API,
        add=[name for name, active in wanted.items() if active],
        remove=[name for name, active in wanted.items() if not active],
        syncing=form.is_syncing,
    )  # fmt: skip
    return Answer()
