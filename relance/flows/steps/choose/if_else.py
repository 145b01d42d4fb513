"""If / else: the first way whose condition matches (spec/flows.md 6.1)."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from relance.flows.definition.settings_types import ConditionSource, Settings
from relance.flows.steps.shape import Arrivals, StepKind, StepPlace
from relance.flows.words import Label


class Way(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    condition: ConditionSource
    label: str = ""


class IfElseSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Outcomes way_1, way_2 … and else. How many ways there may be is a limit of section 12 (V15)."""

    ways: Annotated[list[Way], Meta(min_length=1)]


def outcomes(settings: IfElseSettings) -> tuple[str, ...]:
    return (*(f"way_{number}" for number in range(1, len(settings.ways) + 1)), "else")


def args(settings: IfElseSettings, place: StepPlace) -> dict[str, Any]:
    return {"ways": [place.store_condition(way.condition) for way in settings.ways]}


def arrive(here: Arrivals) -> None:
    """All ways of everybody in one statement; the first true one wins."""
    asked = [
        (mover, number, condition)
        for mover in here.movers
        for number, condition in enumerate(here.args(mover)["ways"], 1)
    ]
    answers = here.ask([(mover, condition) for mover, _, condition in asked])
    taken: dict[Any, int] = {}
    seen: dict[Any, Any] = {}
    for (mover, number, _), (true, values) in zip(asked, answers, strict=True):
        if mover.run_id in taken:
            continue
        seen[mover.run_id] = {**seen.get(mover.run_id, {}), **(values or {})}
        if true:
            taken[mover.run_id] = number
    for mover in here.movers:
        way = taken.get(mover.run_id)
        if way:
            here.cross(mover, f"way_{way}", "B01", {"way": way, **seen[mover.run_id]})
        else:
            here.cross(mover, "else", "B02", seen[mover.run_id])


IF_ELSE = StepKind(
    key="if_else",
    label=Label("If / else", "Si / sinon"),
    family="rule",
    settings=IfElseSettings,
    outcomes=outcomes,
    args=args,
    arrive=arrive,
)
