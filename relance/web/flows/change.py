"""Turn on, pause, resume, wind down: one button each. What goes wrong is told on the flow's own page."""

from __future__ import annotations

from relance.db.pool import Transaction
from relance.flows import life
from relance.kernel.errors import Conflict, Denied, Invalid
from relance.web.flows.detail import DONE, page
from relance.web.flows.find import find_flow
from relance.web.visit import Answer, Redirect, Visit


def act(visit: Visit, tx: Transaction) -> Answer:
    """Raises Denied for a viewer, Invalid for a button that does not exist."""
    flow = find_flow(visit, tx, visit.number("flow_id"))
    if not visit.may_change():
        raise Denied("a viewer changes nothing")
    wanted = visit.form.get("act", "")
    if wanted not in DONE:
        raise Invalid("there is no such button", where="act")
    try:
        # A nested transaction: a refusal leaves the flow as it was, and the page is still made from this one.
        with tx.connection.transaction():
            _change(visit, tx, wanted, flow.flow_id)
    except (Conflict, Invalid) as error:
        refused = find_flow(visit, tx, flow.flow_id)
        status = 409 if isinstance(error, Conflict) else 400
        return page(visit, tx, refused, error=f"{error.what} {error.mend}".strip(), status=status)
    return Redirect(f"/flows/{flow.flow_id}?done={wanted}")


def _change(visit: Visit, tx: Transaction, wanted: str, flow_id: int) -> None:
    match wanted:
        case "turn_on":
            life.turn_on(tx, visit.now, visit.context.kinds, flow_id)
        case "pause":
            life.pause(tx, visit.now, flow_id)
        case "resume":
            life.resume(tx, visit.now, flow_id)
        case "drain":
            life.drain(tx, visit.now, flow_id)
