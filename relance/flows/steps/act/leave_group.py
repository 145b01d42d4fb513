"""Remove from a group (spec/flows.md 6.2)."""

from __future__ import annotations

from relance.flows.steps.act.membership import GroupSettings, args, become
from relance.flows.steps.shape import Arrivals, StepKind
from relance.flows.words import Label


class LeaveGroupSettings(GroupSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


def arrive(here: Arrivals) -> None:
    become(here, inside=False)


LEAVE_GROUP = StepKind(
    key="leave_group",
    label=Label("Remove from a group", "Retirer d’un groupe"),
    family="action",
    settings=LeaveGroupSettings,
    args=args,
    arrive=arrive,
    arrives_anew=True,
)
