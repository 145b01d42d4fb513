"""Archive the contact (spec/flows.md 6.2): it ends this run, and by its event every other run of the contact (X10)."""

from __future__ import annotations

from typing import Any

from relance.audience import contacts
from relance.flows.definition.settings_types import NoSettings
from relance.flows.steps.act.saving import BY_FLOW, by_audience, causes_of
from relance.flows.steps.shape import Arrivals, StepKind, StepPlace
from relance.flows.words import Label


def args(_: NoSettings, __: StepPlace) -> dict[str, Any]:
    return {}


def arrive(here: Arrivals) -> None:
    for audience, movers in by_audience(here):
        archived = contacts.archive_many(here.tx, here.now, audience, causes_of(movers), BY_FLOW)
        for mover in movers:
            # Two runs of one contact may be here in one batch: the first has done it.
            here.end([mover], "X10", "B11" if mover.contact_id in archived else "B12")
            archived.discard(mover.contact_id)


ARCHIVE = StepKind(
    key="archive",
    label=Label("Archive contact", "Archiver le contact"),
    family="action",
    settings=NoSettings,
    outcomes=lambda _: (),
    args=args,
    arrive=arrive,
)
