"""Step: mark a goal (spec/flows.md 6.2)."""

from __future__ import annotations

import pytest

from tests.scenarios.world import World

ANA = "ana@example.com"

TRIAL = """
flow: Trial
audience: Customers
triggers:
  - tag_added: trial
steps:
  - set_goal: {name: Watered a plant, value: 12.5}
  - delay: 1 day
  - add_tag: gardener
settings: {re_entry: true}
"""


def test_it_is_recorded_with_its_name_and_worth_and_the_run_goes_on(world: World) -> None:
    flow = world.flow(TRIAL)
    world.person(ANA, tags=["trial"])
    world.later(days=2)
    assert world.path(flow, ANA) == ["E00", "B11", "W01", "B11", "X00"]
    assert world.goals(ANA) == [("Watered a plant", "12.5")]
    assert world.figure(flow, "goal") == 1


def test_twice_on_a_path_is_one_conversion(world: World) -> None:
    flow = world.flow(TRIAL.replace("  - add_tag: gardener", "  - set_goal: {name: Watered a plant, value: 3}"))
    world.person(ANA, tags=["trial"])
    world.later(days=2)
    assert world.path(flow, ANA) == ["E00", "B11", "W01", "B12", "X00"]
    assert world.goals(ANA) == [("Watered a plant", "12.5")]
    assert world.figure(flow, "goal") == 1


def test_in_one_breath_too(world: World) -> None:
    text = TRIAL.replace("  - delay: 1 day\n", "").replace("add_tag: gardener", "set_goal: Watered a plant")
    flow = world.flow(text)
    world.person(ANA, tags=["trial"])
    world.settle()
    assert world.path(flow, ANA) == ["E00", "B11", "B12", "X00"]
    assert len(world.goals(ANA)) == 1


def test_another_name_is_another_goal_of_a_run_that_converted_once(world: World) -> None:
    flow = world.flow(TRIAL.replace("  - add_tag: gardener", "  - set_goal: Bought a can"))
    world.person(ANA, tags=["trial"])
    world.later(days=2)
    assert world.goals(ANA) == [("Watered a plant", "12.5"), ("Bought a can", None)]
    assert world.figure(flow, "goal") == 1


def test_who_comes_again_converts_again(world: World) -> None:
    flow = world.flow(TRIAL)
    world.person(ANA, tags=["trial"])
    world.later(days=2)
    world.tag(ANA, remove=["trial"])
    world.tag(ANA, "trial")
    world.later(days=2)
    assert world.entered(flow, ANA) == world.figure(flow, "goal") == 2
    assert len(world.goals(ANA)) == 2


def test_a_flow_with_a_goal_of_its_own_counts_that_one(world: World) -> None:
    flow = world.flow(TRIAL.replace("{re_entry: true}", "{goal: {event: paid, within: 30 days}}"))
    world.person(ANA, tags=["trial"])
    world.settle()
    assert world.goals(ANA) == [("Watered a plant", "12.5")]
    assert world.figure(flow, "goal") == 0
    world.later(hours=1)
    world.event(ANA, "paid")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "B11", "W01", "X02"]
    assert world.figure(flow, "goal") == 1


@pytest.mark.parametrize(
    ("goal", "code"),
    [
        ("set_goal: {value: 3}", "V09"),
        ("set_goal: {name: x, value: much}", "invalid"),
        (f"set_goal: {'x' * 61}", "V15"),
    ],
)
def test_what_is_no_goal_is_refused(world: World, goal: str, code: str) -> None:
    assert code in world.problems(TRIAL.replace("set_goal: {name: Watered a plant, value: 12.5}", goal))
