"""Wait for a trigger: an event or a condition, with a time-out (spec/flows.md 6.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from relance.db.sql import load_queries
from relance.events.model import EventKind
from relance.flows.definition.model import Listener
from relance.flows.definition.settings_types import ConditionSource, Settings
from relance.flows.steps.shape import Arrivals, StepKind, StepPlace, by_zone
from relance.flows.triggers.shape import Listen, Place, TriggerKind
from relance.flows.words import Label

queries = load_queries(__package__)

DAY = 86_400


class WaitForTriggerSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``event`` (an event-woken trigger with its settings) or ``condition``: exactly one. ``up_to`` in seconds; None:
    until the run is too old. ``look_back`` in days, for events. Bounds are the highest that operators may allow."""

    event: Listener | None = None
    condition: ConditionSource | None = None
    up_to: Annotated[int, Meta(ge=1, le=1200 * DAY, extra={"ref": "duration"})] | None = None
    look_back: Annotated[int, Meta(ge=0, le=90)] = 0


def heard_as(listener: Listener, kinds: Any, place: Place) -> Sequence[Listen]:
    """A trigger's settings, used to wait, to exit or as a goal: what it refuses by a guard does not count either."""
    kind: TriggerKind[Any] = kinds(listener.kind)
    settings = msgspec.convert(listener.settings, kind.settings)
    heard = []
    for listen in kind.listen(settings, place):
        tests = [test for test in (listen.predicate, _not(listen)) if test]
        heard.append(Listen(listen.kind, listen.match_key, predicate={"all": tests} if tests else None))
    return heard


def _not(listen: Listen) -> dict[str, Any] | None:
    return {"none": [listen.guard.condition]} if listen.guard else None


def args(settings: WaitForTriggerSettings, place: StepPlace) -> dict[str, Any]:
    return {
        "up_to": settings.up_to,
        "look_back": settings.look_back,
        "condition": place.store_condition(settings.condition) if settings.condition else None,
        "timed": settings.condition is not None and place.is_timed(settings.condition),
        "heard": [
            {
                "kind": listen.kind.key,
                "match_key": listen.match_key,
                "predicate": place.store_condition(listen.predicate) if listen.predicate else None,
            }
            for listen in listen_for(settings, place)
        ],
    }


def listen_for(settings: WaitForTriggerSettings, place: StepPlace) -> Sequence[Listen]:
    if settings.event is not None:
        return heard_as(settings.event, place.triggers, place.place)
    return [
        Listen(place.event_kind(kind), match_key, predicate=settings.condition)
        for kind, match_key in place.changes(settings.condition or {})
    ]


def moved_by(settings: WaitForTriggerSettings, place: StepPlace) -> Sequence[tuple[EventKind, str]]:
    """What changes a condition changes the instant at which time makes it true."""
    if settings.condition is None or not place.is_timed(settings.condition):
        return []
    return [(place.event_kind(kind), match_key) for kind, match_key in place.changes(settings.condition)]


def awaited(step: Mapping[str, Any]) -> int | None:
    condition: int | None = step["condition"] if step.get("timed") else None
    return condition


def rest(step: Mapping[str, Any], arrived: datetime, _: str) -> datetime | None:
    return arrived + timedelta(seconds=step["up_to"]) if step["up_to"] else None


def arrive(here: Arrivals) -> None:
    already = _true_already(here) | _heard_already(here)
    for step, movers in here.by_step():
        for mover in movers:
            if mover.run_id in already:
                here.cross([mover], "met", "B06", already[mover.run_id])
        waiting = [mover for mover in movers if mover.run_id not in already]
        for where, people in by_zone(waiting).items():
            due = rest(step.args, here.now, where)
            here.rest(people, due, "W06", seen={"until": due.isoformat() if due else None})


def _true_already(here: Arrivals) -> dict[UUID, Any]:
    """For whom the condition is true on arrival, with the values seen."""
    asked = [
        (mover, step.args["condition"]) for step, movers in here.by_step() if step.args["condition"] for mover in movers
    ]
    answers = here.ask(asked)
    return {mover.run_id: seen for (mover, _), (true, seen) in zip(asked, answers, strict=True) if true}


def _heard_already(here: Arrivals) -> dict[UUID, Any]:
    """Whose event lies in the look-back: the newest that fits, which their runs know from now on."""
    asked = [
        (mover, heard, here.now - timedelta(days=step.args["look_back"]))
        for step, movers in here.by_step()
        if step.args["look_back"]
        for heard in step.args["heard"]
        for mover in movers
    ]
    if not asked:
        return {}
    rows = here.judge.search(
        here.tx,
        queries.heard_before,
        {heard["predicate"] for _, heard, _ in asked if heard["predicate"]},
        now=here.now,
        ns=[mover.place for mover, _, _ in asked],
        buckets=[mover.bucket for mover, _, _ in asked],
        contacts=[mover.contact_id for mover, _, _ in asked],
        runs=[mover.run_id for mover, _, _ in asked],
        accounts=[mover.account_id for mover, _, _ in asked],
        kinds=[heard["kind"] for _, heard, _ in asked],
        match_keys=[heard["match_key"] for _, heard, _ in asked],
        sinces=[since for _, _, since in asked],
        predicates=[heard["predicate"] for _, heard, _ in asked],
        entered=[mover.entered_at for mover, _, _ in asked],
        arrived=[mover.arrived_at for mover, _, _ in asked],
    )
    return {row.run_id: {"event": str(row.event_id), "occurred_at": row.occurred_at.isoformat()} for row in rows}


WAIT_FOR_TRIGGER = StepKind(
    key="wait_for_trigger",
    label=Label("Wait for a trigger", "Attendre un déclencheur"),
    family="rule",
    settings=WaitForTriggerSettings,
    outcomes=lambda _: ("met", "timed_out"),
    args=args,
    listen=listen_for,
    arrive=arrive,
    when_due=("timed_out", "B05"),
    rest=rest,
    moved_by=moved_by,
    awaited=awaited,
    when_true=("met", "B04"),
)
