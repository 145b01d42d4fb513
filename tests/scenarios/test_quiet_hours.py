"""Quiet hours (spec/flows.md 5.8): by the contact's clock, they hold marketing until they end (W03).

The stories begin on a Monday at 11:00 in Paris, where the shop is.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tests.cast import ANA, BEN
from tests.scenarios.test_send_window import letter, paris
from tests.scenarios.world import World

NIGHT = "21:00-08:00"


def test_an_account_has_none_unless_it_says_so(world: World) -> None:
    world.flow(letter(""))
    world.until(paris(4, 22))
    world.person(ANA, tags=["vip"])
    world.later(minutes=5)
    assert world.sent_at(ANA) == [paris(4, 22, 1)]


def test_at_night_it_waits_for_the_morning(world: World) -> None:
    world.set("quiet_hours.email", NIGHT)
    flow = world.flow(letter(""))
    world.until(paris(4, 22))
    world.person(ANA, tags=["vip"])
    world.later(hours=12)
    assert world.sent_at(ANA) == [paris(5, 8)]
    assert world.path(flow, ANA) == ["E00", "W01", "W03", "W10", "S00", "B11", "X00"]
    (seen,) = world.seen(flow, ANA, "W03")
    assert (datetime.fromisoformat(seen["until"]), seen["quiet_hours"]) == (paris(5, 8), NIGHT)
    assert seen["zone_of_contact"] == "Europe/Paris"


def test_by_day_it_leaves(world: World) -> None:
    world.set("quiet_hours.email", NIGHT)
    flow = world.flow(letter(""))
    world.person(ANA, tags=["vip"])
    world.later(minutes=2)
    assert "W03" not in world.path(flow, ANA)
    assert world.sent_at(ANA) < [paris(4, 11, 2)]


def test_it_is_the_contacts_night_whatever_clock_the_flow_goes_by(world: World) -> None:
    world.set("quiet_hours.email", NIGHT)
    world.flow(letter(""))
    world.person(ANA, zone="America/New_York", tags=["vip"])
    world.person(BEN, tags=["vip"])
    world.later(days=1)
    assert world.sent_at(ANA) == [datetime(2026, 5, 4, 12, tzinfo=UTC)]  # 08:00 there
    assert world.sent_at(BEN) < [paris(4, 11, 2)]


def test_what_is_no_marketing_leaves_at_night(world: World) -> None:
    world.set("quiet_hours.email", NIGHT)
    world.flow(letter("", ", class: transactional"))
    world.until(paris(4, 22))
    world.person(ANA, tags=["vip"])
    world.later(minutes=5)
    assert world.sent_at(ANA) == [paris(4, 22, 1)]


def test_the_morning_must_also_lie_in_the_window(world: World) -> None:
    world.set("quiet_hours.email", NIGHT)
    flow = world.flow(letter('window: {days: [mon, wed], hours: "06:00-23:00"}'))
    world.until(paris(4, 22))
    world.person(ANA, tags=["vip"])
    world.later(days=3)
    assert world.sent_at(ANA) == [paris(6, 8)]
    assert world.path(flow, ANA)[2] == "W03"


def test_no_opening_in_fourteen_days_skips_it_and_the_run_goes_on(world: World) -> None:
    world.set("quiet_hours.email", NIGHT)
    flow = world.flow(letter('window: {hours: "22:00-23:00"}'))
    world.person(ANA, tags=["vip"])
    world.later(minutes=2)
    assert world.path(flow, ANA) == ["E00", "W01", "S16", "B11", "X00"]
    assert world.seen(flow, ANA, "S16") == [
        {"window": "22:00-23:00", "zone": "Europe/Paris", "quiet_hours": NIGHT, "zone_of_contact": "Europe/Paris"}
    ]
    assert world.mails_to(ANA) == []


def test_the_night_has_begun_while_the_mail_server_was_away(world: World) -> None:
    world.set("quiet_hours.email", NIGHT)
    flow = world.flow(letter(""))
    world.until(paris(4, 20, 50))
    world.post.full = True
    world.person(ANA, tags=["vip"])
    world.until(paris(4, 23))
    world.post.full = False
    world.until(paris(5, 9))
    assert world.sent_at(ANA) == [paris(5, 8)]
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "W03", "S00", "B11", "X00"]


def test_switched_off_again_nobody_waits_any_more(world: World) -> None:
    world.set("quiet_hours.email", NIGHT)
    world.flow(letter(""))
    world.until(paris(4, 22))
    world.person(ANA, tags=["vip"])
    world.later(minutes=5)
    world.set("quiet_hours.email", "off")
    world.person(BEN, tags=["vip"])
    world.later(hours=12)
    assert world.sent_at(ANA) == [paris(4, 22, 5)]
    assert world.sent_at(BEN) == [paris(4, 22, 6)]
