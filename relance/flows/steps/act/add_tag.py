"""Add a tag (spec/flows.md 6.2). A tag already held gives B12 and no event."""

from __future__ import annotations

from typing import Any

from relance.audience import events
from relance.db.sql import load_queries
from relance.events.append import append
from relance.flows.definition.settings_types import Settings, TagRef
from relance.flows.steps.shape import Arrivals, StepKind, StepPlace
from relance.flows.words import Label

queries = load_queries(__package__)


class AddTagSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tag: TagRef


def args(settings: AddTagSettings, _: StepPlace) -> dict[str, Any]:
    return {"tag": settings.tag}


def arrive(here: Arrivals) -> None:
    movers = here.movers
    tags = [here.args(mover)["tag"] for mover in movers]
    rows = here.tx.rows(
        queries.add_tags,
        now=here.now,
        buckets=[mover.bucket for mover in movers],
        contacts=[mover.contact_id for mover in movers],
        tags=tags,
    )
    added = {(row.contact_id, row.tag_id) for row in rows}
    facts = []
    for mover, tag in zip(movers, tags, strict=True):
        # Two runs of one contact may add the same tag in one batch: the first has done it.
        if (mover.contact_id, tag) in added:
            added.discard((mover.contact_id, tag))
            facts.append(here.fact(mover, events.TAG_ADDED, events.TagAdded(tag_id=tag)))
            here.cross(mover, "next", "B11")
        else:
            here.cross(mover, "next", "B12")
    append(here.tx, here.now, facts)


ADD_TAG = StepKind(
    key="add_tag",
    label=Label("Add a tag", "Ajouter un tag"),
    family="action",
    settings=AddTagSettings,
    args=args,
    arrive=arrive,
)
