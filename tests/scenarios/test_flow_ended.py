"""Trigger 63, ends another flow (spec/flows.md section 4), told from door to effect."""

from __future__ import annotations

import pytest

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

WELCOME = """
flow: Welcome
audience: Customers
triggers: [manual]
steps:
  - delay: 1 day
settings:
  exit_condition: {tag_added: vip}
"""


def after(settings: str = "Welcome", more: str = "") -> str:
    return f"""
flow: Second act
audience: Customers
triggers:
  - flow_ended: {settings}
steps:
  - send_email: {{email: Next, subject: "And now, *|FNAME:friend|*", html: "<p>Moss.</p>"}}
{more}
"""


@pytest.fixture
def welcome(world: World) -> int:
    world.person(ANA, fields={"FNAME": "Ana"})
    world.person(BEN)
    return world.flow(WELCOME)


def test_who_has_gone_through_one_flow_enters_the_next(world: World, welcome: int) -> None:
    flow = world.flow(after())
    world.add_by_hand(welcome, ANA)
    world.later(hours=20)
    assert world.entered(flow, ANA) == 0
    world.later(hours=5)
    assert world.subjects(ANA) == ["And now, Ana"]
    assert world.path(flow, ANA) == ["E00", "W10", "S00", "X00"]


@pytest.mark.parametrize(("how", "ana", "ben"), [("completed", 1, 0), ("exited", 0, 1), ("any", 1, 1)])
def test_to_reach_the_end_and_to_leave_are_two_things(world: World, welcome: int, how: str, ana: int, ben: int) -> None:
    flow = world.flow(after(f"{{flow: Welcome, how: {how}}}"))
    world.add_by_hand(welcome, ANA)
    world.add_by_hand(welcome, BEN)
    world.later(hours=2)
    world.tag(BEN, "vip")
    world.later(days=2)
    assert (world.entered(flow, ANA), world.entered(flow, BEN)) == (ana, ben)


def test_another_flow_s_end_is_not_even_looked_at(world: World, welcome: int) -> None:
    other = world.flow(WELCOME.replace("Welcome", "Other"))
    flow = world.flow(after())
    world.add_by_hand(other, ANA)
    world.later(days=2)
    assert world.entered(flow, ANA) == 0


def test_a_flow_that_hears_its_own_end_does_not_turn_for_ever(world: World, welcome: int) -> None:
    flow = world.flow(after(more="settings: {re_entry: true}"), on=False)
    again = after("Second act", "settings: {re_entry: true}").replace("triggers:", "triggers:\n  - manual")
    flow = world.flow(again)
    world.add_by_hand(flow, ANA)
    world.later(days=1)
    assert world.entries(flow, ANA) == ["E00", "E20"]
    assert len(world.mails_to(ANA)) == 1


def test_two_flows_that_hear_each_other_stop_at_the_fifth(world: World, welcome: int) -> None:
    """G15: the depth of what a flow causes counts up."""
    world.flow(after().replace("Second act", "Ping"), on=False)
    pong = world.flow("""
flow: Pong
audience: Customers
triggers: [manual, flow_ended: Ping]
steps: [delay: 10 minutes]
settings: {re_entry: true}
""")
    ping = world.flow("""
flow: Ping
audience: Customers
triggers: [flow_ended: Pong]
steps: [delay: 10 minutes]
settings: {re_entry: true}
""")
    world.add_by_hand(pong, ANA)
    world.later(days=2)
    assert world.entered(pong, ANA) + world.entered(ping, ANA) == 5
    assert "E20" in world.entries(pong, ANA) + world.entries(ping, ANA)


def test_a_flow_that_is_not_there_or_archived_keeps_it_from_being_turned_on(world: World, welcome: int) -> None:
    assert "V06" in world.problems(after("Welcom"))
    assert "V06" not in world.problems(after())
    world.pause(welcome)
    world.archive_flow(welcome)
    assert "V06" in world.problems(after())
