"""The account's zone or hours change while people wait (spec/flows.md section 11): moments that lie ahead move with them,
and one that has passed by it fires at once if it was on the same day.

The stories begin on Monday 4 May 2026 at 11:00 in Paris, where the shop is until it moves.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import ANA, BEN
from tests.scenarios.test_date_specific import renewal
from tests.scenarios.test_schedule import letter as newsletter
from tests.scenarios.test_send_window import letter, paris
from tests.scenarios.test_wait_until import wait
from tests.scenarios.world import World

TOKYO, NEW_YORK = "Asia/Tokyo", "America/New_York"
"""Seven hours ahead of Paris, and six behind."""
MINUTE = timedelta(minutes=1)


def asked(world: World, text: str) -> int:
    """Somebody has come to the first step."""
    flow = world.flow(text)
    world.person(ANA)
    world.event(ANA, "asked")
    world.settle()
    return flow


def test_who_waits_until_six_goes_on_at_six_by_the_new_clock(world: World) -> None:
    flow = asked(world, wait('time: "23:00"'))
    world.later(hours=1)
    world.set("zone", TOKYO)
    world.until(paris(4, 16) - MINUTE)
    assert world.path(flow, ANA) == ["E00", "W07", "W07"], "told again until when"
    world.until(paris(4, 16))
    assert world.path(flow, ANA) == ["E00", "W07", "W07", "B11", "X00"]


def test_what_has_passed_by_the_new_clock_is_over(world: World) -> None:
    flow = asked(world, wait('time: "20:00"'))  # 13:00 in Paris is 20:00 in Tokyo
    world.until(paris(4, 15))
    world.set("zone", TOKYO)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W07", "B11", "X00"]


def test_a_clock_that_is_behind_makes_the_wait_longer(world: World) -> None:
    flow = asked(world, wait('time: "18:00"'))
    world.set("zone", NEW_YORK)
    world.until(paris(4, 23, 59))
    assert world.path(flow, ANA) == ["E00", "W07", "W07"]
    world.until(paris(5, 0))
    assert world.path(flow, ANA) == ["E00", "W07", "W07", "B11", "X00"]


def test_a_window_opens_by_the_new_clock(world: World) -> None:
    flow = world.flow(letter())
    world.until(paris(4, 20))
    world.person(ANA, tags=["vip"])
    world.later(minutes=2)
    assert world.path(flow, ANA) == ["E00", "W01", "W02"]
    world.set("zone", NEW_YORK)
    world.settle()
    assert world.sent_at(ANA) == [world.clock.now()]


def test_hours_of_quiet_that_are_lifted_let_messages_go(world: World) -> None:
    world.set("quiet_hours.email", "21:00-08:00")
    flow = world.flow(letter(""))
    world.until(paris(4, 22))
    world.person(ANA, tags=["vip"])
    world.later(minutes=2)
    assert world.path(flow, ANA) == ["E00", "W01", "W03"]
    world.set("quiet_hours.email", "23:00-08:00")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W03", "W10", "S00", "B11", "X00"]


def test_a_message_that_was_kept_back_as_it_was_to_leave_leaves_too(world: World) -> None:
    flow = world.flow(letter(""))
    world.until(paris(4, 22))
    world.person(ANA, tags=["vip"])
    world.clock.advance(MINUTE)
    world.settle(sending=False)
    world.clock.advance(MINUTE)
    world.settle(sending=False)
    world.set("quiet_hours.email", "21:00-08:00")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "W03"]
    world.set("quiet_hours.email", None)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "W03", "S00", "B11", "X00"]


def test_a_cap_that_is_lifted_lets_messages_go(world: World) -> None:
    world.set("frequency_cap.email", "1 in 16 hours")
    world.set("when_capped", "wait")
    for name in ("Letter", "Other"):
        world.flow(letter("").replace("flow: Letter", f"flow: {name}"))
    world.person(ANA, tags=["vip"])
    world.later(minutes=2)
    assert len(world.mails_to(ANA)) == 1
    world.set("frequency_cap.email", "off")
    world.settle()
    assert len(world.mails_to(ANA)) == 2


@pytest.mark.parametrize("paused", [False, True])
def test_people_of_a_paused_flow_go_on_by_the_new_clock_when_it_is_resumed(world: World, paused: bool) -> None:
    flow = asked(world, wait('time: "20:00"'))
    if paused:
        world.pause(flow)
    world.until(paris(4, 12))
    world.set("zone", TOKYO)
    world.settle()
    if paused:
        world.resume(flow)
    world.until(paris(4, 12, 59))
    assert not world.tags_of(ANA)
    world.until(paris(4, 13))
    assert world.tags_of(ANA) == {"done"}


@pytest.fixture
def field(world: World) -> None:
    world.field("RENEWAL", "date")


@pytest.mark.usefixtures("field")
def test_a_date_that_has_passed_this_morning_by_the_new_clock_fires_at_once_and_once(world: World) -> None:
    flow = world.flow(renewal(""))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"})
    world.until(paris(6, 5))
    world.set("zone", TOKYO)
    world.settle()
    assert world.entered(flow, ANA) == 1
    world.set("zone", "Europe/Paris")
    world.until(paris(7, 12))
    assert world.codes(flow, ANA).count("E00") == 1


@pytest.mark.usefixtures("field")
def test_a_date_that_has_fired_does_not_fire_again(world: World) -> None:
    flow = world.flow(renewal(""))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"})
    world.until(paris(6, 10))
    assert world.entered(flow, ANA) == 1
    world.set("zone", NEW_YORK)
    world.until(paris(7, 12))
    assert world.codes(flow, ANA).count("E00") == 1


@pytest.mark.usefixtures("field")
def test_a_date_that_is_yesterday_s_by_the_new_clock_is_over(world: World) -> None:
    world.set("zone", NEW_YORK)
    flow = world.flow(renewal(""))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"})
    world.until(paris(6, 14))  # 08:00 in New York, and two in the morning of the 7th on Kiritimati
    world.set("zone", "Pacific/Kiritimati")
    world.until(paris(8, 12))
    assert world.codes(flow, ANA) == ["E01"]


@pytest.mark.usefixtures("field")
def test_contacts_with_a_clock_of_their_own_keep_it(world: World) -> None:
    flow = world.flow(renewal(", zone: contact"))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"}, zone="Europe/Paris")
    world.person(BEN, fields={"RENEWAL": "2026-05-06"})
    world.until(paris(6, 5))
    world.set("zone", TOKYO)
    world.settle()
    assert (world.entered(flow, ANA), world.entered(flow, BEN)) == (0, 1)
    world.until(paris(6, 9))
    assert world.entered(flow, ANA) == 1


@pytest.mark.usefixtures("field")
def test_a_look_that_began_by_the_old_clock_skips_nothing(world: World) -> None:
    flow = world.flow(renewal(""))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"})
    world.until(paris(6, 1, 59))
    world.clock.advance(2 * MINUTE)  # 09:01 in Tokyo, and the clock has looked until 08:59
    world.set("zone", TOKYO)
    world.advancer.batch(world.share)
    with world.database.transaction() as tx:  # The look ends.
        tx.connection.execute(
            "update watermark set moment = %(now)s where moment < %(now)s", {"now": world.clock.now()}
        )
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_a_schedule_runs_at_its_time_of_today_by_the_new_clock(world: World) -> None:
    world.person(ANA)
    flow = world.flow(newsletter("every: day"))
    world.until(paris(5, 3))
    world.set("zone", TOKYO)
    world.settle()
    assert world.entered(flow, ANA) == 1
    world.until(paris(6, 1))
    assert world.codes(flow, ANA).count("E00") == 1
    world.until(paris(6, 2))
    assert world.codes(flow, ANA).count("E00") == 2


def test_a_setting_without_moments_wakes_nobody(world: World) -> None:
    flow = asked(world, wait('time: "20:00"'))
    world.set("name", "Moss & Fern")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W07"]


# ── The flow's own settings ─────────────────────────────────────────────────────────────────────────────────────────


def published(world: World, flow: int, text: str) -> None:
    world.flow(text, on=False)
    world.publish(flow)
    world.settle()


@pytest.mark.parametrize("paused", [False, True])
def test_who_waits_goes_on_by_their_own_clock_when_the_flow_says_so(world: World, paused: bool) -> None:
    world.person(ANA, zone=TOKYO)
    flow = asked(world, wait('time: "20:00"'))
    if paused:
        world.pause(flow)
    world.until(paris(4, 12))
    published(world, flow, wait('time: "20:00"', "{zone: contact}"))
    if paused:
        assert world.path(flow, ANA) == ["E00", "W07"]
        world.resume(flow)
    world.until(paris(4, 13) - MINUTE)
    assert world.path(flow, ANA) == ["E00", "W07", "W07"]
    world.until(paris(4, 13))
    assert world.path(flow, ANA) == ["E00", "W07", "W07", "B11", "X00"]


@pytest.mark.usefixtures("field")
def test_a_date_that_has_passed_today_by_the_contact_s_clock_fires_when_the_flow_goes_by_it(world: World) -> None:
    flow = world.flow(renewal(""))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"}, zone=TOKYO)
    world.person(BEN, fields={"RENEWAL": "2026-05-06"}, zone=NEW_YORK)
    world.until(paris(6, 5))
    published(world, flow, renewal("", "settings: {zone: contact}"))
    assert (world.entered(flow, ANA), world.entered(flow, BEN)) == (1, 0)
    world.until(paris(6, 15))
    assert (world.entered(flow, ANA), world.entered(flow, BEN)) == (1, 1)


WAITS = """
flow: Patience
audience: Customers
triggers:
  - event_api: asked
