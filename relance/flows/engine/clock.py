"""The clock turns time into events: for every live clock-woken trigger, whose moment lies since the last look?

It only appends ``clock.due``; the dispatcher judges it like any other event. Each (trigger, slot) has a watermark that
moves in the transaction that appended, so an outage is caught up once and nobody is looked at twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from relance.db.pool import Database, Transaction
from relance.db.share import Share
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import NewEvent
from relance.flows import events
from relance.flows.triggers.registry import TRIGGERS, trigger_kind
from relance.flows.triggers.shape import Due, Watch
from relance.kernel import clock
from relance.kernel.dates import at_local, local_day, zone
from relance.kernel.ids import bucket_of
from relance.kernel.slots import buckets_of_slot, slot_of

queries = load_queries(__package__, "clock.sql")

CLOCK_KINDS = [kind.key for kind in TRIGGERS if kind.wakes == "clock"]

DAY = timedelta(days=1)
STRIDE = timedelta(minutes=1)
"""How far an empty look lets the watermark lag before it is written: an idle clock writes next to nothing."""

AT_ONCE = 1000
"""Events a statement: a schedule may be everybody's moment."""


class Clock:
    """``look`` goes over a share for every live clock-woken trigger and returns how many moments it found."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def look(self, share: Share) -> int:
        with self._database.transaction() as tx:
            if not tx.value(queries.watches_anything, kinds=CLOCK_KINDS):
                return 0
        return sum(self._look_at(share, slot_number) for slot_number in share.slots)

    def _look_at(self, share: Share, slot_number: int) -> int:
        with self._database.transaction() as tx:
            share.fence(tx)
            now = clock.now()
            rows = tx.rows(queries.watched_triggers, slot_number=slot_number, kinds=CLOCK_KINDS, flow_id=None)
            return sum(self._look_for(tx, now, slot_number, row) for row in rows)

    def _look_for(self, tx: Transaction, now: datetime, slot_number: int, row: Any) -> int:
        since = max(row.moment, row.armed_at - timedelta(microseconds=1))
        if since >= now:
            return 0
        buckets = buckets_of_slot(slot_number)
        if now - row.moment < STRIDE and not _dues(tx, now, row, since, now, buckets, None):
            return 0
        # Who is changed from here on is told by look_late, which waits for this look; who was before is seen by it.
        moment = tx.value(queries.hold_watermark, trigger_id=row.trigger_id, slot_number=slot_number)
        if moment is None or moment >= now:
            return 0
        dues = _dues(tx, now, row, max(since, moment), now, buckets, None)
        _append(tx, now, row, dues)
        tx.run(queries.move_watermark, trigger_id=row.trigger_id, slot_number=slot_number, moment=now)
        return len(dues)


def look_late(tx: Transaction, now: datetime, trigger_id: int, changes: Mapping[UUID, Sequence[datetime]]) -> None:
    """People whose data has changed, and when: a moment of that day which had passed fires at once (D3), also when the
    change itself is only noticed after an outage."""
    by_slot: dict[int, list[UUID]] = {}
    for contact in sorted(changes):
        by_slot.setdefault(slot_of(contact), []).append(contact)
    for slot_number, people in by_slot.items():
        # A look in hand is waited for: it has read the data of before.
        tx.run(queries.hold_watermark, trigger_id=trigger_id, slot_number=slot_number)
        row = tx.row(queries.watermark_of, trigger_id=trigger_id, slot_number=slot_number)
        if row is None:
            wake_waiting(tx, now, trigger_id, people)
            continue
        # Any zone's day has begun since then; _that_day keeps each to their own.
        first = min(changed for contact in people for changed in changes[contact])
        dawn = at_local(local_day(first, zone(row.account_zone)), datetime.min.time(), zone(row.account_zone)) - DAY
        since = max(dawn, row.armed_at - timedelta(microseconds=1))
        if since < row.moment:
            dues = _dues(tx, now, row, since, row.moment, buckets_of_slot(slot_number), people)
            dues = [due for due in dues if _that_day(due, changes[due.contact_id], row)]
            _append(tx, now, row, _untold(tx, since, row, dues))


def look_again(
    tx: Transaction, now: datetime, flow_id: int, slot_number: int, changed: datetime, *, everybody: bool = False
) -> int:
    """The zone has changed at an instant: what of that day had passed by the new clock and was not told by the old one
    fires at once (spec section 11). Returns how many moments there were. ``everybody``: the flow goes by another zone,
    so that is asked also of contacts who have a zone of their own.

    Looks until now and says so: a look that began by the old clock and ends later moves the watermark no further.
    """
    found = 0
    for row in tx.rows(queries.watched_triggers, slot_number=slot_number, kinds=CLOCK_KINDS, flow_id=flow_id):
        where = zone(row.account_zone)
        dawn = at_local(local_day(changed, where), datetime.min.time(), where)
        # Any zone's day has begun a day before.
        since = max(min(dawn - DAY if everybody else dawn, row.moment), row.armed_at) - timedelta(microseconds=1)
        if since >= now:
            continue
        dues = [
            due
            for due in _dues(tx, now, row, since, now, buckets_of_slot(slot_number), None)
            if due.moment > row.moment
            or (_that_day(due, [changed], row) and (everybody or due.zone in ("", row.account_zone)))
        ]
        dues = list(_untold(tx, since, row, dues))
        _append(tx, now, row, dues)
        tx.run(queries.move_watermark, trigger_id=row.trigger_id, slot_number=slot_number, moment=now)
        found += len(dues)
    return found


def _that_day(due: Due, changed: Sequence[datetime], row: Any) -> bool:
    where = zone(due.zone or row.account_zone)
    return local_day(due.moment, where) in {local_day(moment, where) for moment in changed}


def _untold(tx: Transaction, since: datetime, row: Any, dues: Sequence[Due]) -> Sequence[Due]:
    """Without the moments that the clock has told already: it may look between a change and its judgement."""
    if not dues:
        return dues
    rows = tx.rows(
        queries.told_moments,
        buckets=[bucket_of(due.contact_id) for due in dues],
        contacts=[due.contact_id for due in dues],
        trigger=str(row.trigger_id),
        since=since,
    )
    told = {(one.contact_id, one.key, one.moment) for one in rows}
    return [due for due in dues if (due.contact_id, due.key, due.moment) not in told]


def wake_waiting(tx: Transaction, now: datetime, step_id: int, contacts: Sequence[UUID]) -> None:
    """Let people who wait at a step look again how long: their data has just changed."""
    woken = tx.run(
        queries.wake_waiting,
        now=now,
        step_id=step_id,
        buckets=[bucket_of(contact) for contact in contacts],
        contacts=list(contacts),
    )
    if woken:
        tx.wake("advance")


def _dues(
    tx: Transaction, now: datetime, row: Any, since: datetime, until: datetime, slot: Sequence[int], contacts: Any
) -> Sequence[Due]:
    kind = trigger_kind(row.kind)
    if kind is None or kind.look is None:
        raise LookupError(f"{row.kind} is no clock-woken trigger")
    watch = Watch(
        tx=tx,
        now=now,
        since=since,
        until=until,
        slot=slot,
        account_id=row.account_id,
        audience_id=row.audience_id,
        flow_id=row.flow_id,
        trigger_id=row.trigger_id,
        account_zone=row.account_zone,
        account_settings=row.account_settings,
        flow_zone=row.flow_zone,
        contacts=contacts,
    )
    return kind.look(msgspec.convert(row.settings, kind.settings), watch)


def _append(tx: Transaction, now: datetime, row: Any, dues: Sequence[Due]) -> None:
    kind = trigger_kind(row.kind)
    purpose = kind.purpose if kind else ""
    facts = [
        NewEvent(
            events.CLOCK_DUE,
            events.ClockDue(
                purpose=purpose,
                flow_id=row.flow_id,
                trigger_id=row.trigger_id,
                moment=due.moment,
                key=due.key,
                data=due.data,
            ),
            row.account_id,
            row.audience_id,
            due.contact_id,
            "system",
            occurred_at=due.moment,
            bulk=True,
        )
        for due in dues
    ]
    for first in range(0, len(facts), AT_ONCE):
        append(tx, now, facts[first : first + AT_ONCE])
