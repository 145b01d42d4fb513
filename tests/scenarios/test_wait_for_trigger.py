"""Step: wait for a trigger (spec/flows.md 6.1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"


def waiting(settings: str) -> str:
    return f"""
flow: Class
audience: Customers
triggers:
  - tag_added: {{tag: pupil}}
steps:
  - wait_for_trigger:
      {settings}
      met: [{{add_tag: good}}]
      timed_out: [{{add_tag: late}}]
"""


FINISHED = "event_api: {name: lesson_finished}\n      up_to: 10 days"


def enter(world: World, flow: str = FINISHED, **person: object) -> int:
    made = world.flow(waiting(flow))
    world.person(ANA, tags=["pupil"], **person)
    world.settle()
    return made


def test_met_on_the_third_day(world: World) -> None:
    flow = enter(world)
    world.later(days=3)
    assert world.path(flow, ANA) == ["E00", "W06"]
    world.event(ANA, "lesson_finished")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W06", "B04", "B11", "X00"]
    assert "good" in world.tags_of(ANA)


def test_timed_out_after_ten(world: World) -> None:
    flow = enter(world)
    world.later(days=11)
    assert world.path(flow, ANA) == ["E00", "W06", "B05", "B11", "X00"]
    assert "late" in world.tags_of(ANA)


def test_without_limit_it_waits_on(world: World) -> None:
    flow = enter(world, "event_api: {name: lesson_finished}")
    world.travel(timedelta(days=90), hop=timedelta(days=10))
    assert world.at(flow, ANA) == "wait_for_trigger"
    world.event(ANA, "lesson_finished")
    world.settle()
    assert "good" in world.tags_of(ANA)


def test_an_event_before_arrival_does_not_count(world: World) -> None:
    world.person(ANA)
    world.event(ANA, "lesson_finished")
    world.later(hours=1)
    flow = enter(world)
    assert world.at(flow, ANA) == "wait_for_trigger"


def test_with_look_back_it_does(world: World) -> None:
    world.person(ANA)
    world.event(ANA, "lesson_finished")
    world.later(days=2)
    flow = enter(world, FINISHED + "\n      look_back: 3 days")
    assert world.path(flow, ANA) == ["E00", "B06", "B11", "X00"]


def test_look_back_ends_somewhere(world: World) -> None:
    world.person(ANA)
    world.event(ANA, "lesson_finished")
    world.later(days=4)
    flow = enter(world, FINISHED + "\n      look_back: 3 days")
    assert world.at(flow, ANA) == "wait_for_trigger"


def test_look_back_looks_at_the_settings_too(world: World) -> None:
    wanted = (
        "event_api: {name: lesson_finished, where: [{property: mark, op: greater, value: 15}]}\n      up_to: 10 days"
    )
    for email, mark in ((ANA, 12), (BEN, 18)):
        world.person(email)
        world.event(email, "lesson_finished", {"mark": mark})
    world.later(hours=1)
    flow = world.flow(waiting(wanted + "\n      look_back: 3 days"))
    for email in (ANA, BEN):
        world.tag(email, "pupil")
    world.settle()
    assert [world.at(flow, email) for email in (ANA, BEN)] == ["wait_for_trigger", None]


GOOD = "event_api: {name: lesson_finished, where: [{property: mark, op: greater, value: 15}]}\n      up_to: 10 days"


def test_look_back_looks_behind_any_number_of_others(world: World) -> None:
    world.person(ANA)
    world.event(ANA, "lesson_finished", {"mark": 18})
    for _ in range(25):
        world.later(minutes=1)
        world.event(ANA, "lesson_finished", {"mark": 12})
    world.later(hours=1)
    flow = enter(world, GOOD + "\n      look_back: 3 days")
    assert world.path(flow, ANA) == ["E00", "B06", "B11", "X00"]


def test_the_newest_event_of_the_look_back_is_known_to_what_follows(world: World) -> None:
    flow = world.flow("""
flow: Marks
audience: Customers
triggers:
  - event_api: lesson_started
steps:
  - wait_for_trigger:
      event_api: {name: lesson_finished, where: [{property: mark, op: greater, value: 15}]}
      look_back: 3 days
  - if_else:
      when: {event.mark: 18}
      then: [{add_tag: good}]
  - send_email: {email: Mark, subject: "*|EVENT:mark|* in *|EVENT:lesson|*", html: "<p>Well done.</p>"}
