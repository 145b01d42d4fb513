"""People who match already when a flow is turned on (spec/flows.md 5.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from relance.app import KINDS
from relance.flows import backfill, store
from tests.scenarios.world import World

ANA, BEN, DEV = "ana@example.com", "ben@example.com", "dev@example.com"

FLOW = """
flow: Series
audience: Customers
triggers:
  - TRIGGER
steps:
  - add_tag: seen
settings: {entry_filter: {field: LNAME, is_not: Okafor}}
"""


def turned_on(world: World, trigger: str, per_hour: int = 500) -> int:
    flow_id = world.flow(FLOW.replace("TRIGGER", trigger))
    ask(world, flow_id, per_hour)
    return flow_id


def ask(world: World, flow_id: int, per_hour: int) -> None:
    with world.database.transaction() as tx:
        flow = store.get_flow(tx, world.shop.account_id, "Series")
        definition = store.published_of(tx, flow)
        assert definition is not None
        conditions = backfill.conditions_of(tx, KINDS, flow.audience_id, definition)
        backfill.let_matching_in(tx, world.clock.now(), flow_id, list(conditions), per_hour)


def matching(world: World, trigger: str) -> int:
    world.flow(FLOW.replace("TRIGGER", trigger), on=False)
    with world.database.transaction() as tx:
        flow = store.get_flow(tx, world.shop.account_id, "Series")
        conditions = backfill.conditions_of(tx, KINDS, flow.audience_id, store.definition_of(tx, flow))
        cache = world.care._conditions
        return backfill.count_matching(tx, cache, flow.audience_id, conditions, world.clock.now()).people


@pytest.mark.parametrize(
    "trigger",
    ["tag_added: {tag: vip}", "group_joined: Interests / Ferns", "field_changed: {field: CITY, value: Paris}",
     "email_signup", "segment_entered: {segment: Parisians}"],
)  # fmt: skip
def test_they_are_counted_and_let_in_through_the_filters(world: World, trigger: str) -> None:
    world.groups("Interests", "Ferns")
    world.field("CITY", "text")
    world.person(ANA, tags=["vip"], fields={"CITY": "paris"})
    world.person(BEN, tags=["vip"], fields={"CITY": "Paris", "LNAME": "Okafor"})
    world.person(DEV, email_status="non_subscribed", fields={"CITY": "Lyon"})
    for email in (ANA, BEN):
        world.choose(email, Ferns=True)
    world.segment("Parisians", "{field: CITY, is: Paris}")
    assert matching(world, trigger) == 2
    flow = turned_on(world, trigger)
    world.later(hours=1)
    world.settle()
    assert world.path(flow, ANA)[0] == "E00"
    assert world.path(flow, BEN) == ["E15"]
    assert world.entered(flow, DEV) == 0


def test_so_many_an_hour_and_each_once(world: World) -> None:
    for n in range(7):
        world.person(f"p{n}@example.com", tags=["vip"])
    flow = turned_on(world, "tag_added: {tag: vip}", per_hour=2)
    entered = []
    for _ in range(5):
        world.settle()
        entered.append(world.figure(flow, "E00"))
        for _ in range(12):
            world.clock.advance(timedelta(minutes=5))
            world.settle()
    assert entered == [1, 3, 5, 7, 7]
    ask(world, flow, per_hour=1000)
    world.later(hours=1)
    world.settle()
    assert world.figure(flow, "E00") == 7


@pytest.mark.parametrize("away", ["paused", "down"])
def test_a_time_in_which_nobody_could_enter_lets_no_crowd_in(world: World, away: str) -> None:
    """What was not used is gone: a minute's share enters at once, then so many an hour again."""
    for n in range(20):
        world.person(f"p{n}@example.com", tags=["vip"])
    flow = turned_on(world, "tag_added: {tag: vip}", per_hour=120)
    world.settle()
    assert world.figure(flow, "E00") == 1
    if away == "paused":
        world.pause(flow)
        world.later(hours=1)
        world.resume(flow)
    else:
        world.down(hours=1)
    world.settle()
    assert world.figure(flow, "E00") == 3
    world.clock.advance(timedelta(minutes=1))
    world.settle()
    assert world.figure(flow, "E00") == 5


def test_a_paused_flow_lets_nobody_in(world: World) -> None:
    world.person(ANA, tags=["vip"])
    flow = turned_on(world, "tag_added: {tag: vip}")
    world.pause(flow)
    world.later(hours=1)
    world.settle()
    assert world.entered(flow, ANA) == 0
    world.resume(flow)
    world.settle()
    assert world.entered(flow, ANA) == 1
