"""Pause and resume (spec/flows.md 5.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from relance.app import KINDS
from relance.flows import life, store
from relance.flows.resume import Resume, missed
from tests import cast
from tests.scenarios.test_email_opened import OPENED, sent_news
from tests.scenarios.world import APPLE, World

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


def test_s15_a_message_that_is_days_late_is_skipped(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.settle()
    world.pause(flow)
    world.later(days=8)
    world.resume(flow)
    world.settle()
    assert world.mails_to(ANA) == []
    assert world.path(flow, ANA) == ["E00", "W01", "W04", "S15", "X00"]


def test_however_often_it_was_resumed_and_paused_again(world: World) -> None:
    """The first resume has reached nobody when the flow is paused again."""
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.settle()
    world.pause(flow)
    world.later(days=8)
    world.resume(flow)
    world.clock.advance(timedelta(seconds=1))
    world.pause(flow)
    world.later(minutes=5)
    world.resume(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W04", "S15", "X00"]


def test_or_sent_all_the_same(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.settle()
    world.pause(flow)
    world.later(days=8)
    world.resume(flow, late="all")
    world.settle()
    assert world.subjects(ANA) == ["Offer"]


def test_x08_or_those_people_leave(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA, tags=["vip"])
    world.later(days=4)
    world.person(BEN, tags=["vip"])
    world.person("dev@example.com", tags=["vip"])
    world.settle()
    world.pause(flow)
    world.later(days=4)
    world.resume(flow, late="end", days=2)
    world.settle()
    assert world.path(flow, BEN) == ["E00", "W01", "W04", "X08"]
    assert world.path(flow, ANA)[-1] == "X00", "was through before"


@pytest.mark.parametrize(("late", "codes"), [("skip", ["S15", "X00"]), ("end", ["S20", "X08"])])
def test_a_message_that_lay_in_the_queue_is_late_too(world: World, late: str, codes: list[str]) -> None:
    flow = world.flow(SERIES.replace("  - delay: 1 day\n", ""))
    world.person(ANA, tags=["vip"])
    world.settle(sending=False)
    world.pause(flow)
    world.clock.advance(timedelta(days=5))  # not lived through: the queue is looked at every minute
    world.resume(flow, late=late)
    world.later(minutes=2)
    assert world.mails_to(ANA) == []
    assert sorted(world.path(flow, ANA)[-2:]) == codes


def test_who_was_missed_is_let_in_through_the_gate(world: World) -> None:
    flow = world.flow(SERIES + "settings: {entry_filter: {field: LNAME, is_not: Okafor}}\n")
    world.pause(flow)
    world.person(ANA, tags=["vip"])
    world.person(BEN, fields={"LNAME": "Okafor"}, tags=["vip"])
    world.later(days=10)
    with world.database.transaction() as tx:
        assert missed(tx, store.get_flow(tx, world.shop.account_id, "Series")).people == 2
    world.resume(flow, missed=True)
    world.settle()
    assert world.path(flow, ANA) == ["E02", "E00", "W01"]
    assert world.path(flow, BEN) == ["E02", "E15"]


def test_who_fired_in_the_pause_and_is_judged_after_it_comes_in_too(world: World) -> None:
    """The dispatcher was behind: what it finds after the resume is no less missed."""
    flow = world.flow(SERIES)
    world.pause(flow)
    world.person(ANA, tags=["vip"])
    world.clock.advance(timedelta(minutes=5))
    world.resume(flow, missed=True)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01"]


def test_and_stays_out_unless_they_are_let_in(world: World) -> None:
    flow = world.flow(SERIES)
    world.pause(flow)
    world.person(ANA, tags=["vip"])
    world.clock.advance(timedelta(minutes=5))
    world.resume(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E06"]


def test_one_occurrence_told_before_and_after_the_resume_enters_once(world: World) -> None:
    flow = world.flow(SERIES.replace("tag_added: {tag: vip}", "flow_api").replace("  - delay: 1 day\n", ""))
    world.person(ANA)
    world.pause(flow)
    world.call(flow, ANA, key="order-1")
    world.settle()
    world.call(flow, ANA, key="order-2")
    world.clock.advance(timedelta(minutes=5))
    world.resume(flow, missed=True)
    world.settle()
    assert world.entered(flow, ANA) == 1
    assert world.subjects(ANA) == ["Offer"]


def test_who_is_judged_while_the_flow_is_resumed_is_missed_and_let_in(world: World) -> None:
    """The judgement read the flow as it was before: paused."""
    flow = world.flow(SERIES)
    world.pause(flow)
    world.person(ANA, tags=["vip"])
    with world.database.transaction() as tx:
        life.resume(tx, world.clock.now(), KINDS, flow, Resume(missed=True))
        world.clock.advance(timedelta(seconds=1))
        world.judge()
    world.settle()
    assert world.path(flow, ANA) == ["E02", "E00", "W01"]


def test_a_second_resume_that_lets_in_forgets_nobody_of_the_first(world: World) -> None:
    """What the first one asked for has not been done yet."""
    flow = world.flow(SERIES)
    for who in (ANA, BEN):
        world.clock.advance(timedelta(seconds=1))
        world.pause(flow)
        world.person(who, tags=["vip"])
        world.judge()
        world.clock.advance(timedelta(minutes=5))
        world.resume(flow, missed=True)
    world.settle()
    assert world.path(flow, ANA) == world.path(flow, BEN) == ["E02", "E00", "W01"]


def test_and_one_that_lets_nobody_in_keeps_out_those_of_its_own_pause(world: World) -> None:
    flow = world.flow(SERIES)
    for who, missed_too in ((ANA, True), (BEN, False)):
        world.clock.advance(timedelta(seconds=1))
        world.pause(flow)
        world.person(who, tags=["vip"])
        world.judge()
        world.clock.advance(timedelta(minutes=5))
        world.resume(flow, missed=missed_too)
    world.settle()
    assert world.path(flow, ANA) == ["E02", "E00", "W01"]
    assert world.path(flow, BEN) == ["E02"]


def test_somebody_let_in_has_what_the_event_told(world: World) -> None:
    flow = world.flow("""
