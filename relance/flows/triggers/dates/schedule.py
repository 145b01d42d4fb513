"""49 · On a schedule (spec/flows.md sections 4, 11): for everybody in the audience whom the trigger's filter takes."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from relance.flows import events
from relance.flows.definition.names import NamedField
from relance.flows.definition.settings_types import WEEKDAYS, SegmentRef, Settings, TimeOfDay
from relance.flows.triggers.dates.moment import (
    days_with_moment,
    due,
    listen,
    queries,
    zone_filter,
    zones_of_audience,
)
from relance.flows.triggers.shape import Due, TriggerKind, Unfit, Watch
from relance.flows.words import Label
from relance.kernel.dates import zone

On = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "last"] | Annotated[int, Meta(ge=1, le=31)]


class ScheduleSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``on``: weekdays of a week; days of a month, 1 to 31 or `last`. A day that a month does not have is its last one.
    ``zone`` "" is the flow's. ``segment``: only who is in it at the moment. ``once_each``: nobody enters a second
    time."""

    every: Literal["day", "week", "month"]
    on: Annotated[list[On], Meta(max_length=31)] = msgspec.field(default_factory=list)
    time: TimeOfDay = "09:00"
    zone: Literal["", "account", "contact"] = ""
    segment: SegmentRef | None = None
    once_each: bool = False


def check(settings: ScheduleSettings, _: Mapping[int, NamedField]) -> Iterator[Unfit]:
    weekdays = [one for one in settings.on if one in WEEKDAYS]
    match settings.every:
        case "day" if settings.on:
            yield Unfit("invalid", "every day has no on", "Take it out, or write every: week.")
        case "week" if len(weekdays) < len(settings.on):
            yield Unfit("invalid", "a week has weekdays", "Write for example on: [mon, thu].")
        case "month" if weekdays:
            yield Unfit("invalid", "a month has days", "Write for example on: [1, 15] or on: last.")
        case "week" | "month" if not settings.on:
            yield Unfit("V09", "on is not set", "Say on which days.")


def falls_on(settings: ScheduleSettings, day: date) -> bool:
    if settings.every == "day":
        return True
    if settings.every == "week":
        return WEEKDAYS[day.weekday()] in settings.on
    last = monthrange(day.year, day.month)[1]
    return day.day in [min(one, last) if isinstance(one, int) else last for one in settings.on]


def look(settings: ScheduleSettings, watch: Watch) -> Sequence[Due]:
    """Everybody, when a moment lies between two instants; of several slept through, the latest (section 11)."""
    dues: list[Due] = []
    for name in zones_of_audience(settings.zone, settings.time, watch):
        struck = days_with_moment(settings.time, zone(name), watch.since, watch.until)
        found = [moment for day, moment in struck if falls_on(settings, day)]
        if not found:
            continue
        rows = watch.tx.rows(
            queries.members,
            slot=list(watch.slot),
            audience_id=watch.audience_id,
            segment=settings.segment,
            once_each=settings.once_each,
            flow_id=watch.flow_id,
            trigger_id=watch.trigger_id,
            **zone_filter(settings.zone, name, watch),
        )
        key = "" if settings.once_each else found[-1].astimezone(UTC).isoformat()
        dues += [due(watch, row.contact_id, found[-1], key, name) for row in rows]
    return dues


SCHEDULE = TriggerKind(
    key="schedule",
    number=49,
    label=Label("On a schedule", "Selon un calendrier"),
    family="dates",
    wakes="clock",
    settings=ScheduleSettings,
    listen=listen,
    look=look,
    purpose="schedule",
    occurrence=True,
    check=check,
    sample=lambda: events.ClockDue(
        purpose="schedule",
        flow_id=1,
        trigger_id=2,
        moment=datetime(2026, 5, 31, 7, tzinfo=UTC),
        key="2026-05-31T07:00:00+00:00",
    ),
)
