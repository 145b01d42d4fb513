"""Step: unsubscribe (spec/flows.md 6.2)."""

from __future__ import annotations

import pytest

from tests import cast
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

FAREWELL = """
flow: Farewell
audience: Customers
triggers:
  - tag_added: silent
steps:
  - send_email: {email: Still, subject: "Still interested?", html: "<p>Are you?</p>"}
  - delay: 14 days
  - unsubscribe
  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}
  - add_tag: let go
settings: {exit_condition: {tag: back}}
"""


def test_the_run_goes_on_and_later_marketing_is_skipped(world: World) -> None:
    flow = world.flow(FAREWELL)
    world.person(ANA, tags=["silent"])
    world.later(days=15)
    assert world.contact(ANA).email_status == "unsubscribed"
    assert world.contact(ANA).email_out_by == "flow"
    assert world.path(flow, ANA) == ["E00", "W10", "S00", "W01", "B11", "W10", "S02", "B11", "X00"]
    assert world.subjects(ANA) == ["Still interested?"]
    assert "email_unsubscribed" in world.told(ANA)


@pytest.mark.parametrize("status", ["unsubscribed", "non_subscribed"])
def test_who_is_not_subscribed_is_left_alone(world: World, status: str) -> None:
    flow = world.flow(FAREWELL.replace("  - delay: 14 days\n", ""))
    world.person(ANA, email_status=status, tags=["silent"], actor=cast.API)
    world.settle()
    assert world.contact(ANA).email_status == status
    assert "B12" in world.path(flow, ANA)
    assert "email_unsubscribed" not in world.told(ANA)


def test_a_cleaned_address_stays_cleaned(world: World) -> None:
    flow = world.flow(FAREWELL)
    world.person(ANA, tags=["silent"])
    world.settle()
    world.clean(ANA)
    world.later(days=15)
    assert world.contact(ANA).email_status == "cleaned"
    assert world.path(flow, ANA)[4] == "B12"


def test_a_contact_s_own_wish_is_not_overwritten(world: World) -> None:
    flow = world.flow(FAREWELL)
    world.person(ANA, tags=["silent"])
    world.settle()
    world.unsubscribe(ANA)
    world.later(days=15)
    assert world.path(flow, ANA)[4] == "B12"
    assert world.contact(ANA).email_out_by == "self"


def test_somebody_who_came_back_in_time_stays(world: World) -> None:
    flow = world.flow(FAREWELL)
    world.person(ANA, tags=["silent"])
    world.later(days=3)
    world.tag(ANA, "back")
    world.later(days=20)
    assert world.path(flow, ANA) == ["E00", "W10", "S00", "W01", "X01"]
    assert world.contact(ANA).email_status == "subscribed"


def test_each_of_a_set_for_themselves(world: World) -> None:
    flow = world.flow(FAREWELL.replace("  - delay: 14 days\n", ""))
    world.person(ANA, tags=["silent"])
    world.person(BEN, email_status="non_subscribed", tags=["silent"], actor=cast.API)
    world.settle()
    assert world.contact(ANA).email_status == "unsubscribed"
    assert world.contact(BEN).email_status == "non_subscribed"
    assert world.figure(flow, "B11") == 3, "one unsubscribed, two tagged"


def test_no_other_channel_yet(world: World) -> None:
    assert "invalid" in world.problems(FAREWELL.replace("- unsubscribe", "- unsubscribe: {channel: sms}"))
