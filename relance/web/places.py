"""Where the next page of a list begins: after a row, named by its moment and its id (many rows share a moment)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from relance.kernel.errors import NotFound


class Place(NamedTuple):
    """Nothing in it: the first page."""

    before: datetime | None = None
    before_id: UUID | None = None


def read_place(text: str) -> Place:
    """Raises NotFound for what ``write_place`` has not written."""
    if not text:
        return Place()
    moment, _, key = text.partition("_")
    try:
        before = datetime.fromisoformat(moment)
        if before.tzinfo is None:
            raise ValueError("no zone")
        return Place(before, UUID(key))
    except ValueError:
        raise NotFound("there is no such page") from None


def write_place(moment: datetime, key: UUID) -> str:
    return f"{moment.isoformat()}_{key}"
