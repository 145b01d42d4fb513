"""40 · Event API (spec/flows.md 2.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from relance.audience import events
from relance.flows.definition.settings_types import Settings
from relance.flows.triggers.shape import Listen, Place, Subject, TriggerKind
from relance.flows.words import Label


class PropertyTest(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A test of one property of the event; operators as for text and numbers (spec 7.2)."""

    property: str
    op: str
    value: Any = None


class EventApiSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``name`` is compared exactly ★."""

    name: Annotated[str, Meta(min_length=2, max_length=100, pattern=r"^[A-Za-z0-9_.-]+$")]
    where: Annotated[list[PropertyTest], Meta(max_length=10)] = msgspec.field(default_factory=list)


def listen(settings: EventApiSettings, _: Place) -> Sequence[Listen]:
    return [Listen(events.CUSTOM, settings.name, predicate=_predicate(settings.where))]


def _predicate(where: Sequence[PropertyTest]) -> dict[str, Any] | None:
    tests: list[dict[str, Any]] = []
    for test in where:
        leaf = {"on": f"event.{test.property}", "op": test.op}
        tests.append(leaf if test.value is None else {**leaf, "value": test.value})
    return {"all": tests} if tests else None


EVENT_API = TriggerKind(
    key="event_api",
    number=40,
    label=Label("Event API", "Événement API"),
    family="api",
    wakes="event",
    settings=EventApiSettings,
    listen=listen,
    subject=Subject("event"),
    sample=lambda: events.CustomEvent(name="trial_started", properties={"plan": "pro"}),
)
