"""Conditions about other flows (spec/flows.md 7.2 "flow"): started, completed, inside, exited."""

from __future__ import annotations

import pytest

from tests.cast import ANA, BEN
from tests.scenarios.world import World

WELCOME = """
flow: Welcome
audience: Customers
triggers: [{tag_added: new}]
steps:
  - delay: 1 day
settings: {re_entry: 5 minutes, exit_condition: {tag: churned}}
"""


def second(condition: str = "", steps: str = "[{delay: 9 days}]", settings: str = "{}") -> str:
    where = f"[{{tag_added: second, filter: {condition}}}]" if condition else "[{tag_added: second}]"
    return f"""
flow: Second act
audience: Customers
triggers: {where}
steps: {steps}
settings: {settings}
"""


@pytest.fixture
def welcome(world: World) -> int:
    world.person(ANA)
    world.person(BEN)
    return world.flow(WELCOME)


@pytest.mark.parametrize(
    ("word", "before", "during", "completed", "left"),
    [
        ("started", 0, 1, 1, 1),
        ("not_started", 1, 0, 0, 0),
        ("completed", 0, 0, 1, 0),
        ("not_completed", 1, 1, 0, 1),
        ("inside", 0, 1, 0, 0),
        ("not_inside", 1, 0, 1, 1),
        ("exited", 0, 0, 0, 1),
    ],
)
def test_a_segment_follows_entries_and_ends(
    world: World, welcome: int, word: str, before: int, during: int, completed: int, left: int
) -> None:
    """Ana goes through Welcome to its end, Ben leaves it on the way."""
    world.segment("People", f"{{flow_{word}: Welcome}}")
    world.settle()

    def inside(who: str) -> int:
        return int(who in world.members("People"))

    assert (inside(ANA), inside(BEN)) == (before, before)
    for who in (ANA, BEN):
        world.tag(who, "new")
    world.settle()
    assert (inside(ANA), inside(BEN)) == (during, during)
    world.tag(BEN, "churned")
    world.settle()
    world.later(days=2)
    assert (inside(ANA), inside(BEN)) == (completed, left)


def test_who_starts_another_flow_leaves_this_one(world: World, welcome: int) -> None:
    flow = world.flow(second(settings="{exit_condition: {flow_started: Welcome}}"))
    for who in (ANA, BEN):
        world.tag(who, "second")
    world.later(hours=1)
    world.tag(ANA, "new")
    world.later(hours=1)
    assert world.path(flow, ANA)[-1] == "X01"
    assert world.at(flow, BEN) is not None


def test_a_wait_ends_with_another_flow(world: World, welcome: int) -> None:
    waits = "[{wait_for_trigger: {until: {flow_completed: Welcome}, up_to: 9 days}}, {add_tag: done}]"
    flow = world.flow(second(steps=waits))
    for who in (ANA, BEN):
        world.tag(who, "second")
    world.tag(ANA, "new")
    world.later(hours=20)
    assert "done" not in world.tags_of(ANA)
    world.later(hours=5)
    assert "done" in world.tags_of(ANA)
    assert "done" not in world.tags_of(BEN)
    assert world.path(flow, BEN)[-1] != "X00"


def test_a_filter_asks_when_somebody_comes(world: World, welcome: int) -> None:
    flow = world.flow(second("{flow_not_started: Welcome}"))
    world.tag(ANA, "new")
    world.settle()
    for who in (ANA, BEN):
        world.tag(who, "second")
    world.settle()
    assert "E15" in world.entries(flow, ANA)
    assert world.entered(flow, ANA) == 0
    assert world.entered(flow, BEN) == 1


def test_what_a_flow_was_made_to_forget_was_started_even_so(world: World, welcome: int) -> None:
    world.segment("People", "{flow_started: Welcome}")
    world.tag(ANA, "new")
    world.later(days=2)
    world.reset(welcome, ANA)
    world.settle()
    assert world.members("People") == {ANA}


def test_a_flow_that_is_archived_breaks_those_that_name_it(world: World, welcome: int) -> None:
    filtered = world.flow(second("{flow_not_started: Welcome}"))
    choice = "[{delay: 1 day}, {if_else: {when: {flow_inside: Welcome}, then: [{add_tag: a}], else: [{add_tag: b}]}}]"
    choosing = world.flow(second(steps=choice).replace("Second act", "Third act").replace("second", "third"))
    world.tag(ANA, "third")
    world.settle()
    world.pause(welcome)
    world.archive_flow(welcome)
    world.later(days=2)
    world.tag(BEN, "second")
    world.settle()
    assert (world.state(filtered), world.state(choosing)) == ("broken", "broken")
    assert "E04" in world.entries(filtered, BEN)
    assert world.path(choosing, ANA)[-1] == "W09"


def test_entries_are_events_only_where_somebody_asks(world: World, welcome: int) -> None:
    world.tag(ANA, "new")
    world.settle()
    assert "run.entered" not in world.told(ANA)
    world.segment("People", "{flow_inside: Welcome}")
    world.tag(BEN, "new")
    world.settle()
    assert world.told(BEN).count("run.entered") == 1
    assert not world.entered_twice()
