"""The flow map: a definition and its figures as nested lists, ready for the template."""

from __future__ import annotations

from dataclasses import dataclass, field

from relance.flows.definition.graph import End, GoTo, Item, Nested, nest, outcomes_of
from relance.flows.definition.model import Step
from relance.flows.figures import StepFigures
from relance.web.flows.find import ShownFlow
from relance.web.flows.words import Card, Words


@dataclass(frozen=True, slots=True)
class Tail:
    """How a column ends. ``how``: exit (the flow is over), join (it goes on below), goto (with step ``number``) or
    none (what comes before has its own ends)."""

    how: str
    number: int | None = None
    finished: int | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """``count``: people who went this way, None where it was not counted apart."""

    way: str
    count: int | None
    column: Column


@dataclass(frozen=True, slots=True)
class Node:
    """``joins``: every way comes together again below."""

    step_id: int
    number: int
    card: Card
    figures: StepFigures
    branches: tuple[Branch, ...] = ()
    joins: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    nodes: tuple[Node, ...] = field(default_factory=tuple)
    tail: Tail = field(default_factory=lambda: Tail("exit"))


class Mapper:
    """Draws one flow. ``figures``: step id → what was counted there."""

    def __init__(self, flow: ShownFlow, figures: dict[int, StepFigures], words: Words) -> None:
        self.flow, self.figures, self.words = flow, figures, words
        self.numbers = {step.id: number for number, step in enumerate(flow.definition.steps, 1)}
        self.ways_into: dict[int, int] = {}
        for step in flow.definition.steps:
            for target in step.outcomes.values():
                if target is not None:
                    self.ways_into[target] = self.ways_into.get(target, 0) + 1

    def draw(self) -> Column:
        definition = self.flow.definition
        return self._column(nest(definition.first, definition.steps), definition.first, None)

    def _column(self, items: list[Item], target: int | None, before: Step | None) -> Column:
        nodes = tuple(self._node(item) for item in items if isinstance(item, Nested))
        return Column(nodes, self._tail(items, target, before))

    def _node(self, item: Nested) -> Node:
        step = item.step
        branches: tuple[Branch, ...] = ()
        if len(set(step.outcomes.values())) > 1:
            branches = tuple(
                Branch(
                    self.words.way(step, outcome),
                    self._went(step, target),
                    self._column(item.branches.get(outcome, []), target, step),
                )
                for outcome, target in self._outcomes(step)
            )
        joins = bool(branches) and all(branch.column.tail.how == "join" for branch in branches)
        return Node(step.id, self.numbers[step.id], self.words.step(step), self._of(step.id), branches, joins)

    @staticmethod
    def _outcomes(step: Step) -> list[tuple[str, int | None]]:
        """In the order of the kind: stored JSON keeps none."""
        return [(outcome, step.outcomes.get(outcome)) for outcome in outcomes_of(step.kind, step.settings)]

    def _tail(self, items: list[Item], target: int | None, before: Step | None) -> Tail:
        last = items[-1] if items else None
        if isinstance(last, GoTo):
            return Tail("goto", self.numbers.get(last.step_id))
        if last is None or isinstance(last, End):
            ended = items[-2].step if len(items) > 1 and isinstance(items[-2], Nested) else before
            if last is None and target is not None:
                return Tail("join", self.numbers.get(target))
            return self._exit(ended)
        if len(set(last.step.outcomes.values())) > 1:
            return Tail("none")
        following = next(iter(last.step.outcomes.values()), None)
        return self._exit(last.step) if following is None else Tail("join", self.numbers.get(following))

    def _exit(self, step: Step | None) -> Tail:
        if step is None:
            return Tail("exit")
        alone = sum(target is None for target in step.outcomes.values()) == 1
        return Tail("exit", finished=self._of(step.id).finished if alone else None)

    def _went(self, step: Step, target: int | None) -> int | None:
        if target is None:
            alone = sum(other is None for other in step.outcomes.values()) == 1
            return self._of(step.id).finished if alone else None
        return self._of(target).arrived if self.ways_into.get(target) == 1 else None

    def _of(self, step_id: int) -> StepFigures:
        return self.figures.get(step_id, StepFigures())
