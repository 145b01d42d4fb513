"""A step is paused alone (spec/flows.md 5.2, W05)."""

from __future__ import annotations

import pytest

from relance.flows import step_pause, store
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

SERIES = """
flow: Series
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - add_tag: first
  - delay: 1 day
  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}
  - wait_for_trigger: {event_api: {name: paid}, up_to: 2 days}
  - add_tag: last
"""


def test_w05_who_reaches_the_step_holds_there_and_the_rest_goes_on(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.settle()
    world.pause_step(flow, "send_email")
    world.later(days=3)
    assert world.path(flow, ANA) == ["E00", "B11", "W01", "W05"]
    assert world.why_in(flow, ANA, "fr")[-1] == "retenu par la pause de l’étape"
    assert world.state(flow) == "live"
    world.person(BEN, tags=["vip"])
    world.settle()
    assert "first" in world.tags_of(BEN)
    world.resume_step(flow, "send_email")
    world.settle()
    assert world.subjects(ANA) == ["Offer"]
    assert world.path(flow, ANA) == ["E00", "B11", "W01", "W05", "W10", "S00", "W06"]


def test_a_rest_goes_on_at_a_paused_step_and_its_end_is_held(world: World) -> None:
    flow = world.flow(SERIES)
    world.pause_step(flow, "delay")
    world.person(ANA, tags=["vip"])
    world.later(days=2)
    assert world.path(flow, ANA) == ["E00", "B11", "W01", "W05"]
    world.resume_step(flow, "delay")
    world.settle()
    assert world.subjects(ANA) == ["Offer"], "the day went by meanwhile"


def test_what_was_waited_for_at_a_paused_step_counts(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.later(days=1, minutes=1)
    world.pause_step(flow, "wait_for_trigger")
    world.event(ANA, "paid")
    world.settle()
    assert world.path(flow, ANA)[-2:] == ["B04", "W05"]
    world.resume_step(flow, "wait_for_trigger")
    world.settle()
    assert world.path(flow, ANA)[-2:] == ["B11", "X00"]


def test_a_queued_message_of_the_step_is_held_too(world: World) -> None:
    flow = world.flow(SERIES.replace("  - delay: 1 day\n", ""))
    world.person(ANA, tags=["vip"])
    world.settle(sending=False)
    world.pause_step(flow, "send_email")
    world.later(minutes=5)
    assert world.subjects(ANA) == []
    world.resume_step(flow, "send_email")
    world.later(minutes=2)
    assert world.subjects(ANA) == ["Offer"]


def test_who_is_held_leaves_by_the_exit(world: World) -> None:
    flow = world.flow(SERIES + "settings: {exit_condition: {event: bye}}\n")
    world.pause_step(flow, "send_email")
    world.person(ANA, tags=["vip"])
    world.later(days=2)
    world.event(ANA, "bye")
    world.settle()
    assert world.path(flow, ANA)[-2:] == ["W05", "X01"]


def test_a_new_version_leaves_the_step_paused_and_lets_it_act_once(world: World) -> None:
    flow = world.flow(SERIES)
    world.pause_step(flow, "send_email")
    world.person(ANA, tags=["vip"])
    world.later(days=2)
    world.flow(SERIES.replace("add_tag: last", "add_tag: very last"))
    world.later(days=1)
    assert world.subjects(ANA) == []
    world.resume_step(flow, "send_email")
    world.settle()
    assert world.subjects(ANA) == ["Offer"]


def test_x12_nobody_is_held_for_ever(world: World) -> None:
    flow = world.flow(SERIES + "settings: {max_run_age: 10}\n")
    world.pause_step(flow, "send_email")
    world.person(ANA, tags=["vip"])
    world.later(days=11)
    assert world.path(flow, ANA)[-2:] == ["W05", "X12"]


WITHOUT = {
    "send_email": SERIES.replace('  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}\n', ""),
    "delay": SERIES.replace("  - delay: 1 day\n", ""),
}


def paused_alone(world: World, flow: int) -> list[int]:
    """The ids of the steps that are."""
    with world.database.transaction() as tx:
        return store.get_flow(tx, world.shop.account_id, str(flow)).paused_steps


@pytest.mark.parametrize(("step", "then"), [("send_email", "W06"), ("delay", "W10")])
def test_a_new_version_without_the_step_lets_people_go_on(world: World, step: str, then: str) -> None:
    flow = world.flow(SERIES)
    world.pause_step(flow, step)
    world.person(ANA, tags=["vip"])
    world.later(days=2)
    assert world.path(flow, ANA) == ["E00", "B11", "W01", "W05"]
    world.flow(WITHOUT[step])
    world.settle()
    assert world.path(flow, ANA)[4] == then
    assert paused_alone(world, flow) == []
    assert world.subjects(ANA) == ([] if step == "send_email" else ["Offer"])


def test_a_message_of_a_step_that_is_gone_is_held_no_longer(world: World) -> None:
    flow = world.flow(SERIES.replace("  - delay: 1 day\n", ""))
    world.person(ANA, tags=["vip"])
    world.settle(sending=False)
    world.pause_step(flow, "send_email")
    world.later(minutes=5)
    world.flow(WITHOUT["send_email"].replace("  - delay: 1 day\n", ""))
    world.later(minutes=2)
    assert world.path(flow, ANA) == ["E00", "B11", "W10", "S00", "W06"]


def test_published_in_a_pause_of_the_flow_people_go_on_with_the_resume(world: World) -> None:
    flow = world.flow(SERIES)
    world.pause_step(flow, "send_email")
    world.person(ANA, tags=["vip"])
    world.later(days=2)
    world.pause(flow)
    world.flow(WITHOUT["send_email"], on=False)
    world.publish(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "B11", "W01", "W05"]
    world.resume(flow)
    world.settle()
    assert world.path(flow, ANA)[-1] == "W06"


def test_who_finishes_an_older_version_is_held_at_its_step_until_that_goes_on(world: World) -> None:
    flow = world.flow(SERIES)
    world.pause_step(flow, "send_email")
    world.person(ANA, tags=["vip"])
    world.later(days=2)
    world.flow(WITHOUT["send_email"], on=False)
    world.publish(flow, inside="finish_old")
    world.later(days=1)
    assert world.path(flow, ANA) == ["E00", "B11", "W01", "W05"]
    (step,) = paused_alone(world, flow)
    with world.database.transaction() as tx:
        step_pause.resume_step(tx, world.clock.now(), flow, step)
    world.settle()
    assert world.subjects(ANA) == ["Offer"]
    assert paused_alone(world, flow) == []
