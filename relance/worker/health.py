"""Is the whole thing alive? The heartbeats say so (GET /healthz, relance doctor)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from relance.db.pool import Transaction
from relance.worker.leases import queries

FRESH = timedelta(seconds=15)

LOOPS = (
    "dispatch", "advance", "send", "webhooks", "segments", "clock", "care", "alerts", "notices", "upkeep", "lease",
)  # fmt: skip
"""What must beat for Relance to be healthy: every loop of a worker, and its hold on its share."""

State = Literal["ok", "troubled", "silent"]


@dataclass(frozen=True, slots=True)
class LoopHealth:
    """``trouble`` is for the operator: it may hold words of a mail server or of the database."""

    loop: str
    state: State
    trouble: str = ""


def read_health(tx: Transaction, now: datetime) -> list[LoopHealth]:
    """The state of every loop, over all workers: trouble in one is trouble."""
    beats = {row.loop: row for row in tx.rows(queries.read_beats, since=now - FRESH)}
    return [_health(loop, beats.get(loop)) for loop in LOOPS]


def _health(loop: str, beat: object) -> LoopHealth:
    if beat is None:
        return LoopHealth(loop, "silent", "no sign of life: is a worker running?")
    trouble = getattr(beat, "trouble", None)
    return LoopHealth(loop, "troubled", trouble) if trouble else LoopHealth(loop, "ok")
