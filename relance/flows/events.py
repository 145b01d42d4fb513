"""Event kinds that flows, the API's flow call and the clock emit (spec/flows.md section 10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from relance.events.model import EventKind, Payload


class ContactAdded(Payload, frozen=True, kw_only=True):
    """``by``: user or api. ``request_id`` makes adding a segment twice by one request harmless."""

    flow_id: int
    by: str
    request_id: str
    segment_id: int | None = None
    backfill: bool = False


class ApiCalled(Payload, frozen=True, kw_only=True):
    """``step_id``: the trigger's id, or that of a wait released by the API."""

    flow_id: int
    step_id: int
    properties: dict[str, Any] = msgspec.field(default_factory=dict)


class StartRequested(Payload, frozen=True, kw_only=True):
    """A step of another flow asks to let the contact in. ``again``: whatever the flow says about coming again.
    ``properties``: what ``event.…`` means in the new run."""

    flow_id: int
    again: bool = False
    properties: dict[str, Any] = msgspec.field(default_factory=dict)


class StopRequested(Payload, frozen=True, kw_only=True):
    """A step ends the contact's runs in a flow; ``flow_id`` None: in every flow but the one that asks. Or a person
    does: ``code`` X07."""

    flow_id: int | None = None
    code: str = "X16"


class LetIn(Payload, frozen=True, kw_only=True):
    """Somebody who was missed in a pause, or who matched before the flow was on, comes to the gate of a trigger.
    ``key``: the entry key; ``data``: what ``event.…`` means in the run; ``why``: missed or backfill."""

    flow_id: int
    trigger_id: int
    key: str
    why: str
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class ContactReset(Payload, frozen=True, kw_only=True):
    """A person made a flow forget the contact's past runs."""

    flow_id: int
    by: str


class RunEntered(Payload, frozen=True, kw_only=True):
    """Told only of flows whose entries a condition asks about (docs/decisions/0025)."""

    flow_id: int
    version_id: int
    run_id: UUID
    trigger_id: int
    event_id: UUID
    subject: str = ""


class RunEnded(Payload, frozen=True, kw_only=True):
    """``how``: completed or exited. ``code``: X00-X17."""

    flow_id: int
    run_id: UUID
    how: str
    code: str


class GoalReached(Payload, frozen=True, kw_only=True):
    flow_id: int
    run_id: UUID
    name: str = ""
    value: str | None = None


class StateChanged(Payload, frozen=True, kw_only=True):
    """``by``: user or system."""

    flow_id: int
    old: str
    new: str
    by: str
    problem: str | None = None


class Published(Payload, frozen=True, kw_only=True):
    flow_id: int
    version_id: int


class ClockDue(Payload, frozen=True, kw_only=True):
    """A contact's moment has come. ``key`` is the entry key that the trigger's kind gave it."""

    purpose: str
    flow_id: int
    trigger_id: int
    moment: datetime
    key: str
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class WebhookAnswered(Payload, frozen=True, kw_only=True):
    """A call is over. ``status`` None: there was no answer; ``answer``: why. ``mapped``: WEBHOOK: values by key."""

    run_id: UUID
    step_id: int
    ok: bool
    status: int | None = None
    tries: int
    answer: str = ""
    mapped: dict[str, Any] = msgspec.field(default_factory=dict)


CONTACT_ADDED = EventKind("flow.contact_added", ContactAdded, match="flow_id")
API_CALLED = EventKind("flow.api_called", ApiCalled, match="step_id")
START_REQUESTED = EventKind("flow.start_requested", StartRequested, match="flow_id")
STOP_REQUESTED = EventKind("flow.stop_requested", StopRequested, moves_runs=True)
LET_IN = EventKind("flow.let_in", LetIn, match="trigger_id")
CONTACT_RESET = EventKind("flow.contact_reset", ContactReset, match="flow_id", wakes=False)
RUN_ENTERED = EventKind("run.entered", RunEntered, match="flow_id")
RUN_ENDED = EventKind("run.ended", RunEnded, match="flow_id")
GOAL_REACHED = EventKind("run.goal_reached", GoalReached, match="flow_id")
STATE_CHANGED = EventKind("flow.state_changed", StateChanged, match="flow_id", wakes=False)
PUBLISHED = EventKind("flow.published", Published, match="flow_id", wakes=False)
CLOCK_DUE = EventKind("clock.due", ClockDue, match="trigger_id")
WEBHOOK_ANSWERED = EventKind("webhook.answered", WebhookAnswered, match="step_id", moves_runs=True)

KINDS = (
    CONTACT_ADDED, API_CALLED, START_REQUESTED, STOP_REQUESTED, LET_IN, CONTACT_RESET, RUN_ENTERED, RUN_ENDED,
    GOAL_REACHED, STATE_CHANGED, PUBLISHED, CLOCK_DUE, WEBHOOK_ANSWERED,
)  # fmt: skip
