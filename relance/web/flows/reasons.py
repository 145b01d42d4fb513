"""Whom a reason kept out: from a number on the flow's page to the people behind it."""

from __future__ import annotations

from relance.db.pool import Transaction
from relance.flows.engine.words import CODES
from relance.flows.people import kept_out
from relance.kernel.errors import NotFound
from relance.web.flows.find import Names, find_flow
from relance.web.flows.steps import listed
from relance.web.flows.words import reason
from relance.web.visit import Page, Visit


def show(visit: Visit, tx: Transaction) -> Page:
    """Raises NotFound for a code that is not in the closed list (spec 5.12)."""
    flow = find_flow(visit, tx, visit.number("flow_id"))
    code = visit.path["code"]
    if code not in CODES:
        raise NotFound("there is no such reason", where=code)
    found = kept_out(tx, visit.now, visit.account_id, flow.flow_id, code)
    return Page(
        "flows/reason.html",
        {
            "section": "flows", "flow": flow.row, "reason": reason(visit.speaker, code),
            "list": listed(visit, found, Names(tx, flow.row.audience_id)), "whole": found.whole,
        },
    )  # fmt: skip
