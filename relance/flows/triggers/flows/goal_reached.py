"""64 · Reaches a goal (spec/flows.md section 4): that of a flow (5.6), or one that a step has named (6.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from relance.flows import events
from relance.flows.definition.names import NamedField
from relance.flows.definition.settings_types import FlowRef, Settings
from relance.flows.triggers.shape import Listen, Place, TriggerKind, Unfit
from relance.flows.words import Label


class GoalReachedSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``flow``: any goal of it. ``name``: a goal of that name, of any flow unless one is given."""

    flow: FlowRef | None = None
    name: str = ""


def listen(settings: GoalReachedSettings, _: Place) -> Sequence[Listen]:
    named = {"on": "event.name", "op": "is", "value": settings.name} if settings.name.strip() else None
    return [Listen(events.GOAL_REACHED, "" if settings.flow is None else str(settings.flow), predicate=named)]


def check(settings: GoalReachedSettings, _: Mapping[int, NamedField]) -> Iterator[Unfit]:
    if settings.flow is None and not settings.name.strip():
        yield Unfit("V09", "neither flow nor name is set", "Say whose goal, or which.")


GOAL_REACHED = TriggerKind(
    key="goal_reached",
    number=64,
    label=Label("Reaches a goal", "Atteint un objectif"),
    family="more",
    wakes="event",
    settings=GoalReachedSettings,
    listen=listen,
    check=check,
    sample=lambda: events.GoalReached(flow_id=1, run_id=UUID(int=1), name="paid"),
)
