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
WIDTH = BUCKETS // SLOTS


@lru_cache(maxsize=SLOTS)
def buckets_of_slot(number: int) -> tuple[int, ...]:
    return tuple(range(number * WIDTH, (number + 1) * WIDTH))


@lru_cache(maxsize=1000)
def _buckets_of(slots: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(bucket for number in slots for bucket in buckets_of_slot(number))


def buckets_of(slots: Iterable[int]) -> tuple[int, ...]:
    """All buckets of several slots: what one worker asks for in one statement."""
    return _buckets_of(tuple(sorted(slots)))


@lru_cache(maxsize=1000)
def slots_of(buckets: tuple[int, ...]) -> list[int]:
    """The slots that these buckets are, all of each. Raises ValueError when one is not whole."""
    slots = sorted({bucket // WIDTH for bucket in buckets})
    if buckets_of(slots) != tuple(sorted(buckets)):
        raise ValueError("these buckets are not whole slots")
    return slots


def slot_of(contact: UUID) -> int:
    return bucket_of(contact) // WIDTH
