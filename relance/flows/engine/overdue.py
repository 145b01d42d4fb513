"""The end of a pause (spec/flows.md 5.3): who was held goes on, and who was missed comes to the gate again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import NewEvent
from relance.flows import events
from relance.messages import facts

queries = load_queries(__package__, "overdue.sql")

LATE = {"skip": "skipping", "end": "ending"}
"""The answer to what becomes of late messages → the state that marks a run (engine/walk.py)."""


def let_go(
    tx: Transaction,
    flow_id: int,
    now: datetime,
    buckets: Sequence[int],
    args: Mapping[str, Any],
    *,
    queues: bool = False,
) -> int:
    """``args``: late (skip or end; absent: all leave), before (held or queued until then is late), since (the beginning
    of the pause). ``queues``: the flow has a release rate, so the advancer must know since when they have been due.
    Returns how many runs go on."""
    params = {"flow_id": flow_id, "now": now, "part": list(buckets)}
    late = LATE.get(args.get("late", ""))
    if late is None:
        return tx.run(queries.release_held, **params, queues=queues, late=None, before=None, since=None)
    before, since = datetime.fromisoformat(args["before"]), datetime.fromisoformat(args["since"])
    done = 0
    if late == "skipping":
        gone = tx.rows(queries.skip_queued, **params, before=before)
        append(tx, now, [facts.not_sent(row, "S15") for row in gone])
        done = len(gone)
    else:
        done = tx.run(queries.end_queued, **params, before=before)
    return done + tx.run(queries.release_held, **params, queues=queues, late=late, before=before, since=since)


def let_missed_in(tx: Transaction, flow_id: int, now: datetime, buckets: Sequence[int], args: Mapping[str, Any]) -> int:
    """``args``: since, triggers (their ids), until: before the next pause, whose people were not asked for. Without it
    also those count whom a judgement in hand at the resume has missed. Returns how many come to the gate."""
    found = tx.rows(
        queries.missed,
        flow_id=flow_id,
        part=list(buckets),
        since=datetime.fromisoformat(args["since"]),
        until=datetime.fromisoformat(args["until"]) if "until" in args else None,
        triggers=args["triggers"],
    )
    append(tx, now, [_comes_again(flow_id, row) for row in found])
    return len(found)


def count_missed(
    tx: Transaction, flow_id: int, buckets: Sequence[int], since: datetime, triggers: Sequence[int]
) -> int:
    return int(
        tx.value(queries.count_missed, flow_id=flow_id, part=list(buckets), since=since, triggers=list(triggers))
    )


def _comes_again(flow_id: int, row: Any) -> NewEvent:
    payload = events.LetIn(flow_id=flow_id, trigger_id=row.trigger_id, key=row.key, why="missed", data=row.data)
    return NewEvent(events.LET_IN, payload, row.account_id, row.audience_id, row.contact_id, "system", bulk=True)
