"""Add to a group (spec/flows.md 6.2). Where one choice is allowed, joining leaves the others, with their events."""

from __future__ import annotations

from relance.flows.steps.act.membership import GroupSettings, args, become
from relance.flows.steps.shape import Arrivals, StepKind
from relance.flows.words import Label


class JoinGroupSettings(GroupSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


def arrive(here: Arrivals) -> None:
    become(here, inside=True)


JOIN_GROUP = StepKind(
    key="join_group",
    label=Label("Add to a group", "Ajouter à un groupe"),
    family="action",
    settings=JoinGroupSettings,
    args=args,
    arrive=arrive,
    arrives_anew=True,
)
