"""Trigger 6, leaves a group (spec/flows.md 2.1), told from door to effect."""

from __future__ import annotations

import pytest

from tests import cast
from tests.scenarios.world import World

ANA = "ana@example.com"

WHY = """
flow: Why
audience: Customers
triggers:
  - group_left: {group: Light / Shade}
steps:
  - send_email: {email: Why, subject: "No more shade, *|FNAME:friend|*?", html: "<p>Tell us.</p>"}
"""


@pytest.fixture
def why(world: World) -> int:
    world.groups("Light", "Shade", "Sun", choice="radio")
    world.person(ANA, fields={"FNAME": "Ana"})
    world.choose(ANA, Shade=True)
    return world.flow(WHY)


def test_6a_a_program_takes_the_person_out(world: World, why: int) -> None:
    world.choose(ANA, actor=cast.API, Shade=False)
    world.settle()
    assert world.subjects(ANA) == ["No more shade, Ana?"]
    assert world.codes(why, ANA) == ["E00", "W10", "S00", "X00"]


def test_where_one_may_be_chosen_to_choose_another_is_to_leave(world: World, why: int) -> None:
    world.choose(ANA, Sun=True)
    world.settle()
    assert world.entered(why, ANA) == 1


def test_who_was_not_inside_does_not_leave(world: World, why: int) -> None:
    world.person("ben@example.com")
    world.choose("ben@example.com", Shade=False)
    world.settle()
    assert world.codes(why, "ben@example.com") == ["E01"]


def test_6b_unsubscribing_being_cleaned_and_archiving_are_not_leaving(world: World, why: int) -> None:
    world.unsubscribe(ANA)
    world.settle()
    assert world.codes(why, ANA) == ["E01"]
    world.clean(ANA)
    world.archive(ANA)
    world.settle()
    assert world.codes(why, ANA) == ["E01"]


def test_nobody_leaves_by_the_group_s_deletion(world: World, why: int) -> None:
    world.delete_group("Shade")
    world.settle()
    assert world.codes(why, ANA) == ["E01"]


def test_left_the_group_is_a_way_out_of_another_flow(world: World) -> None:
    world.groups("Light", "Shade")
    flow = world.flow("""
flow: Shade tips
audience: Customers
triggers:
  - group_joined: Shade
steps:
  - delay: 5 days
  - send_email: {email: Tips, subject: "Shade", html: "<p>Ferns.</p>"}
settings:
  exit_condition: {group_left: Shade}
""")
    world.person(ANA)
    world.choose(ANA, Shade=True)
    world.later(days=1)
    world.choose(ANA, Shade=False)
    world.settle()
    assert world.codes(flow, ANA) == ["E00", "W01", "X01"]
    assert world.mails_to(ANA) == []
