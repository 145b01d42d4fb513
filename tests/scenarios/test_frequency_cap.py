"""The frequency cap (spec/flows.md 5.8): one marketing email in 16 hours, skipped (S08) or waiting (W08).

The stories begin on a Monday at 11:00 in Paris. The world switches the cap off; here what is usual holds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from relance.messages.restraint import Cap, frequency_cap
from tests.cast import ANA, BEN, PEOPLE
from tests.scenarios.world import World


@pytest.fixture
def capped(world: World) -> World:
    world.set("frequency_cap.email", None)
    return world


def letter(name: str = "First", settings: str = "", options: str = "", tag: str = "vip") -> str:
    return f"""
flow: {name}
audience: Customers
triggers:
  - tag_added: {{tag: {tag}}}
steps:
  - send_email: {{email: {name}, subject: {name}, html: "<p>Hello.</p>"{options}}}
  - add_tag: {name} written
settings: {{{settings}}}
"""


def series(delay: str) -> str:
    return f"""
flow: Series
audience: Customers
triggers:
  - tag_added: {{tag: vip}}
steps:
  - send_email: {{email: One, subject: One, html: "<p>One.</p>"}}
  - delay: {delay}
  - send_email: {{email: Two, subject: Two, html: "<p>Two.</p>"}}
