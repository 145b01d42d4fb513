"""Tell a colleague (spec/flows.md 6.2): queue one notice for each of them; the run goes on at once."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from relance.flows.definition.settings_types import PersonRef, Settings
from relance.flows.notices.queue import queue_notices
from relance.flows.steps.shape import Arrivals, StepKind, StepPlace
from relance.flows.words import Label


class NotifyTeamSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``text`` may hold merge tags. It is no message to the contact: nobody's consent is asked."""

    to: Annotated[list[PersonRef], Meta(min_length=1, max_length=20)]
    text: Annotated[str, Meta(min_length=1, max_length=2000)]


def args(settings: NotifyTeamSettings, _: StepPlace) -> dict[str, Any]:
    return {"to": sorted(set(settings.to)), "text": settings.text}


def arrive(here: Arrivals) -> None:
    told = [(mover, person) for step, movers in here.by_step() for mover in movers for person in step.args["to"]]
    queue_notices(here.tx, here.now, told)
    here.tx.wake("notices")
    for _, movers in here.by_step():
        here.cross(movers, "next", "B11")


NOTIFY_TEAM = StepKind(
    key="notify_team",
    label=Label("Tell a colleague", "Prévenir l’équipe"),
    family="action",
    settings=NotifyTeamSettings,
    args=args,
    arrive=arrive,
)
