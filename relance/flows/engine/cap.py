"""The frequency cap (spec/flows.md 5.8), judged for a group of messages that are about to leave: one look-up for all.

Messages of one contact that are due together go by the priority of their flow, then by whose run began earlier. One
that has a better rival waiting to be handed over steps back, so that the rival finds the place free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.flows.definition.durations import write_seconds
from relance.messages.prepare import Refusal
from relance.messages.restraint import LONGEST_WAIT, RESTRAINED, Cap, waits_when_capped

queries = load_queries(__package__, "cap.sql")

LONG_AGO = timedelta(days=62)
"""How long before the period a message may have been queued and still count: partitions are months."""

YIELDS = "W10"
"""It is still on its way: it only lets another one pass."""


def over_the_cap(tx: Transaction, now: datetime, rows: Sequence[Any], caps: Mapping[UUID, Cap]) -> dict[UUID, Refusal]:
    """S08 or W08 for those that would be too many, W10 for those that let a better one pass.

    ``rows`` of runs_behind, judged otherwise already; ``caps`` by delivery.
    """
    rows = sorted(rows, key=_rank)
    found = _look_up(tx, now, rows, caps)
    leaving: dict[UUID, list[datetime]] = {}
    refused = {}
    for row in rows:
        cap, seen = caps[row.delivery_id], found[row.delivery_id]
        beside = leaving.setdefault(row.contact_id, [])
        times = [*seen.times, *beside]
        if free := cap.free_at(times):
            refused[row.delivery_id] = _refusal(now, row, cap, times, free)
        elif len(times) + seen.rivals >= cap.n:
            refused[row.delivery_id] = Refusal(YIELDS)
        else:
            beside.append(now)
    return refused


def _rank(row: Any) -> tuple[Any, ...]:
    return (row.priority, row.entered_at, row.run_id)


def _look_up(tx: Transaction, now: datetime, rows: Sequence[Any], caps: Mapping[UUID, Cap]) -> dict[UUID, Any]:
    since = [now - caps[row.delivery_id].period for row in rows]
    answers = tx.rows(
        queries.sent_and_rivals,
        now=now,
        channel="email",
        **{"class": RESTRAINED},
        oldest=min(since) - LONG_AGO,
        since=since,
        buckets=[row.bucket for row in rows],
        contacts=[row.contact_id for row in rows],
        deliveries=[row.delivery_id for row in rows],
        runs=[row.run_id for row in rows],
        priorities=[row.priority for row in rows],
        entered=[row.entered_at for row in rows],
    )
    return {row.delivery_id: row for row in answers}


def _refusal(now: datetime, row: Any, cap: Cap, times: Sequence[datetime], free: datetime) -> Refusal:
    seen = {
        "cap": f"{cap.n} in {write_seconds(cap.seconds)}",
        "counted": len(times),
        "last_sent": max(times).isoformat(),
    }
    last = (row.ready_at or row.queued_at) + LONGEST_WAIT
    if not waits_when_capped(row.account) or now >= last:
        return Refusal("S08", seen=seen)
    until = min(free, last)
    return Refusal("W08", until, {**seen, "until": until.isoformat()})
