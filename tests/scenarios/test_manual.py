"""Trigger 10, added by hand (spec/flows.md 2.1), told from door to effect."""

from __future__ import annotations

import pytest

from relance.kernel.errors import Conflict
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

CARE = """
flow: Care call
audience: Customers
triggers:
  - manual
steps:
  - send_email: {email: Care, subject: We will call you, html: "<p>About your palm.</p>"}
"""

THANKS = """
flow: Thanks
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - delay: 1 day
  - send_email: {email: Thanks, subject: Thank you, html: "<p>Thank you.</p>"}
settings:
  entry_filter: {field: FNAME, is: Ana}
  exit_condition: {tag: churned}
"""


def test_one_contact_is_added_and_written_to(world: World) -> None:
    flow = world.flow(CARE)
    world.person(ANA)
    world.add_by_hand(flow, ANA)
    world.settle()
    assert world.subjects(ANA) == ["We will call you"]
    assert world.codes(flow, ANA) == ["E00", "W10", "S00", "X00"]


def test_any_live_flow_takes_people_by_hand(world: World) -> None:
    flow = world.flow(THANKS)
    world.person(ANA)
    world.add_by_hand(flow, ANA)
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_10a_by_hand_passes_over_the_block_list_and_clears_it(world: World) -> None:
    flow = world.flow(THANKS)
    world.person(ANA, fields={"FNAME": "Ana"})
    world.block(flow, ANA)
    world.tag(ANA, "vip")
    world.settle()
    assert world.codes(flow, ANA) == ["E14"]
    world.add_by_hand(flow, ANA)
    world.later(days=2)
    world.tag(ANA, remove=["vip"])
    world.tag(ANA, "vip")
    world.settle()
    assert world.entries(flow, ANA) == ["E14", "E00", "E18"], "no longer blocked, only through already"


def test_by_hand_passes_over_the_filter_and_re_entry(world: World) -> None:
    flow = world.flow(THANKS)
    world.person(BEN, fields={"FNAME": "Ben"})
    for _ in range(2):
        world.add_by_hand(flow, BEN)
        world.later(days=2)
    assert world.entries(flow, BEN) == ["E00", "E00"]
    assert world.subjects(BEN) == ["Thank you", "Thank you"]


def test_10b_who_is_inside_is_not_doubled(world: World) -> None:
    flow = world.flow(THANKS)
    people = [f"person{number}@example.com" for number in range(12)]
    for email in people:
        world.person(email)
    for email in people[:5]:
        world.add_by_hand(flow, email)
    world.settle()
    for email in people:
        world.add_by_hand(flow, email)
    world.settle()
    assert [world.entries(flow, email) for email in people] == [["E00", "E17"]] * 5 + [["E00"]] * 7


def test_by_hand_never_passes_over_status_or_the_exit_condition(world: World) -> None:
    world.person(ANA, email_status="pending")
    world.person(BEN, tags=["churned"])
    flow = world.flow(THANKS)
    for email in (ANA, BEN):
        world.add_by_hand(flow, email)
    world.settle()
    assert world.codes(flow, ANA) == ["E10"]
    assert world.codes(flow, BEN) == ["E16"]


def test_10c_a_paused_flow_takes_nobody_by_hand(world: World) -> None:
    flow = world.flow(CARE)
    world.person(ANA)
    world.pause(flow)
    with pytest.raises(Conflict, match="paused"):
        world.add_by_hand(flow, ANA)


def test_added_to_another_flow_is_no_answer_here(world: World) -> None:
    """Every flow hears of people added by hand; only the one that was named answers."""
    text = "flow: {}\naudience: Customers\ntriggers:\n  - tag_added: {{tag: vip}}\nsteps:\n  - delay: 1 day\n"
    named, other = world.flow(text.format("Named")), world.flow(text.format("Other"))
    world.person("ana@example.com")
    world.settle()
    world.add_by_hand(named, "ana@example.com")
    world.settle()
    assert "E00" in world.codes(named, "ana@example.com")
    assert "E27" not in world.codes(other, "ana@example.com")
