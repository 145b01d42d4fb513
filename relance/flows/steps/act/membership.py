"""What joining and leaving a group share (spec/flows.md 6.2)."""

from __future__ import annotations

from typing import Any

from relance.audience import groups
from relance.audience.contacts import Draft
from relance.flows.definition.settings_types import GroupRef, Settings
from relance.flows.steps.act.saving import by_audience, save_each
from relance.flows.steps.shape import Arrivals, StepPlace


class GroupSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    group: GroupRef


def args(settings: GroupSettings, _: StepPlace) -> dict[str, Any]:
    return {"group": settings.group}


def become(here: Arrivals, *, inside: bool) -> None:
    """Everybody in or out of their step's group. One that has been deleted holds the run (W09)."""
    for audience, movers in by_audience(here):
        known = {group.group_id for group in groups.list_groups(here.tx, audience.audience_id)}
        drafts = []
        for mover in movers:
            group = here.args(mover)["group"]
            if group not in known:
                here.rest([mover], None, "W09", seen={"group": group})
                continue
            drafts.append((mover, Draft(contact_id=mover.contact_id, groups={group: inside}, cause=here.cause(mover))))
        save_each(here, audience, drafts)
