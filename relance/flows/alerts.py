"""What the people of the account are told about a flow: written once with what happened, sent by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from relance.db.pool import Json, Transaction
from relance.db.sql import load_queries
from relance.kernel.ids import object_id

queries = load_queries(__package__, "alerts.sql")

AlertKind = Literal["broken", "drained", "quiet"]


def alert(
    tx: Transaction, now: datetime, account_id: int, flow_id: int, kind: AlertKind, data: Mapping[str, Any]
) -> None:
    """``broken``: {problems}; ``drained``: {}; ``quiet``: {days}."""
    tx.run(
        queries.insert_alert,
        alert_id=object_id(),
        account_id=account_id,
        flow_id=flow_id,
        kind=kind,
        now=now,
        data=Json(dict(data)),
    )
    tx.wake("alerts")


def newest(tx: Transaction, account_id: int, limit: int = 50) -> list[Any]:
    """Rows (at, flow_id, flow, kind, data, told_at), the newest first."""
    return tx.rows(queries.newest_alerts, account_id=account_id, limit=limit)


def take_untold(tx: Transaction, now: datetime, limit: int = 20) -> list[Any]:
    """Rows (account_id, flow_id, flow, kind, at, data) that nobody was told of, marked as told: a worker that stops
    between this and the letter tells nobody, rather than everybody twice."""
    return tx.rows(queries.take_untold, now=now, limit=limit)
