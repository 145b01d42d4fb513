"""A definition → the text of a flow file, with names in place of ids (spec 5.5)."""

from __future__ import annotations

import difflib
from typing import Any

import yaml

from relance.flows.definition.forms import END, GO_TO, form_of
from relance.flows.definition.graph import End, GoTo, Item, Nested, nest
from relance.flows.definition.model import Definition, Step, Trigger
from relance.flows.definition.names import Names
from relance.flows.definition.settings_form import write_settings
from relance.flows.definition.writer import Writer, Written
from relance.flows.definition.written_conditions import write_condition
from relance.flows.steps.registry import step_kind
from relance.flows.triggers.registry import trigger_kind


def export(name: str, audience: str, definition: Definition, names: Names, revision: int | None = None) -> str:
    """Applying the text again gives the same definition. ``revision``: of the draft, so that a later change of it is
    noticed then."""
    writing = _Writing(definition, names)
    document = {
        "flow": name,
        "audience": audience,
        **({} if revision is None else {"revision": revision}),
        "triggers": [writing.trigger(trigger) for trigger in definition.triggers],
        "steps": writing.items(nest(definition.first, definition.steps)),
        "settings": write_settings(writing.writer, definition.settings),
    }
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def differences(old: str, new: str, old_name: str, new_name: str) -> list[str]:
    """The lines that differ between two exports, as a unified diff. Empty: none."""
    return list(difflib.unified_diff(old.splitlines(), new.splitlines(), old_name, new_name, lineterm=""))


class _Writing:
    def __init__(self, definition: Definition, names: Names) -> None:
        self.writer = Writer(names)
        self.ids = {step.id: step.name for step in definition.steps if step.name}
        self.numbers = {step.id: number for number, step in enumerate(definition.steps, 1)}
        self._name_targets(nest(definition.first, definition.steps))

    def _name_targets(self, items: list[Item]) -> None:
        """Steps that a go_to leads to need an id."""
        for item in items:
            if isinstance(item, GoTo):
                self.ids.setdefault(item.step_id, f"step-{self.numbers[item.step_id]}")
            elif isinstance(item, Nested):
                for branch in item.branches.values():
                    self._name_targets(branch)

    def trigger(self, trigger: Trigger) -> Written:
        kind = trigger_kind(trigger.kind)
        settings = trigger.settings
        written = form_of(trigger.kind).write(self.writer, kind.settings, settings) if kind else settings
        if trigger.filter is None:
            return _under(trigger.kind, written)
        return {trigger.kind: written, "filter": write_condition(trigger.filter, self.writer.names)}

    def items(self, items: list[Item]) -> list[Written]:
        return [self.item(item) for item in items]

    def item(self, item: Item) -> Written:
        if isinstance(item, End):
            return END
        if isinstance(item, GoTo):
            return {GO_TO: self.ids[item.step_id]}
        return self.step(item.step, {outcome: self.items(branch) for outcome, branch in item.branches.items()})

    def step(self, step: Step, branches: dict[str, list[Written]]) -> Written:
        kind, form = step_kind(step.kind), form_of(step.kind)
        body: Any = form.write(self.writer, kind.settings, step.settings) if kind else step.settings
        written = _under(step.kind, form.join(step.settings, body, branches))
        beside = {"id": self.ids.get(step.id), "label": step.label}
        kept = {key: value for key, value in beside.items() if value}
        if not kept:
            return written
        return {**kept, **(written if isinstance(written, dict) else {written: None})}


def _under(kind: str, written: Written) -> Written:
    """A kind without settings stands alone."""
    return kind if written in ({}, None) else {kind: written}


class _Dumper(yaml.SafeDumper):
    """Long texts keep their lines; no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
