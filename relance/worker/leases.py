"""Who works on which slot. A worker holds its fair share of the slots, and takes over those of a dead one.

No clocks are compared: an owner counts its leases' ``beat`` up, and the others watch by their own stopwatch; and a
lease names the server process of its owner's connection, so that a killed worker is known at once (decision 0013).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row

from relance.db.share import Share
from relance.db.sql import load_queries
from relance.kernel.clock import monotonic
from relance.kernel.slots import SLOTS

log = logging.getLogger("relance.worker")
queries = load_queries(__package__)

SILENT = 8.0
"""Seconds without a beat after which an owner counts as dead although its connection still stands."""
TURN = 1.0
"""Seconds between two looks."""
APPLICATION = "relance lease"
"""Name of the lease connections: counting them tells how many workers share the slots."""


@dataclass(slots=True)
class _Watched:
    beat: int
    since: float


class Leases:
    """Keeps the leases of one worker on a connection of its own, in a thread; ``share()`` is what it holds now.

    ``wake(loop)`` is called for every notification; ``orphaned(owner)`` when the slots of a dead owner were taken.
    """

    def __init__(
        self, conninfo: str, worker_id: UUID, wake: Callable[[str], None], orphaned: Callable[[UUID], None]
    ) -> None:
        self._conninfo, self._worker_id = conninfo, worker_id
        self._wake, self._orphaned = wake, orphaned
        self._share = Share((), worker_id)
        self._watched: dict[int, _Watched] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)
        self.trouble: str | None = "not started"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Give the slots back. Call it when the loops have stopped."""
        self._stop.set()
        self._thread.join(15)

    def share(self) -> Share:
        return self._share

    def _run(self) -> None:
        pause = 0.2
        while not self._stop.is_set():
            try:
                with psycopg.connect(
                    self._conninfo, autocommit=True, row_factory=namedtuple_row, application_name=APPLICATION
                ) as connection:
                    pause = 0.2
                    self._hold(connection)
            except psycopg.Error as error:
                self._share = Share((), self._worker_id)
                self.trouble = f"no connection for leases: {type(error).__name__}"
                self._stop.wait(pause)
                pause = min(pause * 2, 5)

    def _hold(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute("listen relance")
        connection.execute(queries.make_slots.text, {"slots": list(range(SLOTS))})
        while not self._stop.is_set():
            self._turn(connection)
            self.trouble = None
            for notice in connection.notifies(timeout=TURN, stop_after=64):
                self._wake(notice.payload)
                if self._stop.is_set():
                    break
        self._share = Share((), self._worker_id)
        connection.execute(queries.give_up.text, {"owner": self._worker_id, "slots": list(range(SLOTS))})

    def _turn(self, connection: psycopg.Connection[Any]) -> None:
        """Renew, give up what is more than a fair share, take what is free or orphaned."""
        connection.execute(queries.renew.text, {"owner": self._worker_id})
        rows = connection.execute(queries.look_at_leases.text, {"application": APPLICATION}).fetchall()
        workers = max(1, rows[0].workers)
        fair = -(-SLOTS // workers)
        mine = [row.slot for row in rows if row.owner == self._worker_id]
        if len(mine) > fair:
            extra = mine[fair:]
            mine = mine[:fair]
            # First stop using them, then let go: the give-up waits for transactions that still hold them.
            self._share = Share(tuple(mine), self._worker_id)
            connection.execute(queries.give_up.text, {"owner": self._worker_id, "slots": extra})
        free = [row for row in rows if row.owner != self._worker_id and self._is_free(row)]
        if len(mine) < fair and free:
            mine += self._take(connection, free[: fair - len(mine)])
        if tuple(sorted(mine)) != self._share.slots:
            self._share = Share(tuple(sorted(mine)), self._worker_id)
            log.info("worker.slots", extra={"worker": str(self._worker_id), "slots": len(mine)})
            for loop in ("dispatch", "advance", "send", "clock"):
                self._wake(loop)

    def _is_free(self, row: Any) -> bool:
        if row.owner is None or not row.connected:
            return True
        watched = self._watched.get(row.slot)
        if watched is None or watched.beat != row.beat:
            self._watched[row.slot] = _Watched(row.beat, monotonic())
            return False
        return monotonic() - watched.since > SILENT

    def _take(self, connection: psycopg.Connection[Any], rows: list[Any]) -> list[int]:
        taken = []
        for row in rows:
            parameters = {"slot": row.slot, "owner": self._worker_id, "seen_owner": row.owner, "seen_beat": row.beat}
            if connection.execute(queries.take.text, parameters).rowcount:
                taken.append(row.slot)
        for owner in {row.owner for row in rows if row.owner is not None and row.slot in taken}:
            log.warning("worker.took_over", extra={"dead": str(owner), "slots": len(taken)})
            self._orphaned(owner)
        return taken
