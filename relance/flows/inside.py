"""Taking people out of a flow by hand, keeping them out, letting them come again (spec/flows.md 5.4, 5.7).

Runs belong to the engine: one person is taken out by an event, many by a task of the slots.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import NewEvent
from relance.flows import events
from relance.flows.engine.tasks import ask
from relance.kernel.errors import Conflict, NotFound
from relance.kernel.ids import bucket_of

queries = load_queries(__package__, "inside.sql")


def take_out(
    tx: Transaction, now: datetime, flow_id: int, contact_id: UUID, *, again: bool = False, by: str = "user"
) -> None:
    """End the contact's runs in the flow (X07). Unless the contact may come ``again``, the flow refuses them from now
    on (E14), also when they have never been in it. The caller holds the contact."""
    flow = _find(tx, flow_id)
    if again:
        _unblock(tx, flow_id, contact_id)
    else:
        tx.run(queries.block, bucket=bucket_of(contact_id), contact_id=contact_id, flow_id=flow_id, now=now)
    asked = events.StopRequested(flow_id=flow_id, code="X07")
    append(tx, now, [_fact(flow, events.STOP_REQUESTED, asked, contact_id, by)])


def allow_again(tx: Transaction, flow_id: int, contact_id: UUID) -> bool:
    """Take the contact off the flow's block list. Whether they were on it."""
    _find(tx, flow_id)
    return _unblock(tx, flow_id, contact_id)


def is_blocked(tx: Transaction, flow_id: int, contact_id: UUID) -> bool:
    return tx.value(queries.is_blocked, bucket=bucket_of(contact_id), contact_id=contact_id, flow_id=flow_id) is True


def take_all_out(tx: Transaction, now: datetime, flow_id: int, step_id: int | None = None) -> None:
    """Everybody's run ends (X08), or that of everybody at one step. Blocks nobody.

    Raises Conflict when nobody can be inside.
    """
    flow = _find(tx, flow_id)
    if flow.state in ("draft", "archived"):
        raise Conflict(f"nobody is inside a flow that is {flow.state}", where=flow.name)
    ask(tx, now, flow_id, "remove", args={"steps": [step_id]})


def reset(tx: Transaction, now: datetime, flow_id: int, contact_id: UUID, by: str = "user") -> int:
    """Forget the contact's past runs: re-entry is judged as if they had never been. Returns how many; the present run
    stays. Told in the ledger."""
    flow = _find(tx, flow_id)
    forgotten = tx.run(
        queries.forget_entries, bucket=bucket_of(contact_id), contact_id=contact_id, flow_id=flow_id, now=now
    )
    if forgotten:
        told = events.ContactReset(flow_id=flow_id, by=by)
        append(tx, now, [_fact(flow, events.CONTACT_RESET, told, contact_id, by)])
    return forgotten


def _unblock(tx: Transaction, flow_id: int, contact_id: UUID) -> bool:
    return tx.run(queries.unblock, bucket=bucket_of(contact_id), contact_id=contact_id, flow_id=flow_id) > 0


def _find(tx: Transaction, flow_id: int) -> Any:
    flow = tx.row(queries.find_flow_inside, flow_id=flow_id)
    if flow is None:
        raise NotFound("there is no such flow", where=str(flow_id))
    return flow


def _fact(flow: Any, kind: Any, payload: Any, contact_id: UUID, by: str) -> NewEvent:
    source = "api" if by == "api" else "app"
    return NewEvent(kind, payload, flow.account_id, flow.audience_id, contact_id, source)
