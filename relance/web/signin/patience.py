"""How often something may be tried: a count per key in a sliding window, kept in this process's memory."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

MOST_KEYS = 10_000
"""Above it the keys unused for longest are forgotten, so that nobody can fill the memory."""


class Patience:
    """``most`` tries in ``window``."""

    def __init__(self, most: int, window: timedelta) -> None:
        self._most, self._window = most, window
        self._tries: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, now: datetime, key: str) -> bool:
        """Count a try; False when there were too many, and then it does not count."""
        with self._lock:
            tries = self._tries.setdefault(key, deque())
            self._tries.move_to_end(key)
            while tries and now - tries[0] >= self._window:
                tries.popleft()
            if len(tries) >= self._most:
                return False
            tries.append(now)
            while len(self._tries) > MOST_KEYS:
                self._tries.popitem(last=False)
            return True
