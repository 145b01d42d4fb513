"""34 · Doesn't open an email (spec/flows.md 2.4, M5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from msgspec import Meta

from relance.db.sql import load_queries
from relance.flows import events
from relance.flows.definition.settings_types import EmailRef, Settings
from relance.flows.triggers.shape import Due, Guard, Listen, Place, TriggerKind, Watch
from relance.flows.words import Label

queries = load_queries(__package__)

HOUR = 3600
DAY = 86400


class EmailNotOpenedSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``period`` in seconds, counted from the send."""

    email: EmailRef
    period: Annotated[int, Meta(ge=HOUR, le=90 * DAY, extra={"ref": "duration"})] = 5 * DAY


def listen(_: EmailNotOpenedSettings, place: Place) -> Sequence[Listen]:
    unknown = Guard("E29", {"on": "event.unknown", "op": "is_yes"})
    return [Listen(events.CLOCK_DUE, str(place.point_id), guard=unknown, key_paths=("key",))]


def look(settings: EmailNotOpenedSettings, watch: Watch) -> Sequence[Due]:
    """Deliveries whose period ends between two instants and that nobody opened: a window over the send times, so that
    sending writes nothing for it and an email sent before turn-on counts too (34a)."""
    period = timedelta(seconds=settings.period)
    rows = watch.tx.rows(
        queries.unopened,
        slot=list(watch.slot),
        message_id=settings.email,
        sent_after=watch.since - period,
        sent_until=watch.until - period,
        unknown_counts=watch.account_settings.get("unknown_counts_as") == "not_opened",
    )
    return [Due(row.contact_id, row.sent_at + period, str(row.delivery_id), {"unknown": row.unknown}) for row in rows]


EMAIL_NOT_OPENED = TriggerKind(
    key="email_not_opened",
    number=34,
    label=Label("Doesn’t open an email", "N’ouvre pas un e-mail"),
    family="marketing",
    wakes="clock",
    settings=EmailNotOpenedSettings,
    listen=listen,
    look=look,
    purpose="not_opened",
    sample=lambda: events.ClockDue(
        purpose="not_opened", flow_id=1, trigger_id=2, moment=datetime(2026, 5, 9, 9, tzinfo=UTC), key="d"
    ),
)
