"""The product's clock: the only source of "now".

Read it once per request or batch and hand the value on, into SQL too: no statement reads a clock of its own.
Tests set it, so a year of a flow runs in milliseconds. It never runs backwards: when the machine's clock is set
back, "now" stays at the last reading until the machine catches up (spec/flows.md section 11). What it read last
outlives the process (db/last_reading.py, docs/decisions/0037).
"""

from __future__ import annotations

import threading
import time as _time
from datetime import UTC, datetime, timedelta


class Clock:
    """Instants are aware UTC datetimes with microseconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = datetime.min.replace(tzinfo=UTC)
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        with self._lock:
            if self._frozen is not None:
                return self._frozen
            self._last = max(self._last, datetime.fromtimestamp(_time.time(), UTC))
            return self._last

    def raise_to(self, moment: datetime) -> None:
        """The machine's clock counts from ``moment`` (aware) on only: it was read there by a process before this one.
        A clock that is set stays where it is."""
        with self._lock:
            self._last = max(self._last, moment.astimezone(UTC))

    def machine(self) -> datetime:
        """What the machine's clock shows, however far behind ``now`` that is. Only for telling people."""
        with self._lock:
            return self._frozen or datetime.fromtimestamp(_time.time(), UTC)

    def set(self, moment: datetime) -> None:
        """Freeze the clock at ``moment`` (aware). Tests, simulations and back-tests only."""
        if moment.tzinfo is None:
            raise ValueError("the clock takes aware instants")
        with self._lock:
            self._frozen = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> datetime:
        """Move a frozen clock forward and return the new instant."""
        with self._lock:
            if self._frozen is None:
                raise ValueError("only a frozen clock can be moved")
            self._frozen += by
            return self._frozen

    def release(self) -> None:
        """Follow the machine again."""
        with self._lock:
            self._frozen = None
            self._last = datetime.min.replace(tzinfo=UTC)


clock = Clock()


def now() -> datetime:
    return clock.now()


def machine() -> datetime:
    return clock.machine()


def raise_to(moment: datetime) -> None:
    clock.raise_to(moment)


def monotonic() -> float:
    """Seconds for measuring how long something took. Says nothing about the date."""
    return _time.monotonic()


def pause(seconds: float) -> None:
    """Block this thread for real seconds: for retries of the machine's own parts, never for a flow."""
    _time.sleep(seconds)
