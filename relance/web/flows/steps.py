"""One step: who is here now and why they rest, who passed lately and what was decided."""

from __future__ import annotations

from typing import Any

from relance.db.pool import Transaction
from relance.flows import inside, people, step_pause
from relance.flows.definition.model import Step
from relance.flows.figures import figures
from relance.flows.people import Found
from relance.kernel.errors import Denied, Invalid, NotFound
from relance.web.flows.find import Names, ShownFlow, find_flow, queries
from relance.web.flows.words import Words, reason, seen_values
from relance.web.visit import Answer, Page, Redirect, Visit


def show(visit: Visit, tx: Transaction) -> Page:
    flow = find_flow(visit, tx, visit.number("flow_id"))
    step_id = visit.number("step_id")
    counted = figures(tx, visit.account_id, flow.flow_id).step(step_id)
    words = Words(visit.speaker, Names(tx, flow.row.audience_id))
    step, number = _step(tx, flow, step_id)
    here = people.at_step(tx, visit.account_id, flow.flow_id, step_id)
    passed = people.left(tx, visit.now, visit.account_id, flow.flow_id, step_id)
    not_sent = [(reason(visit.speaker, code), n) for code, n in sorted(counted.codes.items()) if _left_out(code)]
    return Page(
        "flows/step.html",
        {
            "section": "flows", "flow": flow.row, "step_id": step_id, "card": words.step(step), "number": number,
            "figures": counted,
            "here": listed(visit, here, words.names), "here_whole": here.whole,
            "passed": listed(visit, passed, words.names), "passed_whole": passed.whole, "not_sent": not_sent,
            "paused": step_id in flow.row.paused_steps,
            "changes": visit.may_change() and flow.row.version_id is not None and flow.row.state != "archived"
            and (number is not None or step_id in flow.row.paused_steps),
        },
    )  # fmt: skip


def act(visit: Visit, tx: Transaction) -> Answer:
    """Pause the step alone, let it go on, or take out everybody who is there. Raises Denied for a viewer."""
    flow = find_flow(visit, tx, visit.number("flow_id"))
    step_id = visit.number("step_id")
    if not visit.may_change():
        raise Denied("a viewer changes nothing")
    match visit.form.get("act", ""):
        case "pause_step":
            step_pause.pause_step(tx, visit.now, flow.flow_id, step_id)
        case "resume_step":
            step_pause.resume_step(tx, visit.now, flow.flow_id, step_id)
        case "take_out":
            inside.take_all_out(tx, visit.now, flow.flow_id, step_id)
        case _:
            raise Invalid("there is no such button", where="act")
    return Redirect(f"/flows/{flow.flow_id}/steps/{step_id}")


def listed(visit: Visit, found: Found, names: Names) -> list[dict[str, Any]]:
    """People for a table, each with the reason in words and the values seen."""
    return [
        {
            "someone": someone,
            "reason": reason(visit.speaker, someone.code) if someone.code else None,
            "seen": seen_values(visit.speaker, someone.seen, names)[:4],
        }
        for someone in found.people
    ]


def _left_out(code: str) -> bool:
    return code.startswith("S") and code != "S00"


def _step(tx: Transaction, flow: ShownFlow, step_id: int) -> tuple[Step, int | None]:
    """The step as published, or one that an edit has removed since. Raises NotFound."""
    for number, step in enumerate(flow.definition.steps, 1):
        if step.id == step_id:
            return step, number
    row = tx.row(queries.steps_ever, flow_id=flow.flow_id, step_id=step_id)
    if row is None:
        raise NotFound("there is no such step", where=str(step_id))
    return Step(id=step_id, kind="", label=row.label or row.kind), None
