"""Remove a tag (spec/flows.md 6.2). A tag not held gives B12 and no event; a tag that is gone holds the run (W09)."""

from __future__ import annotations

from typing import Any

from relance.audience import tags
from relance.audience.contacts import Draft
from relance.flows.definition.settings_types import Settings, TagRef
from relance.flows.steps.act.saving import by_audience, save_each
from relance.flows.steps.shape import Arrivals, StepKind, StepPlace
from relance.flows.words import Label


class RemoveTagSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tag: TagRef


def args(settings: RemoveTagSettings, _: StepPlace) -> dict[str, Any]:
    return {"tag": settings.tag}


def arrive(here: Arrivals) -> None:
    for audience, movers in by_audience(here):
        known = tags.get_many(here.tx, audience.audience_id, [here.args(mover)["tag"] for mover in movers])
        drafts = []
        for mover in movers:
            tag = known.get(here.args(mover)["tag"])
            if tag is None:
                here.rest([mover], None, "W09", seen={"tag": here.args(mover)["tag"]})
            else:
                drafts.append((mover, Draft(contact_id=mover.contact_id, untags=[tag.name], cause=here.cause(mover))))
        save_each(here, audience, drafts)


REMOVE_TAG = StepKind(
    key="remove_tag",
    label=Label("Remove a tag", "Retirer un tag"),
    family="action",
    settings=RemoveTagSettings,
    args=args,
    arrive=arrive,
    arrives_anew=True,
)
