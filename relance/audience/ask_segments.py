"""The answers of segments may have changed for everybody at once: a tag is gone, an email was sent for the first time.

Apart from the segments themselves, so that whatever they are made of can call it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.slots import SLOTS

queries = load_queries(__package__, "ask_segments.sql")


def ask_segments(tx: Transaction, now: datetime, audience_id: int, event_kind: str, keys: Collection[str]) -> None:
    """Have everybody asked anew about the segments that listen to these events, and about those that name them.

    Nobody is told who joins or leaves by it: nothing has happened to these people.
    """
    asked = tx.run(
        queries.ask_segments,
        audience_id=audience_id,
        kind=event_kind,
        keys=sorted(keys),
        slots=list(range(SLOTS)),
        now=now,
    )
    if asked:
        tx.wake("segments")


def ask_all_segments(tx: Transaction, now: datetime, account_id: int) -> None:
    """The same for all segments of an account: what it means by a day, or by opened, has changed."""
    if tx.run(queries.ask_all_segments, account_id=account_id, slots=list(range(SLOTS)), now=now):
        tx.wake("segments")
