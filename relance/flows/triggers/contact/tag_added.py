"""1 · Tag added (spec/flows.md 2.1)."""

from __future__ import annotations

from collections.abc import Sequence

from relance.audience import events
from relance.flows.definition.settings_types import Settings, TagRef
from relance.flows.triggers.shape import Listen, Place, TriggerKind
from relance.flows.words import Label


class TagAddedSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tag: TagRef


def listen(settings: TagAddedSettings, _: Place) -> Sequence[Listen]:
    return [Listen(events.TAG_ADDED, str(settings.tag))]


TAG_ADDED = TriggerKind(
    key="tag_added",
    number=1,
    label=Label("Tag added", "Tag ajouté"),
    family="contact",
    wakes="event",
    settings=TagAddedSettings,
    listen=listen,
    sample=lambda: events.TagAdded(tag_id=1),
    matching=lambda settings, _: {"on": "tag", "op": "has", "value": settings.tag},
)
