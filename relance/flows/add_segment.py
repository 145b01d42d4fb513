"""A segment's members added to a live flow by hand: a snapshot, not a subscription (trigger 10)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from relance.audience import segments
from relance.db.pool import Database, Transaction
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import NewEvent
from relance.flows import events
from relance.kernel import clock
from relance.kernel.errors import Conflict, NotFound
from relance.kernel.slots import SLOTS, buckets_of_slot

queries = load_queries(__package__, "add_segment.sql")

AT_ONCE = 1000


def already_through(tx: Transaction, flow_id: int, segment_id: int) -> int:
    """How many of a segment's members have been in a flow before."""
    rows = (
        tx.value(queries.count_through, slot=list(buckets_of_slot(number)), flow_id=flow_id, segment_id=segment_id)
        for number in range(SLOTS)
    )
    return sum(int(row) for row in rows)


def add_segment(database: Database, flow_id: int, segment_id: int, request_id: str, by: str = "user") -> int:
    """Tell the flow of everybody who is in the segment now, some people a transaction, and return how many.

    Done again with the same ``request_id``, after a power cut say, nobody enters twice. Raises Conflict when the flow
    is not live (10c), NotFound when there is no such segment in its audience.
    """
    return sum(sum(_parts(database, flow_id, segment_id, number, request_id, by)) for number in range(SLOTS))


def _parts(
    database: Database, flow_id: int, segment_id: int, slot_number: int, request_id: str, by: str
) -> Iterator[int]:
    buckets = buckets_of_slot(slot_number)
    after: UUID | None = None
    while True:
        with database.transaction() as tx:
            account_id, audience_id = _live(tx, flow_id, segment_id)
            found = segments.members_between(tx, segment_id, buckets, AT_ONCE, after)
            payload = events.ContactAdded(flow_id=flow_id, by=by, request_id=request_id, segment_id=segment_id)
            append(tx, clock.now(), [
                NewEvent(events.CONTACT_ADDED, payload, account_id, audience_id, one.contact_id, "app", bulk=True)
                for one in found
            ])  # fmt: skip
        yield len(found)
        if len(found) < AT_ONCE:
            return
        after = found[-1].contact_id


def _live(tx: Transaction, flow_id: int, segment_id: int) -> tuple[int, int]:
    row = tx.row(queries.flow_and_segment, flow_id=flow_id, segment_id=segment_id)
    if row is None:
        raise NotFound("there is no such segment in the flow's audience", mend="`relance segment list` lists them.")
    if row.state != "live":
        raise Conflict(f"contacts are added by hand to a live flow; this one is {row.state}", where=row.name)
    return row.account_id, row.audience_id
