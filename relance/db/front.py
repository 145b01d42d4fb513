"""Where a queue begins. A look that starts there does not pass over the index entries of rows that are gone: as long as
some old transaction is open elsewhere, the server must keep them, and an empty look would read them all.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from relance.kernel import clock

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
MARGIN = timedelta(minutes=5)
"""Rows may appear a little behind the front: what commits late, or comes from a machine whose clock is behind."""
EVERY = 5.0
"""Seconds after which a look begins at the beginning all the same: nothing further behind waits longer."""


class Front:
    """``since`` says where a look begins; ``found`` tells what it has come upon first, or that there was nothing."""

    def __init__(self) -> None:
        self._front: datetime | None = None
        self._whole_at = 0.0

    def since(self, now: datetime) -> datetime:
        if self._front is None or now < self._front or clock.monotonic() - self._whole_at >= EVERY:
            self._whole_at = clock.monotonic()
            return BEGINNING
        return self._front - MARGIN

    def forget(self) -> None:
        """Rows have been put behind the front: the next look begins at the beginning."""
        self._front = None

    def found(self, now: datetime, first: datetime | None) -> None:
        self._front = now if first is None else min(first, now)
