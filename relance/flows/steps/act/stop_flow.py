"""Stop a flow (spec/flows.md 6.2): the contact's live runs there end (X16). It blocks nobody from coming again."""

from __future__ import annotations

from typing import Any, Literal

from relance.db.sql import load_queries
from relance.events.append import append
from relance.flows import events
from relance.flows.definition.settings_types import FlowRef, Settings
from relance.flows.steps.shape import Arrivals, StepKind, StepPlace
from relance.flows.words import Label

queries = load_queries(__package__)


class StopFlowSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``which``: the ``flow`` named, this one, or every other one that the contact is in."""

    flow: FlowRef | None = None
    which: Literal["named", "this", "others"] = "named"


def args(settings: StopFlowSettings, place: StepPlace) -> dict[str, Any]:
    here = settings.which == "this" or settings.flow == place.place.flow_id
    return {"this": here, "flow": None if settings.which == "others" else settings.flow}


def arrive(here: Arrivals) -> None:
    elsewhere = []
    for mover in here.movers:
        if here.args(mover)["this"]:
            here.end([mover], "X16")
        else:
            elsewhere.append(mover)
    if not elsewhere:
        return
    rows = here.tx.rows(
        queries.runs_to_stop,
        buckets=[mover.bucket for mover in elsewhere],
        contacts=[mover.contact_id for mover in elsewhere],
        runs=[mover.run_id for mover in elsewhere],
        own=[mover.flow_id for mover in elsewhere],
        flows=[here.args(mover)["flow"] for mover in elsewhere],
    )
    inside = {row.run_id for row in rows}
    facts = []
    for mover in elsewhere:
        flow_id = here.args(mover)["flow"]
        if mover.run_id in inside:
            facts.append(here.fact(mover, events.STOP_REQUESTED, events.StopRequested(flow_id=flow_id)))
        here.cross([mover], "next", "B11" if mover.run_id in inside else "B12", {"flow": flow_id})
    append(here.tx, here.now, facts)


STOP_FLOW = StepKind(
    key="stop_flow",
    label=Label("Stop a flow", "Retirer d’un flux"),
    family="action",
    settings=StopFlowSettings,
    outcomes=lambda settings: () if settings.which == "this" else ("next",),
    args=args,
    arrive=arrive,
)
