"""A counted link was followed (spec/flows.md 35, 37, M4). A person's click counts as the open, if none
is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from relance.db.pool import Transaction
from relance.events.append import append
from relance.messages import events
from relance.messages.outcomes.delivery import fact, mark, queries


def clicked(tx: Transaction, now: datetime, row: Any, link_id: int, url: str, *, machine: bool) -> None:
    """Record the first click of each link of a delivery, by people and by machines apart.

    ``row``: the locked delivery. ``url``: the link's name, without tracking parameters.
    """
    machine = machine and not row.machines_count
    if machine:
        mark(tx, row, machine_at=now)
    else:
        mark(tx, row, opened_at=now, clicked_at=now)
    payload = events.Clicked(
        delivery_id=row.delivery_id,
        message_id=row.message_id,
        link_id=link_id,
        url=url,
        machine=machine,
        opens=row.opened_at is None,
    )
    key = f"click:{row.delivery_id}:{link_id}:{'machine' if machine else 'person'}"
    append(tx, now, [fact(row, events.CLICKED, payload, key)])


def stored_url(tx: Transaction, row: Any, link_id: int) -> str | None:
    """The link as its message keeps it; None when the message has no such link."""
    url: str | None = tx.value(queries.find_link, message_id=row.message_id, link_id=link_id)
    return url
