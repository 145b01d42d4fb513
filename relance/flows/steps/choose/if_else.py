"""If / else: the first way whose condition matches (spec/flows.md 6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Any

from msgspec import Meta

from relance.flows.definition.settings_types import ConditionSource, Settings
from relance.flows.steps.shape import Arrivals, Mover, StepKind, StepPlace
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
    answers = iter(
        here.ask([(mover, way) for step, movers in here.by_step() for mover in movers for way in step.args["ways"]])
    )
    for step, movers in here.by_step():
        count = len(step.args["ways"])
        # Answers that look alike are one object (Judge.ask): who was told the same goes the same way together.
        alike: dict[tuple[int, ...], tuple[int, list[Mapping[str, Any]], list[Mover]]] = {}
        for mover in movers:
            way, values, key = 0, [], [0]
            for number, (true, seen) in enumerate(islice(answers, count), 1):
                if not way:
                    values.append(seen or {})
                    key.append(id(seen))
                    way = number if true else 0
            key[0] = way
            alike.setdefault(tuple(key), (way, values, []))[2].append(mover)
        for way, values, people in alike.values():
            seen = {name: value for some in values for name, value in some.items()}
            if way:
                here.cross(people, f"way_{way}", "B01", {"way": way, **seen})
            else:
                here.cross(people, "else", "B02", seen)


IF_ELSE = StepKind(
    key="if_else",
    label=Label("If / else", "Si / sinon"),
    family="rule",
    settings=IfElseSettings,
    outcomes=outcomes,
    args=args,
    arrive=arrive,
)
