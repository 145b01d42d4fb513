"""When something may leave: weekly windows and hours of quiet (spec/flows.md 5.8 and section 11). Pure.

A start is included, an end is not; both may cross midnight. It is the clock on the wall that counts: in the overlap of
an autumn change both passes of an hour are inside, and what begins in the gap of a spring change begins after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from relance.kernel.dates import at_local

WITHIN = timedelta(days=14)
"""How far an opening is looked for."""

SPAN = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"
"""Hours as they are written: 09:00-18:00, 21:00-08:00."""

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """From ``start`` to ``end``, the next day's when it is not later. An ``end`` of 00:00 is the end of the day."""

    start: time
    end: time

    @property
    def cross_midnight(self) -> bool:
        return self.end <= self.start

    def hold(self, wall: time) -> bool:
        if self.cross_midnight:
            return wall >= self.start or wall < self.end
        return self.start <= wall < self.end


@dataclass(frozen=True, slots=True)
class Window:
    """``days``: the weekdays (0 is Monday) on which an opening begins, empty for all: the night of a Friday is
    Friday's, also after midnight. ``hours`` or ``at``, a time of day that is open for a minute; neither: all day."""

    days: frozenset[int] = frozenset()
    hours: Hours | None = None
    at: time | None = None

    def is_open(self, moment: datetime, where: ZoneInfo) -> bool:
        local = moment.astimezone(where)
        if self.at is not None:
            return self._on(local.date()) and self._strikes(self.at, moment, local, where)
        wall = local.time()
        if self.hours is None:
            return self._on(local.date())
        if not self.hours.hold(wall):
            return False
        after_midnight = self.hours.cross_midnight and wall < self.hours.end
        return self._on(local.date() - _DAY if after_midnight else local.date())

    def lasting(self) -> Window:
        """As it is for what was let go in an opening and has not left yet: a time of day lasts until midnight."""
        return self if self.at is None else Window(self.days, Hours(self.at, time(0)))

    def starts(self) -> list[time]:
        """The times of day at which it may open."""
        if self.at is not None:
            return [self.at]
        return [self.hours.start if self.hours else time(0)]

    def _on(self, day: date) -> bool:
        return not self.days or day.weekday() in self.days

    @staticmethod
    def _strikes(at: time, moment: datetime, local: datetime, where: ZoneInfo) -> bool:
        begins = at_local(local.date(), at, where)  # After the gap, for a time that this day does not have.
        return begins <= moment < begins + _MINUTE or local.time().replace(second=0, microsecond=0) == at


@lru_cache(maxsize=512)
def read_hours(text: str) -> Hours | None:
    """``09:00-18:00`` as hours. None for any other text, and for hours of no length."""
    if not re.match(SPAN, text):
        return None
    start, end = text.split("-")
    hours = Hours(time.fromisoformat(start), time(0) if end == "24:00" else time.fromisoformat(end))
    return None if hours.start == hours.end else hours


def first_open(
    now: datetime, window: Window | None, where: ZoneInfo, quiet: Hours | None = None, home: ZoneInfo | None = None
) -> datetime | None:
    """The first instant from ``now`` on that lies in the window and not in the hours of quiet; None: there is none in
    14 days. ``where`` is the window's zone, ``home`` that of the quiet hours.
    """
    home = home or where
    clocks = [(window.starts(), where)] if window else []
    clocks += [([quiet.end], home)] if quiet else []
    if _allowed(now, window, where, quiet, home):
        return now
    for n in range(WITHIN.days):
        begin = now + n * _DAY
        turns = sorted(turn for times, zone in clocks for turn in _turns(begin, begin + _DAY, times, zone))
        for turn in turns:
            if _allowed(turn, window, where, quiet, home):
                return turn
    return None


def _allowed(moment: datetime, window: Window | None, where: ZoneInfo, quiet: Hours | None, home: ZoneInfo) -> bool:
    if quiet is not None and quiet.hold(moment.astimezone(home).time()):
        return False
    return window is None or window.is_open(moment, where)


def _turns(begin: datetime, end: datetime, times: list[time], zone: ZoneInfo) -> Iterator[datetime]:
    """The instants of [begin, end) at which the clock on the wall comes to one of ``times``, or is changed."""
    day = begin.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        for at in times:
            for turn in (at_local(day, at, zone), datetime.combine(day, at, zone).replace(fold=1).astimezone(UTC)):
                if begin <= turn < end:
                    yield turn
        day += _DAY
    if begin.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset():
        change = _change(begin, end, zone)
        if change < end:
            yield change


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second with the new offset."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.astimezone(UTC).replace(microsecond=0)
