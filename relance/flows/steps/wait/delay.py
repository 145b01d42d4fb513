"""Wait: a length of time (spec/flows.md 6.1). Minutes and hours are exact, days and weeks keep the wall-clock time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta

from relance.flows.definition.settings_types import Settings
from relance.flows.steps.shape import Arrivals, StepKind, StepPlace, by_zone
from relance.flows.words import Label
from relance.kernel.dates import plus_days, zone

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
LONGEST = 365 * 86_400
SHORTEST = 60
"""Seconds; the operator may lower it to 1 with limits.min_delay."""


class DelaySettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    n: Annotated[int, Meta(ge=1)]
    unit: Literal["second", "minute", "hour", "day", "week"]

    @property
    def seconds(self) -> int:
        return self.n * SECONDS[self.unit]


def args(settings: DelaySettings, _: StepPlace) -> dict[str, Any]:
    return {"n": settings.n, "unit": settings.unit}


def until(n: int, unit: str, arrived: datetime, where: str) -> datetime:
    """When a delay that began at ``arrived`` is over, in the flow's zone."""
    if unit in ("day", "week"):
        return plus_days(arrived, n * (7 if unit == "week" else 1), zone(where))
    return arrived + timedelta(seconds=n * SECONDS[unit])


def rest(step: Mapping[str, Any], arrived: datetime, where: str) -> datetime:
    return until(step["n"], step["unit"], arrived, where)


def arrive(here: Arrivals) -> None:
    """Everybody who arrives at one delay at one moment, in one zone, leaves at one moment: computed once."""
    for step, movers in here.by_step():
        for where, people in by_zone(movers).items():
            due = rest(step.args, here.now, where)
            here.rest(people, due, "W01", seen={"until": due.isoformat()})


DELAY = StepKind(
    key="delay",
    label=Label("Wait", "Attendre"),
    family="rule",
    settings=DelaySettings,
    args=args,
    arrive=arrive,
    rest=rest,
)
