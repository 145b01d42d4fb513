"""The explicit list of loops, each "while there is work, do it"; one process runs all of them.

A loop that meets trouble says so in its heartbeat, waits, and goes on: a database that went away and came back needs
nobody's help. Stopping finishes the batch in hand.
"""

from __future__ import annotations

import logging
import threading
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from socket import gethostname
from uuid import UUID

from relance.db import last_reading
from relance.db.pool import Database, Json
from relance.db.share import LeaseLost, Share
from relance.kernel import clock
from relance.kernel.errors import RelanceError, Unavailable
from relance.kernel.garbage import collect_rarely
from relance.worker.leases import Leases, queries

log = logging.getLogger("relance.worker")

BEAT = 2.0
"""Seconds between two heartbeats."""
LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Work:
    """``do`` works on a share and returns how much it found. ``idle``: seconds to sleep when it was less than ``full``,
    unless somebody wakes the loop. (A batch that is not full has taken all there was: no look is needed to know it.)

    ``then``: loops of the same worker that go on with what it found, and need no message through the database.
    """

    name: str
    do: Callable[[Share], int]
    idle: float
    full: int = 1
    then: tuple[str, ...] = ()


TOOK = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
"""Upper bounds, in seconds, of the classes in which the durations of batches are counted; one more has no bound."""


class Figures:
    """What a loop has done since its worker started. Of batches that found work, ``took`` counts them by class
    of duration (see TOOK) and ``busy`` adds up the seconds."""

    def __init__(self) -> None:
        self.done = 0
        self.busy = 0.0
        self.took = [0] * (len(TOOK) + 1)

    def note(self, found: int, seconds: float) -> None:
        if found:
            self.done += found
            self.busy += seconds
            self.took[bisect_left(TOOK, seconds)] += 1


class Loop:
    """One loop in a thread of its own."""

    def __init__(
        self, work: Work, share: Callable[[], Share], stop: threading.Event, wake: Callable[[str], None]
    ) -> None:
        self.work = work
        self.trouble: str | None = None
        self.figures = Figures()
        self.alive_at = clock.monotonic()
        self._share, self._stop, self._wake_loop = share, stop, wake
        self._troubled_at: float | None = None
        self._awake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=work.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._awake.set()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def _run(self) -> None:
        pause = 0.2
        while not self._stop.is_set():
            self._awake.clear()
            share = self._share()
            found = 0
            began = clock.monotonic()
            try:
                if share.slots:
                    found = self.work.do(share)
                    self.figures.note(found, clock.monotonic() - began)
                self._is_well()
                pause = 0.2
            except LeaseLost:
                log.debug("lease.lost", extra={"loop": self.work.name})
            except Unavailable as error:
                self._meet(error, pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            except Exception as error:  # A mistake of ours must not stop the loop for everybody else.
                log.exception("loop.failed", extra={"loop": self.work.name})
                self._troubled_at = self._troubled_at or clock.monotonic()
                self._meet(error, pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            self.alive_at = clock.monotonic()
            if found:
                for name in self.work.then:
                    self._wake_loop(name)
            if found < self.work.full:
                self._awake.wait(self.work.idle)

    def _is_well(self) -> None:
        if self._troubled_at is not None:
            seconds = round(clock.monotonic() - self._troubled_at, 1)
            log.info("loop.recovered", extra={"loop": self.work.name, "seconds": seconds})
        self.trouble = self._troubled_at = None

    def _meet(self, error: Exception, pause: float) -> None:
        if self._troubled_at is None:
            self._troubled_at = clock.monotonic()
            log.warning("loop.troubled", extra={"loop": self.work.name, "trouble": str(error)})
        self.trouble = f"{type(error).__name__}: {_told(error)}"
        self._stop.wait(pause)


def _told(error: Exception) -> str:
    """A message that is not ours may quote what it stumbled over."""
    return str(error) if isinstance(error, RelanceError) else "its place stands in the worker's log"


class Worker:
    """All loops of one process, their leases and their heartbeats. Opens and closes ``databases``; heartbeats go to the
    last."""

    def __init__(
        self, databases: Sequence[Database], worker_id: UUID, works: list[Work], orphaned: Callable[[UUID], None]
    ) -> None:
        self._databases, self._database, self._worker_id = databases, databases[-1], worker_id
        self._stop = threading.Event()
        self._leases = Leases(self._database.conninfo, worker_id, self.wake, orphaned)
        self._loops = {work.name: Loop(work, self._leases.share, self._stop, self.wake) for work in works}
        self._clock_waits = False
        self._beats = threading.Thread(target=self._beat_on, name="heartbeat", daemon=True)

    def start(self) -> None:
        collect_rarely()
        for database in self._databases:
            database.open()
        self._leases.start()
        for loop in self._loops.values():
            loop.start()
        self._beats.start()
        log.info("worker.started", extra={"worker": str(self._worker_id)})

    def stop(self, patience: float = 30.0) -> None:
        """Finish the batches in hand, then give the slots back."""
        self._stop.set()
        for loop in self._loops.values():
            loop.wake()
        for loop in self._loops.values():
            loop.join(patience)
        self._beats.join(BEAT + 5)
        self._leases.stop()
        try:
            with self._database.transaction() as tx:
                now = clock.now()
                tx.run(queries.forget_beats, worker=self._worker_id, before=now - timedelta(days=1))
                last_reading.keep(tx, now)
        except Unavailable:
            log.info("worker.stopped_without_database")
        for database in self._databases:
            database.close()
        log.info("worker.stopped", extra={"worker": str(self._worker_id)})

    def wake(self, name: str) -> None:
        if loop := self._loops.get(name):
            loop.wake()

    def _beat_on(self) -> None:
        while not self._stop.is_set():
            healthy = False
            try:
                healthy = self._beat()
            except Unavailable:
                log.debug("heartbeat.missed")
            # Recovery is told at once: nobody waits two seconds for a start that took one.
            self._stop.wait(BEAT if healthy else BEAT / 10)

    def _beat(self) -> bool:
        """Write the state of every loop; whether all are well."""
        troubles = {name: loop.trouble or self._stuck(loop) for name, loop in self._loops.items()}
        troubles["lease"] = self._leases.trouble
        now = clock.now()
        self._watch_clock(now - clock.machine())
        with self._database.transaction() as tx:
            last_reading.keep(tx, now)
            tx.run(
                queries.beat,
                worker=self._worker_id,
                now=now,
                host=gethostname(),
                rows=Json([self._state(name, trouble) for name, trouble in troubles.items()]),
                slots=len(self._leases.share().slots),
            )
        return not any(troubles.values())

    def _watch_clock(self, ahead: timedelta) -> None:
        """Say once that time stands still, because the machine's clock was set back under us."""
        waits = ahead > last_reading.NOTABLE
        if waits and not self._clock_waits:
            last_reading.say(ahead)
        self._clock_waits = waits

    def _state(self, name: str, trouble: str | None) -> dict[str, object]:
        figures = self._loops[name].figures if name in self._loops else Figures()
        done, busy = figures.done, figures.busy
        return {"loop": name, "trouble": trouble, "done": done, "busy": busy, "took": figures.took}

    @staticmethod
    def _stuck(loop: Loop) -> str | None:
        silent = clock.monotonic() - loop.alive_at
        return f"busy with one batch for {silent:.0f} s" if silent > 60 + loop.work.idle else None
