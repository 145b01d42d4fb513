"""Trigger 40, Event API (spec/flows.md 2.5), told from door to effect."""

from __future__ import annotations

from datetime import timedelta

from tests.scenarios.world import World

ANA = "ana@example.com"


def trial(where: str = "", settings: str = "") -> str:
    return f"""
flow: Trial
audience: Customers
triggers:
  - event_api: {{name: trial_started{where}}}
steps:
  - send_email: {{email: Trial, subject: "Your *|EVENT:plan|* trial", html: "<p>Begin here.</p>"}}
settings: {{re_entry: true{settings}}}
"""


def test_40a_posted_for_somebody_it_starts_a_run_that_knows_its_properties(world: World) -> None:
    flow = world.flow(trial())
    world.person(ANA)
    world.event(ANA, "trial_started", {"plan": "greenhouse"})
    world.settle()
    assert world.subjects(ANA) == ["Your greenhouse trial"]
    assert world.codes(flow, ANA) == ["E00", "W10", "S00", "X00"]


def test_40b_the_name_is_compared_exactly(world: World) -> None:
    flow = world.flow(trial())
    world.person(ANA)
    world.event(ANA, "Trial_Started", {"plan": "greenhouse"})
    world.settle()
    assert world.codes(flow, ANA) == ["E27"]


def test_40c_what_happened_before_turn_on_is_history(world: World) -> None:
    flow = world.flow(trial())
    world.person(ANA)
    world.event(ANA, "trial_started", occurred_at=world.clock.now() - timedelta(hours=1))
    world.settle()
    assert world.codes(flow, ANA) == ["E06"]


def test_loaded_as_history_it_is_kept_and_starts_nothing(world: World) -> None:
    flow = world.flow(trial())
    world.person(ANA)
    world.event(ANA, "trial_started", syncing=True)
    world.settle()
    assert world.codes(flow, ANA) == ["E05"]


def test_received_more_than_a_week_after_it_happened(world: World) -> None:
    flow = world.flow(trial())
    world.person(ANA)
    world.later(days=9)
    world.event(ANA, "trial_started", occurred_at=world.clock.now() - timedelta(days=8))
    world.settle()
    assert world.codes(flow, ANA) == ["E07"]


def test_the_properties_asked_for_must_fit(world: World) -> None:
    flow = world.flow(
        trial(", where: [{property: plan, op: is, value: pro}, {property: seats, op: greater, value: 5}]")
    )
    world.person(ANA)
    world.event(ANA, "trial_started", {"plan": "pro", "seats": 3})
    world.event(ANA, "trial_started", {"plan": "basic", "seats": 9})
    world.settle()
    assert world.codes(flow, ANA) == ["E27", "E27"]
    world.event(ANA, "trial_started", {"plan": "PRO", "seats": 9})
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_the_shop_s_software_may_send_one_fact_twice(world: World) -> None:
    flow = world.flow(trial())
    world.person(ANA)
    for _ in range(2):
        world.event(ANA, "trial_started", {"plan": "pro"}, key="trial-17")
        world.later(hours=1)
    assert world.entries(flow, ANA) == ["E00"]


def test_it_may_create_the_contact(world: World) -> None:
    flow = world.flow(trial())
    world.event(ANA, "trial_started", {"plan": "pro"}, create=True, status_if_new="subscribed")
    world.settle()
    assert world.entered(flow, ANA) == 1
    assert world.subjects(ANA) == ["Your pro trial"]
