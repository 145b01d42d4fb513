"""Statements about segments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from relance.audience.segments.model import Segment
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.slots import SLOTS

queries = load_queries(__package__)


def insert(tx: Transaction, now: datetime, segment: Segment, folded: str, condition_id: int) -> bool:
    """Whether the name was free."""
    return bool(
        tx.run(
            queries.insert_segment,
            segment_id=segment.segment_id,
            audience_id=segment.audience_id,
            name=segment.name,
            folded=folded,
            condition_id=condition_id,
            now=now,
        )
    )


def update(tx: Transaction, now: datetime, segment: Segment, folded: str, condition_id: int) -> None:
    tx.run(
        queries.update_segment,
        segment_id=segment.segment_id,
        name=segment.name,
        folded=folded,
        condition_id=condition_id,
        now=now,
    )


def name_is_taken(tx: Transaction, segment: Segment, folded: str) -> bool:
    params = {"audience_id": segment.audience_id, "folded": folded, "segment_id": segment.segment_id}
    return bool(tx.value(queries.name_is_taken, **params))


def list_segments(tx: Transaction, audience_id: int) -> list[Segment]:
    return [Segment(*row) for row in tx.rows(queries.list_segments, audience_id=audience_id)]


def find_segment(tx: Transaction, audience_id: int, folded: str) -> Segment | None:
    row = tx.row(queries.find_segment, audience_id=audience_id, folded=folded)
    return None if row is None else Segment(*row)


def get_segment(tx: Transaction, audience_id: int, segment_id: int) -> Segment | None:
    row = tx.row(queries.get_segment, audience_id=audience_id, segment_id=segment_id)
    return None if row is None else Segment(*row)


def read_uses(tx: Transaction, audience_id: int) -> dict[int, frozenset[int]]:
    """Which segments each segment of the audience names."""
    found: dict[int, set[int]] = {}
    for row in tx.rows(queries.uses_of_audience, audience_id=audience_id):
        named = found.setdefault(row.segment_id, set())
        if row.uses_id is not None:
            named.add(row.uses_id)
    return {segment_id: frozenset(named) for segment_id, named in found.items()}


def write_uses(tx: Transaction, segment_id: int, named: Collection[int]) -> None:
    tx.run(queries.forget_uses, segment_id=segment_id)
    tx.run(queries.insert_uses, segment_id=segment_id, named=sorted(named))


def set_levels(tx: Transaction, levels: Mapping[int, int]) -> None:
    tx.run(queries.set_levels, segments=list(levels), levels=list(levels.values()))


def write_listeners(tx: Transaction, segment: Segment, listens: Sequence[tuple[str, str]]) -> None:
    """The caller has called change_listeners."""
    tx.run(queries.forget_listeners, segment_id=segment.segment_id)
    tx.run(
        queries.insert_listeners,
        audience_id=segment.audience_id,
        segment_id=segment.segment_id,
        kinds=[kind for kind, _ in listens],
        keys=[key for _, key in listens],
    )


def ask_all(tx: Transaction, now: datetime, segments: Collection[int]) -> None:
    """Have everybody asked, slot by slot. The caller has raised the epoch."""
    tx.run(queries.ask_all, segments=sorted(segments), slots=list(range(SLOTS)), now=now)
    tx.wake("segments")


def progress_of(tx: Transaction, segments: Sequence[int]) -> list[Any]:
    """Rows (segment_id, slots, buckets) of those that are being filled."""
    return tx.rows(queries.progress_of, segments=list(segments))
