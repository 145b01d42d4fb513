"""What a run may be asked of the event that let it in, and of those that came later (docs/decisions/0032)."""

from __future__ import annotations

from datetime import timedelta

from relance.flows.engine.upkeep import Upkeep
from tests.scenarios.world import World

ANA = "ana@example.com"

COURSE = """
flow: Course
audience: Customers
triggers:
  - event_api: {name: signed_up}
steps:
  - wait_for_trigger: {event_api: {name: paid}, up_to: 360 days}
  - delay: 60 days
  - if_else:
      when: {event.plan: pro}
      then: [{add_tag: pro}]
      else: [{add_tag: free}]
  - send_email: {email: Hello, subject: "*|EVENT:plan|* *|EVENT:amount:none|*", html: "<p>Hello.</p>"}
settings: {max_run_age: 500}
"""


def test_a_run_keeps_nothing_of_its_event_and_can_be_asked(world: World) -> None:
    world.flow(COURSE)
    world.person(ANA)
    world.event(ANA, "signed_up", {"plan": "pro"})
    world.settle()
    assert world.learnt(ANA) == {}
    world.later(days=420)
    assert world.tags_of(ANA) == {"pro"}
    assert world.subjects(ANA) == ["pro none"]


def test_what_a_later_event_tells_is_kept_beside_it(world: World) -> None:
    world.flow(COURSE)
    world.person(ANA)
    world.event(ANA, "signed_up", {"plan": "pro", "amount": 1})
    world.later(days=1)
    world.event(ANA, "paid", {"amount": 12})
    world.settle()
    assert world.learnt(ANA)["event"] == {"amount": 12}
    world.later(days=60)
    assert world.tags_of(ANA) == {"pro"}, "of the first event"
    assert world.subjects(ANA) == ["pro 12"], "the later one says more"


def test_before_the_ledger_lets_go_of_the_event_the_run_takes_a_copy(world: World) -> None:
    world.flow(COURSE)
    world.person(ANA)
    world.event(ANA, "signed_up", {"plan": "pro"})
    world.settle()
    world.later(days=364)
    Upkeep(world.database).tidy(world.share)
    assert world.learnt(ANA) == {}, "there is time"
    world.clock.advance(timedelta(days=30))
    Upkeep(world.database).tidy(world.share)
    assert world.learnt(ANA)["event"] == {"plan": "pro"}
    world.forget_events(ANA)
    world.later(days=30)
    assert world.subjects(ANA) == ["pro none"]


def test_erased_people_leave_nothing_to_be_asked(world: World) -> None:
    world.flow(COURSE)
    world.person(ANA)
    world.event(ANA, "signed_up", {"plan": "a secret plan"})
    world.later(days=1)
    world.event(ANA, "paid", {"note": "a secret note"})
    world.settle()
    assert world.holding("a secret note")
    world.erase(ANA)
    world.settle()
    Upkeep(world.database).tidy(world.share)
    assert world.holding("a secret plan") == world.holding("a secret note") == []
