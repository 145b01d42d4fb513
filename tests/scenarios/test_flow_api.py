"""Trigger 39, flow API call (spec/flows.md 2.5), told from the fact that the call appends to its effect. The call
itself, with its answers, is told in tests/surface/test_api_v3_journeys.py."""

from __future__ import annotations

from tests.scenarios.world import World

ANA = "ana@example.com"

CALLED = """
flow: Repair
audience: Customers
triggers:
  - flow_api
steps:
  - send_email:
      email: Repair
      subject: "Your *|EVENT:pot:pot|* is ready"
      html: "<p>Come and fetch it.</p>"
  - delay: 1 hour
settings: {re_entry: true}
"""


def test_39a_the_call_lets_the_contact_in_and_its_properties_are_kept(world: World) -> None:
    flow = world.flow(CALLED)
    world.person(ANA)
    world.call(flow, ANA, pot="blue pot")
    world.settle()
    assert world.subjects(ANA) == ["Your blue pot is ready"]
    assert world.codes(flow, ANA)[:3] == ["E00", "W10", "S00"]


def test_39b_called_again_while_inside(world: World) -> None:
    flow = world.flow(CALLED)
    world.person(ANA)
    for _ in range(2):
        world.call(flow, ANA)
        world.later(minutes=10)
    assert world.entries(flow, ANA) == ["E00", "E17"]


def test_39c_called_while_paused_is_missed(world: World) -> None:
    flow = world.flow(CALLED)
    world.person(ANA)
    world.pause(flow)
    world.call(flow, ANA)
    world.settle()
    assert world.codes(flow, ANA) == ["E02"]


def test_the_same_idempotency_key_counts_once(world: World) -> None:
    flow = world.flow(CALLED)
    world.person(ANA)
    for _ in range(2):
        world.call(flow, ANA, key="repair-17")
        world.later(hours=2)
    assert world.entries(flow, ANA) == ["E00"]


def test_a_call_of_another_flow_is_not_heard(world: World) -> None:
    flow, other = world.flow(CALLED), world.flow(CALLED.replace("Repair", "Delivery"))
    world.person(ANA)
    world.call(other, ANA)
    world.settle()
    assert world.codes(flow, ANA) == ["E01"], "nobody has called this one"
    assert world.entered(other, ANA) == 1
