"""Slots: the fixed shares of the 4,096 buckets that workers divide among themselves (architecture 6.2).

The only place that says which buckets a slot has. On one server a slot is 256 neighbours; on Citus this becomes the
buckets of one shard.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from relance.kernel.ids import BUCKETS, bucket_of

SLOTS = 16
_WIDTH = BUCKETS // SLOTS


@lru_cache(maxsize=SLOTS)
def buckets_of_slot(number: int) -> tuple[int, ...]:
    return tuple(range(number * _WIDTH, (number + 1) * _WIDTH))


def buckets_of(slots: Iterable[int]) -> list[int]:
    """All buckets of several slots: what one worker asks for in one statement."""
    return [bucket for number in sorted(slots) for bucket in buckets_of_slot(number)]


def slot_of(contact: UUID) -> int:
    return bucket_of(contact) // _WIDTH