flow: Paid
audience: Customers
triggers:
  - event_api: {name: paid}
steps:
  - if_else:
      when: {event.amount: {greater: 10}}
      then: [{add_tag: large}]
""")
    world.person(ANA)
    world.pause(flow)
    world.event(ANA, "paid", {"amount": 20})
    world.settle()
    world.resume(flow, missed=True)
    world.settle()
    assert "large" in world.tags_of(ANA)


def people_missed(world: World, name: str) -> int:
    with world.database.transaction() as tx:
        return missed(tx, store.get_flow(tx, world.shop.account_id, name)).people


def test_e24_who_was_let_in_must_have_opened_the_email(world: World) -> None:
    sent_news(world)
    flow = world.flow(OPENED)
    world.pause(flow)
    world.open(world.mails_to(ANA)[0], APPLE)
    world.resume(flow, missed=True)
    world.settle()
    assert world.path(flow, ANA) == ["E02", "E24"]


def test_who_opened_it_before_a_machine_did_is_let_in(world: World) -> None:
    sent_news(world)
    flow = world.flow(OPENED)
    world.pause(flow)
    world.open(world.mails_to(ANA)[0])
    world.click(world.mails_to(ANA)[0], "Mimecast URL scan")
    world.resume(flow, missed=True)
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_e29_who_was_let_in_is_known_not_to_have_opened_it(world: World) -> None:
    sent_news(world)
    flow = world.flow(OPENED.replace("email_opened: {email: News}", "email_not_opened: {email: News, period: 5 days}"))
    world.open(world.mails_to(ANA)[0], APPLE)
    world.pause(flow)
    world.later(days=6)
    world.resume(flow, missed=True)
    world.settle()
    assert world.path(flow, ANA) == ["E02", "E29"]


def test_what_was_recorded_without_firing_lets_nobody_in(world: World) -> None:
    """Loaded as history (G11), imported where imports do not count, told a week late (G18), made by the flow itself (G15)."""
    world.person(ANA)
    flow = world.flow("""
flow: Series
audience: Customers
triggers:
  - tag_added: {tag: vip}
  - email_signup
  - event_api: {name: paid}
steps:
  - delay: 1 day
""")
    world.pause(flow)
    world.tag(ANA, "vip", syncing=True)
    world.event(ANA, "paid", occurred_at=world.clock.now() - timedelta(days=8))
    world.person(BEN, actor=cast.FILE)
    world.settle()
    assert people_missed(world, "Series") == 0
    world.resume(flow, missed=True)
    world.settle()
    assert world.entries(flow, ANA) == ["E02", "E02"]
    assert world.entries(flow, BEN) == ["E02"]
