"""What a change of a flow asks of its runs. Runs are touched by the engine alone: a change leaves a task for every
slot, and the slot's worker does it between two batches, a few buckets at a time.

So nobody who pauses, resumes, publishes or archives waits for millions of rows, or for a batch in hand, and no batch
that read the flow as it was before can undo what the change asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from relance.db.pool import Database, Json, Transaction
from relance.db.share import Share
from relance.db.sql import load_queries
from relance.flows.engine.clock import look_again
from relance.flows.engine.overdue import let_go, let_missed_in
from relance.flows.engine.set_aside import LATEST, SOONEST, told
from relance.kernel import clock
from relance.kernel.errors import Unavailable
from relance.kernel.slots import SLOTS, buckets_of_slot

log = logging.getLogger("relance.engine")
queries = load_queries(__package__, "tasks.sql")

What = Literal["release", "end", "recheck", "remove", "let_in", "look_again", "shorten"]
AT_ONCE = 32
"""Buckets a transaction: of ten million runs, some eighty thousand."""


def ask(
    tx: Transaction,
    now: datetime,
    flow_id: int,
    what: What,
    version_id: int | None = None,
    args: Mapping[str, Any] | None = None,
) -> None:
    """``release``: who was held goes on. ``end``: everybody leaves. ``recheck``: who rests at a step that
    ``version_id`` has otherwise, or not at all, is looked at anew (spec 5.5). ``remove``: everybody at the steps of
    ``args`` leaves (X08); None among them is everywhere. ``let_in``: who was missed since the moment of ``args``
    comes to the gate again. ``look_again``: who waits for a moment looks whether it has moved; with ``zone`` in
    ``args`` the clock too, with ``everybody`` also for contacts who have one of their own. ``shorten``: nobody rests or
    is held for longer than a run may last now (X12)."""
    tx.run(
        queries.ask,
        flow_id=flow_id,
        what=what,
        version_id=version_id,
        now=now,
        slots=list(range(SLOTS)),
        args=Json(dict(args or {})),
    )
    tx.wake("advance")


def ask_to_look_again(tx: Transaction, now: datetime, account_id: int, *, zone: bool = False) -> None:
    """The account's hours, or its ``zone``, have changed: in all its flows, whoever waits for a moment looks whether it
    has moved, and with a new zone a date whose moment has passed today by it is told at once (spec section 11)."""
    tx.run(
        queries.ask_account,
        account_id=account_id,
        now=now,
        slots=list(range(SLOTS)),
        args=Json({"zone": True} if zone else {}),
    )
    tx.wake("advance")


def is_asked(tx: Transaction, share: Share) -> bool:
    """Whether there is a task that nobody has in hand."""
    return _next(tx, share) is not None


def do_tasks(database: Database, share: Share) -> int:
    """Do what is asked of a share's slots, to the end. Returns how many runs were concerned.

    A task that fails is set aside, like an event that cannot be judged (set_aside.py). Raises Unavailable.
    """
    done = 0
    while True:
        task = None
        try:
            with database.transaction() as tx:
                task = _next(tx, share)
                if task is None:
                    return done
                share.fence(tx)
                done += _do(tx, task)
        except Unavailable:
            raise
        except Exception as error:
            if task is None:
                raise
            log.exception("engine.set_aside", extra={"what": "task"})
            with database.transaction() as tx:
                share.fence(tx)
                later = {"now": clock.now(), "soonest": SOONEST, "latest": LATEST}
                tx.run(queries.set_aside, **_key(task), **later, trouble=told(error))


def count_set_aside(tx: Transaction) -> tuple[int, str]:
    """How many tasks could not be done, and one of the reasons: for `relance doctor`."""
    row = tx.row(queries.count_set_aside)
    return (row.tasks, row.trouble or "") if row else (0, "")


def _next(tx: Transaction, share: Share) -> Any | None:
    return tx.row(queries.next_task, slots=list(share.slots), now=clock.now())


def _key(task: Any) -> dict[str, Any]:
    return {"flow_id": task.flow_id, "slot_number": task.slot, "what": task.what, "asked_at": task.asked_at}


def _do(tx: Transaction, task: Any) -> int:
    buckets = buckets_of_slot(task.slot)
    some = buckets[task.progress : task.progress + AT_ONCE]
    params = {"buckets": list(some), "flow_id": task.flow_id, "now": clock.now()}
    match task.what:
        case "release" if task.state == "paused":
            done = 0  # Paused again meanwhile.
        case "release":
            done = let_go(tx, task.flow_id, params["now"], params["buckets"], task.args, queues=task.queues)
        case "end":
            done = tx.run(queries.wake_runs, **params)
        case "remove":
            done = tx.run(queries.remove_runs, **params, steps=task.args["steps"])
        case "let_in":
            done = let_missed_in(tx, task.flow_id, params["now"], params["buckets"], task.args)
        case "look_again":
            done = tx.run(queries.wake_resting, **params)
            done += tx.run(queries.wake_put_off, **params, slot_number=task.slot, account_id=task.account_id)
            if "zone" in task.args and task.progress == 0:
                everybody = "everybody" in task.args
                done += look_again(tx, params["now"], task.flow_id, task.slot, task.asked_at, everybody=everybody)
            tx.wake("send")
        case "shorten":
            done = tx.run(queries.shorten_runs, **params, days=task.max_run_age)
        case _:
            done = tx.run(queries.wake_at_changed_steps, **params, version_id=task.version_id)
    key = _key(task)
    if task.progress + AT_ONCE < len(buckets):
        tx.run(queries.note_progress, **key, progress=task.progress + AT_ONCE)
    else:
        tx.run(queries.finish, **key)
    return done
