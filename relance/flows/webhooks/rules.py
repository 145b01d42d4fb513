"""Pure decisions about calls: what an answer means, when to try again, when to leave a host alone, the signature."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from relance.messages.merge.values import look_up

LIMIT: Final = 10.0
"""Seconds that a call may take, all in all."""
LONGEST_ANSWER: Final = 256 * 1024
"""Bytes of an answer that are read."""
RETRIES: Final = (60, 300, 1800, 5400, 14040)
"""Seconds before each further try: five in six hours."""
PATIENCE: Final = timedelta(seconds=sum(RETRIES))
BREAKS_AT: Final = 5
"""Failures in a row after which a host is left alone for a while."""
_SHORTEST_BREAK, _LONGEST_BREAK = timedelta(minutes=1), timedelta(minutes=30)
_PASSING: Final = frozenset({408, 425, 429})
_LONGEST_VALUE: Final = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` None: there was none, ``words`` say why. ``body`` None: none, or too long. ``refused``: nothing was
    tried, and nothing will be. ``untried``: nothing was this time. ``retry_after`` in seconds."""

    status: int | None = None
    body: bytes | None = None
    words: str = ""
    refused: bool = False
    untried: bool = False
    retry_after: int | None = None

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def passing(self) -> bool:
        """Worth another try."""
        if self.refused:
            return False
        return self.status is None or self.status in _PASSING or self.status >= 500


@dataclass(frozen=True, slots=True)
class Ending:
    """``due``: it is tried again then, and nothing is decided."""

    ok: bool
    due: datetime | None = None


def ending(answer: Answer, tries: int, give_up_at: datetime, now: datetime) -> Ending:
    """``tries``: with this one."""
    if answer.ok or not answer.passing or tries > len(RETRIES):
        return Ending(answer.ok)
    pause = max(RETRIES[tries - 1], answer.retry_after or 0)
    due = now + timedelta(seconds=pause)
    # The last try stays inside the six hours also when calls themselves took time.
    if due > give_up_at + timedelta(minutes=5):
        return Ending(False)
    return Ending(False, due)


def break_until(failures: int, now: datetime) -> datetime | None:
    """Until when a host is left alone that has failed so often in a row."""
    if failures < BREAKS_AT:
        return None
    doublings: int = min(failures - BREAKS_AT, 10)
    return now + min(_SHORTEST_BREAK * (1 << doublings), _LONGEST_BREAK)


def signature(secret: str, at: int, body: bytes) -> str:
    """``t=<unix seconds>,v1=<hex>``: HMAC-SHA-256 of "<t>.<body>".

    >>> signature("s", 1, b"{}")
    't=1,v1=b253639bcd705ed1cda3073f66104f16988bd40272584dea7d0d345ae93e61cc'
    """
    return f"t={at},v1={hmac.new(secret.encode(), b'%d.%s' % (at, body), 'sha256').hexdigest()}"


def mapped(wanted: Sequence[Mapping[str, Any]], document: Any) -> tuple[dict[str, Any], dict[int, Any]]:
    """(values by context key, values by field id) that an answer gives; what is not there, or no plain value of at most
    1,000 characters, is left out."""
    keys: dict[str, Any] = {}
    fields: dict[int, Any] = {}
    for one in wanted:
        value = look_up(document, one["path"]) if isinstance(document, Mapping) else None
        if not isinstance(value, str | int | float | bool) or len(str(value)) > _LONGEST_VALUE or value == "":
            continue
        if one.get("field"):
            fields[one["field"]] = value
        elif one.get("key"):
            keys[one["key"]] = value
    return keys, fields
