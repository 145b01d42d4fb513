"""Names → ids: what a flow file says, in the form in which it is stored, and everything that is wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from relance.flows.definition.file import WrittenFlow, WrittenStep
from relance.flows.definition.forms import END, GO_TO, form_of
from relance.flows.definition.model import FlowSettings
from relance.flows.definition.names import Names
from relance.flows.definition.problems import Problem, problem
from relance.flows.definition.reader import Reader
from relance.flows.definition.settings_form import read_settings
from relance.flows.definition.source import Scalar, Spot, Table
from relance.flows.definition.traits import traits_of
from relance.flows.definition.written_conditions import read_condition
from relance.flows.steps.registry import step_kind
from relance.flows.triggers.registry import trigger_kind


@dataclass(frozen=True, slots=True)
class ResolvedTrigger:
    """``number`` counts from 1 and stands for the trigger until it has an id."""

    number: int
    kind: str
    settings: dict[str, Any]
    filter: dict[str, Any] | None
    spot: Spot


@dataclass(frozen=True, slots=True)
class ResolvedStep:
    """``number`` counts from 1 in reading order. Of a ``go_to``, ``name`` is the id of the step to go on with."""

    number: int
    kind: str
    name: str
    label: str
    settings: dict[str, Any]
    branches: dict[str, tuple[ResolvedStep, ...]]
    spot: Spot


@dataclass(frozen=True, slots=True)
class Resolved:
    triggers: tuple[ResolvedTrigger, ...]
    steps: tuple[ResolvedStep, ...]
    settings: FlowSettings
    problems: list[Problem] = field(default_factory=list)


def resolve(written: WrittenFlow, names: Names) -> Resolved:
    """``names`` learns the tags and emails that will have to be made. Raises nothing: see ``problems``."""
    reader = Reader(names, written.load if written.folder else None)
    names.own_name = written.name
    for name in _email_names(written.steps):
        names.own_message(name)
    resolver = _Resolver(reader)
    triggers = tuple(_trigger(reader, number, found) for number, found in enumerate(written.triggers, 1))
    steps = resolver.steps(written.steps)
    stored = read_settings(reader, written.settings)
    try:
        settings = msgspec.convert(stored, FlowSettings)
    except msgspec.ValidationError as error:
        spot = written.settings.spot if written.settings else Spot()
        reader.say("invalid", str(error), spot)
        settings = FlowSettings()
    return Resolved(triggers, steps, settings, reader.problems)


def notes(names: Names) -> list[Problem]:
    """What the save will make besides the flow."""
    return [
        problem("note", f"the tag {name!r} does not exist yet; applying the file makes it")
        for name in names.new_tags.values()
    ]


def _email_names(steps: tuple[WrittenStep, ...]) -> Iterator[str]:
    for step in steps:
        if traits_of(step.kind).email:
            body = step.body
            named = body if isinstance(body, Scalar) else body.get("email") if isinstance(body, Table) else None
            if isinstance(named, Scalar) and named.raw.strip():
                yield named.raw.strip()
        for branch in step.branches.values():
            yield from _email_names(branch)


def _trigger(reader: Reader, number: int, written: Any) -> ResolvedTrigger:
    kind = trigger_kind(written.kind)
    assert kind is not None  # noqa: S101
    reader.where = f"trigger {number} ({written.kind})"
    settings = form_of(written.kind).read(reader, kind.settings, written.body, written.kind)
    condition = None if written.filter is None else read_condition(reader, written.filter)
    return ResolvedTrigger(number, written.kind, settings, condition, written.spot)


class _Resolver:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.count = 0

    def steps(self, written: tuple[WrittenStep, ...]) -> tuple[ResolvedStep, ...]:
        return tuple(self.step(step) for step in written)

    def step(self, written: WrittenStep) -> ResolvedStep:
        if written.kind in (END, GO_TO):
            return self.turn(written)
        self.count += 1
        number = self.count
        self.reader.where = f"step {number} ({written.kind})"
        kind = step_kind(written.kind)
        assert kind is not None  # noqa: S101
        settings = form_of(written.kind).read(self.reader, kind.settings, written.body, written.kind)
        branches = {outcome: self.steps(steps) for outcome, steps in written.branches.items()}
        return ResolvedStep(number, written.kind, written.name, written.label, settings, branches, written.spot)

    def turn(self, written: WrittenStep) -> ResolvedStep:
        """An end or a go_to: no step, so it has no number."""
        name = self.reader.text(written.body, GO_TO) if written.kind == GO_TO and written.body else ""
        return ResolvedStep(0, written.kind, name, "", {}, {}, written.spot)
