"""Step: add to a group (spec/flows.md 6.2)."""

from __future__ import annotations

import pytest

from tests.scenarios.world import World

ANA = "ana@example.com"

JOIN = """
flow: Newsletter
audience: Customers
triggers:
  - tag_added: reader
steps:
  - join_group: Monthly
"""


@pytest.fixture
def shop(world: World) -> World:
    world.groups("How often", "Weekly", "Monthly", choice="radio")
    world.groups("Interests", "Ferns", "Moss")
    return world


def test_somebody_outside_comes_in(shop: World) -> None:
    flow = shop.flow(JOIN)
    shop.person(ANA, tags=["reader"])
    shop.settle()
    assert shop.groups_of(ANA) == {"Monthly"}
    assert shop.path(flow, ANA) == ["E00", "B11", "X00"]
    assert shop.told(ANA).count("group_joined") == 1


def test_where_one_choice_is_allowed_the_other_is_left(shop: World) -> None:
    shop.flow(JOIN)
    shop.person(ANA)
    shop.choose(ANA, Weekly=True, Ferns=True)
    shop.tag(ANA, "reader")
    shop.settle()
    assert shop.groups_of(ANA) == {"Monthly", "Ferns"}
    assert shop.told(ANA)[-3:] == ["group_left", "group_joined", "run.ended"]


def test_somebody_inside_already_is_nothing_to_do(shop: World) -> None:
    flow = shop.flow(JOIN)
    shop.person(ANA)
    shop.choose(ANA, Monthly=True)
    shop.tag(ANA, "reader")
    shop.settle()
    assert shop.path(flow, ANA) == ["E00", "B12", "X00"]
    assert shop.told(ANA).count("group_joined") == 1, "the one from before"


def test_an_unsubscribed_contact_joins_too(shop: World) -> None:
    shop.flow(JOIN)
    shop.person(ANA, email_status="unsubscribed", tags=["reader"])
    shop.settle()
    assert shop.groups_of(ANA) == {"Monthly"}


def test_a_group_deleted_since_holds_people_until_the_step_is_mended(shop: World) -> None:
    flow = shop.flow(JOIN)
    shop.delete_group("Monthly")
    shop.person(ANA, tags=["reader"])
    shop.later(days=1)
    assert shop.path(flow, ANA) == ["E00", "W09"]
    shop.flow(JOIN.replace("Monthly", "Weekly"), on=False)
    shop.publish(flow)
    shop.settle()
    assert shop.path(flow, ANA) == ["E00", "W09", "B11", "X00"]
    assert shop.groups_of(ANA) == {"Weekly"}


def test_a_held_run_still_grows_too_old(shop: World) -> None:
    flow = shop.flow(JOIN + "settings: {max_run_age: 10}\n")
    shop.delete_group("Monthly")
    shop.person(ANA, tags=["reader"])
    shop.later(days=11)
    assert shop.path(flow, ANA) == ["E00", "W09", "X12"]
