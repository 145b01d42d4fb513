"""Look segments up, and how far they are filled."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import replace

from relance.audience.conditions import Objects
from relance.audience.segments import store
from relance.audience.segments.model import Segment
from relance.db.pool import Transaction
from relance.kernel.errors import NotFound
from relance.kernel.ids import BUCKETS
from relance.kernel.slots import WIDTH
from relance.kernel.text import fold


def get(tx: Transaction, audience_id: int, segment_id: int) -> Segment:
    """Raises NotFound."""
    segment = store.get_segment(tx, audience_id, segment_id)
    if segment is None:
        raise NotFound(f"there is no segment {segment_id} in this audience.")
    return segment


def get_many(tx: Transaction, audience_id: int, segment_ids: Iterable[int]) -> dict[int, Segment]:
    """Those that are there, by id."""
    wanted = set(segment_ids)
    return {one.segment_id: one for one in list(tx, audience_id) if one.segment_id in wanted} if wanted else {}


def find(tx: Transaction, audience_id: int, name: str) -> Segment | None:
    """By name, whatever its accents and capitals."""
    return store.find_segment(tx, audience_id, fold(name))


def list(tx: Transaction, audience_id: int) -> builtins.list[Segment]:
    """All segments, alphabetically."""
    return store.list_segments(tx, audience_id)


def progress(tx: Transaction, segment_ids: Sequence[int]) -> dict[int, float]:
    """How much of each segment that is being filled is done, 0 to 1. Those that are full are left out."""
    rows = store.progress_of(tx, segment_ids)
    return {row.segment_id: 1 - (row.slots * WIDTH - row.buckets) / BUCKETS for row in rows}


def with_segments(tx: Transaction, objects: Objects, audience_id: int) -> Objects:
    """A catalogue with the audience's segments added."""
    return replace(objects, segments=frozenset(one.segment_id for one in list(tx, audience_id)))
