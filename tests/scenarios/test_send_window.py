"""Send windows (spec/flows.md 5.8): outside them a run rests at its send step until the next opening (W02).

The stories begin on a Monday at 11:00 in Paris, where the shop is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from tests.cast import ANA, BEN
from tests.scenarios.world import World

PARIS = ZoneInfo("Europe/Paris")
OFFICE = 'window: {days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"}'


def paris(day: int, hour: int, minute: int = 0, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


def letter(settings: str = OFFICE, options: str = "", before: str = "delay: 1 minute") -> str:
    return f"""
flow: Letter
audience: Customers
triggers:
  - tag_added: {{tag: vip}}
steps:
  - {before}
  - send_email: {{email: Letter, subject: Letter, html: "<p>Hello.</p>"{options}}}
  - add_tag: written
settings: {{{settings}}}
"""


def test_inside_the_window_it_leaves_at_once(world: World) -> None:
    flow = world.flow(letter())
    world.person(ANA, tags=["vip"])
    world.later(minutes=2)
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "S00", "B11", "X00"]


def test_on_saturday_it_waits_for_monday_morning(world: World) -> None:
    flow = world.flow(letter())
    world.until(paris(9, 12))
    world.person(ANA, tags=["vip"])
    world.later(hours=40)
    assert world.path(flow, ANA) == ["E00", "W01", "W02"]
    assert world.mails_to(ANA) == []
    assert world.at(flow, ANA) == "send_email"
    world.later(days=1)
    assert world.sent_at(ANA) == [paris(11, 9)]
    assert world.path(flow, ANA) == ["E00", "W01", "W02", "W10", "S00", "B11", "X00"]


def test_the_trail_says_until_when_and_by_which_window(world: World) -> None:
    flow = world.flow(letter())
    world.until(paris(9, 12))
    world.person(ANA, tags=["vip"])
    world.later(minutes=2)
    (seen,) = world.seen(flow, ANA, "W02")
    assert datetime.fromisoformat(seen["until"]) == paris(11, 9)
    assert (seen["window"], seen["zone"]) == ("mon tue wed thu fri 09:00-18:00", "Europe/Paris")


@pytest.mark.parametrize(("before", "leaves"), [((4, 17, 58), (4, 17, 59)), ((4, 17, 59), (5, 9, 0))])
def test_the_start_is_inside_and_the_end_is_not(world: World, before: Any, leaves: Any) -> None:
    world.flow(letter())
    world.until(paris(*before))
    world.person(ANA, tags=["vip"])
    world.later(days=1)
    assert world.sent_at(ANA) == [paris(*leaves)]


def test_a_night_that_begins_on_friday_goes_on_after_midnight(world: World) -> None:
    world.flow(letter('window: {days: [fri], hours: "22:00-02:00"}'))
    world.until(paris(9, 1))
    world.person(ANA, tags=["vip"])
    world.later(minutes=5)
    world.until(paris(9, 2))
    world.person(BEN, tags=["vip"])
    world.later(days=7)
    assert world.sent_at(ANA) == [paris(9, 1, 1)]
    assert world.sent_at(BEN) == [paris(15, 22)]


def test_a_time_of_day_is_the_next_one(world: World) -> None:
    world.flow(letter('window: {at: "09:00"}'))
    world.person(ANA, tags=["vip"])
    world.later(days=2)
    assert world.sent_at(ANA) == [paris(5, 9)]


def test_who_is_late_for_a_time_of_day_is_not_sent_away_for_a_day(world: World) -> None:
    world.flow(letter('window: {at: "09:00"}'))
    world.person(ANA, tags=["vip"])
    world.until(paris(5, 8, 59))
    world.down(minutes=20)
    world.settle()
    assert world.sent_at(ANA) == [paris(5, 9, 19)]


def test_the_windows_of_a_step_take_the_place_of_the_flows(world: World) -> None:
    world.flow(letter(options=", window: always"))
    world.until(paris(9, 12))
    world.person(ANA, tags=["vip"])
    world.later(minutes=2)
    assert world.sent_at(ANA) == [paris(9, 12, 1)]


def test_a_step_may_have_a_window_where_the_flow_has_none(world: World) -> None:
    world.flow(letter(settings="", options=', window: {hours: "06:00-07:00"}'))
    world.person(ANA, tags=["vip"])
    world.later(days=1)
    assert world.sent_at(ANA) == [paris(5, 6)]


def test_what_is_no_marketing_leaves_at_any_time(world: World) -> None:
    flow = world.flow(letter(options=", class: transactional"))
    world.until(paris(9, 12))
    world.person(ANA, tags=["vip"])
    world.later(minutes=2)
    assert "W02" not in world.path(flow, ANA)
    assert world.sent_at(ANA) == [paris(9, 12, 1)]


def test_by_the_contacts_own_clock(world: World) -> None:
    world.flow(letter('zone: contact, window: {hours: "09:00-18:00"}'))
    world.person(ANA, zone="America/New_York", tags=["vip"])
    world.person(BEN, tags=["vip"])
    world.later(days=1)
    assert world.sent_at(ANA) == [datetime(2026, 5, 4, 13, tzinfo=UTC)]  # 09:00 there
    assert world.sent_at(BEN) < [paris(4, 11, 2)]


def test_another_zone_moves_the_opening(world: World) -> None:
    world.flow(letter('zone: contact, window: {hours: "06:00-07:00"}'))
    world.person(ANA, zone="Europe/Paris", tags=["vip"])
    world.later(minutes=5)
    world.person(ANA, zone="America/New_York")
    world.later(days=1)
    assert world.sent_at(ANA) == [datetime(2026, 5, 4, 10, tzinfo=UTC)]  # 06:00 there


def test_a_time_in_the_gap_of_spring_is_after_it(world: World) -> None:
    world.flow(letter('window: {at: "02:30"}'))
    world.until(datetime(2027, 3, 27, 12, tzinfo=PARIS).astimezone(UTC))
    world.person(ANA, tags=["vip"])
    world.later(days=1)
    assert world.sent_at(ANA) == [datetime(2027, 3, 28, 3, tzinfo=PARIS).astimezone(UTC)]


def test_a_following_delay_counts_from_the_real_send(world: World) -> None:
    flow = world.flow(letter().replace("  - add_tag", "  - delay: 1 day\n  - add_tag"))
    world.until(paris(9, 12))
    who = world.person(ANA, tags=["vip"])
    world.later(days=4)
    done = next(line.at for line in world.trail(flow, who) if line.code == "B11")
    assert done == paris(12, 9)


def test_an_exit_takes_somebody_out_of_the_wait(world: World) -> None:
    flow = world.flow(letter(f"{OFFICE}, exit_condition: {{tag: churned}}"))
    world.until(paris(9, 12))
    world.person(ANA, tags=["vip"])
    world.later(minutes=5)
    world.tag(ANA, "churned")
    world.later(days=3)
    assert world.path(flow, ANA) == ["E00", "W01", "W02", "X01"]
    assert world.mails_to(ANA) == []


def test_a_window_that_is_made_wider_lets_people_go(world: World) -> None:
    flow = world.flow(letter())
    world.until(paris(9, 12))
    world.person(ANA, tags=["vip"])
    world.later(minutes=5)
    world.flow(letter(""), on=False)
    world.publish(flow)
    world.settle()
    assert world.sent_at(ANA) == [world.clock.now()]


def test_a_step_that_is_moved_while_somebody_waits_at_it_sends_once(world: World) -> None:
    text = letter()
    flow = world.flow(text)
    world.until(paris(9, 12))
    world.person(ANA, tags=["vip"])
    world.later(minutes=5)
    later = text.replace("  - delay: 1 minute\n", "").replace("  - send_email", "  - delay: 1 hour\n  - send_email")
    world.flow(later, on=False)
    world.publish(flow)
    world.later(days=3)
    assert world.subjects(ANA) == ["Letter"]


def test_the_mail_server_was_away_until_the_window_closed(world: World) -> None:
    flow = world.flow(letter())
    world.until(paris(4, 17, 50))
    world.post.full = True
    world.person(ANA, tags=["vip"])
    world.until(paris(4, 21))
    world.post.full = False
    world.until(paris(5, 12))
    assert world.sent_at(ANA) == [paris(5, 9)]
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "W02", "S00", "B11", "X00"]
    assert datetime.fromisoformat(world.seen(flow, ANA, "W02")[0]["until"]) == paris(5, 9)
    assert world.figure(flow, "W02") == 1


def test_a_pause_while_somebody_waits_for_the_window(world: World) -> None:
    flow = world.flow(letter())
    world.until(paris(9, 12))
    world.person(ANA, tags=["vip"])
    world.later(minutes=5)
    world.pause(flow)
    world.until(paris(11, 12))
    assert world.path(flow, ANA) == ["E00", "W01", "W02", "W04"]
    world.resume(flow)
    world.settle()
    assert world.sent_at(ANA) == [paris(11, 12)]


def test_a_step_paused_alone_holds_who_comes_from_the_window(world: World) -> None:
    flow = world.flow(letter())
    world.until(paris(9, 12))
    world.person(ANA, tags=["vip"])
    world.later(minutes=5)
    world.pause_step(flow, "send_email")
    world.until(paris(11, 12))
    assert world.path(flow, ANA) == ["E00", "W01", "W02", "W05"]
    world.resume_step(flow, "send_email")
    world.settle()
    assert world.sent_at(ANA) == [paris(11, 12)]


@pytest.mark.parametrize(
    ("window", "code"),
    [
        ('{hours: "09:00-09:00"}', "invalid"),
        ('{hours: "09:00-18:00", at: "10:00"}', "invalid"),
        ('{hours: "9 to 5"}', "invalid"),
        ("{days: [someday]}", "invalid"),
        ("{from: 9}", "invalid"),
        ("at night", "invalid"),
    ],
)
def test_what_is_no_window_is_refused(world: World, window: str, code: str) -> None:
    assert code in world.problems(letter(f"window: {window}"))
    assert code in world.problems(letter("", f", window: {window}"))


@pytest.mark.parametrize(
    "window", ['{days: [mon, fri], hours: "22:00-02:00"}', '{at: "09:00"}', "{days: [sat]}", '{hours: "18:00-24:00"}']
)
def test_a_window_is_written_back_as_it_was(world: World, window: str) -> None:
    written = world.rewritten(letter(f"window: {window}, priority: 2", ", window: always, skip_if_late: 1 day"))
    assert written["settings"]["window"] == yaml.safe_load(window)
    assert written["settings"]["priority"] == 2
    email = written["steps"][1]["send_email"]
    assert (email["window"], email["skip_if_late"]) == ("always", "1 day")
