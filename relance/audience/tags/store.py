"""Statements about tags."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from relance.audience.tags.model import Tag
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.ids import BUCKETS, object_id

queries = load_queries(__package__)


def insert_tags(tx: Transaction, now: datetime, audience_id: int, names: Mapping[str, str]) -> None:
    """``names``: folded → as written."""
    tx.run(
        queries.insert_tags,
        audience_id=audience_id,
        now=now,
        tag_ids=[object_id() for _ in names],
        names=list(names.values()),
        folded=list(names),
    )


def find_tags(tx: Transaction, audience_id: int, folded: list[str]) -> dict[str, Tag]:
    """Those that exist, by folded name."""
    rows = tx.rows(queries.find_tags, audience_id=audience_id, folded=folded)
    return {row.folded: Tag(*row[:4]) for row in rows}


def list_tags(tx: Transaction, audience_id: int) -> list[Tag]:
    return [Tag(*row) for row in tx.rows(queries.list_tags, audience_id=audience_id)]


def search_tags(tx: Transaction, audience_id: int, prefix: str) -> list[Tag]:
    return [Tag(*row) for row in tx.rows(queries.search_tags, audience_id=audience_id, prefix=prefix)]


def find_tag(tx: Transaction, audience_id: int, tag_id: int) -> Tag | None:
    row = tx.row(queries.find_tag, audience_id=audience_id, tag_id=tag_id)
    return None if row is None else Tag(*row)


def tags_by_id(tx: Transaction, audience_id: int, tag_ids: list[int]) -> dict[int, Tag]:
    rows = tx.rows(queries.tags_by_id, audience_id=audience_id, tag_ids=tag_ids)
    return {row.tag_id: Tag(*row) for row in rows}


def sizes_of_tags(tx: Transaction, tag_ids: list[int]) -> dict[int, int]:
    rows = tx.rows(queries.sizes_of_tags, tag_ids=tag_ids, slot=list(range(BUCKETS)))
    return {row.tag_id: row.n for row in rows}


def members_of_tag(tx: Transaction, tag_id: int, limit: int, offset: int) -> list[UUID]:
    rows = tx.rows(queries.members_of_tag, tag_id=tag_id, slot=list(range(BUCKETS)), limit=limit, offset=offset)
    return [row.contact_id for row in rows]


def rename_tag(tx: Transaction, tag_id: int, name: str, folded: str) -> None:
    tx.run(queries.rename_tag, tag_id=tag_id, name=name, folded=folded)


def delete_tag(tx: Transaction, tag_id: int) -> None:
    tx.run(queries.delete_tag_from_contacts, tag_id=tag_id, slot=list(range(BUCKETS)))
    tx.run(queries.delete_tag, tag_id=tag_id)
