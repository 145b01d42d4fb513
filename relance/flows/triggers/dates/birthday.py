"""13 · Birthday (spec/flows.md 2.2, D1-D8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
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


class BirthdaySettings(MomentSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    field: FieldRef


def look(settings: BirthdaySettings, watch: Watch) -> Sequence[Due]:
    """People whose birthday, moved by the offset, has its moment between two instants: by day, never by contact."""
    dues: list[Due] = []
    for name in zones_of_field(settings, watch, settings.field):
        found = _month_days(settings, watch, zone(name))
        if not found:
            continue
        rows = watch.tx.rows(
            queries.birthdays_on,
            slot=list(watch.slot),
            field_id=settings.field,
            month_days=list(found),
            contacts=watch.contacts,
            **zone_filter(settings.zone, name, watch),
        )
        for row in rows:
            year, moment = found[row.month_day]
            dues.append(due(watch, row.contact_id, moment, str(year), name))
    return dues


def _month_days(settings: BirthdaySettings, watch: Watch, where: ZoneInfo) -> dict[int, tuple[int, datetime]]:
    found: dict[int, tuple[int, datetime]] = {}
    for day, moment in moments(settings, where, watch.since, watch.until):
        for month_day in month_days_on(day, feb29_on=feb29(watch.account_settings)):
            found[month_day] = (day.year, moment)
    return found


BIRTHDAY = TriggerKind(
    key="birthday",
    number=13,
    label=Label("Birthday", "Anniversaire"),
    family="dates",
    wakes="clock",
    settings=BirthdaySettings,
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
        purpose="date", flow_id=1, trigger_id=2, moment=datetime(2026, 5, 4, 9, tzinfo=UTC), key="2026"
    ),
)
