"""Is the whole thing alive? The heartbeats say so (GET /healthz, relance doctor)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from relance.db.pool import Transaction
from relance.worker.leases import queries

FRESH = timedelta(seconds=15)

LOOPS = ("dispatch", "advance", "send", "segments", "clock", "care", "upkeep", "lease")
"""What must beat for Relance to be healthy."""


@dataclass(frozen=True, slots=True)
class LoopHealth:
    loop: str
    healthy: bool
    trouble: str


def read_health(tx: Transaction, now: datetime) -> list[LoopHealth]:
    """The state of every loop, over all workers."""
    beats = {row.loop: row for row in tx.rows(queries.read_beats)}
    return [_health(loop, beats.get(loop), now) for loop in LOOPS]


def _health(loop: str, beat: object, now: datetime) -> LoopHealth:
    at = getattr(beat, "at", None)
    if at is None or now - at > FRESH:
        return LoopHealth(loop, False, "no sign of life: is a worker running?")
    trouble = getattr(beat, "trouble", None)
    return LoopHealth(loop, trouble is None, trouble or "")
