"""Lengths of time as people write them: "2 days", "36 hours", "90 min" (English and French words)."""

from __future__ import annotations

import re

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}

_WORDS = {
    "s": "second",
    "sec": "second",
    "seconde": "second",
    "min": "minute",
    "h": "hour",
    "heure": "hour",
    "d": "day",
    "j": "day",
    "jour": "day",
    "w": "week",
    "semaine": "week",
    **{unit: unit for unit in SECONDS},
}
_LENGTH = re.compile(r"\s*([0-9]{1,9})\s*([A-Za-z]+)\s*")

MEND = 'Write for example "2 days", "36 hours" or "30 minutes".'


def parse_length(text: str) -> tuple[int, str] | None:
    """("2 days") → (2, "day"); None for anything else.

    >>> parse_length("2 days"), parse_length("1 h"), parse_length("soon")
    ((2, 'day'), (1, 'hour'), None)
    """
    match = _LENGTH.fullmatch(text)
    if not match:
        return None
    word = match[2].lower()
    unit = _WORDS.get(word) or _WORDS.get(word.removesuffix("s"))
    return (int(match[1]), unit) if unit else None


def parse_seconds(text: str) -> int | None:
    """The same in seconds."""
    length = parse_length(text)
    return length[0] * SECONDS[length[1]] if length else None


def write_length(n: int, unit: str) -> str:
    return f"{n} {unit}" if n == 1 else f"{n} {unit}s"


def write_seconds(seconds: int) -> str:
    """In the largest unit that leaves nothing over, but days rather than weeks: people count in days.

    >>> write_seconds(172800), write_seconds(90), write_seconds(5400)
    ('2 days', '90 seconds', '90 minutes')
    """
    for unit in ("day", "hour", "minute"):
        if seconds and seconds % SECONDS[unit] == 0:
            return write_length(seconds // SECONDS[unit], unit)
    return write_length(seconds, "second")
