"""/lists/{id}/tag-search: tags whose name begins so."""

from __future__ import annotations

from relance.api.http import Answer, Call
from relance.api.v3.audience import audience_of
from relance.api.v3.collections import link, one
from relance.audience import tags
from relance.db.pool import Transaction
from relance.kernel.ids import hex_id


def index(call: Call, tx: Transaction) -> Answer:
    """Not paged: all of them."""
    audience = audience_of(call, tx)
    found = tags.search(tx, audience.audience_id, call.query.get("name", ""))
    parent = call.url("lists", hex_id(audience.audience_id))
    body = {
        "tags": [{"id": tag.tag_id, "name": tag.name} for tag in found],
        "total_items": len(found),
        "_links": [link("self", f"{parent}/tag-search"), link("parent", parent)],
    }
    return one(call, body)
