"""What stands around every page: navigation, who is signed in."""

from __future__ import annotations

from typing import Any

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.web.visit import Visit

queries = load_queries(__package__, "shell.sql")


def values(visit: Visit, tx: Transaction) -> dict[str, Any]:
    return {"who": visit.person, "flow_count": tx.value(queries.flows_in_use, account_id=visit.account_id)}
