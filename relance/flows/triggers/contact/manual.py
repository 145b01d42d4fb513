"""10 · Added by hand (spec/flows.md 2.1)."""

from __future__ import annotations

from collections.abc import Sequence

from relance.flows import events
from relance.flows.definition.settings_types import NoSettings
from relance.flows.triggers.shape import Listen, Place, TriggerKind
from relance.flows.words import Label


def listen(_: NoSettings, place: Place) -> Sequence[Listen]:
    return [Listen(events.CONTACT_ADDED, str(place.flow_id), key_paths=("request_id",))]


MANUAL = TriggerKind(
    key="manual",
    number=10,
    label=Label("Added by hand", "Ajout manuel"),
    family="contact",
    wakes="event",
    settings=NoSettings,
    listen=listen,
    sample=lambda: events.ContactAdded(flow_id=1, by="user", request_id="6f2c"),
    by_hand=True,
    once_per_flow=True,
)
