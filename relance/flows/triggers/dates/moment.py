"""What the date triggers share: D1 settings, and the moments that fall between two instants (spec/flows.md 2.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta

from relance.audience import events as audience_events
from relance.db.sql import load_queries
from relance.events.model import EventKind
from relance.flows import events
from relance.flows.definition.names import NamedField
from relance.flows.definition.settings_types import Settings, TimeOfDay
from relance.flows.triggers.shape import Due, Guard, Listen, Place, Unfit, Watch
from relance.kernel.dates import at_local, local_day

queries = load_queries(__package__)

LATEST = timedelta(hours=24)
"""A moment reached while Relance was down still counts when it is at most this late (D4)."""

MOST_WEEKS = 52


class MomentSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """D1. ``zone`` "" is the flow's."""

    offset: Annotated[int, Meta(ge=0, le=365)] = 0
    unit: Literal["day", "week"] = "day"
    direction: Literal["before", "on", "after"] = "on"
    time: TimeOfDay = "09:00"
    zone: Literal["", "account", "contact"] = ""


def listen(_: Settings, place: Place) -> Sequence[Listen]:
    """Hears the clock; the key of the moment is the entry key."""
    missed = Guard("E22", {"on": "event.missed", "op": "is_yes"})
    return [Listen(events.CLOCK_DUE, str(place.point_id), guard=missed, key_paths=("key",))]


def check(settings: MomentSettings, _: Mapping[int, NamedField]) -> Iterator[Unfit]:
    if settings.unit == "week" and settings.offset > MOST_WEEKS:
        yield Unfit("V15", f"{settings.offset} weeks, at most {MOST_WEEKS} are allowed", "Count in days, up to 365.")


def shift(settings: MomentSettings) -> int:
    """Days from the date to the moment: negative before it."""
    days = settings.offset * (7 if settings.unit == "week" else 1)
    return {"before": -days, "on": 0, "after": days}[settings.direction]


def moments(
    settings: MomentSettings, where: ZoneInfo, since: datetime, until: datetime
) -> Iterator[tuple[date, datetime]]:
    """The dates whose moment lies in (since, until], each with its moment."""
    for day, moment in days_with_moment(settings.time, where, since, until):
        yield day - timedelta(days=shift(settings)), moment


def days_with_moment(at: str, where: ZoneInfo, since: datetime, until: datetime) -> Iterator[tuple[date, datetime]]:
    """The days on which the time of day ``at`` lies in (since, until], each with that instant."""
    day = local_day(since, where) - timedelta(days=1)
    while day <= local_day(until, where) + timedelta(days=1):
        moment = at_local(day, time.fromisoformat(at), where)
        if since < moment <= until:
            yield day, moment
        day += timedelta(days=1)


def due(watch: Watch, contact_id: UUID, moment: datetime, key: str, zone: str) -> Due:
    """``zone``: by whose clock the moment was told."""
    return Due(contact_id, moment.astimezone(UTC), key, {"missed": watch.now - moment > LATEST}, zone)


def feb29(account_settings: Mapping[str, Any]) -> int:
    """On which day 29 February falls in common years (D7), as birthday_in takes it."""
    return 301 if account_settings.get("feb29") == "mar1" else 228


# ── Zones ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def per_contact(zone: str, watch: Watch) -> bool:
    """Whether each contact's own zone counts."""
    return (zone or watch.flow_zone) == "contact"


def zone_filter(zone: str, name: str, watch: Watch) -> dict[str, Any]:
    """The parameters of a statement that is asked once for each zone: ``zone`` None takes everybody."""
    return {"zone": name if per_contact(zone, watch) else None, "account_zone": watch.account_zone}


def zones_of_field(settings: MomentSettings, watch: Watch, field_id: int) -> list[str]:
    """In which zones the clock must be read for people who have a date in a field."""
    if not per_contact(settings.zone, watch):
        return [watch.account_zone]
    if not may_strike(settings.time, watch.since, watch.until):
        return []
    rows = watch.tx.rows(
        queries.zones_of_dates, slot=list(watch.slot), field_id=field_id, account_zone=watch.account_zone
    )
    return [row.zone for row in rows]


def zones_of_audience(settings_zone: str, at: str, watch: Watch) -> list[str]:
    """The same for everybody in the audience."""
    if not per_contact(settings_zone, watch):
        return [watch.account_zone]
    if not may_strike(at, watch.since, watch.until):
        return []
    rows = watch.tx.rows(
        queries.zones_of_audience,
        slot=list(watch.slot),
        audience_id=watch.audience_id,
        account_zone=watch.account_zone,
    )
    return [row.zone for row in rows]


QUARTER = timedelta(minutes=15)


def may_strike(at: str, since: datetime, until: datetime) -> bool:
    """Whether in any zone a clock can show ``at`` in (since, until]. Offsets are whole quarters of an hour, so most
    looks need not ask which zones there are. A time in the gap of a spring change strikes on a full quarter."""
    for minutes in (int(at[3:]) % 15, 0):
        last = until.replace(minute=until.minute // 15 * 15, second=0, microsecond=0) + timedelta(minutes=minutes)
        if since < (last if last <= until else last - QUARTER):
            return True
    return False


def zone_changes(zone: str) -> list[tuple[EventKind, str]]:
    """After a change of zone a moment of today may turn out to have passed (section 11)."""
    return [] if zone == "account" else [(audience_events.ATTRIBUTE_CHANGED, "zone")]
