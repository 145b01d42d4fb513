"""39 · Flow API call (spec/flows.md 2.5)."""

from __future__ import annotations

from collections.abc import Sequence

from relance.flows import events
from relance.flows.definition.settings_types import NoSettings
from relance.flows.triggers.shape import Listen, Place, TriggerKind
from relance.flows.words import Label


def listen(_: NoSettings, place: Place) -> Sequence[Listen]:
    return [Listen(events.API_CALLED, str(place.point_id))]


FLOW_API = TriggerKind(
    key="flow_api",
    number=39,
    label=Label("Flow API call", "Appel de l’API des flux"),
    family="api",
    wakes="event",
    settings=NoSettings,
    listen=listen,
    sample=lambda: events.ApiCalled(flow_id=1, step_id=2),
    once_per_flow=True,
)
