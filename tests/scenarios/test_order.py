"""Events of one contact are judged in their order, each with what came before it (spec/flows.md G17)."""

from __future__ import annotations

from tests.scenarios.world import World

ANA = "ana@example.com"


def test_the_order_of_a_contact_s_events_is_kept(world: World) -> None:
    flow = world.flow("""
flow: Class
audience: Customers
triggers:
  - event_api: lesson_started
steps:
  - wait_for_trigger: {event_api: {name: lesson_finished}, up_to: 1 day, met: [{add_tag: good}]}
settings: {re_entry: true}
""")
    world.person(ANA)
    for _ in range(3):
        world.event(ANA, "lesson_started")
        world.event(ANA, "lesson_finished")
    world.settle()
    assert world.entries(flow, ANA)[0] == "E00", "the first of them, not one of the later ones"
    assert world.path(flow, ANA).count("E00") == 1


def test_a_tag_set_and_taken_away_before_anybody_looked_is_judged_as_it_is_now(world: World) -> None:
    """The event fires; what the filter asks about is the contact as it is when judged (G3)."""
    flow = world.flow("""
flow: Vips
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - delay: 1 day
settings: {entry_filter: {tag: vip}}
""")
    world.person(ANA)
    world.tag(ANA, "vip")
    world.tag(ANA, remove=["vip"])
    world.settle()
    assert world.codes(flow, ANA) == ["E15"]


def test_one_flow_s_tag_lets_into_another_before_the_next_event(world: World) -> None:
    first = world.flow("""
flow: First
audience: Customers
triggers:
  - event_api: bought
steps:
  - add_tag: buyer
""")
    second = world.flow("""
flow: Second
audience: Customers
triggers:
  - tag_added: {tag: buyer}
steps:
  - wait_for_trigger: {event_api: {name: bought}, up_to: 1 day, met: [{add_tag: again}]}
""")
    world.person(ANA)
    world.event(ANA, "bought")
    world.settle()
    world.later(seconds=1)
    world.event(ANA, "bought")
    world.settle()
    assert world.entries(first, ANA) == ["E00", "E18"]
    assert world.path(second, ANA) == ["E00", "W06", "B04", "B11", "X00"]
