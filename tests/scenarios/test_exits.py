"""How a run ends (spec/flows.md 5.6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.scenarios.world import World

ANA = "ana@example.com"


def series(settings: str = "", first: str = "delay: 5 days") -> str:
    return f"""
flow: Series
audience: Customers
triggers:
  - tag_added: {{tag: vip}}
steps:
  - {first}
  - send_email: {{email: Offer, subject: Offer, html: "<p>An offer.</p>"}}
settings: {{re_entry: true{settings}}}
"""


def inside(world: World, settings: str = "", first: str = "delay: 5 days") -> int:
    flow = world.flow(series(settings, first))
    world.person(ANA, tags=["vip"])
    world.settle()
    world.later(hours=1)
    return flow


def test_x00_reached_the_end(world: World) -> None:
    flow = inside(world)
    world.later(days=6)
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "S00", "X00"]


def test_x01_the_exit_condition_becomes_true(world: World) -> None:
    flow = inside(world, ", exit_condition: {tag: churned}")
    world.tag(ANA, "churned")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "X01"]
    world.later(days=6)
    assert world.mails_to(ANA) == []


def test_x01_at_the_very_instant_of_entry(world: World) -> None:
    flow = world.flow(series(", exit_condition: {tag: churned}"))
    world.person(ANA, tags=["vip"])
    world.settle()
    world.tag(ANA, "churned")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "X01"]


def test_x01_an_event_takes_out(world: World) -> None:
    flow = inside(world, ", exit_condition: {event: order_placed}")
    world.event(ANA, "order_placed")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "X01"]


def test_an_exit_event_of_before_the_entry_takes_nobody_out(world: World) -> None:
    world.person(ANA)
    happened = world.clock.now()
    world.later(hours=1)
    flow = inside(world, ", exit_condition: {event: order_placed}")
    world.event(ANA, "order_placed", occurred_at=happened)
    world.settle()
    assert world.at(flow, ANA) == "delay"


def test_x01_is_asked_once_more_before_the_email_leaves(world: World) -> None:
    """True by the passing of time alone, while the email waited to be sent."""
    flow = world.flow(series(", exit_condition: {not: {event: visited, within: 3 days}}", "add_tag: seen"))
    world.person(ANA)
    world.event(ANA, "visited")
    world.tag(ANA, "vip")
    world.settle(sending=False)
    world.clock.advance(timedelta(days=5))
    world.settle()
    assert world.path(flow, ANA) == ["E00", "B11", "W10", "S20", "X01"]
    assert world.mails_to(ANA) == []


def test_an_email_still_queued_is_withdrawn_when_the_run_ends(world: World) -> None:
    flow = world.flow(series(", exit_condition: {event: order_placed}", "add_tag: seen"))
    world.person(ANA, tags=["vip"])
    world.settle(sending=False)
    assert world.at(flow, ANA) == "send_email"
    world.clock.advance(timedelta(seconds=2))
    world.event(ANA, "order_placed")
    world.settle(sending=False)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "B11", "W10", "X01", "S20"]
    assert world.mails_to(ANA) == []


GOAL = ", goal: {event: order_placed, within: 10 days}"


def test_x02_the_goal_ends_the_run(world: World) -> None:
    flow = inside(world, GOAL)
    world.event(ANA, "order_placed")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "X02"]
    assert world.figure(flow, "goal") == 1


def test_the_goal_may_leave_people_inside(world: World) -> None:
    flow = inside(world, GOAL + ", exit_on_goal: false")
    for _ in range(2):
        world.event(ANA, "order_placed")
        world.later(hours=1)
    assert world.at(flow, ANA) == "delay"
    assert world.figure(flow, "goal") == 1, "one conversion a run"


def test_the_goal_counts_after_the_end_too_and_only_in_its_time(world: World) -> None:
    flow = inside(world, GOAL)
    world.later(days=8)
    assert world.path(flow, ANA)[-1] == "X00"
    world.event(ANA, "order_placed")
    world.settle()
    assert world.figure(flow, "goal") == 1


def test_after_its_time_the_goal_is_no_conversion(world: World) -> None:
    flow = inside(world, GOAL)
    world.later(days=10)
    world.event(ANA, "order_placed")
    world.settle()
    assert world.figure(flow, "goal") == 0


def test_the_goal_comes_before_the_exit_when_both_apply(world: World) -> None:
    flow = inside(world, GOAL + ", exit_condition: {event: order_placed}")
    world.event(ANA, "order_placed")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "X02"]


def test_x10_archived(world: World) -> None:
    flow = inside(world)
    world.archive(ANA)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "X10"]


def test_x11_erased_and_nothing_of_the_person_left(world: World) -> None:
    flow = inside(world)
    gone = world.erase(ANA)
    world.settle()
    assert [line.code for line in world.trail(flow, gone)] == ["E00", "W01", "X11"]


def test_x11_nothing_written_about_the_erased_stays_in_messages_runs_and_the_trail(world: World) -> None:
    flow = world.flow("""
flow: Trial
audience: Customers
triggers:
  - event_api: {name: trial_started}
steps:
  - send_email: {email: Trial, subject: "Dear *|FNAME|*", html: "<p>Your *|EVENT:plant|*.</p>"}
  - if_else:
      when: {field: FNAME, starts: Anab}
      then: [{delay: 1 day}]
  - delay: 1 day
""")
    world.person(ANA, fields={"FNAME": "Anabelle"})
    world.person("ben@example.com", fields={"FNAME": "Ben"})
    for email in (ANA, "ben@example.com"):
        world.event(email, "trial_started", {"plant": f"monstera for {email}"})
    world.settle()
    for mail in world.mails:
        world.keep_caught(mail)
    words = [ANA, "Anabelle"]
    assert all(world.holding(word) for word in words)
    gone = world.erase(ANA)
    world.tidy()
    assert world.holding(ANA), "what is in hand still needs it"
    world.settle()
    world.tidy()
    assert [world.holding(word) for word in words] == [[], []]
    assert [line.code for line in world.trail(flow, gone)] == ["E00", "W10", "S00", "B01", "W01", "X11"]
    assert world.holding("ben@example.com"), "nobody else is touched"
    assert world.holding("monstera for ben@example.com") == ["caught_mail", "event"]


def test_x12_too_old(world: World) -> None:
    flow = inside(world, ", max_run_age: 10", "wait_for_trigger: {event: never}")
    world.travel(timedelta(days=12), hop=timedelta(days=1))
    assert world.path(flow, ANA) == ["E00", "W06", "X12"]


def test_x13_the_flow_is_archived(world: World) -> None:
    flow = inside(world)
    world.pause(flow)
    world.archive_flow(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "X13"]
    assert world.figure(flow, "E00") == 1, "reports stay"


@pytest.mark.parametrize("leave", ["goal", "exit", "archive"])
def test_ends_come_at_once_in_a_pause_too(world: World, leave: str) -> None:
    flow = inside(world, GOAL + ", exit_condition: {tag: churned}")
    world.pause(flow)
    match leave:
        case "goal":
            world.event(ANA, "order_placed")
        case "exit":
            world.tag(ANA, "churned")
        case "archive":
            world.archive(ANA)
    world.settle()
    assert world.path(flow, ANA)[-1] == {"goal": "X02", "exit": "X01", "archive": "X10"}[leave]


def test_unsubscribing_ends_nothing(world: World) -> None:
    flow = inside(world)
    world.unsubscribe(ANA)
    world.later(days=6)
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "S02", "X00"]
