"""Nested lists of steps, as people write them ↔ the graph of outcomes, as it is stored.

After its branches a step's ways join again: the steps that follow an if_else are the continuation of every branch that
does not end. What lists cannot say is said by ``end`` and ``go_to``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from relance.flows.definition.forms import END, GO_TO
from relance.flows.definition.model import Step
from relance.flows.definition.problems import FlowRefused, Problem, problem
from relance.flows.definition.resolve import ResolvedStep
from relance.flows.definition.traits import traits_of
from relance.flows.steps.registry import step_kind


def flatten(steps: Sequence[ResolvedStep]) -> tuple[int | None, list[Step]]:
    """(the first step's id, all steps in reading order). The ids are the steps' numbers. Raises FlowRefused when a
    go_to names nothing."""
    layout = _Layout(steps)
    first = layout.sequence(steps, None)
    if layout.problems:
        raise FlowRefused(layout.problems)
    return first, sorted(layout.flat, key=lambda step: step.id)


class _Layout:
    def __init__(self, steps: Sequence[ResolvedStep]) -> None:
        self.flat: list[Step] = []
        self.problems: list[Problem] = []
        self.named: dict[str, int] = {}
        self._collect(steps)

    def _collect(self, steps: Sequence[ResolvedStep]) -> None:
        for step in steps:
            if step.name and step.kind != GO_TO:
                self.named[step.name] = step.number
            for branch in step.branches.values():
                self._collect(branch)

    def sequence(self, steps: Sequence[ResolvedStep], after: int | None) -> int | None:
        """Lay out a list; ``after`` is where it goes on. Returns where it begins."""
        begins = after
        for step in reversed(steps):
            begins = self.step(step, begins)
        return begins

    def step(self, step: ResolvedStep, after: int | None) -> int | None:
        if step.kind == END:
            return None
        if step.kind == GO_TO:
            if step.name not in self.named:
                what, mend = f"there is no step with the id {step.name!r}", "Give the step an `id:`."
                self.problems.append(problem("V08", what, mend=mend, line=step.spot.line, column=step.spot.column))
            return self.named.get(step.name)
        outcomes = {
            outcome: self.sequence(step.branches.get(outcome, ()), after)
            for outcome in outcomes_of(step.kind, step.settings)
        }
        self.flat.append(
            Step(
                id=step.number,
                kind=step.kind,
                label=step.label,
                name=step.name,
                settings=step.settings,
                outcomes=outcomes,
            )
        )
        return step.number


def outcomes_of(key: str, settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The outcomes of a step; those of a step whose settings cannot be read are guessed, for the check to tell."""
    kind = step_kind(key)
    if kind is None:
        return ("next",)
    try:
        return kind.outcomes(msgspec.convert(settings, kind.settings))
    except msgspec.ValidationError:
        return traits_of(key).ways(dict(settings))


@dataclass(frozen=True, slots=True)
class Nested:
    """A step in a list. ``branches``: only those that do something before they join."""

    step: Step
    branches: dict[str, list[Item]]


@dataclass(frozen=True, slots=True)
class End:
    pass


@dataclass(frozen=True, slots=True)
class GoTo:
    step_id: int


Item = Nested | End | GoTo


def nest(first: int | None, steps: Sequence[Step]) -> list[Item]:
    """The lists that ``flatten`` turns into the same graph."""
    return _Nesting(steps).walk(first, None)


class _Nesting:
    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = {step.id: step for step in steps}
        self.seen: set[int] = set()
        self.reached: dict[int, frozenset[int]] = {}
        self.order = {step_id: place for place, step_id in enumerate(_topological(self.steps))}

    def walk(self, at: int | None, stop: int | None) -> list[Item]:
        items: list[Item] = []
        while at is not None and at != stop and at in self.steps:
            if at in self.seen:
                return [*items, GoTo(at)]
            self.seen.add(at)
            step = self.steps[at]
            if not step.outcomes:
                return [*items, Nested(step, {})]
            if len(step.outcomes) <= 1:
                items.append(Nested(step, {}))
                at = next(iter(step.outcomes.values()), None)
                continue
            join = self.join(step)
            until = stop if join is None else join
            branches = {outcome: self.walk(target, until) for outcome, target in step.outcomes.items()}
            items.append(Nested(step, {outcome: branch for outcome, branch in branches.items() if branch}))
            if join is None:
                return items
            at = join
        if at is None and stop is not None:
            items.append(End())
        return items

    def join(self, step: Step) -> int | None:
        """Where at least two ways come together; when all others end, where the one that is left begins."""
        targets = [target for target in step.outcomes.values() if target in self.steps]
        if len(targets) == 1:
            return targets[0]
        met = Counter(node for target in targets for node in self.reach(target))
        shared = [node for node, count in met.items() if count > 1 and node != step.id]
        return min(shared, key=lambda node: self.order.get(node, 0), default=None)

    def reach(self, start: int) -> frozenset[int]:
        if start not in self.reached:
            found, open_ = {start}, [start]
            while open_:
                for target in self.steps[open_.pop()].outcomes.values():
                    if target in self.steps and target not in found:
                        found.add(target)
                        open_.append(target)
            self.reached[start] = frozenset(found)
        return self.reached[start]


def _topological(steps: Mapping[int, Step]) -> list[int]:
    """Every step before those that follow it; in a circle, somewhere."""
    done: list[int] = []
    visited: set[int] = set()
    for start in steps:
        stack: list[tuple[int, bool]] = [(start, False)]
        while stack:
            node, left = stack.pop()
            if left:
                done.append(node)
            elif node not in visited:
                visited.add(node)
                stack.append((node, True))
                after = steps[node].outcomes.values()
                stack += [(target, False) for target in after if target is not None and target in steps]
    return done[::-1]


def find_circle(steps: Sequence[Step]) -> list[int]:
    """The ids of steps that lie on circles."""
    by_id = {step.id: step for step in steps}
    waiting = Counter(target for step in steps for target in set(step.outcomes.values()) if target in by_id)
    free = [step.id for step in steps if not waiting[step.id]]
    left = set(by_id)
    while free:
        node = free.pop()
        left.discard(node)
        for target in set(by_id[node].outcomes.values()):
            if target in by_id:
                waiting[target] -= 1
                if not waiting[target]:
                    free.append(target)
    return [step.id for step in steps if step.id in left]


def reachable(first: int | None, steps: Sequence[Step]) -> set[int]:
    by_id = {step.id: step for step in steps}
    found: set[int] = set()
    open_ = [first]
    while open_:
        node = open_.pop()
        if node in by_id and node not in found:
            found.add(node)
            open_ += by_id[node].outcomes.values()
    return found
