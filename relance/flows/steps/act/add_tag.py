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
    rows = here.tx.tuples(
        queries.add_tags,
        now=here.now,
        buckets=[mover.bucket for mover in here.movers],
        contacts=[mover.contact_id for mover in here.movers],
        tags=[step.args["tag"] for step, movers in here.by_step() for _ in movers],
    )
    added = set(rows)
    facts = []
    for step, movers in here.by_step():
        payload = events.TagAdded(tag_id=step.args["tag"])
        anew, already = [], []
        for mover in movers:
            tagged = (mover.contact_id, payload.tag_id)
            # Two runs of one contact may add the same tag in one batch: the first has done it.
            if tagged in added:
                added.discard(tagged)
                facts.append(here.fact(mover, events.TAG_ADDED, payload))
                anew.append(mover)
            else:
                already.append(mover)
        here.cross(anew, "next", "B11")
        here.cross(already, "next", "B12")
    append(here.tx, here.now, facts)


ADD_TAG = StepKind(
    key="add_tag",
    label=Label("Add a tag", "Ajouter un tag"),
    family="action",
    settings=AddTagSettings,
    args=args,
    arrive=arrive,
)
