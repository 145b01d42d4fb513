"""The questions of a resume (spec/flows.md 5.3): what becomes of late messages, and of people who were missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.flows.engine.overdue import count_missed
from relance.flows.engine.tasks import ask
from relance.flows.triggers.registry import trigger_kind
from relance.kernel import clock
from relance.kernel.errors import Invalid
from relance.kernel.slots import SLOTS, buckets_of_slot

queries = load_queries(__package__, "resume.sql")

Late = Literal["skip", "all", "end"]
LATE: tuple[Late, ...] = ("skip", "all", "end")

PATIENCE = 2.0
"""Seconds of counting who was missed."""


@dataclass(frozen=True, slots=True)
class Resume:
    """``late``: messages more than ``days`` late are skipped (S15), or sent all the same, or their people leave (X08).
    ``missed``: people who fired a trigger meanwhile come to the gate again."""

    late: Late = "skip"
    days: int = 3
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Missed:
    """``whole`` False: there are more, counting was stopped."""

    people: int
    whole: bool = True


def let_go(tx: Transaction, now: datetime, flow_id: int, paused_at: datetime | None, answers: Resume) -> None:
    """Ask the slots for it. Raises Invalid for days out of bounds."""
    if not 0 <= answers.days <= 1200:
        raise Invalid("late is 0 to 1,200 days", where="days", mend="Write a number of days.")
    since = paused_at or now
    args = {"since": since.isoformat(), "before": (now - timedelta(days=answers.days)).isoformat()}
    ask(tx, now, flow_id, "release", args={**args, "late": answers.late})
    if answers.missed:
        triggers = triggers_that_let_in(tx, flow_id)
        ask(tx, now, flow_id, "let_in", args={"since": since.isoformat(), "triggers": triggers})
    else:
        tx.run(queries.let_in_until, flow_id=flow_id, until=since.isoformat())


def triggers_that_let_in(tx: Transaction, flow_id: int) -> list[int]:
    """Not those of dates: their moment is gone."""
    rows = tx.rows(queries.triggers_of_flow, flow_id=flow_id)
    kinds = [(row.trigger_id, trigger_kind(row.kind)) for row in rows]
    return [trigger_id for trigger_id, kind in kinds if kind is not None and kind.family != "dates"]


def missed(tx: Transaction, flow: Any) -> Missed:
    """How many people fired a trigger since the flow was paused; ``flow`` has flow_id and paused_at."""
    triggers = triggers_that_let_in(tx, flow.flow_id)
    if flow.paused_at is None or not triggers:
        return Missed(0)
    until = clock.monotonic() + PATIENCE
    people = 0
    for slot in range(SLOTS):
        if clock.monotonic() > until:
            return Missed(people, whole=False)
        people += count_missed(tx, flow.flow_id, buckets_of_slot(slot), flow.paused_at, triggers)
    return Missed(people)
