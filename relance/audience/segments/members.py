"""Who is in a segment, as it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from relance.audience.segments.model import Member
from relance.audience.segments.store import queries
from relance.db.pool import Transaction
from relance.kernel.ids import BUCKETS, bucket_of

EVERYWHERE = list(range(BUCKETS))


def count(tx: Transaction, segment_id: int) -> int:
    return int(tx.value(queries.count_members, segment_id=segment_id, slot=EVERYWHERE))


def members(tx: Transaction, segment_id: int, limit: int, offset: int = 0) -> list[Member]:
    """A page, in an order that stays."""
    rows = tx.rows(queries.members_page, segment_id=segment_id, slot=EVERYWHERE, limit=limit, offset=offset)
    return [Member(*row) for row in rows]


def members_between(
    tx: Transaction, segment_id: int, buckets: Sequence[int], limit: int, after: UUID | None = None
) -> list[Member]:
    """Those of some buckets after a contact id, in the order of ids: for loops over everybody."""
    rows = tx.rows(queries.members_after, segment_id=segment_id, slot=list(buckets), limit=limit, after=after)
    return [Member(*row) for row in rows]


def among(tx: Transaction, contacts: Sequence[UUID]) -> dict[UUID, set[int]]:
    """Which segments each of these contacts is in; contacts in none are left out."""
    found: dict[UUID, set[int]] = {}
    params = {"buckets": [bucket_of(contact) for contact in contacts], "contacts": list(contacts)}
    for row in tx.rows(queries.segments_among, **params):
        found.setdefault(row.contact_id, set()).add(row.segment_id)
    return found
