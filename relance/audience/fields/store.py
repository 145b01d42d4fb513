"""Statements about fields."""

from __future__ import annotations

from dataclasses import asdict

from relance.audience.fields.model import Field
from relance.db.pool import Json, Transaction
from relance.db.sql import load_queries

queries = load_queries(__package__)


def list_fields(tx: Transaction, audience_id: int) -> list[Field]:
    return [Field(*row) for row in tx.rows(queries.list_fields, audience_id=audience_id)]


def find_fields(tx: Transaction, audience_id: int) -> dict[str, Field]:
    """The fields by tag."""
    return {field.tag: field for field in list_fields(tx, audience_id)}


def lock_audience(tx: Transaction, audience_id: int) -> None:
    tx.run(queries.lock_audience, audience_id=audience_id)


def insert_field(tx: Transaction, field: Field) -> None:
    tx.run(queries.insert_field, **_columns(field))


def update_field(tx: Transaction, field: Field) -> None:
    tx.run(queries.update_field, **_columns(field))


def delete_field(tx: Transaction, field_id: int) -> None:
    tx.run(queries.delete_field, field_id=field_id)


def _columns(field: Field) -> dict[str, object]:
    return asdict(field) | {"options": Json(dict(field.options))}
