"""What the product's clock showed last, over restarts: it waits for that moment when the machine's clock was set back
(spec/flows.md section 11, docs/decisions/0037)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel import clock
from relance.kernel.errors import Conflict

log = logging.getLogger("relance.server")
queries = load_queries(__package__, "last_reading.sql")

LONGEST = timedelta(hours=24)
"""No longer wait goes without a person's word."""
NOTABLE = timedelta(seconds=5)
"""Machines that keep time by NTP are nearer to each other."""

MEND = (
    "If this machine is wrong, set its clock. If it is right, stop every process of Relance and run "
    "`relance believe-clock` (docs/operate/clock.md)."
)


def keep(tx: Transaction, now: datetime) -> None:
    tx.run(queries.keep_reading, now=now)


def ahead(tx: Transaction) -> timedelta:
    """How far the kept reading is ahead of this machine's clock; zero when it is not."""
    kept = tx.value(queries.read_reading)
    return max(timedelta(0), kept - clock.machine()) if kept else timedelta(0)


def go_on(tx: Transaction) -> None:
    """The clock of this process goes on from the kept reading. Raises Conflict (clock_far_ahead) when that is more than
    LONGEST ahead."""
    kept, by = tx.value(queries.read_reading), ahead(tx)
    say(by)
    if by > LONGEST:
        raise Conflict(
            f"Relance has worked at {kept:%Y-%m-%d %H:%M} UTC, {in_hours(by)} hours ahead of this machine's clock",
            where="clock",
            mend=MEND,
            code="clock_far_ahead",
        )
    if by:
        clock.raise_to(kept)


def say(by: timedelta) -> None:
    """In the log, that time stands still for so long, when that is worth a word."""
    if by > LONGEST:
        log.error("clock.far_ahead", extra={"hours": in_hours(by)})
    elif by > NOTABLE:
        log.warning("clock.waits", extra={"seconds": round(by.total_seconds())})


def take_back(tx: Transaction) -> None:
    """Believe this machine's clock although it is behind. No other process of Relance may be running: each would go on
    with what it has read, and keep it."""
    tx.run(queries.take_back_reading, now=clock.machine())


def in_hours(by: timedelta) -> int:
    return round(by.total_seconds() / 3600)
