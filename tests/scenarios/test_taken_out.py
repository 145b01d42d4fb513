"""Taken out by hand, kept out, forgotten (spec/flows.md 5.4, 5.7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.scenarios.world import World

ANA, BEN, DEV = "ana@example.com", "ben@example.com", "dev@example.com"

SERIES = """
flow: Series
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - delay: 2 days
  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}
settings: {re_entry: 1 day}
"""
ONCE = SERIES.replace("re_entry: 1 day", "re_entry: false")


def again(world: World, email: str) -> None:
    world.later(days=2)
    world.tag(email, remove=["vip"])
    world.tag(email, "vip")
    world.settle()


def test_x07_somebody_is_taken_out_and_does_not_come_again(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.settle()
    world.take_out(flow, ANA)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "X07"]
    assert world.why_in(flow, ANA, "fr")[-1] == "retiré à la main"
    again(world, ANA)
    assert world.path(flow, ANA)[-1] == "E14"


def test_somebody_who_may_come_again_does(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.settle()
    world.take_out(flow, ANA, again=True)
    again(world, ANA)
    assert world.entered(flow, ANA) == 2


def test_in_advance(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA)
    world.take_out(flow, ANA)
    world.tag(ANA, "vip")
    world.settle()
    assert world.path(flow, ANA) == ["E14"]
    world.allow_again(flow, ANA)
    again(world, ANA)
    assert world.entered(flow, ANA) == 1


def test_being_added_by_hand_clears_the_block(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA)
    world.take_out(flow, ANA)
    world.add_by_hand(flow, ANA)
    world.settle()
    assert world.entered(flow, ANA) == 1
    again(world, ANA)
    assert "E14" not in world.path(flow, ANA)


def test_from_a_paused_flow_at_once(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.settle()
    world.pause(flow)
    world.take_out(flow, ANA)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "X07"]


def test_a_message_in_the_queue_is_withdrawn(world: World) -> None:
    flow = world.flow(SERIES.replace("  - delay: 2 days\n", ""))
    world.person(ANA, tags=["vip"])
    world.settle(sending=False)
    world.take_out(flow, ANA)
    world.settle()
    assert world.mails_to(ANA) == []
    assert world.path(flow, ANA) == ["E00", "W10", "X07", "S20"]


def test_x08_everybody_and_nobody_is_blocked(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.person(BEN, tags=["vip"])
    world.settle()
    world.take_all_out(flow)
    world.settle()
    assert world.path(flow, ANA) == world.path(flow, BEN) == ["E00", "W01", "X08"]
    again(world, ANA)
    assert world.entered(flow, ANA) == 2


def test_everybody_at_one_step(world: World) -> None:
    flow = world.flow(SERIES.replace("  - send_email", "  - delay: {n: 5, unit: day, label: Long}\n  - send_email"))
    world.person(ANA, tags=["vip"])
    world.later(days=3)
    world.person(BEN, tags=["vip"])
    world.settle()
    world.take_all_out(flow, "Long")
    world.settle()
    assert world.path(flow, ANA)[-1] == "X08"
    assert world.at(flow, BEN) == "delay"


@pytest.mark.parametrize(
    ("asked", "who_leaves"),
    [(["Short", "Long"], [ANA, BEN]), ([None, "Long"], [ANA, BEN, DEV]), (["Long", None], [ANA, BEN, DEV])],
)
def test_what_is_asked_twice_before_it_is_done_is_all_done(
    world: World, asked: list[str | None], who_leaves: list[str]
) -> None:
    long, short = "{n: 5, unit: day, label: Long}", "{n: 2, unit: day, label: Short}"
    flow = world.flow(SERIES.replace("  - delay: 2 days", f"  - delay: {long}\n  - delay: {short}\n  - delay: 9 days"))
    for who in (DEV, ANA, BEN):
        world.person(who, tags=["vip"])
        world.later(days=3)
    for label in asked:
        world.take_all_out(flow, label)
        world.clock.advance(timedelta(seconds=1))
    world.settle()
    assert [who for who in (ANA, BEN, DEV) if world.path(flow, who)[-1] == "X08"] == who_leaves


def test_a_reset_contact_comes_again_where_coming_again_is_off(world: World) -> None:
    flow = world.flow(ONCE)
    world.person(ANA, tags=["vip"])
    world.later(days=3)
    again(world, ANA)
    assert world.path(flow, ANA)[-1] == "E18"
    world.reset(flow, ANA)
    assert "flow.contact_reset" in world.told(ANA)
    again(world, ANA)
    assert world.entered(flow, ANA) == 2


def test_a_reset_leaves_the_present_run_alone(world: World) -> None:
    flow = world.flow(ONCE)
    world.person(ANA, tags=["vip"])
    world.settle()
    world.reset(flow, ANA)
    world.later(days=3)
    again(world, ANA)
    assert world.path(flow, ANA)[-1] == "E18"
