"""Turn on, pause, resume, wind down: one button each. What goes wrong is told on the flow's own page."""

from __future__ import annotations

from relance.db.pool import Transaction
from relance.flows import life, store
from relance.flows.definition.apply import check_turn_on
from relance.flows.definition.problems import FlowRefused
from relance.flows.resume import LATE, Resume
from relance.kernel.errors import Conflict, Denied, Invalid, RelanceError
from relance.web.flows.detail import DONE, page
from relance.web.flows.find import find_flow
from relance.web.flows.problems import told, translated
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
        problems = (
            [told(visit.speaker, one) for one in error.problems]
            if isinstance(error, FlowRefused)
            else [_told(visit, error)]
        )
        return page(visit, tx, refused, errors=problems, status=409 if isinstance(error, Conflict) else 400)
    return Redirect(f"/flows/{flow.flow_id}?done={wanted}")


def _change(visit: Visit, tx: Transaction, wanted: str, flow_id: int) -> None:
    """What goes live is checked first, as the command line does."""
    if wanted in ("turn_on", "resume"):
        flow = store.Flow(**tx.row(store.queries.flow_by_id, account_id=visit.account_id, flow_id=flow_id)._asdict())  # type: ignore[union-attr]
        settings = visit.person.account.settings
        check_turn_on(tx, visit.context.kinds, settings, flow, published=flow.state != "draft")
        life.turn_on(tx, visit.now, visit.context.kinds, flow_id, _answers(visit))
    elif wanted == "pause":
        life.pause(tx, visit.now, flow_id)
    else:
        life.drain(tx, visit.now, visit.context.kinds, flow_id)


def _answers(visit: Visit) -> Resume:
    """To the questions of a resume; the short button asks none."""
    late = next((one for one in LATE if one == visit.form.get("late", "skip")), None)
    days = visit.form.get("days", "3")
    if late is None or not (days.isascii() and days.isdecimal() and len(days) <= 4):
        raise Invalid("late is 0 to 1,200 days", where="days", mend="Write a number of days.")
    return Resume(late, int(days), "missed" in visit.form)


def _told(visit: Visit, error: RelanceError) -> str:
    """The refusal as sentences."""
    texts = [translated(visit.speaker, text) for text in (error.what, error.mend) if text]
    return " ".join(text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".") for text in texts)
