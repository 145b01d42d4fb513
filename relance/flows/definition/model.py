"""A flow's definition: triggers, steps, settings, with ids in place of names. Stored as JSON in drafts and versions."""

from __future__ import annotations

from typing import Any

import msgspec

from relance.flows.definition.settings_types import SendWindow


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """``settings`` are those of its kind, as JSON; ``filter`` a condition (G3)."""

    id: int
    kind: str
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    filter: dict[str, Any] | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """``outcomes``: outcome → the next step's id, or None for an end. ``name``: the optional id written in a file."""

    id: int
    kind: str
    label: str = ""
    name: str = ""
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    outcomes: dict[str, int | None] = msgspec.field(default_factory=dict)


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """An event, written as an event-woken trigger with its settings (exit conditions, goals, waits)."""

    kind: str
    settings: dict[str, Any] = msgspec.field(default_factory=dict)


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """``within``: days after entry, 1 to 90 (spec 5.1)."""

    event: Listener
    within: int = 30


class Exit(msgspec.Struct, frozen=True, kw_only=True):
    """An event or a condition: exactly one of the two (spec 5.6)."""

    event: Listener | None = None
    condition: dict[str, Any] | None = None


class FlowSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Spec 5.1. Times in seconds where not said otherwise; ``max_run_age`` and ``quiet_alert`` in days, ``holdout`` in
    per cent, ``release_rate`` in runs a minute. ``priority``: 1 is the highest. ``window`` None: always. ``campaign``:
    what analytics are told; "" for the flow's name."""

    entry_filter: dict[str, Any] | None = None
    re_entry: bool = False
    re_entry_wait: int = 300
    re_entry_from: str = "exit"
    exit_condition: Exit | None = None
    goal: Goal | None = None
    exit_on_goal: bool = True
    continue_only_if: dict[str, Any] | None = None
    exit_on_unsubscribe: bool = False
    priority: int = 5
    window: SendWindow | None = None
    zone: str = "account"
    max_run_age: int = 400
    quiet_alert: int = 14
    holdout: int = 0
    one_run_per: str = "contact"
    release_rate: int | None = None
    objective: str = ""
    analytics: bool = False
    campaign: str = ""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """``first``: the step that a run begins at; None while there are no steps."""

    triggers: list[Trigger] = msgspec.field(default_factory=list)
    first: int | None = None
    steps: list[Step] = msgspec.field(default_factory=list)
    settings: FlowSettings = msgspec.field(default_factory=FlowSettings)

    def step(self, step_id: int) -> Step:
        return next(step for step in self.steps if step.id == step_id)


def read_definition(document: dict[str, Any]) -> Definition:
    """From stored JSON."""
    return msgspec.convert(document, Definition)


def write_definition(definition: Definition) -> dict[str, Any]:
    """To JSON for storing."""
    document = msgspec.to_builtins(definition)
    assert isinstance(document, dict)  # noqa: S101
    return document
