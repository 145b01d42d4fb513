"""13 · Birthday (spec/flows.md 2.2, D1-D8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from relance.audience import events as audience_events
from relance.db.sql import load_queries
from relance.flows import events
from relance.flows.definition.settings_types import FieldRef
from relance.flows.triggers.dates.moment import LATEST, MomentSettings, moments
from relance.flows.triggers.shape import Due, Guard, Listen, Place, TriggerKind, Watch
from relance.flows.words import Label
from relance.kernel.dates import month_days_on, zone

queries = load_queries(__package__)


class BirthdaySettings(MomentSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    field: FieldRef


def listen(_: BirthdaySettings, place: Place) -> Sequence[Listen]:
    missed = Guard("E22", {"on": "event.missed", "op": "is_yes"})
    return [Listen(events.CLOCK_DUE, str(place.point_id), guard=missed, key_paths=("key",))]


def look(settings: BirthdaySettings, watch: Watch) -> Sequence[Due]:
    """People whose birthday, moved by the offset, has its moment between two instants: by day, never by contact."""
    dues: list[Due] = []
    for name in _zones(settings, watch):
        found = _month_days(settings, watch, zone(name))
        if not found:
            continue
        rows = watch.tx.rows(
            queries.birthdays_on,
            slot=list(watch.slot),
            field_id=settings.field,
            month_days=list(found),
            zone=name if _per_contact(settings, watch) else None,
            account_zone=watch.account_zone,
            contacts=watch.contacts,
        )
        for row in rows:
            year, moment = found[row.month_day]
            dues.append(Due(row.contact_id, moment, str(year), {"missed": watch.now - moment > LATEST}))
    return dues


def _month_days(settings: BirthdaySettings, watch: Watch, where: ZoneInfo) -> dict[int, tuple[int, datetime]]:
    feb29 = 301 if watch.account_settings.get("feb29") == "mar1" else 228
    found: dict[int, tuple[int, datetime]] = {}
    for day, moment in moments(settings, where, watch.since, watch.until):
        for month_day in month_days_on(day, feb29_on=feb29):
            found[month_day] = (day.year, moment.astimezone(UTC))
    return found


def _per_contact(settings: BirthdaySettings, watch: Watch) -> bool:
    return (settings.zone or watch.flow_zone) == "contact"


def _zones(settings: BirthdaySettings, watch: Watch) -> list[str]:
    if not _per_contact(settings, watch):
        return [watch.account_zone]
    rows = watch.tx.rows(
        queries.zones_of_birthdays, slot=list(watch.slot), field_id=settings.field, account_zone=watch.account_zone
    )
    return [row.zone for row in rows]


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
    late_after=lambda settings: [(audience_events.FIELD_CHANGED, str(settings.field))],
    occurrence=True,
    excludes=frozenset({"date_specific"}),
    sample=lambda: events.ClockDue(
        purpose="date", flow_id=1, trigger_id=2, moment=datetime(2026, 5, 4, 9, tzinfo=UTC), key="2026"
    ),
)