settings: {{exit_condition: {{tag: churned}}}}
"""


def test_a_second_email_within_sixteen_hours_is_skipped_and_the_run_goes_on(capped: World) -> None:
    flow = capped.flow(series("15 hours"))
    capped.person(ANA, tags=["vip"])
    sent = capped.clock.now()
    capped.later(days=1)
    assert capped.subjects(ANA) == ["One"]
    assert capped.path(flow, ANA) == ["E00", "W10", "S00", "W01", "W10", "S08", "X00"]
    assert capped.seen(flow, ANA, "S08") == [{"cap": "1 in 16 hours", "counted": 1, "last_sent": sent.isoformat()}]


def test_after_sixteen_hours_it_leaves(capped: World) -> None:
    flow = capped.flow(series("16 hours"))
    capped.person(ANA, tags=["vip"])
    capped.later(days=1)
    assert capped.subjects(ANA) == ["One", "Two"]
    assert "S08" not in capped.path(flow, ANA)


def test_where_the_account_switches_it_off_everything_leaves(world: World) -> None:
    world.flow(series("1 minute"))
    world.person(ANA, tags=["vip"])
    world.later(hours=1)
    assert world.subjects(ANA) == ["One", "Two"]


def test_emails_of_all_flows_count_and_those_of_others_do_not(capped: World) -> None:
    first, second = capped.flow(letter()), capped.flow(letter("Second", tag="customer"))
    capped.person(ANA, tags=["vip"])
    capped.later(hours=1)
    capped.person(ANA, tags=["customer"])
    capped.person(BEN, tags=["customer"])
    capped.settle()
    assert (capped.subjects(ANA), capped.subjects(BEN)) == (["First"], ["Second"])
    assert "S00" in capped.codes(first, ANA)
    assert "S08" in capped.codes(second, ANA)


def test_what_is_no_marketing_neither_counts_nor_is_counted(capped: World) -> None:
    capped.flow(letter("Ticket", options=", class: transactional"))
    capped.flow(letter("Offer", tag="offer"))
    capped.flow(letter("Receipt", options=", class: transactional", tag="receipt"))
    capped.person(ANA, tags=["vip"])
    capped.settle()
    capped.tag(ANA, "offer")
    capped.settle()
    capped.tag(ANA, "receipt")
    capped.settle()
    assert capped.subjects(ANA) == ["Ticket", "Offer", "Receipt"]


def test_an_email_that_was_skipped_does_not_count(capped: World) -> None:
    capped.flow(letter())
    capped.flow(letter("Second", tag="customer"))
    capped.person(ANA, email_status="non_subscribed", tags=["vip"])
    capped.settle()
    capped.person(ANA, tags=["customer"])
    capped.settle()
    assert capped.subjects(ANA) == ["Second"]


def test_waiting_instead_of_skipping(capped: World) -> None:
    capped.set("when_capped", "wait")
    flow = capped.flow(series("1 hour"))
    capped.person(ANA, tags=["vip"])
    capped.settle()
    first = capped.clock.now()
    capped.later(days=1)
    assert capped.sent_at(ANA) == [first, first + timedelta(hours=16)]
    assert capped.path(flow, ANA) == ["E00", "W10", "S00", "W01", "W10", "W08", "S00", "X00"]
    (seen,) = capped.seen(flow, ANA, "W08")
    assert datetime.fromisoformat(seen["until"]) == first + timedelta(hours=16)
    assert (seen["cap"], seen["counted"]) == ("1 in 16 hours", 1)
    assert capped.figure(flow, "W08") == 1


def test_it_waits_for_seven_days_at_most(capped: World) -> None:
    capped.set("when_capped", "wait")
    capped.set("frequency_cap.email", "1 in 10 days")
    flow = capped.flow(series("1 hour"))
    who = capped.person(ANA, tags=["vip"])
    capped.later(days=9)
    assert capped.path(flow, ANA)[-3:] == ["W08", "S08", "X00"]
    queued, gone = (line.at for line in capped.trail(flow, who) if line.code in ("W08", "S08"))
    assert gone - queued == timedelta(days=7)


def test_who_leaves_while_it_waits_is_not_written_to(capped: World) -> None:
    capped.set("when_capped", "wait")
    flow = capped.flow(series("1 hour"))
    capped.person(ANA, tags=["vip"])
    capped.later(hours=2)
    capped.tag(ANA, "churned")
    capped.later(days=2)
    assert capped.subjects(ANA) == ["One"]
    assert capped.path(flow, ANA)[-2:] == ["X01", "S20"]


def test_a_pause_does_not_make_late_what_waits_for_its_turn(capped: World) -> None:
    capped.set("when_capped", "wait")
    capped.set("frequency_cap.email", "1 in 6 days")
    flow = capped.flow(series("1 hour"))
    capped.person(ANA, tags=["vip"])
    capped.settle()
    first = capped.clock.now()
    capped.later(days=4)
    capped.pause(flow)
    capped.later(hours=5)
    capped.resume(flow)
    capped.later(days=3)
    assert capped.sent_at(ANA) == [first, first + timedelta(days=6)]


def test_two_in_eight_hours(capped: World) -> None:
    capped.set("frequency_cap.email", "2 in 8 hours")
    for name, tag in (("A", "one"), ("B", "two"), ("C", "three")):
        capped.flow(letter(name, tag=tag))
    capped.person(ANA, tags=["one"])
    capped.later(hours=1)
    capped.tag(ANA, "two")
    capped.later(hours=1)
    capped.tag(ANA, "three")
    capped.later(hours=1)
    assert capped.subjects(ANA) == ["A", "B"]


def test_of_messages_due_together_the_higher_priority_leaves(capped: World) -> None:
    low = capped.flow(letter("Low", "priority: 7"))
    high = capped.flow(letter("High", "priority: 2"))
    for email in PEOPLE:
        capped.person(email, tags=["vip"])
    capped.settle()
    assert [capped.subjects(email) for email in PEOPLE] == [["High"]] * len(PEOPLE)
    assert "S08" in capped.codes(low, ANA)
    assert "S00" in capped.codes(high, ANA)


def test_of_equals_the_earlier_run_leaves(capped: World) -> None:
    first = capped.flow(letter("First").replace("steps:\n", "steps:\n  - delay: 10 minutes\n"))
    second = capped.flow(letter("Second", tag="customer").replace("steps:\n", "steps:\n  - delay: 5 minutes\n"))
    for email in PEOPLE:
        capped.person(email, tags=["vip"])
    capped.later(minutes=5)
    for email in PEOPLE:
        capped.tag(email, "customer")
    capped.settle()
    capped.down(minutes=6)
    capped.later(minutes=30)
    assert [capped.subjects(email) for email in PEOPLE] == [["First"]] * len(PEOPLE)
    assert "S08" in capped.codes(second, ANA)
    assert "S08" not in capped.codes(first, ANA)


@pytest.mark.parametrize("paused", [False, True], ids=["rival leaves", "rival is held by a pause"])
def test_a_better_rival_of_a_later_group_goes_first_unless_it_cannot(capped: World, paused: bool) -> None:
    low = capped.flow(letter("Low", "priority: 7"))
    high = capped.flow(letter("High", "priority: 2", tag="customer"))
    many = [f"guest{n}@example.com" for n in range(25)]
    capped.person(ANA, tags=["vip"])
    capped.settle(sending=False)
    capped.down(seconds=1)
    for email in many:
        capped.person(email, tags=["vip"])
    capped.settle(sending=False)
    capped.down(seconds=1)
    capped.tag(ANA, "customer")
    capped.settle(sending=False)
    if paused:
        capped.pause(high)
    capped.later(minutes=5)
    assert capped.subjects(ANA) == (["Low"] if paused else ["High"])
    assert ("S08" in capped.codes(low, ANA)) is not paused
    assert all(len(capped.mails_to(email)) == 1 for email in many)


def test_without_a_mail_server_of_ones_own_the_usual_cap_is_not_applied(world: World) -> None:
    """Nobody is written to, and trying a flow out shows every message; what the account sets itself holds."""
    assert frequency_cap({}, "email", usual=False) is None
    assert frequency_cap({}, "email", usual=True) == Cap(1, 16 * 3600)
    said = {"frequency_cap.email": {"n": 2, "seconds": 60}}
    assert frequency_cap(said, "email", usual=False) == Cap(2, 60)
    assert frequency_cap({"frequency_cap.email": False}, "email", usual=True) is None


@pytest.mark.parametrize("priority", ["0", "10", "high"])
def test_a_priority_is_one_to_nine(world: World, priority: str) -> None:
    assert {"V15", "invalid"} & set(world.problems(letter(settings=f"priority: {priority}")))