steps:
  - wait_for_trigger: {event_api: {name: paid}}
  - add_tag: done
settings: {max_run_age: AGE}
"""


def lasting(age: int) -> str:
    return WAITS.replace("AGE", str(age))


def test_x12_a_shorter_age_reaches_those_who_wait(world: World) -> None:
    flow = asked(world, lasting(100))
    world.later(days=9)
    world.person(BEN)
    world.event(BEN, "asked")
    world.later(days=3)
    published(world, flow, lasting(10))
    assert world.path(flow, ANA) == ["E00", "W06", "X12"]
    world.later(days=6)
    assert world.path(flow, BEN) == ["E00", "W06"]
    world.later(days=1)
    assert world.path(flow, BEN) == ["E00", "W06", "X12"]


def test_a_longer_age_lets_them_wait_on(world: World) -> None:
    flow = asked(world, lasting(10))
    world.later(days=5)
    published(world, flow, lasting(20))
    world.later(days=14)
    assert world.path(flow, ANA) == ["E00", "W06"]
    world.later(days=1)
    assert world.path(flow, ANA) == ["E00", "W06", "X12"]


def test_x12_a_shorter_age_reaches_those_who_are_held(world: World) -> None:
    flow = world.flow(lasting(100))
    world.pause_step(flow, "wait_for_trigger")
    world.person(ANA)
    world.event(ANA, "asked")
    world.later(hours=1)
    world.event(ANA, "paid")
    world.later(days=12)
    assert world.path(flow, ANA)[-1] == "W05"
    published(world, flow, lasting(10))
    assert world.path(flow, ANA)[-2:] == ["W05", "X12"]


def test_in_a_paused_flow_with_the_resume(world: World) -> None:
    flow = asked(world, lasting(100))
    world.pause(flow)
    world.later(days=12)
    published(world, flow, lasting(10))
    assert world.path(flow, ANA) == ["E00", "W06"]
    world.resume(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W06", "X12"]
