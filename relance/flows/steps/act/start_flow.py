"""Start another flow (spec/flows.md 6.2): the contact goes through its gate, this run goes on at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from relance.db.sql import load_queries
from relance.events.append import append
from relance.flows import events
from relance.flows.contexts import decoded_contexts
from relance.flows.definition.settings_types import FlowRef, Settings
from relance.flows.steps.shape import Arrivals, StepKind, StepPlace
from relance.flows.words import Label

queries = load_queries(__package__)


class StartFlowSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``pass_context``: the event that let the contact in here is what ``event.…`` means there too."""

    flow: FlowRef
    pass_context: bool = True
    ignore_re_entry: bool = False


def args(settings: StartFlowSettings, _: StepPlace) -> dict[str, Any]:
    return {"flow": settings.flow, "pass_context": settings.pass_context, "again": settings.ignore_re_entry}


def arrive(here: Arrivals) -> None:
    """The gate of the other flow decides, on the event. What it will say is foreseen, for this run's trail: B14."""
    known = _properties(here)
    refused, deaf = _foreseen(here, known)
    facts = []
    for mover in here.movers:
        step = here.args(mover)
        if mover.run_id not in deaf:
            payload = events.StartRequested(flow_id=step["flow"], again=step["again"], properties=known[mover.run_id])
            facts.append(here.fact(mover, events.START_REQUESTED, payload))
        if code := refused.get(mover.run_id):
            here.cross([mover], "next", "B14", {"flow": step["flow"], "code": code})
        else:
            here.cross([mover], "next", "B11", {"flow": step["flow"]})
    append(here.tx, here.now, facts)


def _properties(here: Arrivals) -> dict[UUID, dict[str, Any]]:
    """What the other flow's run is told of the event, by run."""
    contexts = decoded_contexts(here.tx, [mover for mover in here.movers if here.args(mover)["pass_context"]])
    found = {run_id: context.get("event") for run_id, context in contexts.items()}
    return {mover.run_id: event if isinstance(event := found.get(mover.run_id), dict) else {} for mover in here.movers}


def _foreseen(here: Arrivals, known: Mapping[UUID, dict[str, Any]]) -> tuple[dict[UUID, str], set[UUID]]:
    """(why the gate will refuse, by run; the runs whose flow hears nothing: a draft, or archived)."""
    by_run = {mover.run_id: mover for mover in here.movers}
    rows = here.tx.rows(
        queries.foresee_starts,
        now=here.now,
        buckets=[mover.bucket for mover in here.movers],
        contacts=[mover.contact_id for mover in here.movers],
        runs=list(by_run),
        flows=[here.args(mover)["flow"] for mover in here.movers],
        agains=[here.args(mover)["again"] for mover in here.movers],
        depths=[mover.depth + 1 for mover in here.movers],
    )
    asked = [
        (row.run_id, code, condition)
        for row in rows
        for code, condition in (("E15", row.filter), ("E16", row.exit_test))
        if condition is not None and row.early is None
    ]
    contexts = [{"event": known[run_id], "name": events.START_REQUESTED.key} for run_id, _, _ in asked]
    answers = here.ask([(by_run[run_id], condition) for run_id, _, condition in asked], contexts)
    said = {(run_id, code): true for (run_id, code, _), (true, _) in zip(asked, answers, strict=True)}
    refused = {}
    for row in rows:
        barred = "E15" if said.get((row.run_id, "E15")) is False else "E16" if said.get((row.run_id, "E16")) else None
        if code := row.early or barred or row.late:
            refused[row.run_id] = code
    deaf = {row.run_id for row in rows if row.deaf}
    return refused, deaf


START_FLOW = StepKind(
    key="start_flow",
    label=Label("Start another flow", "Démarrer un autre flux"),
    family="action",
    settings=StartFlowSettings,
    args=args,
    arrive=arrive,
)
