"""An object is no more: told in the ledger, and left for those who may have used it (spec/flows.md G14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from relance.audience.ask_segments import ask_segments
from relance.audience.events import FIELD_CHANGED, GROUP_JOINED, OBJECT_DELETED, TAG_ADDED, ObjectDeleted
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import NewEvent

queries = load_queries(__package__, "tell_deleted.sql")

_HEARD_AS = {"tag": TAG_ADDED, "group": GROUP_JOINED, "field": FIELD_CHANGED}
"""What a condition that names such an object listens to."""


def tell_deleted(tx: Transaction, now: datetime, audience_id: int, type_: str, ids: Sequence[int]) -> None:
    """To be called by whatever deletes objects that a flow may name, in the transaction that deletes them.

    ``type_``: tag, field, group, category, audience, flow, message or segment.
    """
    if not ids:
        return
    account_id = int(tx.value(queries.account_of, audience_id=audience_id))
    tx.run(queries.leave_deleted, audience_id=audience_id, type=type_, ids=list(ids), now=now)
    append(
        tx,
        now,
        [
            NewEvent(OBJECT_DELETED, ObjectDeleted(type=type_, id=one), account_id, audience_id, None, "system")
            for one in ids
        ],
    )
    if type_ in _HEARD_AS:
        ask_segments(tx, now, audience_id, _HEARD_AS[type_].key, [str(one) for one in ids])
    tx.wake("care")
