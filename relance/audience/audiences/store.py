"""Statements about audiences."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from relance.audience.audiences.model import Audience
from relance.db.pool import Json, Transaction
from relance.db.sql import load_queries

queries = load_queries(__package__)


def insert_audience(tx: Transaction, audience: Audience) -> None:
    tx.run(queries.insert_audience, **_columns(audience), now=audience.created_at)


def list_audiences(tx: Transaction, account_id: int) -> list[Audience]:
    return [Audience(*row) for row in tx.rows(queries.list_audiences, account_id=account_id)]


def find_audience(tx: Transaction, account_id: int, audience_id: int) -> Audience | None:
    row = tx.row(queries.find_audience, account_id=account_id, audience_id=audience_id)
    return None if row is None else Audience(*row)


def find_audience_by_name(tx: Transaction, account_id: int, folded: str) -> Audience | None:
    row = tx.row(queries.find_audiences_by_name, account_id=account_id, folded=folded)
    return None if row is None else Audience(*row)


def update_audience(tx: Transaction, audience: Audience) -> None:
    tx.run(queries.update_audience, **_columns(audience))


def delete_audience(tx: Transaction, audience_id: int, now: datetime) -> None:
    tx.run(queries.delete_audience, audience_id=audience_id, now=now)


def _columns(audience: Audience) -> dict[str, object]:
    return asdict(audience) | {"sender": Json(dict(audience.sender))}
