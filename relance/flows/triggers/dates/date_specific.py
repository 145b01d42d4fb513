"""11 · Specific date (spec/flows.md 2.2, D1-D6): once for each date that stands in the field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from relance.audience import events as audience_events
from relance.flows import events
from relance.flows.definition.settings_types import FieldRef
from relance.flows.triggers.dates.moment import (
    MomentSettings,
    check,
    due,
    listen,
    moments,
    queries,
    zone_changes,
    zone_filter,
    zones_of_field,
)
from relance.flows.triggers.shape import Due, TriggerKind, Watch
from relance.flows.words import Label
from relance.kernel.dates import zone


class DateSpecificSettings(MomentSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    field: FieldRef


def look(settings: DateSpecificSettings, watch: Watch) -> Sequence[Due]:
    """People whose date, moved by the offset, has its moment between two instants: by day, never by contact."""
    dues: list[Due] = []
    for name in zones_of_field(settings, watch, settings.field):
        found = dict(moments(settings, zone(name), watch.since, watch.until))
        if not found:
            continue
        rows = watch.tx.rows(
            queries.dates_on,
            slot=list(watch.slot),
            field_id=settings.field,
            days=list(found),
            contacts=watch.contacts,
            **zone_filter(settings.zone, name, watch),
        )
        dues += [due(watch, row.contact_id, found[row.day], row.day.isoformat(), name) for row in rows]
    return dues


DATE_SPECIFIC = TriggerKind(
    key="date_specific",
    number=11,
    label=Label("Specific date", "Date précise"),
    family="dates",
    wakes="clock",
    settings=DateSpecificSettings,
    listen=listen,
    look=look,
    purpose="date",
    late_after=lambda settings: [
        (audience_events.FIELD_CHANGED, str(settings.field)),
        *zone_changes(settings.zone),
    ],
    occurrence=True,
    excludes=frozenset({"birthday", "date_recurring"}),
    excludes_steps=frozenset({"wait_for_trigger"}),
    check=check,
    sample=lambda: events.ClockDue(
        purpose="date", flow_id=1, trigger_id=2, moment=datetime(2026, 6, 10, 7, tzinfo=UTC), key="2026-06-20"
    ),
)
