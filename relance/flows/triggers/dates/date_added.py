"""12 · Date added (spec/flows.md 2.2, D1-D8): counted from the day on which the contact joined the audience.

With double opt-in that is the day of the confirmation, not of the form (G21)."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from relance.audience import events as audience_events
from relance.flows import events
from relance.flows.triggers.dates.moment import (
    MomentSettings,
    check,
    due,
    feb29,
    listen,
    moments,
    per_contact,
    queries,
    shift,
    zone_changes,
    zone_filter,
    zones_of_audience,
)
from relance.flows.triggers.shape import Due, TriggerKind, Watch
from relance.flows.words import Label
from relance.kernel.dates import at_local, local_day, month_days_on, zone
from relance.kernel.ids import bucket_of

INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)


class DateAddedSettings(MomentSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On the day itself, whoever joins after `time` enters at once. ``every_year``: and on each anniversary."""

    direction: Literal["on", "after"] = "after"
    every_year: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """Who joined in (after, end] has the moment ``moment``, for the day ``day`` or its anniversary."""

    after: datetime
    end: datetime
    day: date
    moment: datetime


def look(settings: DateAddedSettings, watch: Watch) -> Sequence[Due]:
    """People whose day of joining, moved by the offset, has its moment between two instants: by day, not by contact."""
    if watch.contacts is not None:
        return _of_people(settings, watch, watch.contacts)
    dues: list[Due] = []
    for name in zones_of_audience(settings.zone, settings.time, watch):
        found = stretches(settings, watch, zone(name))
        for row, one in _between(watch, found, zone_filter(settings.zone, name, watch)) if found else ():
            dues.append(_due(settings, watch, row, one.day, one.moment, name))
    if shift(settings) == 0:
        fresh = Stretch(watch.since, watch.until, date.min, watch.until)
        for row, _ in _between(watch, [fresh], {"zone": None, "account_zone": watch.account_zone}):
            dues += _at_once(settings, watch, row)
    return dues


def _between(watch: Watch, found: Sequence[Stretch], zones: dict[str, Any]) -> Iterator[tuple[Any, Stretch]]:
    rows = watch.tx.rows(
        queries.added_between,
        slot=list(watch.slot),
        audience_id=watch.audience_id,
        afters=[one.after for one in found],
        ends=[one.end for one in found],
        **zones,
    )
    return ((row, found[row.place - 1]) for row in rows)


def _of_people(settings: DateAddedSettings, watch: Watch, contacts: Sequence[UUID]) -> Sequence[Due]:
    """The same for people who have just come: an import must not read the whole day for each of its batches."""
    dues: list[Due] = []
    rows = watch.tx.rows(
        queries.additions, buckets=[bucket_of(contact) for contact in contacts], contacts=list(contacts)
    )
    by_zone: dict[str, list[Stretch]] = {}
    for row in rows:
        name = _zone_of(settings, watch, row)
        if name not in by_zone:
            by_zone[name] = stretches(settings, watch, zone(name), since=row.joined_at)
        for one in by_zone[name]:
            if one.after < row.joined_at <= one.end:
                dues.append(_due(settings, watch, row, one.day, one.moment, name))
        if watch.since < row.joined_at <= watch.until:
            dues += _at_once(settings, watch, row)
    return dues


def stretches(
    settings: DateAddedSettings, watch: Watch, where: ZoneInfo, since: datetime | None = None
) -> list[Stretch]:
    """When people joined whose moment lies between two instants. On the day itself only who was there at the moment."""
    found: list[Stretch] = []
    days = list(moments(settings, where, watch.since, watch.until))
    for day, moment in days:
        whole = _day(day, where, day, moment)
        found.append(replace(whole, end=min(whole.end, moment)) if shift(settings) == 0 else whole)
    if days and settings.every_year:
        first = since or watch.tx.value(queries.first_addition, slot=list(watch.slot), audience_id=watch.audience_id)
        if first is not None:
            oldest = local_day(first, where).year - 1
            found += [
                one
                for day, moment in days
                for one in anniversaries(day, moment, where, oldest, feb29(watch.account_settings))
            ]
    return found


def anniversaries(day: date, moment: datetime, where: ZoneInfo, oldest: int, feb29_on: int) -> Iterator[Stretch]:
    """The days of earlier years, from ``oldest`` on, whose anniversary is ``day``."""
    for month_day in month_days_on(day, feb29_on=feb29_on):
        for year in range(oldest, day.year):
            if month_day != 229 or isleap(year):
                yield _day(date(year, month_day // 100, month_day % 100), where, day, moment)


def _day(joined: date, where: ZoneInfo, day: date, moment: datetime) -> Stretch:
    start, end = (at_local(one, time.min, where) for one in (joined, joined + DAY))
    return Stretch(start - INSTANT, end - INSTANT, day, moment)


def _at_once(settings: DateAddedSettings, watch: Watch, row: Any) -> Iterator[Due]:
    """Who joins after the time of day, on the day itself (12)."""
    name = _zone_of(settings, watch, row)
    day = local_day(row.joined_at, zone(name))
    if shift(settings) == 0 and row.joined_at > at_local(day, time.fromisoformat(settings.time), zone(name)):
        yield _due(settings, watch, row, day, row.joined_at, name)


def _zone_of(settings: DateAddedSettings, watch: Watch, row: Any) -> str:
    own = row.zone if per_contact(settings.zone, watch) else None
    return own or watch.account_zone


def _due(settings: DateAddedSettings, watch: Watch, row: Any, day: date, moment: datetime, name: str) -> Due:
    return due(watch, row.contact_id, moment, str(day.year) if settings.every_year else "", name)


DATE_ADDED = TriggerKind(
    key="date_added",
    number=12,
    label=Label("Date added", "Date d’ajout à l’audience"),
    family="dates",
    wakes="clock",
    settings=DateAddedSettings,
    listen=listen,
    look=look,
    purpose="date",
    late_after=lambda settings: [
        *((event, "") for event in audience_events.JOININGS),
        *zone_changes(settings.zone),
    ],
    occurrence=True,
    check=check,
    sample=lambda: events.ClockDue(
        purpose="date", flow_id=1, trigger_id=2, moment=datetime(2026, 5, 31, 7, tzinfo=UTC), key=""
    ),
)