""")
    for email in (ANA, BEN):
        world.person(email)
        for mark in (16, 18, 12):
            world.event(email, "lesson_finished", {"mark": mark if email == ANA else mark - 1})
            world.later(hours=1)
        world.event(email, "lesson_started", {"lesson": "repotting"})
    world.settle()
    assert world.path(flow, ANA)[:2] == ["E00", "B06"]
    assert (world.tags_of(ANA), world.tags_of(BEN)) == ({"good"}, set())
    assert (world.subjects(ANA), world.subjects(BEN)) == (["18 in repotting"], ["17 in repotting"])


def test_other_properties_are_waited_through(world: World) -> None:
    flow = enter(world, "event_api: {name: lesson_finished, where: [{property: mark, op: greater, value: 15}]}")
    world.later(days=1)
    world.event(ANA, "lesson_finished", {"mark": 12})
    world.settle()
    assert world.at(flow, ANA) == "wait_for_trigger"
    world.event(ANA, "lesson_finished", {"mark": 18})
    world.settle()
    assert "good" in world.tags_of(ANA)


def test_somebody_else_s_event_is_not_mine(world: World) -> None:
    flow = enter(world)
    world.person(BEN)
    world.later(days=1)
    world.event(BEN, "lesson_finished")
    world.settle()
    assert world.at(flow, ANA) == "wait_for_trigger"


def test_at_the_limit_the_event_wins_even_when_it_is_received_late(world: World) -> None:
    flow = enter(world)
    limit = world.clock.now() + timedelta(days=10)
    world.until(limit - timedelta(minutes=1))
    world.clock.set(limit + timedelta(minutes=5))  # nobody has looked yet
    world.event(ANA, "lesson_finished", occurred_at=limit)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W06", "B04", "B11", "X00"]


def test_after_the_limit_the_event_is_late(world: World) -> None:
    flow = enter(world)
    limit = world.clock.now() + timedelta(days=10)
    world.until(limit - timedelta(minutes=1))
    world.clock.set(limit + timedelta(minutes=5))
    world.event(ANA, "lesson_finished", occurred_at=limit + timedelta(seconds=1))
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W06", "B05", "B11", "X00"]


def test_a_condition_that_is_true_already_lets_pass_at_once(world: World) -> None:
    flow = world.flow(waiting("until: {tag: paid}"))
    world.person(ANA, tags=["paid", "pupil"])
    world.settle()
    assert world.path(flow, ANA) == ["E00", "B06", "B11", "X00"]


def test_a_condition_that_becomes_true(world: World) -> None:
    flow = enter(world, "until: {all: [{tag: paid}, {field: FNAME, is: Ana}]}")
    world.later(days=1)
    world.tag(ANA, "paid")
    world.settle()
    assert world.at(flow, ANA) == "wait_for_trigger"
    world.person(ANA, fields={"FNAME": "Ana"})
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W06", "B04", "B11", "X00"]


def test_a_condition_that_became_true_while_the_contact_arrived(world: World) -> None:
    """The change is read as one from before the arrival, and seen only after it: what counts is that it is true."""
    flow = enter(world, "until: {tag: paid}")
    world.tag(ANA, "paid")  # at the very instant of the arrival
    world.settle()
    assert world.at(flow, ANA) is None


def test_an_open_of_an_email_of_the_same_flow(world: World) -> None:
    flow = world.flow("""
flow: Hello
audience: Customers
triggers:
  - tag_added: {tag: pupil}
steps:
  - send_email: {email: Hello, subject: Hello, html: "<p>Hello.</p>"}
  - wait_for_trigger:
      email_opened: {email: Hello}
      up_to: 2 days
      met: [{add_tag: reader}]
      timed_out: [{add_tag: quiet}]
""")
    for email in (ANA, BEN):
        world.person(email, tags=["pupil"])
    world.later(hours=1)
    world.open(world.mails_to(ANA)[0])
    world.later(days=3)
    assert "reader" in world.tags_of(ANA)
    assert "quiet" in world.tags_of(BEN)
    assert world.entered(flow, ANA) == 1


def test_a_wait_that_the_api_releases(world: World) -> None:
    flow = enter(world, "flow_api: {}")
    world.later(days=1)
    world.release(flow, ANA)
    world.settle()
    assert "good" in world.tags_of(ANA)


@pytest.mark.parametrize("met", [True, False])
def test_what_comes_during_a_pause_releases_on_resume(world: World, met: bool) -> None:
    flow = enter(world)
    world.later(days=1)
    world.pause(flow)
    world.later(days=1)
    if met:
        world.event(ANA, "lesson_finished")
    world.later(days=10)
    assert world.at(flow, ANA) == "wait_for_trigger"
    assert not {"good", "late"} & world.tags_of(ANA)
    world.resume(flow)
    world.settle()
    assert ("good" if met else "late") in world.tags_of(ANA)


def test_the_event_that_released_is_known_to_what_follows(world: World) -> None:
    world.flow("""
flow: Marks
audience: Customers
triggers:
  - event_api: lesson_started
steps:
  - wait_for_trigger: {event_api: {name: lesson_finished}}
  - send_email: {email: Mark, subject: "*|EVENT:mark|* in *|EVENT:lesson|*", html: "<p>Well done.</p>"}
""")
    world.person(ANA)
    world.event(ANA, "lesson_started", {"lesson": "repotting"})
    world.later(hours=1)
    world.event(ANA, "lesson_finished", {"mark": 18})
    world.settle()
    assert world.subjects(ANA) == ["18 in repotting"]


def test_an_event_of_the_look_back_that_is_told_late_counts_too(world: World) -> None:
    """Too late for the look on arrival, and it lies before the arrival: it is in the look-back all the same."""
    flow = enter(world, "event_api: {name: lesson_finished}\n      look_back: 3 days")
    now = world.clock.now()
    world.event(ANA, "lesson_finished", occurred_at=now - timedelta(days=4))
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W06"], "before the look-back"
    world.event(ANA, "lesson_finished", occurred_at=now - timedelta(hours=1))
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W06", "B04", "B11", "X00"]


def test_what_another_flow_does_in_the_batch_of_the_arrival_is_heard(world: World) -> None:
    """Both flows let her in at once, and are moved in one batch: what one does has the very instant of the arrival."""
    greeting = "flow: Greeting\naudience: Customers\ntriggers: [tag_added: pupil]\nsteps: [add_tag: greeted]"
    world.flow(greeting)
    flow = enter(world, "tag_added: greeted\n      up_to: 10 days")
    assert world.path(flow, ANA) == ["E00", "W06", "B04", "B11", "X00"]
