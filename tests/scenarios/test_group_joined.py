"""Trigger 5, joins a group (spec/flows.md 2.1), told from door to effect."""

from __future__ import annotations

import pytest

from relance.audience import groups
from tests import cast
from tests.scenarios.world import World

ANA = "ana@example.com"

TIPS = """
flow: Fern tips
audience: Customers
triggers:
  - group_joined: Ferns
steps:
  - send_email: {email: Tips, subject: "Ferns love shade, *|FNAME:friend|*", html: "<p>And water.</p>"}
"""


@pytest.fixture
def fern_tips(world: World) -> int:
    world.groups("Interests", "Ferns", "Moss")
    return world.flow(TIPS)


def test_5a_ticked_on_the_preference_page_it_starts_a_run(world: World, fern_tips: int) -> None:
    world.person(ANA, fields={"FNAME": "Ana"})
    world.later(days=1)
    world.choose(ANA, Ferns=True)
    world.settle()
    assert world.subjects(ANA) == ["Ferns love shade, Ana"]
    assert world.codes(fern_tips, ANA) == ["E00", "W10", "S00", "X00"]


def test_5b_inside_already_an_import_that_repeats_it_is_nothing(world: World, fern_tips: int) -> None:
    world.person(ANA)
    world.choose(ANA, Ferns=True)
    world.settle()
    world.choose(ANA, actor=cast.FILE, Ferns=True)
    world.settle()
    assert world.codes(fern_tips, ANA).count("E00") == 1
    assert world.entries(fern_tips, ANA) == ["E00"]


def test_to_be_added_with_the_group_is_to_join_it(world: World, fern_tips: int) -> None:
    with world.database.transaction() as tx:
        ferns = next(one for one in groups.list_groups(tx, world.shop.customers.audience_id) if one.name == "Ferns")
    world.person(ANA, groups={ferns.group_id: True})
    world.settle()
    assert world.entered(fern_tips, ANA) == 1


def test_chosen_before_the_confirmation_it_counts_from_there(world: World, fern_tips: int) -> None:
    world.person(ANA, email_status="pending", actor=cast.FORM)
    world.choose(ANA, Ferns=True)
    world.settle()
    assert world.codes(fern_tips, ANA) == ["E01"], "a pending person is not in the audience (G21)"
    world.later(hours=2)
    world.confirm(ANA)
    world.settle()
    assert world.entered(fern_tips, ANA) == 1


def test_another_group_is_not_this_one(world: World, fern_tips: int) -> None:
    world.person(ANA)
    world.choose(ANA, Moss=True)
    world.settle()
    assert world.codes(fern_tips, ANA) == ["E27"]


def test_loaded_as_history_it_is_joined_and_refused(world: World, fern_tips: int) -> None:
    world.person(ANA)
    world.choose(ANA, Ferns=True, syncing=True)
    world.settle()
    assert world.codes(fern_tips, ANA) == ["E05"]


def test_joined_before_the_flow_was_on_is_not_made_up_for(world: World) -> None:
    world.groups("Interests", "Ferns")
    world.person(ANA)
    world.choose(ANA, Ferns=True)
    flow = world.flow(TIPS)
    world.settle()
    assert world.codes(flow, ANA) == ["E01"]


def test_a_group_that_is_not_there_keeps_the_flow_from_being_turned_on(world: World) -> None:
    assert "V06" in world.problems(TIPS)
    world.groups("Interests", "Ferns")
    assert "V06" not in world.problems(TIPS)
