"""The map's shape: columns that end, that come together again, that jump."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from relance.flows.definition.model import Definition, Step, write_definition
from relance.flows.figures import StepFigures
from relance.web.flows.find import ShownFlow
from relance.web.flows.map import Column, Mapper
from relance.web.flows.words import Words
from relance.web.language import Speaker

VIP = {"on": "vip", "op": "is_yes"}


def tag(step_id: int, following: int | None) -> Step:
    return Step(id=step_id, kind="add_tag", settings={"tag": 1}, outcomes={"next": following})


def choice(step_id: int, *targets: int | None) -> Step:
    """Ways to each target, the last of which is "else"."""
    outcomes = {f"way_{number}": target for number, target in enumerate(targets[:-1], 1)} | {"else": targets[-1]}
    ways = [{"condition": VIP, "label": f"Way {number}"} for number in range(1, len(targets))]
    # As PostgreSQL's jsonb gives it back: shorter keys first.
    stored = dict(sorted(outcomes.items(), key=lambda item: (len(item[0]), item[0])))
    return Step(id=step_id, kind="if_else", settings={"ways": ways}, outcomes=stored)


def draw(*steps: Step, **figures: StepFigures) -> Column:
    definition = Definition(first=steps[0].id, steps=list(steps))
    row: Any = SimpleNamespace(flow_id=1, definition=write_definition(definition), draft=None)
    counted = {int(name.removeprefix("s")): figure for name, figure in figures.items()}
    return Mapper(ShownFlow(row), counted, Words(Speaker("en"), lambda kind, key: f"{kind} {key}")).draw()  # type: ignore[arg-type]


def outline(column: Column) -> list[Any]:
    """Numbers of the steps, (way, column) for branches, and how the column ends."""
    found: list[Any] = []
    for node in column.nodes:
        found.append(node.number)
        found += [(branch.way, outline(branch.column)) for branch in node.branches]
    return [*found, column.tail.how if column.tail.number is None else f"{column.tail.how} {column.tail.number}"]


def test_a_line_ends() -> None:
    column = draw(tag(10, 20), tag(20, None), s20=StepFigures(5, 5, {"X00": 5}))
    assert outline(column) == [1, 2, "exit"]
    assert column.tail.finished == 5


def test_ways_that_end_stand_in_the_order_of_the_step() -> None:
    column = draw(choice(1, 2, 3), tag(2, None), tag(3, None))
    assert outline(column) == [1, ("Way 1", [2, "exit"]), ("Everyone else", [3, "exit"]), "none"]


def test_ways_that_come_together_go_on_below() -> None:
    column = draw(choice(1, 2, 3), tag(2, 4), tag(3, 4), tag(4, None))
    assert outline(column) == [1, ("Way 1", [2, "join 4"]), ("Everyone else", [3, "join 4"]), 4, "exit"]
    assert column.nodes[0].joins


def test_a_way_that_ends_beside_one_that_goes_on() -> None:
    column = draw(choice(1, None, 2), tag(2, None), s1=StepFigures(9, 9, {"X00": 2}), s2=StepFigures(7, 7, {"X00": 7}))
    assert outline(column) == [1, ("Way 1", ["exit"]), ("Everyone else", ["join 2"]), 2, "exit"]
    assert not column.nodes[0].joins
    assert [branch.count for branch in column.nodes[0].branches] == [2, 7]


def test_a_wait_whose_outcomes_agree_is_no_fork() -> None:
    wait = Step(id=1, kind="wait_for_trigger", settings={"condition": VIP}, outcomes={"met": 2, "timed_out": 2})
    assert outline(draw(wait, tag(2, None))) == [1, 2, "exit"]


def test_a_fork_inside_a_fork_whose_way_out_is_shared() -> None:
    column = draw(choice(1, 2, 3), choice(2, 4, None), tag(3, 4), tag(4, None))
    inner = [2, ("Way 1", ["join 4"]), ("Everyone else", ["exit"]), "none"]
    assert outline(column) == [1, ("Way 1", inner), ("Everyone else", [3, "join 4"]), 4, "exit"]


def test_a_jump_names_the_step_it_leads_to() -> None:
    crossed = (choice(1, 2, 3, 4), tag(2, 5), tag(3, 6), choice(4, 5, 6), tag(5, 7), tag(6, 7), tag(7, None))
    ways = dict(item for item in outline(draw(*crossed)) if isinstance(item, tuple))
    assert (ways["Way 1"], ways["Way 2"]) == ([2, "join 5"], [3, "goto 6"])


def test_a_flow_without_steps_ends_at_once() -> None:
    row: Any = SimpleNamespace(flow_id=1, definition=None, draft=None)
    column = Mapper(ShownFlow(row), {}, Words(Speaker("en"), None)).draw()  # type: ignore[arg-type]
    assert outline(column) == ["exit"]
