"""52 · Tag removed (spec/flows.md section 4). Deleting the tag itself does not fire."""

from __future__ import annotations

from collections.abc import Sequence

from relance.audience import events
from relance.flows.definition.settings_types import Settings, TagRef
from relance.flows.triggers.shape import Listen, Place, TriggerKind
from relance.flows.words import Label


class TagRemovedSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tag: TagRef


def listen(settings: TagRemovedSettings, _: Place) -> Sequence[Listen]:
    return [Listen(events.TAG_REMOVED, str(settings.tag))]


TAG_REMOVED = TriggerKind(
    key="tag_removed",
    number=52,
    label=Label("Tag removed", "Tag retiré"),
    family="contact",
    wakes="event",
    settings=TagRemovedSettings,
    listen=listen,
    sample=lambda: events.TagRemoved(tag_id=1),
)
