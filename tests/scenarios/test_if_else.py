"""Step: if / else (spec/flows.md 6.1): tested once, on arrival; the first way that matches wins."""

from __future__ import annotations

from tests.scenarios.world import World

ANA, BEN, CHLOE = "ana@example.com", "ben@example.com", "chloe@example.com"

WAYS = """
flow: Which plant
audience: Customers
triggers:
  - tag_added: {tag: ask}
steps:
  - if_else:
      ways:
        - when: {field: POINTS, greater: 100}
          then: [{add_tag: orchid}]
        - when: {tag: buyer}
          then: [{add_tag: fern}]
      else: [{add_tag: cactus}]
  - add_tag: asked
"""

CITY = """
flow: Elsewhere
audience: Customers
triggers:
  - tag_added: {tag: ask}
steps:
  - if_else:
      when: {field: LNAME, is_not: Lima}
      then: [{add_tag: elsewhere}]
"""


def test_the_first_way_wins(world: World) -> None:
    world.field("POINTS", "number")
    flow = world.flow(WAYS)
    world.person(ANA, fields={"POINTS": 150}, tags=["buyer", "ask"])
    world.settle()
    assert world.tags_of(ANA) == {"buyer", "ask", "orchid", "asked"}
    assert world.path(flow, ANA)[:2] == ["E00", "B01"]


def test_the_second_way_when_only_that_one_fits(world: World) -> None:
    world.field("POINTS", "number")
    world.flow(WAYS)
    world.person(ANA, fields={"POINTS": 100}, tags=["buyer", "ask"])
    world.settle()
    assert "fern" in world.tags_of(ANA)


def test_else_for_everybody_else_and_the_ways_join_again(world: World) -> None:
    world.field("POINTS", "number")
    flow = world.flow(WAYS)
    world.person(ANA, tags=["ask"])
    world.settle()
    assert world.tags_of(ANA) == {"ask", "cactus", "asked"}
    assert world.path(flow, ANA) == ["E00", "B02", "B11", "B11", "X00"]


def test_a_blank_is_not_the_value(world: World) -> None:
    flow = world.flow(CITY)
    world.person(ANA, tags=["ask"])
    world.person(BEN, fields={"LNAME": "Okafor"}, tags=["ask"])
    world.person(CHLOE, fields={"LNAME": "lima"}, tags=["ask"])
    world.settle()
    ways = [world.path(flow, email)[1] for email in (ANA, BEN, CHLOE)]
    assert ways == ["B01", "B01", "B02"], "blank is not Lima; lima is"


def test_who_matches_only_after_passing_stays_on_their_way(world: World) -> None:
    world.field("POINTS", "number")
    world.flow(WAYS.replace("  - add_tag: asked", "  - delay: 1 day\n  - add_tag: asked"))
    world.person(ANA, tags=["ask"])
    world.settle()
    world.tag(ANA, "buyer")
    world.later(days=2)
    assert world.tags_of(ANA) == {"ask", "buyer", "cactus", "asked"}


def test_it_sees_what_the_event_brought(world: World) -> None:
    flow = world.flow("""
flow: Trial
audience: Customers
triggers:
  - event_api: trial_started
steps:
  - if_else:
      when: {event.plan: pro}
      then: [{add_tag: pro}]
""")
    for email, plan in ((ANA, "pro"), (BEN, "basic")):
        world.person(email)
        world.event(email, "trial_started", {"plan": plan})
    world.settle()
    assert [world.path(flow, email)[1] for email in (ANA, BEN)] == ["B01", "B02"]


def test_it_sees_what_the_step_before_it_did(world: World) -> None:
    flow = world.flow("""
flow: Two steps
audience: Customers
triggers:
  - tag_added: {tag: ask}
steps:
  - add_tag: seen
  - if_else:
      when: {tag: seen}
      then: [{add_tag: remembered}]
""")
    world.person(ANA, tags=["ask"])
    world.settle()
    assert world.path(flow, ANA) == ["E00", "B11", "B01", "B11", "X00"]


def test_why_shows_the_values_looked_at(world: World) -> None:
    flow = world.flow(CITY)
    who = world.person(ANA, fields={"LNAME": "Lima"}, tags=["ask"])
    world.settle()
    (decided,) = [line for line in world.trail(flow, who) if line.code == "B02"]
    assert "Lima" in str(decided.seen)
