"""Trigger 11, specific date (spec/flows.md 2.2), told from door to effect. The shop is in Paris: 09:00 is 07:00 UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"
HOUR = timedelta(hours=1)


def renewal(shift: str = ", days_before: 10", settings: str = "") -> str:
    return f"""
flow: Renewal
audience: Customers
triggers:
  - date_specific: {{field: RENEWAL, at: "09:00"{shift}}}
steps:
  - send_email: {{email: Renewal, subject: "Soon, *|FNAME:friend|*", html: "<p>Your plants miss you.</p>"}}
{settings}
"""


@pytest.fixture(autouse=True)
def field(world: World) -> None:
    world.field("RENEWAL", "date")


def entered_on(world: World, flow: int, email: str) -> list[datetime]:
    return [line.at for line in world.trail(flow, world.contact(email).contact_id) if line.code == "E00"]


def days(world: World, flow: int, email: str) -> list[date]:
    return [moment.date() for moment in entered_on(world, flow, email)]


def test_11a_ten_days_before_at_nine(world: World) -> None:
    flow = world.flow(renewal())
    world.person(ANA, fields={"FNAME": "Ana", "RENEWAL": "2026-06-20"})
    world.until(datetime(2026, 6, 10, 6, 59, tzinfo=UTC))
    assert world.codes(flow, ANA) == ["E01"]
    world.later(minutes=1)
    assert world.subjects(ANA) == ["Soon, Ana"]
    assert world.codes(flow, ANA) == ["E00", "W10", "S00", "X00"]


def test_11b_another_date_is_another_occurrence_whatever_re_entry_says(world: World) -> None:
    flow = world.flow(renewal())
    world.person(ANA, fields={"RENEWAL": "2026-05-20"})
    world.later(days=9)
    world.person(ANA, fields={"RENEWAL": "2026-06-01"})
    world.later(days=14)
    assert days(world, flow, ANA) == [date(2026, 5, 10), date(2026, 5, 22)]


def test_11c_a_date_that_has_passed_never_fires(world: World) -> None:
    world.person(ANA, fields={"RENEWAL": "2026-04-04"})
    flow = world.flow(renewal())
    world.person(BEN, fields={"RENEWAL": "2026-05-01"})
    world.travel(timedelta(days=370), hop=timedelta(days=1))
    assert world.codes(flow, ANA) == world.codes(flow, BEN) == ["E01"], "nor a year later"


def test_11d_beside_a_date_that_returns_it_is_refused(world: World) -> None:
    both = renewal().replace("steps:", "  - birthday: BIRTHDAY\nsteps:")
    assert "V02" in world.problems(both)


def test_a_new_date_before_the_moment_takes_the_place_of_the_old_one(world: World) -> None:
    flow = world.flow(renewal(", weeks_after: 1"))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"})
    world.later(days=1)
    world.person(ANA, fields={"RENEWAL": "2026-05-07"})
    world.later(days=20)
    assert days(world, flow, ANA) == [date(2026, 5, 14)]


def test_a_date_taken_out_before_the_moment_is_nobody_s(world: World) -> None:
    flow = world.flow(renewal(""))
    world.person(ANA, fields={"RENEWAL": "2026-05-08"})
    world.later(days=1)
    world.person(ANA, fields={"RENEWAL": ""})
    world.later(days=9)
    assert world.codes(flow, ANA) == ["E01"]


def test_told_on_the_day_after_nine_it_fires_at_once_and_only_once(world: World) -> None:
    flow = world.flow(renewal(""))
    world.until(datetime(2026, 5, 6, 12, tzinfo=UTC))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"})
    world.settle()
    world.person(ANA, fields={"FNAME": "Ana", "RENEWAL": "2026-05-07"})
    world.person(ANA, fields={"RENEWAL": "2026-05-06"})
    world.settle()
    assert world.entries(flow, ANA) == ["E00"], "D3"


def test_told_the_day_after_it_is_too_late(world: World) -> None:
    flow = world.flow(renewal(""))
    world.until(datetime(2026, 5, 7, 5, tzinfo=UTC))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"})
    world.later(days=2)
    assert world.entered(flow, ANA) == 0


def test_an_outage_of_hours_is_made_up_for_and_one_of_days_is_not(world: World) -> None:
    flow = world.flow(renewal(""))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"})
    world.person(BEN, fields={"RENEWAL": "2026-05-07"})
    world.settle()
    world.clock.set(datetime(2026, 5, 8, 6, tzinfo=UTC))
    world.settle()
    assert world.codes(flow, ANA) == ["E22"]
    assert world.entered(flow, BEN) == 1


def test_in_spring_nine_in_the_morning_stays_nine(world: World) -> None:
    world.clock.set(datetime(2027, 3, 26, 12, tzinfo=UTC))
    flow = world.flow(renewal(""))
    world.person(ANA, fields={"RENEWAL": "2027-03-27"})
    world.person(BEN, fields={"RENEWAL": "2027-03-28"})
    world.travel(timedelta(days=3), hop=HOUR)
    assert [entered_on(world, flow, email)[0].hour for email in (ANA, BEN)] == [8, 7]


def test_by_each_contact_s_own_clock(world: World) -> None:
    flow = world.flow(renewal(", zone: contact"))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"}, zone="Asia/Tokyo")
    world.person(BEN, fields={"RENEWAL": "2026-05-06"}, zone="America/New_York")
    world.travel(timedelta(days=4), hop=HOUR)
    assert [entered_on(world, flow, email)[0].hour for email in (ANA, BEN)] == [0, 13]


def test_a_changed_zone_that_puts_the_moment_into_this_morning_fires_at_once(world: World) -> None:
    flow = world.flow(renewal(", zone: contact"))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"}, zone="America/New_York")
    world.until(datetime(2026, 5, 6, 10, tzinfo=UTC))
    assert world.codes(flow, ANA) == ["E01"]
    world.person(ANA, zone="Europe/London")
    world.settle()
    assert world.entered(flow, ANA) == 1, "section 11"


def test_whoever_is_archived_is_noted_and_not_let_in(world: World) -> None:
    flow = world.flow(renewal(""))
    world.person(ANA, fields={"RENEWAL": "2026-05-06"})
    world.archive(ANA)
    world.later(days=3)
    assert world.codes(flow, ANA) == ["E11"]
