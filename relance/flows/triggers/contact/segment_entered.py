"""47 · Enters a segment (spec/flows.md section 4): whoever is in it already, or as it fills, does not enter."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from relance.audience import events
from relance.flows.definition.settings_types import SegmentRef, Settings
from relance.flows.triggers.shape import Listen, Place, TriggerKind
from relance.flows.words import Label


class SegmentEnteredSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    segment: SegmentRef


def listen(settings: SegmentEnteredSettings, _: Place) -> Sequence[Listen]:
    return [Listen(events.SEGMENT_ENTERED, str(settings.segment))]


SEGMENT_ENTERED = TriggerKind(
    key="segment_entered",
    number=47,
    label=Label("Enters a segment", "Entre dans un segment"),
    family="contact",
    wakes="membership",
    settings=SegmentEnteredSettings,
    listen=listen,
    sample=lambda: events.SegmentEntered(segment_id=1, refresh_id=UUID(int=7)),
    matching=lambda settings, _: {"on": "segment", "op": "in", "value": settings.segment},
)
