"""48 · Leaves a segment (spec/flows.md section 4): archiving, erasing and another condition are no leaving."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from relance.audience import events
from relance.flows.definition.settings_types import SegmentRef, Settings
from relance.flows.triggers.shape import Listen, Place, TriggerKind
from relance.flows.words import Label


class SegmentLeftSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    segment: SegmentRef


def listen(settings: SegmentLeftSettings, _: Place) -> Sequence[Listen]:
    return [Listen(events.SEGMENT_LEFT, str(settings.segment))]


SEGMENT_LEFT = TriggerKind(
    key="segment_left",
    number=48,
    label=Label("Leaves a segment", "Sort d’un segment"),
    family="contact",
    wakes="membership",
    settings=SegmentLeftSettings,
    listen=listen,
    sample=lambda: events.SegmentLeft(segment_id=1, refresh_id=UUID(int=7)),
)
