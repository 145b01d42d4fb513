"""6 · Leaves a group (spec/flows.md 2.1). Unsubscribing, archiving and deleting the group are not leaving it."""

from __future__ import annotations

from collections.abc import Sequence

from relance.audience import events
from relance.flows.definition.settings_types import GroupRef, Settings
from relance.flows.triggers.shape import Listen, Place, TriggerKind
from relance.flows.words import Label


class GroupLeftSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    group: GroupRef


def listen(settings: GroupLeftSettings, _: Place) -> Sequence[Listen]:
    return [Listen(events.GROUP_LEFT, str(settings.group))]


GROUP_LEFT = TriggerKind(
    key="group_left",
    number=6,
    label=Label("Leaves a group", "Quitte un groupe"),
    family="contact",
    wakes="event",
    settings=GroupLeftSettings,
    listen=listen,
    sample=lambda: events.GroupLeft(category_id=1, group_id=2),
)
