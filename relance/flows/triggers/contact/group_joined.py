"""5 · Joins a group (spec/flows.md 2.1). Being created with the group counts as joining."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from relance.audience import events
from relance.flows.definition.settings_types import GroupRef, Settings
from relance.flows.triggers.shape import Listen, Place, TriggerKind
from relance.flows.words import Label


class GroupJoinedSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    group: GroupRef


def listen(settings: GroupJoinedSettings, _: Place) -> Sequence[Listen]:
    return [Listen(events.GROUP_JOINED, str(settings.group))]


def matching(settings: GroupJoinedSettings, categories: Mapping[int, int]) -> dict[str, Any] | None:
    category = categories.get(settings.group)
    return {"on": f"groups:{category}", "op": "any_of", "value": [settings.group]} if category else None


GROUP_JOINED = TriggerKind(
    key="group_joined",
    number=5,
    label=Label("Joins a group", "Rejoint un groupe"),
    family="contact",
    wakes="event",
    settings=GroupJoinedSettings,
    listen=listen,
    sample=lambda: events.GroupJoined(category_id=1, group_id=2),
    matching=matching,
)
