"""14 · Recurring date (spec/flows.md 2.2, D1-D8): each year on the month and day of a date, from that date on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from relance.audience import events as audience_events
from relance.flows import events
from relance.flows.definition.settings_types import FieldRef
from relance.flows.triggers.dates.moment import (
    MomentSettings,
    check,
    due,
    feb29,
    listen,
    moments,
    queries,
    zone_changes,
    zone_filter,
    zones_of_field,
)
from relance.flows.triggers.shape import Due, TriggerKind, Watch
from relance.flows.words import Label
from relance.kernel.dates import month_days_on, zone


class DateRecurringSettings(MomentSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    field: FieldRef


def look(settings: DateRecurringSettings, watch: Watch) -> Sequence[Due]:
    """People of whose date an anniversary has its moment between two instants: by day of the year, never by contact."""
    dues: list[Due] = []
    for name in zones_of_field(settings, watch, settings.field):
        found = list(_anniversaries(settings, watch, zone(name)))
        if not found:
            continue
        rows = watch.tx.rows(
            queries.anniversaries_on,
            slot=list(watch.slot),
            field_id=settings.field,
            month_days=[month_day for month_day, _, _ in found],
            days=[day for _, day, _ in found],
            contacts=watch.contacts,
            **zone_filter(settings.zone, name, watch),
        )
        for row in rows:
            _, day, moment = found[row.place - 1]
            dues.append(due(watch, row.contact_id, moment, day.isoformat(), name))
    return dues


def _anniversaries(
    settings: DateRecurringSettings, watch: Watch, where: ZoneInfo
) -> Iterator[tuple[int, date, datetime]]:
    """(month and day of the stored date, the day it is celebrated, the moment)."""
    for day, moment in moments(settings, where, watch.since, watch.until):
        for month_day in month_days_on(day, feb29_on=feb29(watch.account_settings)):
            yield month_day, day, moment


DATE_RECURRING = TriggerKind(
    key="date_recurring",
    number=14,
    label=Label("Recurring date", "Date récurrente"),
    family="dates",
    wakes="clock",
    settings=DateRecurringSettings,
    listen=listen,
    look=look,
    purpose="date",
    late_after=lambda settings: [
        (audience_events.FIELD_CHANGED, str(settings.field)),
        *zone_changes(settings.zone),
    ],
    occurrence=True,
    excludes=frozenset({"date_specific"}),
    check=check,
    sample=lambda: events.ClockDue(
        purpose="date", flow_id=1, trigger_id=2, moment=datetime(2027, 3, 14, 8, tzinfo=UTC), key="2027-03-14"
    ),
)
