"""What the date triggers share: D1 settings, and the moments that fall between two instants (spec/flows.md 2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta

from relance.flows.definition.settings_types import Settings, TimeOfDay
from relance.kernel.dates import at_local, local_day

LATEST = timedelta(hours=24)
"""A moment reached while Relance was down still counts when it is at most this late (D4)."""


class MomentSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """D1. ``zone`` "" is the flow's."""

    offset: Annotated[int, Meta(ge=0, le=365)] = 0
    unit: Literal["day", "week"] = "day"
    direction: Literal["before", "on", "after"] = "on"
    time: TimeOfDay = "09:00"
    zone: Literal["", "account", "contact"] = ""


def shift(settings: MomentSettings) -> int:
    """Days from the date to the moment: negative before it."""
    days = settings.offset * (7 if settings.unit == "week" else 1)
    return {"before": -days, "on": 0, "after": days}[settings.direction]


def moments(
    settings: MomentSettings, where: ZoneInfo, since: datetime, until: datetime
) -> Iterator[tuple[date, datetime]]:
    """The dates whose moment lies in (since, until], each with its moment."""
    at = time.fromisoformat(settings.time)
    day = local_day(since, where) - timedelta(days=1)
    while day <= local_day(until, where) + timedelta(days=1):
        moment = at_local(day, at, where)
        if since < moment <= until:
            yield day - timedelta(days=shift(settings)), moment
        day += timedelta(days=1)
