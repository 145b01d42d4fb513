"""Step: remove a tag (spec/flows.md 6.2)."""

from __future__ import annotations

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

CALM = """
flow: Calm down
audience: Customers
triggers:
  - event_api: bought
steps:
  - remove_tag: hesitating
settings: {re_entry: true}
"""


def test_the_tag_is_gone_and_everything_else_stays(world: World) -> None:
    flow = world.flow(CALM)
    world.person(ANA, tags=["hesitating", "vip"])
    world.event(ANA, "bought")
    world.settle()
    assert world.tags_of(ANA) == {"vip"}
    assert world.path(flow, ANA) == ["E00", "B11", "X00"]
    assert world.told(ANA)[-2:] == ["tag_removed", "run.ended"]


def test_a_tag_not_held_is_nothing_to_do_and_tells_nobody(world: World) -> None:
    flow = world.flow(CALM)
    world.person(ANA, tags=["vip"])
    world.event(ANA, "bought")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "B12", "X00"]
    assert "tag_removed" not in world.told(ANA)


def test_an_exit_that_asks_for_the_tag_s_absence_hears_of_it(world: World) -> None:
    reminder = world.flow("""
flow: Reminder
audience: Customers
triggers:
  - tag_added: hesitating
steps:
  - delay: 3 days
  - add_tag: reminded
settings:
  exit_condition: {not: {tag: hesitating}}
""")
    world.flow(CALM)
    world.person(ANA, tags=["hesitating"])
    world.later(days=1)
    world.event(ANA, "bought")
    world.later(days=3)
    assert world.path(reminder, ANA) == ["E00", "W01", "X01"]
    assert world.tags_of(ANA) == set()


def test_two_flows_remove_it_at_one_moment(world: World) -> None:
    first, second = world.flow(CALM), world.flow(CALM.replace("Calm down", "Calm again"))
    world.person(ANA, tags=["hesitating"])
    world.event(ANA, "bought")
    world.settle()
    assert sorted([world.path(first, ANA)[1], world.path(second, ANA)[1]]) == ["B11", "B12"]
    assert world.told(ANA).count("tag_removed") == 1


def test_a_tag_deleted_since_holds_people_until_the_step_is_mended(world: World) -> None:
    flow = world.flow(CALM)
    world.person(ANA, tags=["hesitating", "unsure"])
    world.delete_tag("hesitating")
    world.event(ANA, "bought")
    world.later(days=1)
    assert world.path(flow, ANA) == ["E00", "W09"]
    world.flow(CALM.replace("remove_tag: hesitating", "remove_tag: unsure"), on=False)
    world.publish(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W09", "B11", "X00"]
    assert world.tags_of(ANA) == set()


def test_somebody_archived_meanwhile_keeps_theirs(world: World) -> None:
    flow = world.flow(CALM.replace("steps:", "steps:\n  - delay: 1 day"))
    world.person(ANA, tags=["hesitating"])
    world.event(ANA, "bought")
    world.settle()
    world.archive(ANA)
    world.later(days=2)
    assert world.path(flow, ANA) == ["E00", "W01", "X10"]
    assert world.tags_of(ANA) == {"hesitating"}
