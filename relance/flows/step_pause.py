"""A step paused alone: who reaches it holds there (W05), the rest of the flow goes on (spec/flows.md 5.2)."""

from __future__ import annotations

from datetime import datetime

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.flows.engine.tasks import ask
from relance.kernel.errors import Conflict, NotFound

queries = load_queries(__package__, "step_pause.sql")


def pause_step(tx: Transaction, now: datetime, flow_id: int, step_id: int) -> None:
    """Messages that are queued there are held too. Raises NotFound for a step that is not published, Conflict when the
    flow is archived."""
    state = tx.value(queries.state_of_step, flow_id=flow_id, step_id=step_id)
    if state is None:
        raise NotFound("the published version has no such step", where=str(step_id))
    if state == "archived":
        raise Conflict("an archived flow is final", mend="Duplicate it instead.")
    tx.run(queries.pause_step, flow_id=flow_id, step_id=step_id, now=now)


def resume_step(tx: Transaction, now: datetime, flow_id: int, step_id: int) -> None:
    """Who was held there goes on. A step that is not paused stays as it is."""
    if tx.run(queries.resume_step, flow_id=flow_id, step_id=step_id, now=now):
        ask(tx, now, flow_id, "release")
