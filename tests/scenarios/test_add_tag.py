"""Step: add a tag (spec/flows.md 6.2), and what it sets going: other flows, never the same one (G15)."""

from __future__ import annotations

from tests.scenarios.world import World

ANA = "ana@example.com"


def link(name: str, hears: str, adds: str, settings: str = "re_entry: true") -> str:
    return f"""
flow: {name}
audience: Customers
triggers:
  - tag_added: {{tag: {hears}}}
steps:
  - add_tag: {adds}
settings: {{{settings}}}
"""


def test_the_tag_is_added_and_the_flow_on_that_tag_starts(world: World) -> None:
    first = world.flow(link("First", "one", "two"))
    second = world.flow(link("Second", "two", "three"))
    world.person(ANA, tags=["one"])
    world.settle()
    assert world.tags_of(ANA) == {"one", "two", "three"}
    assert world.path(first, ANA) == world.path(second, ANA) == ["E00", "B11", "X00"]


def test_a_tag_held_already_is_nothing_to_do_and_starts_nothing(world: World) -> None:
    world.person(ANA, tags=["two"])
    first = world.flow(link("First", "one", "two"))
    second = world.flow(link("Second", "two", "three"))
    world.tag(ANA, "one")
    world.settle()
    assert world.path(first, ANA) == ["E00", "B12", "X00"]
    assert world.entered(second, ANA) == 0
    assert "three" not in world.tags_of(ANA)


def test_a_flow_never_starts_itself(world: World) -> None:
    """Its own tag wakes its second trigger: that is a loop, whatever re-entry allows."""
    flow = world.flow("""
flow: Snake
audience: Customers
triggers:
  - tag_added: {tag: one}
  - tag_added: {tag: two}
steps:
  - add_tag: two
settings: {re_entry: true}
""")
    world.person(ANA, tags=["one"])
    world.later(hours=1)
    assert world.entries(flow, ANA) == ["E00", "E20"]


def test_a_chain_of_flows_ends_at_its_fifth_link(world: World) -> None:
    flows = [world.flow(link(f"Link {n}", f"t{n}", f"t{n + 1}")) for n in range(1, 8)]
    world.person(ANA, tags=["t1"])
    world.later(hours=1)
    kept = [[code for code in world.path(flow, ANA) if code in ("E00", "E20")] for flow in flows]
    assert kept == [["E00"]] * 5 + [["E20"]] + [[]]


def test_two_flows_that_feed_each_other_come_to_rest(world: World) -> None:
    """The tag that would close the circle is held already."""
    ping, pong = world.flow(link("Ping", "ping", "pong")), world.flow(link("Pong", "pong", "ping"))
    world.person(ANA, tags=["ping"])
    world.later(hours=1)
    assert world.entered(ping, ANA) == world.entered(pong, ANA) == 1
    assert world.tags_of(ANA) == {"ping", "pong"}


def test_two_flows_that_add_the_same_tag_at_one_moment(world: World) -> None:
    first, second = world.flow(link("First", "one", "same")), world.flow(link("Second", "one", "same"))
    third = world.flow(link("Third", "same", "end"))
    world.person(ANA, tags=["one"])
    world.settle()
    done = sorted([world.path(first, ANA)[1], world.path(second, ANA)[1]])
    assert done == ["B11", "B12"]
    assert world.entries(third, ANA).count("E00") == 1


def test_somebody_archived_meanwhile_gets_no_tag(world: World) -> None:
    flow = world.flow(link("First", "one", "two").replace("steps:", "steps:\n  - delay: 1 day"))
    world.person(ANA, tags=["one"])
    world.settle()
    world.archive(ANA)
    world.later(days=2)
    assert world.path(flow, ANA) == ["E00", "W01", "X10"]
    assert world.tags_of(ANA) == {"one"}
