"""Too late to be useful (spec/flows.md 5.8): measured from when the message could first have left (S15).

The stories begin on a Monday at 11:00 in Paris, where the shop is.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.cast import ANA
from tests.scenarios.test_send_window import letter, paris
from tests.scenarios.world import World

LATE = ", skip_if_late: 2 hours"


def test_on_time_it_leaves(world: World) -> None:
    flow = world.flow(letter("", LATE))
    world.person(ANA, tags=["vip"])
    world.later(hours=1)
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "S00", "B11", "X00"]


@pytest.mark.parametrize(("hours", "code"), [(2, "S00"), (3, "S15")])
def test_after_a_downtime(world: World, hours: int, code: str) -> None:
    flow = world.flow(letter("", LATE))
    world.person(ANA, tags=["vip"])
    world.settle()
    world.down(hours=hours)
    world.settle()
    assert code in world.path(flow, ANA)
    assert world.path(flow, ANA)[-2:] == ["B11", "X00"]
    assert len(world.mails_to(ANA)) == (code == "S00")


def test_the_trail_says_since_when(world: World) -> None:
    flow = world.flow(letter("", LATE))
    world.person(ANA, tags=["vip"])
    world.settle()
    could = paris(4, 11, 1)
    world.down(hours=3)
    world.settle()
    (seen,) = world.seen(flow, ANA, "S15")
    assert seen["too_late_after"] == "2 hours"
    assert abs((datetime.fromisoformat(seen["could_leave"]) - could).total_seconds()) < 5


def test_without_it_nothing_is_ever_too_late(world: World) -> None:
    flow = world.flow(letter(""))
    world.person(ANA, tags=["vip"])
    world.settle()
    world.down(days=20)
    world.settle()
    assert "S00" in world.path(flow, ANA)


def test_waiting_for_the_window_does_not_make_it_late(world: World) -> None:
    flow = world.flow(letter('window: {hours: "06:00-07:00"}', LATE))
    world.person(ANA, tags=["vip"])
    world.later(days=1)
    assert world.sent_at(ANA) == [paris(5, 6)]
    assert "S15" not in world.path(flow, ANA)


def test_who_could_leave_in_the_window_and_comes_after_it_is_late_by_the_window(world: World) -> None:
    """Down from the opening on: the next opening is a day later."""
    flow = world.flow(letter('window: {hours: "06:00-07:00"}', LATE))
    world.person(ANA, tags=["vip"])
    world.until(paris(5, 5))
    world.down(hours=3)
    world.settle()
    assert "S15" in world.path(flow, ANA)
    assert world.mails_to(ANA) == []


def test_a_pause_makes_it_late(world: World) -> None:
    flow = world.flow(letter("", LATE))
    world.person(ANA, tags=["vip"])
    world.settle()
    world.pause(flow)
    world.later(hours=3)
    world.resume(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W04", "S15", "B11", "X00"]


def test_a_short_pause_does_not(world: World) -> None:
    flow = world.flow(letter("", LATE))
    world.person(ANA, tags=["vip"])
    world.settle()
    world.pause(flow)
    world.later(hours=1)
    world.resume(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W04", "W10", "S00", "B11", "X00"]


def test_held_twice_it_is_late_since_the_first_time(world: World) -> None:
    """The step is paused for three hours; meanwhile another step goes on, for which everybody held is looked at."""
    flow = world.flow(letter("", LATE))
    world.pause_step(flow, "send_email")
    world.pause_step(flow, "add_tag")
    world.person(ANA, tags=["vip"])
    world.later(hours=2)
    world.resume_step(flow, "add_tag")
    world.later(hours=1)
    world.resume_step(flow, "send_email")
    world.settle()
    assert "S15" in world.path(flow, ANA)
    assert world.mails_to(ANA) == []


def test_held_at_one_step_after_the_other_too(world: World) -> None:
    """Held for three hours where the delay was over, and for a moment at the email."""
    flow = world.flow(letter("", LATE))
    world.pause_step(flow, "delay")
    world.person(ANA, tags=["vip"])
    world.later(hours=3)
    world.pause_step(flow, "send_email")
    world.resume_step(flow, "delay")
    world.settle()
    world.later(minutes=10)
    world.resume_step(flow, "send_email")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W05", "W05", "S15", "B11", "X00"]


def test_a_hold_before_a_rest_does_not_count(world: World) -> None:
    """Held for three hours, then a rest of two days, and at its end held for a moment."""
    flow = world.flow(letter("", LATE, before="remove_tag: new\n  - delay: 2 days"))
    world.pause_step(flow, "remove_tag")
    world.person(ANA, tags=["vip"])
    world.later(hours=3)
    world.resume_step(flow, "remove_tag")
    world.later(hours=1)
    world.pause_step(flow, "delay")
    world.later(days=2)
    world.resume_step(flow, "delay")
    world.settle()
    assert "S00" in world.path(flow, ANA)


def test_retries_make_it_late(world: World) -> None:
    flow = world.flow(letter("", LATE))
    world.post.full = True
    world.person(ANA, tags=["vip"])
    world.later(hours=8)
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "S15", "B11", "X00"]
    world.post.full = False
    world.later(days=1)
    assert world.mails_to(ANA) == []


def test_late_at_arrival_counts_at_hand_over_too(world: World) -> None:
    """A hundred minutes late as it arrives, and the mail server is away for half an hour more."""
    flow = world.flow(letter("", LATE))
    world.person(ANA, tags=["vip"])
    world.settle()
    world.down(minutes=101)
    world.post.full = True
    world.settle()
    world.later(minutes=30)
    world.post.full = False
    world.later(hours=1)
    assert "S15" in world.path(flow, ANA)
    assert world.mails_to(ANA) == []


def test_it_holds_for_what_is_no_marketing_too(world: World) -> None:
    flow = world.flow(letter("", f"{LATE}, class: transactional"))
    world.person(ANA, tags=["vip"])
    world.settle()
    world.down(hours=3)
    world.settle()
    assert "S15" in world.path(flow, ANA)


def test_under_the_cap_it_waits_no_longer_than_it_is_useful(world: World) -> None:
    world.set("frequency_cap.email", "1 in 16 hours")
    world.set("when_capped", "wait")
    flow = world.flow(letter("", LATE).replace("  - add_tag", (
        '  - send_email: {email: More, subject: More, html: "<p>More.</p>", skip_if_late: 2 hours}\n  - add_tag'
    )))  # fmt: skip
    world.person(ANA, tags=["vip"])
    world.later(days=1)
    assert world.path(flow, ANA)[-4:] == ["W08", "S15", "B11", "X00"]


@pytest.mark.parametrize("late", ["1 second", "400 days", "soon"])
def test_what_is_no_length_of_lateness(world: World, late: str) -> None:
    assert {"V15", "invalid"} & set(world.problems(letter("", f", skip_if_late: {late}")))
