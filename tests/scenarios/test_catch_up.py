"""After an outage each contact's events are judged in their order, as if nobody had been away (spec/flows.md 11)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.scenarios.world import World

ANA = "ana@example.com"

SERIES = """
flow: Series
audience: Customers
triggers:
  - event_api: asked
steps:
  - delay: 2 days
  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}
settings: {re_entry: 1 hour, exit_condition: {event: bought}, goal: {event: paid, within: 3 days}, exit_on_goal: false}
"""


@pytest.fixture
def inside(world: World) -> int:
    flow = world.flow(SERIES)
    world.person(ANA)
    world.event(ANA, "asked")
    world.settle()
    return flow


def passes(world: World, **by: float) -> None:
    """An outage: nobody works."""
    world.clock.advance(timedelta(**by))


def test_who_was_taken_out_in_an_outage_may_enter_by_what_came_after(world: World, inside: int) -> None:
    passes(world, hours=1)
    world.take_out(inside, ANA, again=True)
    passes(world, hours=3)
    world.event(ANA, "asked")
    world.settle()
    assert world.path(inside, ANA)[:3] == ["E00", "W01", "X07"]
    assert world.path(inside, ANA)[3] == "E19", "out this very moment, not still inside"


def test_what_happened_in_an_outage_after_the_way_in_takes_out(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA)
    world.settle()
    passes(world, hours=1)
    world.event(ANA, "asked")
    passes(world, hours=1)
    world.event(ANA, "bought")
    passes(world, hours=1)
    world.settle()
    assert world.path(flow, ANA)[-1] == "X01"
    world.later(days=3)
    assert world.mails_to(ANA) == []


def test_and_counts_as_goal(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA)
    world.settle()
    world.event(ANA, "asked")
    passes(world, hours=1)
    world.event(ANA, "paid")
    passes(world, hours=1)
    world.settle()
    assert world.figure(flow, "goal") == 1


def test_what_happened_before_the_way_in_does_not(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA)
    world.settle()
    happened = world.clock.now()
    passes(world, hours=1)
    world.event(ANA, "asked")
    world.event(ANA, "bought", occurred_at=happened)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01"]


def test_who_is_taken_out_in_an_outage_after_the_way_in_is_out(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA)
    world.settle()
    passes(world, hours=1)
    world.event(ANA, "asked")
    passes(world, hours=1)
    world.take_out(flow, ANA, again=True)
    passes(world, hours=1)
    world.settle()
    assert world.path(flow, ANA)[-1] == "X07"


WAIT = """
flow: Patience
audience: Customers
triggers:
  - event_api: asked
steps:
  - wait_for_trigger: {label: wait, event_api: {name: paid}, up_to: 1 day, met: [{add_tag: met}], timed_out: [{add_tag: late}]}
"""


@pytest.mark.parametrize("alone", [False, True])
def test_an_event_of_before_the_limit_wins_as_long_as_the_run_is_held_there(world: World, alone: bool) -> None:
    flow = world.flow(WAIT)
    world.person(ANA)
    world.event(ANA, "asked")
    world.later(hours=2)
    happened = world.clock.now()
    if alone:
        world.pause_step(flow, "wait")
    else:
        world.pause(flow)
    world.later(days=2)
    world.event(ANA, "paid", occurred_at=happened)
    world.settle()
    if alone:
        world.resume_step(flow, "wait")
    else:
        world.resume(flow)
    world.settle()
    assert world.tags_of(ANA) == {"met"}


def test_an_event_after_the_limit_does_not(world: World) -> None:
    flow = world.flow(WAIT)
    world.person(ANA)
    world.event(ANA, "asked")
    world.later(hours=2)
    world.pause(flow)
    world.later(days=2)
    world.event(ANA, "paid")
    world.settle()
    world.resume(flow)
    world.settle()
    assert world.tags_of(ANA) == {"late"}
