"""Who works on which slot. A worker holds its fair share of the slots, and takes over those of a dead one.

No clocks are compared: a lease names the server process of its owner's connection, and the others watch by their own
stopwatch whether that process is there and whether anything is heard of it (decisions 0013, 0028).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row

from relance.db.pool import watchful
from relance.db.share import Share
from relance.db.sql import load_queries
from relance.kernel.clock import monotonic
from relance.kernel.slots import SLOTS

log = logging.getLogger("relance.worker")
queries = load_queries(__package__)

SILENT = 6.0
"""Seconds without a word after which a worker counts as dead although its connection still stands."""
GONE = 1.5
"""Seconds without a connection after which it counts as dead: one that was only cut is back before."""
GONE_TOO = 4.0
"""Seconds after a loss of our own connection in which nobody counts as gone: others are still on their way back."""
LONGEST_PAUSE = 1.0
"""Between two tries to reach the database: well below GONE_TOO."""
TURN = 1.0
"""Seconds between two looks."""
APPLICATION = "relance lease"
"""Name of the lease connections: counting them tells how many workers share the slots."""


class Watch:
    """What is known of the other workers by watching their lease connections.

    Its time passes only while we look: when the database or we ourselves stood still, so did everybody's silence.
    """

    def __init__(self) -> None:
        self._time, self._looked_at = 0.0, 0.0
        self._heard: dict[str, tuple[str, float]] = {}
        self._missed: dict[UUID, float] = {}
        self._lenient_until = 0.0

    def connected(self, *, again: bool) -> None:
        """Our own connection is new."""
        self._lenient_until = self._time + GONE_TOO if again else 0.0
        self._missed.clear()

    def look(self, connections: Sequence[Any], leases: Sequence[Any], now: float) -> tuple[int, set[UUID]]:
        """How many workers are alive, ourselves among them, and which owners of ``leases`` are dead."""
        self._time += min(now - self._looked_at, 2 * TURN)
        self._looked_at = now
        self._heard = {one.backend: self._hear(one) for one in connections}
        alive = [one for one in connections if one.mine or not self._is_silent(one.backend)]
        owners = {row.owner: row.backend for row in leases if row.owner is not None}
        missed = {owner for owner, backend in owners.items() if backend not in self._heard}
        self._missed = {owner: self._missed.get(owner, self._time) for owner in missed}
        gone = set() if self._time < self._lenient_until else {one for one in missed if self._is_gone(one)}
        return max(1, len(alive)), gone | {owner for owner, backend in owners.items() if self._is_silent(backend)}

    def _hear(self, connection: Any) -> tuple[str, float]:
        """Its pulse, and since when."""
        known = self._heard.get(connection.backend)
        return known if known is not None and known[0] == connection.pulse else (connection.pulse, self._time)

    def _is_silent(self, backend: str) -> bool:
        return backend in self._heard and self._time - self._heard[backend][1] > SILENT

    def _is_gone(self, owner: UUID) -> bool:
        return self._time - self._missed[owner] >= GONE


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
        self._others = Watch()
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
        pause, again = 0.2, False
        while not self._stop.is_set():
            try:
                with psycopg.connect(
                    watchful(self._conninfo), autocommit=True, row_factory=namedtuple_row, application_name=APPLICATION
                ) as connection:
                    pause = 0.2
                    self._others.connected(again=again)
                    again = True
                    self._hold(connection)
            except psycopg.Error as error:
                self._share = Share((), self._worker_id)
                self.trouble = f"no connection for leases: {type(error).__name__}"
                self._stop.wait(pause)
                pause, again = min(pause * 2, LONGEST_PAUSE), True

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
        workers = connection.execute(queries.look_at_workers.text, {"application": APPLICATION}).fetchall()
        rows = connection.execute(queries.look_at_leases.text).fetchall()
        alive, dead = self._others.look(workers, [row for row in rows if row.owner != self._worker_id], monotonic())
        fair = -(-SLOTS // alive)
        mine = [row.slot for row in rows if row.owner == self._worker_id]
        if len(mine) > fair:
            extra = mine[fair:]
            mine = mine[:fair]
            # First stop using them, then let go.
            self._share = Share(tuple(mine), self._worker_id)
            connection.execute(queries.give_up.text, {"owner": self._worker_id, "slots": extra})
        free = [row for row in rows if row.owner is None or row.owner in dead]
        taken = self._take(connection, free[: fair - len(mine)]) if len(mine) < fair else {}
        mine += [slot for slots in taken.values() for slot in slots]
        if tuple(sorted(mine)) != self._share.slots:
            self._share = Share(tuple(sorted(mine)), self._worker_id)
            log.info("worker.slots", extra={"worker": str(self._worker_id), "slots": len(mine)})
            for loop in ("dispatch", "advance", "send", "clock"):
                self._wake(loop)
        # Afterwards: what a dead worker had in hand is looked for in the share.
        for owner, slots in taken.items():
            if owner is not None:
                log.warning("worker.took_over", extra={"dead": str(owner), "slots": len(slots)})
                self._orphaned(owner)

    def _take(self, connection: psycopg.Connection[Any], rows: list[Any]) -> dict[UUID | None, list[int]]:
        """The slots taken, by their former owner."""
        taken: dict[UUID | None, list[int]] = {}
        for owner in {row.owner for row in rows}:
            seen = [row for row in rows if row.owner == owner]
            parameters = {
                "owner": self._worker_id,
                "slots": [row.slot for row in seen],
                "seen_owner": owner,
                "seen_beats": [row.beat for row in seen],
            }
            if got := connection.execute(queries.take.text, parameters).fetchall():
                taken[owner] = [row.slot for row in got]
        return taken
