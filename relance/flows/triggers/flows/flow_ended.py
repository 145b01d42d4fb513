"""63 · Ends another flow (spec/flows.md section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from relance.flows import events
from relance.flows.definition.settings_types import FlowRef, Settings
from relance.flows.triggers.shape import Listen, Place, TriggerKind
from relance.flows.words import Label


class FlowEndedSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``how``: `completed` reached an end of the flow, `exited` left it before."""

    flow: FlowRef
    how: Literal["completed", "exited", "any"] = "completed"


def listen(settings: FlowEndedSettings, _: Place) -> Sequence[Listen]:
    so = None if settings.how == "any" else {"on": "event.how", "op": "is", "value": settings.how}
    return [Listen(events.RUN_ENDED, str(settings.flow), predicate=so)]


FLOW_ENDED = TriggerKind(
    key="flow_ended",
    number=63,
    label=Label("Ends another flow", "Termine un autre flux"),
    family="more",
    wakes="event",
    settings=FlowEndedSettings,
    listen=listen,
    sample=lambda: events.RunEnded(flow_id=1, run_id=UUID(int=1), how="completed", code="X00"),
)
