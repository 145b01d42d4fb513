"""Steps that change contacts: drafts saved like from any other door, each with its run as the cause (G15).

A contact is locked, its events are told and what nobody may be told yet is kept back (G21) by the audience, so a step
says only what is to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from relance.audience import audiences, contacts
from relance.audience.audiences import Audience
from relance.audience.contacts import Actor, Draft, Saved
from relance.events.model import Cause
from relance.flows.steps.shape import Arrivals, Mover
from relance.kernel.errors import RelanceError

BY_FLOW = Actor(by="flow", source="flow")


def by_audience(here: Arrivals) -> Iterator[tuple[Audience, list[Mover]]]:
    """The movers of each audience: one, but for accounts that share a worker."""
    groups: dict[int, list[Mover]] = {}
    for mover in here.movers:
        groups.setdefault(mover.audience_id, []).append(mover)
    for audience_id, movers in groups.items():
        yield audiences.get(here.tx, movers[0].account_id, audience_id), movers


def save_each(here: Arrivals, audience: Audience, drafts: Sequence[tuple[Mover, Draft]]) -> None:
    """Save, and let everybody go on: B11, or B12 where nothing changed or nobody is there any more."""
    answers = contacts.save_many(here.tx, here.now, audience, [draft for _, draft in drafts], BY_FLOW)
    for (mover, _), answer in zip(drafts, answers, strict=True):
        here.cross([mover], "next", "B11" if _changed(answer) else "B12")


def causes_of(movers: Sequence[Mover]) -> dict[UUID, Cause | None]:
    """Contact id → its run; the first of two runs of one contact."""
    causes: dict[UUID, Cause | None] = {}
    for mover in movers:
        causes.setdefault(mover.contact_id, Arrivals.cause(mover))
    return causes


def cross_changed(here: Arrivals, movers: Sequence[Mover], changed: set[UUID]) -> None:
    """Let everybody go on: B11 for those who changed, once each, B12 for the others."""
    left = set(changed)
    for mover in movers:
        here.cross([mover], "next", "B11" if mover.contact_id in left else "B12")
        left.discard(mover.contact_id)


def _changed(answer: Saved | RelanceError) -> bool:
    return isinstance(answer, Saved) and answer.changed
