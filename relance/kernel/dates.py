"""Calendar rules: wall-clock times in a zone, turned into instants late (spec/flows.md section 11)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from relance.kernel.errors import Invalid


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises Invalid for anything else, fixed offsets included."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"{name!r} is no time zone", mend="Use an IANA name such as Europe/Paris.") from error


def at_local(day: date, at: time, where: ZoneInfo) -> datetime:
    """The instant (UTC) of a wall-clock time.

    A time in the gap of a spring change moves to the first instant after it; in the overlap of an autumn change it is
    the first of the two.
    """
    wall = datetime.combine(day, at)
    first = wall.replace(tzinfo=where, fold=0).astimezone(UTC)
    if first.astimezone(where).replace(tzinfo=None) == wall:
        return first
    return _end_of_gap(wall.replace(tzinfo=where, fold=1).astimezone(UTC), first, where)


def _end_of_gap(before: datetime, after: datetime, where: ZoneInfo) -> datetime:
    """The first instant with the new offset, between two instants around the change, to the second."""
    old = before.astimezone(where).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(where).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def local_day(moment: datetime, where: ZoneInfo) -> date:
    return moment.astimezone(where).date()


def plus_days(moment: datetime, days: int, where: ZoneInfo) -> datetime:
    """The same wall-clock time ``days`` days later: days and weeks are calendar units."""
    local = moment.astimezone(where)
    exact = at_local(local.date() + timedelta(days=days), local.time().replace(microsecond=0), where)
    return exact + timedelta(microseconds=local.microsecond)


def birthday_in(year: int, month_day: int, *, feb29_on: int = 228) -> date:
    """The day of a yearly date (month times 100 plus day) in ``year``; 29 February falls on ``feb29_on`` in common
    years: 228, or 301 (D7)."""
    if month_day == 229 and not _is_leap(year):
        month_day = feb29_on
    return date(year, month_day // 100, month_day % 100)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_days_on(day: date, *, feb29_on: int = 228) -> list[int]:
    """Whose yearly date is celebrated on ``day``."""
    found = [day.month * 100 + day.day]
    if not _is_leap(day.year) and found[0] == feb29_on:
        found.append(229)
    return found
