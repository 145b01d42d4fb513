"""Step: remove from a group (spec/flows.md 6.2)."""

from __future__ import annotations

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

LEAVE = """
flow: No more ferns
audience: Customers
triggers:
  - tag_added: enough
steps:
  - leave_group: Interests / Ferns
"""


def test_somebody_inside_leaves_that_group_alone(world: World) -> None:
    world.groups("Interests", "Ferns", "Moss")
    flow = world.flow(LEAVE)
    world.person(ANA)
    world.choose(ANA, Ferns=True, Moss=True)
    world.tag(ANA, "enough")
    world.settle()
    assert world.groups_of(ANA) == {"Moss"}
    assert world.path(flow, ANA) == ["E00", "B11", "X00"]
    assert world.told(ANA)[-2:] == ["group_left", "run.ended"]


def test_somebody_outside_is_nothing_to_do_and_nobody_hears_of_it(world: World) -> None:
    world.groups("Interests", "Ferns", "Moss")
    flow = world.flow(LEAVE)
    world.person(ANA)
    world.choose(ANA, Moss=True)
    world.tag(ANA, "enough")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "B12", "X00"]
    assert "group_left" not in world.told(ANA)


def test_a_set_of_people_each_their_own(world: World) -> None:
    world.groups("Interests", "Ferns")
    flow = world.flow(LEAVE)
    world.person(ANA)
    world.choose(ANA, Ferns=True)
    world.tag(ANA, "enough")
    world.person(BEN, tags=["enough"])
    world.settle()
    assert [world.path(flow, email)[1] for email in (ANA, BEN)] == ["B11", "B12"]
    assert world.figure(flow, "B11") == world.figure(flow, "B12") == 1


def test_a_deleted_group_has_nobody_to_leave_it(world: World) -> None:
    world.groups("Interests", "Ferns")
    flow = world.flow(LEAVE)
    world.person(ANA)
    world.choose(ANA, Ferns=True)
    world.delete_group("Ferns")
    world.tag(ANA, "enough")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W09"]
    assert "group_left" not in world.told(ANA)
