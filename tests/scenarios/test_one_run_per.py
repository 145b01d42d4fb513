"""A run for each occurrence (spec/flows.md G12): live run and re-entry are judged by what a run is about."""

from __future__ import annotations

from typing import Any

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

ORDERS = """
flow: Orders
audience: Customers
triggers:
  - event_api: {name: order_paid}
steps:
  - delay: 1 day
  - send_email: {email: Thanks, subject: "Thanks for *|EVENT:number:it|*", html: "<p>It is on its way.</p>"}
"""
EACH = ORDERS + "settings: {one_run_per: occurrence}\n"


def pays(world: World, *numbers: str, email: str = ANA, **more: Any) -> None:
    for number in numbers:
        world.event(email, "order_paid", {"number": number}, **more)
    world.settle()


def test_each_event_has_a_run_of_its_own_at_the_same_time(world: World) -> None:
    flow = world.flow(EACH)
    world.person(ANA)
    pays(world, "A1", "A2")
    world.later(hours=6)
    pays(world, "A3")
    world.later(days=2)
    assert world.entries(flow, ANA) == ["E00", "E00", "E00"]
    assert sorted(world.subjects(ANA)) == ["Thanks for A1", "Thanks for A2", "Thanks for A3"]


def test_without_the_setting_the_second_finds_the_contact_inside_and_the_third_is_too_late(world: World) -> None:
    flow = world.flow(ORDERS)
    world.person(ANA)
    pays(world, "A1", "A2")
    world.later(days=2)
    pays(world, "A3")
    assert world.entries(flow, ANA) == ["E00", "E17", "E18"]


def test_the_same_event_is_one_occurrence(world: World) -> None:
    flow = world.flow(EACH)
    world.person(ANA)
    pays(world, "A1", key="order A1")
    pays(world, "A1", key="order A1")
    assert world.entries(flow, ANA) == ["E00"]


def test_two_triggers_that_one_event_fires_have_one_run(world: World) -> None:
    both = EACH.replace(
        "steps:", "  - event_api: {name: order_paid, where: [{property: number, op: is, value: A1}]}\nsteps:"
    )
    flow = world.flow(both)
    world.person(ANA)
    pays(world, "A1", "A2")
    assert sorted(world.entries(flow, ANA)) == ["E00", "E00", "E17"]


def test_other_triggers_of_the_flow_have_one_run_a_contact(world: World) -> None:
    flow = world.flow(EACH.replace("steps:", "  - tag_added: vip\nsteps:"))
    world.person(ANA, tags=["vip"])
    pays(world, "A1")
    world.tag(ANA, remove=["vip"])
    world.tag(ANA, "vip")
    world.settle()
    world.add_by_hand(flow, ANA)
    world.settle()
    assert world.entries(flow, ANA) == ["E00", "E00", "E17", "E17"]
    world.later(days=2)
    world.tag(ANA, remove=["vip"])
    world.tag(ANA, "vip")
    pays(world, "A2")
    assert world.entries(flow, ANA)[4:] == ["E18", "E00"]


def test_back_to_one_run_per_contact_whatever_runs_were_about_counts(world: World) -> None:
    flow = world.flow(EACH)
    world.person(ANA)
    pays(world, "A1")
    world.flow(ORDERS, on=False)
    world.publish(flow)
    pays(world, "A2")
    world.later(days=2)
    pays(world, "A3")
    assert world.entries(flow, ANA) == ["E00", "E17", "E18"]


def test_who_was_missed_in_a_pause_is_let_in_for_each_occurrence(world: World) -> None:
    flow = world.flow(EACH)
    world.person(ANA)
    pays(world, "A1")
    world.later(days=2)
    world.pause(flow)
    pays(world, "A2", "A3")
    world.resume(flow, missed=True)
    world.settle()
    world.later(days=2)
    assert world.entries(flow, ANA) == ["E00", "E02", "E02", "E00", "E00"]
    assert sorted(world.subjects(ANA)) == ["Thanks for A1", "Thanks for A2", "Thanks for A3"]


def test_an_exit_ends_every_run_of_the_contact(world: World) -> None:
    flow = world.flow(ORDERS + "settings: {one_run_per: occurrence, exit_condition: {event: gone_away}}\n")
    world.person(ANA)
    pays(world, "A1", "A2")
    world.later(hours=1)
    world.event(ANA, "gone_away")
    world.settle()
    assert world.path(flow, ANA).count("X01") == 2


def test_another_flow_starts_it_once_beside_those_runs(world: World) -> None:
    flow = world.flow(EACH)
    starter = world.flow("flow: Starter\naudience: Customers\ntriggers: [manual]\nsteps:\n  - start_flow: Orders\n")
    world.person(ANA)
    pays(world, "A1")
    world.add_by_hand(starter, ANA)
    world.settle()
    assert world.path(starter, ANA) == ["E00", "B11", "X00"]
    assert world.entries(flow, ANA) == ["E00", "E00"]


def test_it_is_written_and_read_back(world: World) -> None:
    assert world.rewritten(EACH)["settings"]["one_run_per"] == "occurrence"
    assert "one_run_per" not in world.rewritten(ORDERS)["settings"]
    assert "invalid" in world.problems(EACH.replace("occurrence", "order"))
    assert "invalid" not in world.problems(EACH)
    without = EACH.replace("event_api: {name: order_paid}", "manual")
    assert "invalid" in world.problems(without)
    assert world.state(world.flow(without)) == "live", "only a warning"
