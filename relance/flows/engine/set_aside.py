"""What cannot be worked on, for a mistake of ours, keeps nothing else waiting: it is found, postponed, and reported.

A failed batch is tried again in ever smaller parts, until the one row that fails stands alone. It stays where it was,
with a later time: nothing is lost, and after a repair it goes on by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.flows.steps.shape import Mover
from relance.kernel import clock
from relance.kernel.errors import Unavailable
from relance.kernel.slots import SLOTS, buckets_of_slot

log = logging.getLogger("relance.engine")
queries = load_queries(__package__, "set_aside.sql")

SOONEST, LATEST = timedelta(minutes=15), timedelta(days=1)
"""A row that was set aside is tried again after as long as it has stood there, within these bounds: so each of many bad
rows is looked at ever more rarely."""
PARTS = 10


class Isolation:
    """``attempt(work, set_aside)``: ``work(limit)`` does a batch and returns how many; ``set_aside(trouble)`` postpones
    the one row that it failed on when ``limit`` was 1, or returns False: it had none in hand yet."""

    def __init__(self, what: str) -> None:
        self._what = what

    def attempt(self, limit: int, work: Callable[[int], int], set_aside: Callable[[str], bool]) -> int:
        """Raises Unavailable when the database is away: that is nobody's fault; and whatever fails before a row is in
        hand."""
        try:
            return work(limit)
        except Unavailable:
            raise
        except Exception as error:
            if limit > 1:
                return self._in_parts(limit, work, set_aside)
            if not set_aside(told(error)):
                raise
            log.exception("engine.set_aside", extra={"what": self._what})
            return 1

    def _in_parts(self, limit: int, work: Callable[[int], int], set_aside: Callable[[str], bool]) -> int:
        done = 0
        for _ in range(PARTS):
            some = self.attempt(max(1, limit // PARTS), work, set_aside)
            done += some
            if not some:
                break
        return done


def told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def set_event_aside(tx: Transaction, event: Any, trouble: str) -> None:
    """``event``: as the dispatcher picked it."""
    tx.run(
        queries.set_event_aside,
        bucket=event.bucket,
        event_id=event.event_id,
        now=clock.now(),
        soonest=SOONEST,
        latest=LATEST,
        trouble=trouble,
    )


def set_run_aside(tx: Transaction, run: Mover) -> None:
    tx.run(
        queries.set_run_aside,
        bucket=run.bucket,
        contact_id=run.contact_id,
        run_id=run.run_id,
        now=clock.now(),
        soonest=SOONEST,
        latest=LATEST,
    )


def count_set_aside(tx: Transaction) -> tuple[int, str]:
    """How many events could not be judged, and one of the reasons: for `relance doctor`."""
    rows = [tx.row(queries.count_set_aside, slot=buckets_of_slot(number)) for number in range(SLOTS)]
    return sum(row.events for row in rows if row), next((row.trouble for row in rows if row and row.trouble), "")
