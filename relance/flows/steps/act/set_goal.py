"""Mark a goal (spec/flows.md 6.2): one conversion per run and name. It never ends the run."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from relance.db.sql import load_queries
from relance.events.append import append
from relance.flows import events
from relance.flows.definition.settings_types import Settings
from relance.flows.steps.shape import Arrivals, Mover, StepKind, StepPlace
from relance.flows.words import Label
from relance.kernel.ids import time_uuid

queries = load_queries(__package__)


class SetGoalSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``value``: what it is worth, for figures: a number, or an amount of money in the shop's currency."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    value: int | float | None = None


def args(settings: SetGoalSettings, _: StepPlace) -> dict[str, Any]:
    return {"name": settings.name, "value": None if settings.value is None else str(settings.value)}


def arrive(here: Arrivals) -> None:
    known = _marked_before(here)
    facts = []
    for mover in here.movers:
        goal = here.args(mover)
        if mover.run_id in known:
            here.cross([mover], "next", "B12", {"name": goal["name"]})
            continue
        payload = events.GoalReached(flow_id=mover.flow_id, run_id=mover.run_id, name=goal["name"], value=goal["value"])
        facts.append(here.fact(mover, events.GOAL_REACHED, payload))
        here.cross([mover], "next", "B11", {"name": goal["name"]})
    append(here.tx, here.now, facts)
    _convert(here, [mover for mover in here.movers if mover.run_id not in known])


def _marked_before(here: Arrivals) -> set[Any]:
    """The runs that have marked this very name at an earlier step."""
    rows = here.tx.rows(
        queries.goals_marked,
        buckets=[mover.bucket for mover in here.movers],
        contacts=[mover.contact_id for mover in here.movers],
        runs=[mover.run_id for mover in here.movers],
        names=[here.args(mover)["name"] for mover in here.movers],
        since=min(mover.entered_at for mover in here.movers),
    )
    return {row.run_id for row in rows}


def _convert(here: Arrivals, movers: list[Mover]) -> None:
    """In a flow without a goal of its own, this is it: the run counts as converted, once."""
    here.tx.run(
        queries.convert_runs,
        now=here.now,
        base=time_uuid(here.now),
        buckets=[mover.bucket for mover in movers],
        contacts=[mover.contact_id for mover in movers],
        runs=[mover.run_id for mover in movers],
        versions=[mover.version_id for mover in movers],
    )


SET_GOAL = StepKind(
    key="set_goal",
    label=Label("Mark a goal", "Marquer un objectif"),
    family="action",
    settings=SetGoalSettings,
    args=args,
    arrive=arrive,
)
