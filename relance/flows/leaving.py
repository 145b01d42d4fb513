"""The moment at which a message may leave (spec/flows.md 5.8): its window, the hours of quiet, and when it is too late.

Asked twice with the same answer: as a run arrives at a send step, and just before the message is handed over. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any

from relance.flows.definition.durations import write_seconds
from relance.flows.definition.settings_types import WEEKDAYS, SendWindow
from relance.kernel.dates import zone
from relance.kernel.openings import Hours, Window, first_open, read_hours
from relance.messages.restraint import RESTRAINED, quiet_hours

NOW = ""
"""The code of a message that may leave at once."""


@dataclass(frozen=True, slots=True)
class Moment:
    """``code``: NOW; W02 or W03 with ``until``; S15; S16. ``since``: when it could first have left."""

    code: str
    since: datetime
    until: datetime | None = None
    seen: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What bounds the moment of a message. ``where`` is the flow's zone, ``home`` the contact's or the account's;
    ``late`` in seconds."""

    window: Window | None = None
    quiet: Hours | None = None
    late: int | None = None
    where: str = "UTC"
    home: str = "UTC"

    @property
    def any(self) -> bool:
        return self.window is not None or self.quiet is not None or self.late is not None

    def opening(self, now: datetime, window: Window | None) -> datetime | None:
        return first_open(now, window, zone(self.where), self.quiet, zone(self.home))


def bounds_of(
    step: Mapping[str, Any], message_class: str, account: Mapping[str, Any], channel: str, where: str, home: str
) -> Bounds:
    """``step``: the arguments of a send step. Only marketing has windows and hours of quiet."""
    late = step.get("skip_if_late")
    if message_class != RESTRAINED:
        return Bounds(late=late)
    window = step.get("window")
    return Bounds(
        _window(tuple(window["days"]), window["hours"], window["at"]) if window else None,
        quiet_hours(account, channel),
        late,
        where,
        home,
    )


def moment(now: datetime, ready: datetime, bounds: Bounds, *, let_go: bool = False) -> Moment:
    """``ready``: when the message was ready to leave; before ``now`` when it waited for its window, or when a worker
    was away. ``let_go``: it was let go before and has not left yet, and ``ready`` is when it could first have left."""
    first = ready if let_go else bounds.opening(ready, bounds.window)
    window = bounds.window
    if window and first is not None and first <= now:
        # Its opening has come: who is late for a time of day is not sent away until the next one.
        window = window.lasting()
    until = first if first is not None and first > now else bounds.opening(now, window)
    if until is None:
        return Moment("S16", now, seen=_named(bounds))
    since = first or until
    if bounds.late is not None and until - since > timedelta(seconds=bounds.late):
        seen = {"could_leave": since.isoformat(), "too_late_after": write_seconds(bounds.late)}
        return Moment("S15", since, seen=seen)
    if until <= now:
        return Moment(NOW, since)
    closed = window is not None and not window.is_open(now, zone(bounds.where))
    return Moment("W02" if closed else "W03", since, until, {"until": until.isoformat(), **_named(bounds)})


def window_args(window: SendWindow) -> dict[str, Any]:
    """As published steps hold it."""
    return {"days": [WEEKDAYS.index(day) for day in window.days], "hours": window.hours, "at": window.at}


@lru_cache(maxsize=512)
def _window(days: tuple[int, ...], hours: str | None, at: str | None) -> Window:
    return Window(frozenset(days), read_hours(hours or ""), time.fromisoformat(at) if at else None)


def _named(bounds: Bounds) -> dict[str, Any]:
    """For the trail: what was looked at, and by whose clock."""
    named: dict[str, Any] = {}
    if window := bounds.window:
        days = " ".join(WEEKDAYS[day] for day in sorted(window.days))
        at = f"{window.at:%H:%M}" if window.at else ""
        named["window"] = " ".join(part for part in (days, _span(window.hours), at) if part)
        named["zone"] = bounds.where
    if bounds.quiet:
        named["quiet_hours"] = _span(bounds.quiet)
        named["zone_of_contact"] = bounds.home
    return named


def _span(hours: Hours | None) -> str:
    return f"{hours.start:%H:%M}-{hours.end:%H:%M}" if hours else ""
