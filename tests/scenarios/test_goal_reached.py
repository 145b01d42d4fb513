"""Trigger 64, reaches a goal (spec/flows.md section 4), told from door to effect."""

from __future__ import annotations

import pytest

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

TRIAL = """
flow: Trial
audience: Customers
triggers: [manual]
steps:
  - delay: 10 days
settings:
  goal: {event: paid, within: 7 days}
"""


def thanks(settings: str) -> str:
    return f"""
flow: Thanks
audience: Customers
triggers:
  - goal_reached: {{{settings}}}
steps:
  - send_email: {{email: Thanks, subject: "Thank you, *|FNAME:friend|*", html: "<p>So good of you.</p>"}}
"""


@pytest.fixture
def trial(world: World) -> int:
    world.person(ANA, fields={"FNAME": "Ana"})
    world.person(BEN)
    return world.flow(TRIAL)


def marking(world: World, flow: str, name: str) -> int:
    """A flow whose only step marks a goal."""
    return world.flow(f"""
flow: {flow}
audience: Customers
triggers: [manual]
steps:
  - set_goal: {name}
""")


def test_who_reaches_the_goal_of_a_flow_enters_another(world: World, trial: int) -> None:
    flow = world.flow(thanks("flow: Trial"))
    world.add_by_hand(trial, ANA)
    world.later(days=2)
    assert world.entered(flow, ANA) == 0
    world.event(ANA, "paid")
    world.settle()
    assert world.subjects(ANA) == ["Thank you, Ana"]
    assert world.path(flow, ANA) == ["E00", "W10", "S00", "X00"]


def test_paid_after_the_window_or_without_the_flow_is_no_goal(world: World, trial: int) -> None:
    flow = world.flow(thanks("flow: Trial"))
    world.add_by_hand(trial, ANA)
    world.later(days=8)
    world.event(ANA, "paid")
    world.event(BEN, "paid")
    world.settle()
    assert world.entered(flow, ANA) == world.entered(flow, BEN) == 0


def test_one_goal_is_one_conversion(world: World, trial: int) -> None:
    flow = world.flow(thanks("flow: Trial") + "settings: {re_entry: true}\n")
    world.add_by_hand(trial, ANA)
    world.later(days=1)
    world.event(ANA, "paid")
    world.later(days=1)
    world.event(ANA, "paid")
    world.later(days=1)
    assert world.entered(flow, ANA) == 1


def test_a_goal_by_its_name_whatever_flow_marks_it(world: World, trial: int) -> None:
    flow = world.flow(thanks("name: First Fern"))
    world.add_by_hand(marking(world, "Marks ferns", "first fern"), ANA)
    world.add_by_hand(marking(world, "Marks moss", "first moss"), BEN)
    world.settle()
    assert world.entered(flow, ANA) == 1
    assert world.entered(flow, BEN) == 0


def test_a_goal_by_its_name_in_one_flow(world: World, trial: int) -> None:
    here, there = marking(world, "Here", "first fern"), marking(world, "There", "first fern")
    flow = world.flow(thanks("flow: Here, name: first fern"))
    world.add_by_hand(there, ANA)
    world.add_by_hand(here, BEN)
    world.settle()
    assert world.entered(flow, ANA) == 0
    assert world.entered(flow, BEN) == 1


def test_it_must_be_said_which(world: World, trial: int) -> None:
    assert "V09" in world.problems(thanks(""))
    assert "V06" in world.problems(thanks("flow: Trail"))
