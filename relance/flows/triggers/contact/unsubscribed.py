"""53 · Unsubscribes (spec/flows.md section 4): to tell a colleague or a program, not to write to the contact (V26)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from relance.audience import events
from relance.flows.definition.settings_types import Settings
from relance.flows.triggers.shape import Listen, Place, TriggerKind
from relance.flows.words import Label

BY_THEMSELVES = {"on": "event.by", "op": "is", "value": "self"}


class UnsubscribedSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``channel``: from what. ``by``: `self` leaves out complaints, imports, the team and programs."""

    channel: Literal["any", "email"] = "any"
    by: Literal["any", "self"] = "any"


def listen(settings: UnsubscribedSettings, _: Place) -> Sequence[Listen]:
    return [Listen(events.EMAIL_UNSUBSCRIBED, predicate=BY_THEMSELVES if settings.by == "self" else None)]


UNSUBSCRIBED = TriggerKind(
    key="unsubscribed",
    number=53,
    label=Label("Unsubscribes", "Se désabonne"),
    family="contact",
    wakes="event",
    settings=UnsubscribedSettings,
    listen=listen,
    no_marketing=True,
    sample=lambda: events.EmailUnsubscribed(previous="subscribed", by="self"),
)
