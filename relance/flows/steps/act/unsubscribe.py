"""Unsubscribe (spec/flows.md 6.2). Only who is subscribed: everybody else gives B12. The run goes on."""

from __future__ import annotations

from typing import Any, Literal

from relance.audience import consent
from relance.flows.definition.settings_types import Settings
from relance.flows.steps.act.saving import BY_FLOW, by_audience, causes_of, cross_changed
from relance.flows.steps.shape import Arrivals, StepKind, StepPlace
from relance.flows.words import Label


class UnsubscribeSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    channel: Literal["email"] = "email"


def args(settings: UnsubscribeSettings, _: StepPlace) -> dict[str, Any]:
    return {"channel": settings.channel}


def arrive(here: Arrivals) -> None:
    for audience, movers in by_audience(here):
        changed = consent.unsubscribe_many(here.tx, here.now, audience, causes_of(movers), BY_FLOW)
        cross_changed(here, movers, changed)


UNSUBSCRIBE = StepKind(
    key="unsubscribe",
    label=Label("Unsubscribe", "Désabonner"),
    family="action",
    settings=UnsubscribeSettings,
    args=args,
    arrive=arrive,
)
