"""Step: start another flow (spec/flows.md 6.2). The other flow's gate decides; what it says stands in both trails."""

from __future__ import annotations

import pytest

from tests import cast
from tests.scenarios.world import World

ANA = "ana@example.com"

CARE = """
flow: Care
audience: Customers
triggers:
  - tag_added: unused
steps:
  - delay: 1 day
  - update_field: {field: LNAME, set: "*|EVENT:plant:nothing|*"}
"""

ORDER = """
flow: Order
audience: Customers
triggers:
  - event_api: bought
steps:
  - start_flow: Care
  - add_tag: thanked
settings: {re_entry: true}
"""


def gate(world: World, flow: int, email: str) -> list[str]:
    """What the gate has said to those whom it heard."""
    return [code for code in world.path(flow, email) if code.startswith("E")]


def told(world: World, order: int) -> str | None:
    """The code that the starting step was given by the other flow's gate."""
    lines = world.trail(order, world.contact(ANA).contact_id)
    return next((line.seen["code"] for line in lines if line.code == "B14"), None)


def test_the_contact_is_in_both(world: World) -> None:
    care = world.flow(CARE)
    order = world.flow(ORDER)
    world.person(ANA)
    world.event(ANA, "bought", {"plant": "fern"})
    world.settle()
    assert world.path(order, ANA) == ["E00", "B11", "B11", "X00"]
    assert world.path(care, ANA) == ["E00", "W01"]
    world.later(days=2)
    assert world.path(care, ANA) == ["E00", "W01", "B11", "X00"]
    assert world.value(ANA, "LNAME") == "fern", "the event is passed on"


def test_the_event_may_be_kept(world: World) -> None:
    world.flow(CARE)
    world.flow(ORDER.replace("start_flow: Care", "start_flow: {flow: Care, pass_context: false}"))
    world.person(ANA)
    world.event(ANA, "bought", {"plant": "fern"})
    world.later(days=2)
    assert world.value(ANA, "LNAME") == "nothing"


def test_the_trigger_s_filter_is_not_asked_and_the_flow_s_is(world: World) -> None:
    care = world.flow(CARE.replace("  - tag_added: unused", "  - tag_added: unused\n    filter: {tag: nobody}"))
    picky = world.flow(CARE.replace("flow: Care", "flow: Picky") + "settings: {entry_filter: {tag: vip}}\n")
    order = world.flow(ORDER.replace("- add_tag: thanked", "- start_flow: Picky"))
    world.person(ANA)
    world.event(ANA, "bought")
    world.settle()
    assert gate(world, care, ANA) == ["E00"]
    assert gate(world, picky, ANA) == ["E15"]
    assert world.path(order, ANA) == ["E00", "B11", "B14", "X00"]
    assert told(world, order) == "E15"


@pytest.mark.parametrize(
    ("hindrance", "code"),
    [
        ("paused", "E02"),
        ("draining", "E03"),
        ("blocked", "E14"),
        ("leaving", "E16"),
        ("inside", "E17"),
        ("before", "E18"),
    ],
)
def test_a_refusal_is_told_and_the_run_goes_on(world: World, hindrance: str, code: str) -> None:
    care = world.flow(CARE + "settings: {exit_condition: {tag: churned}}\n")
    order = world.flow(ORDER)
    world.person(ANA, tags=["churned"] if hindrance == "leaving" else [])
    if hindrance in ("inside", "before"):
        world.tag(ANA, "unused")
        world.later(days=2 if hindrance == "before" else 0, minutes=10)
    if hindrance == "blocked":
        world.block(care, ANA)
    if hindrance == "paused":
        world.pause(care)
    if hindrance == "draining":
        world.person("ben@example.com", tags=["unused"])
        world.settle()
        world.drain(care)
    world.event(ANA, "bought")
    world.settle()
    assert world.path(order, ANA) == ["E00", "B14", "B11", "X00"]
    assert told(world, order) == gate(world, care, ANA)[-1] == code


def test_the_wait_before_coming_again_and_passing_over_it(world: World) -> None:
    care = world.flow(CARE + "settings: {re_entry: 30 days}\n")
    order = world.flow(ORDER)
    again = world.flow(
        ORDER.replace("flow: Order", "flow: Again")
        .replace("bought", "returned")
        .replace("start_flow: Care", "start_flow: {flow: Care, ignore_re_entry: true}")
    )
    world.person(ANA)
    world.event(ANA, "bought")
    world.later(days=2)
    world.event(ANA, "bought")
    world.settle()
    assert (told(world, order), gate(world, care, ANA)) == ("E19", ["E00", "E19"])
    world.event(ANA, "returned")
    world.settle()
    assert world.path(again, ANA)[:2] == ["E00", "B11"]
    assert gate(world, care, ANA) == ["E00", "E19", "E00"]


def test_a_flow_that_is_no_more_hears_nothing(world: World) -> None:
    care = world.flow(CARE)
    order = world.flow(ORDER)
    world.person(ANA)
    world.pause(care)
    world.archive_flow(care)
    world.event(ANA, "bought")
    world.settle()
    assert world.path(order, ANA) == ["E00", "B14", "B11", "X00"]
    assert world.codes(care, ANA) == ["E01"]


def test_an_unsubscribed_contact_is_let_in_too(world: World) -> None:
    care = world.flow(CARE)
    world.flow(ORDER)
    world.person(ANA, email_status="unsubscribed", actor=cast.API)
    world.event(ANA, "bought")
    world.settle()
    assert gate(world, care, ANA) == ["E00"]


def link(name: str, starts: str) -> str:
    return f"""
flow: {name}
audience: Customers
triggers:
  - event_api: {name}
steps:
  - start_flow: {{flow: {starts}, ignore_re_entry: true}}
"""


def test_two_flows_that_start_each_other_are_warned_of_and_come_to_rest(world: World) -> None:
    ping = world.flow(link("ping", "pong").replace("start_flow: {flow: pong, ignore_re_entry: true}", "add_tag: first"))
    pong = world.flow(link("pong", "ping"))
    assert "V21" in world.problems(link("ping", "pong"))
    assert world.flow(link("ping", "pong"), on=False) == ping
    world.publish(ping)
    world.person(ANA)
    world.event(ANA, "ping")
    world.later(hours=1)
    assert world.entered(ping, ANA) + world.entered(pong, ANA) == 5
    assert "E20" in gate(world, pong, ANA) + gate(world, ping, ANA)


@pytest.mark.parametrize(
    ("step", "code"),
    [("start_flow: Order", "V21"), ("start_flow: Letters", "V21"), ("start_flow: Nowhere", "V06"),
     ("start_flow: {pass_context: true}", "V09")],
)  # fmt: skip
def test_what_cannot_be_started_is_refused(world: World, step: str, code: str) -> None:
    world.audience("Wholesale")
    world.flow(CARE.replace("flow: Care", "flow: Letters").replace("Customers", "Wholesale"), on=False)
    assert code in world.problems(ORDER.replace("start_flow: Care", step))


def test_it_is_written_back_as_it_was_read(world: World) -> None:
    world.flow(CARE)
    assert world.rewritten(ORDER)["steps"][0] == {"start_flow": "Care"}
    kept = ORDER.replace("start_flow: Care", "start_flow: {flow: Care, pass_context: false}")
    assert world.rewritten(kept)["steps"][0] == {"start_flow": {"flow": "Care", "pass_context": False}}
