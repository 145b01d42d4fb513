"""The table of conditions in use, and what the audience's part of a catalogue is read from."""

from __future__ import annotations

import hashlib
from typing import Any

from relance.audience.conditions.model import Compiled, FieldShape, Json, Objects
from relance.audience.conditions.parse import canonical, parse, source_of
from relance.db import pool
from relance.db.pool import Transaction
from relance.db.sql import load_queries

queries = load_queries(__package__)


def condition_id(audience_id: int, source: Json) -> int:
    """The same id for the same condition of an audience, 63 bits."""
    digest = hashlib.sha256(b"%d:%s" % (audience_id, canonical(source))).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def store(tx: Transaction, audience_id: int, source: Json, compiled: Compiled) -> int:
    """Keep a condition and return its id. Storing it again changes nothing."""
    key = condition_id(audience_id, source)
    tx.run(
        queries.insert_condition,
        condition_id=key,
        audience_id=audience_id,
        source=pool.Json(source_of(parse(source))),
        shape=compiled.shape,
        params=pool.Json(compiled.params),
    )
    return key


def find(tx: Transaction, ids: list[int]) -> list[Any]:
    """Rows (condition_id, audience_id, source, shape)."""
    return tx.rows(queries.find_conditions, ids=ids)


def examples(tx: Transaction, known: list[int]) -> list[Any]:
    """One row for each shape that is not ``known``."""
    return tx.rows(queries.conditions_of_unknown_shapes, known=known)


def of_shape(tx: Transaction, shape: int) -> list[Any]:
    return tx.rows(queries.conditions_of_shape, shape=shape)


def rewrite(tx: Transaction, key: int, compiled: Compiled) -> None:
    tx.run(queries.rewrite_condition, condition_id=key, shape=compiled.shape, params=pool.Json(compiled.params))


def read_fields(tx: Transaction, audience_id: int) -> dict[int, FieldShape]:
    rows = tx.rows(queries.audience_fields, audience_id=audience_id)
    return {row.field_id: FieldShape(row.type, tuple(row.options.get("choices", ()))) for row in rows}


def read_catalogue(tx: Transaction, audience_id: int) -> Objects:
    """Fields, tags and groups of an audience; messages and links are the messages layer's to add."""
    return Objects(
        fields=read_fields(tx, audience_id),
        tags=frozenset(row.tag_id for row in tx.rows(queries.audience_tags, audience_id=audience_id)),
        groups={row.group_id: row.category_id for row in tx.rows(queries.audience_groups, audience_id=audience_id)},
    )
