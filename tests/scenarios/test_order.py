"""Events of one contact are judged in their order, each with what came before it (spec/flows.md G17)."""

from __future__ import annotations

from datetime import timedelta

from tests.scenarios.test_one_batch import corrupt
from tests.scenarios.world import World

ANA = "ana@example.com"

LESSON = """
flow: Lesson
audience: Customers
triggers:
  - tag_added: {tag: pupil}
steps:
  - wait_for_trigger:
      event_api: {name: lesson_finished}
      up_to: 10 days
      met: [{add_tag: good}]
      timed_out: [{add_tag: late}]
"""


def test_the_order_of_a_contact_s_events_is_kept(world: World) -> None:
    flow = world.flow("""
flow: Class
audience: Customers
triggers:
  - event_api: lesson_started
steps:
  - wait_for_trigger: {event_api: {name: lesson_finished}, up_to: 1 day, met: [{add_tag: good}]}
settings: {re_entry: true}
""")
    world.person(ANA)
    for _ in range(3):
        world.event(ANA, "lesson_started")
        world.event(ANA, "lesson_finished")
    world.settle()
    assert world.entries(flow, ANA)[0] == "E00", "the first of them, not one of the later ones"
    assert world.path(flow, ANA).count("E00") == 1


def test_a_tag_set_and_taken_away_before_anybody_looked_is_judged_as_it_is_now(world: World) -> None:
    """The event fires; what the filter asks about is the contact as it is when judged (G3)."""
    flow = world.flow("""
flow: Vips
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - delay: 1 day
settings: {entry_filter: {tag: vip}}
""")
    world.person(ANA)
    world.tag(ANA, "vip")
    world.tag(ANA, remove=["vip"])
    world.settle()
    assert world.codes(flow, ANA) == ["E15"]


def test_one_flow_s_tag_lets_into_another_before_the_next_event(world: World) -> None:
    first = world.flow("""
flow: First
audience: Customers
triggers:
  - event_api: bought
steps:
  - add_tag: buyer
""")
    second = world.flow("""
flow: Second
audience: Customers
triggers:
  - tag_added: {tag: buyer}
steps:
  - wait_for_trigger: {event_api: {name: bought}, up_to: 1 day, met: [{add_tag: again}]}
""")
    world.person(ANA)
    world.event(ANA, "bought")
    world.settle()
    world.later(seconds=1)
    world.event(ANA, "bought")
    world.settle()
    assert world.entries(first, ANA) == ["E00", "E18"]
    assert world.path(second, ANA) == ["E00", "W06", "B04", "B11", "X00"]


# ── A run goes on when what was recorded before is judged ──


def waits_until(world: World) -> tuple[int, timedelta]:
    """Ana waits for ten days. Returns the flow, and how long until a minute before her limit."""
    flow = world.flow(LESSON)
    world.person(ANA, tags=["pupil"])
    world.settle()
    return flow, timedelta(days=10) - timedelta(minutes=1)


def test_an_event_recorded_before_the_limit_counts_whichever_loop_is_first(world: World) -> None:
    flow, ahead = waits_until(world)
    world.clock.advance(ahead)
    world.event(ANA, "lesson_finished")
    world.clock.advance(timedelta(minutes=6))
    assert world.advancer.batch(world.share) == 0, "the event comes first"
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W06", "B04", "B11", "X00"]


def test_one_that_is_none_of_its_business_holds_it_no_longer_than_its_judgement(world: World) -> None:
    flow, ahead = waits_until(world)
    world.flow(LESSON.replace("Lesson", "Other").replace("lesson_finished", "bought"))
    world.clock.advance(ahead)
    world.event(ANA, "bought")
    world.clock.advance(timedelta(minutes=6))
    assert world.advancer.batch(world.share) == 0
    world.dispatcher.batch(world.share)
    assert world.advancer.batch(world.share) == 1, "found at once, however long it has been due"
    assert world.path(flow, ANA) == ["E00", "W06", "B05", "B11", "X00"]


def test_what_was_recorded_while_nobody_looked_comes_first_too(world: World) -> None:
    """It happened before the limit and was told after it: the run has not moved on."""
    flow, ahead = waits_until(world)
    world.clock.advance(ahead + timedelta(minutes=1))
    finished = world.clock.now()
    world.clock.advance(timedelta(minutes=20))
    world.event(ANA, "lesson_finished", occurred_at=finished)
    world.clock.advance(timedelta(minutes=20))
    assert world.advancer.batch(world.share) == 0
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W06", "B04", "B11", "X00"]


def test_steady_events_do_not_keep_a_run_from_going_on(world: World) -> None:
    """What is recorded after the due time is not waited for while everybody is at work."""
    flow, ahead = waits_until(world)
    world.clock.advance(ahead)
    world.settle()
    for _ in range(2):
        world.clock.advance(timedelta(seconds=40))
        world.event(ANA, "lesson_started")
        moved = world.advancer.batch(world.share)
    assert moved == 1
    assert world.path(flow, ANA)[2] == "B05"


def test_an_event_that_was_set_aside_keeps_nobody_waiting(world: World) -> None:
    flow, ahead = waits_until(world)
    world.flow("""
flow: Strict
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - delay: 1 day
settings: {entry_filter: {created: {within: 2}}}
""")
    corrupt(world)
    world.clock.advance(ahead)
    world.tag(ANA, "vip")
    world.judge()
    world.clock.advance(timedelta(minutes=6))
    assert world.advancer.batch(world.share) == 1
    assert world.path(flow, ANA)[2] == "B05"


OFFER = """
flow: Offer
audience: Customers
triggers:
  - event_api: asked
steps:
  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}
settings: {exit_condition: {event: bought}}
"""


def test_who_asked_and_bought_before_anybody_looked_is_offered_nothing(world: World) -> None:
    flow = world.flow(OFFER)
    world.person(ANA)
    world.settle()
    world.event(ANA, "asked")
    world.clock.advance(timedelta(seconds=1))
    world.event(ANA, "bought")
    world.dispatcher.batch(world.share)
    world.advancer.batch(world.share)
    world.sender.batch(world.share)
    assert world.mails_to(ANA) == []
    world.settle()
    assert world.path(flow, ANA) == ["E00", "X01"]


def test_who_waits_for_an_event_keeps_nobody_behind_them_waiting(world: World) -> None:
    """Of a queue where many wait for the dispatcher, those who do not go on."""
    flow = world.flow(LESSON)
    crowd = [f"person{n}@example.com" for n in range(3)]
    for email in (*crowd, ANA):
        world.person(email, tags=["pupil"])
        world.settle()
        world.clock.advance(timedelta(seconds=1))
    world.clock.advance(timedelta(days=9))
    for email in crowd:
        world.event(email, "lesson_finished")
    world.clock.advance(timedelta(days=1))
    assert world.advancer.batch(world.share, 1) == 1
    assert world.path(flow, ANA)[2] == "B05"
    world.settle()
    assert [world.path(flow, email)[2] for email in crowd] == ["B04"] * 3
