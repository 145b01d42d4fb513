"""Pause and resume (spec/flows.md 5.3)."""

from __future__ import annotations

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

SERIES = """
flow: Series
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - delay: 1 day
  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}
"""


def test_people_inside_hold_and_go_on(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.settle()
    world.pause(flow)
    world.later(days=2)
    assert world.path(flow, ANA) == ["E00", "W01", "W04"]
    assert world.mails_to(ANA) == []
    world.resume(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W04", "W10", "S00", "X00"]


def test_an_email_in_the_queue_is_held_too(world: World) -> None:
    flow = world.flow(SERIES.replace("  - delay: 1 day\n", ""))
    world.person(ANA, tags=["vip"])
    world.settle(sending=False)
    world.pause(flow)
    world.later(minutes=5)
    assert world.mails_to(ANA) == []
    world.resume(flow)
    world.later(minutes=1)
    assert world.subjects(ANA) == ["Offer"]
    assert world.path(flow, ANA) == ["E00", "W10", "S00", "X00"]


def test_who_entered_and_had_not_yet_begun_begins_on_resume(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.judge()
    world.pause(flow)
    world.later(hours=1)
    assert world.path(flow, ANA) == ["E00", "W04"]
    world.resume(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W04", "W01"]


def test_who_fired_meanwhile_is_missed_and_stays_so(world: World) -> None:
    flow = world.flow(SERIES)
    world.pause(flow)
    world.person(ANA, tags=["vip"])
    world.settle()
    world.resume(flow)
    world.later(days=3)
    assert world.codes(flow, ANA) == ["E02"]
    world.person(BEN, tags=["vip"])
    world.settle()
    assert world.entered(flow, BEN) == 1


def test_from_draining_people_leave_and_a_resume_takes_in_again(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.settle()
    world.pause(flow)
    world.later(days=2)
    world.drain(flow)
    world.settle()
    assert world.path(flow, ANA)[-2:] == ["S00", "X00"]
    world.turn_on(flow)
    world.person(BEN, tags=["vip"])
    world.settle()
    assert world.entered(flow, BEN) == 1
