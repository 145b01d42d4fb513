"""Trigger 14, recurring date (spec/flows.md 2.2), told from door to effect."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.scenarios.world import World

ANA, BEN, CHLOE = "ana@example.com", "ben@example.com", "chloe@example.com"
DAY = timedelta(days=1)


def anniversary(shift: str = "") -> str:
    return f"""
flow: Anniversary
audience: Customers
triggers:
  - date_recurring: {{field: PLANTED{shift}}}
steps:
  - send_email: {{email: Anniversary, subject: "Your fern is a year older", html: "<p>It grows.</p>"}}
"""


@pytest.fixture(autouse=True)
def field(world: World) -> None:
    world.field("PLANTED", "date")


def days(world: World, flow: int, email: str) -> list[date]:
    trail = world.trail(flow, world.contact(email).contact_id)
    return [line.at.date() for line in trail if line.code == "E00"]


def test_14a_14b_14c_a_year_of_anniversaries(world: World) -> None:
    flow = world.flow(anniversary())
    world.person(ANA, fields={"PLANTED": "2021-03-14"})
    world.person(BEN, fields={"PLANTED": "2026-06-01"})
    world.person(CHLOE)
    world.travel(timedelta(days=396), hop=DAY)
    assert days(world, flow, ANA) == [date(2027, 3, 14)], "14a: turned on in May 2026"
    assert days(world, flow, BEN) == [date(2026, 6, 1), date(2027, 6, 1)], "14b: the date itself, and yearly after"
    assert world.codes(flow, CHLOE) == ["E01"], "14c"
    assert [len(world.mails_to(email)) for email in (ANA, BEN, CHLOE)] == [1, 2, 0]


def test_not_before_the_date_itself(world: World) -> None:
    flow = world.flow(anniversary())
    world.person(ANA, fields={"PLANTED": "2028-05-20"})
    world.later(days=30)
    assert world.codes(flow, ANA) == ["E01"]


def test_29_february_falls_on_the_28th_in_common_years(world: World) -> None:
    world.clock.set(datetime(2027, 2, 25, 12, tzinfo=UTC))
    flow = world.flow(anniversary())
    world.person(ANA, fields={"PLANTED": "2024-02-29"})
    world.person(BEN, fields={"PLANTED": "2024-02-28"})
    world.travel(timedelta(days=6), hop=DAY)
    assert days(world, flow, ANA) == days(world, flow, BEN) == [date(2027, 2, 28)]


def test_three_days_before_the_first_of_january_is_in_the_year_before(world: World) -> None:
    world.clock.set(datetime(2026, 12, 26, 12, tzinfo=UTC))
    flow = world.flow(anniversary(", days_before: 3"))
    world.person(ANA, fields={"PLANTED": "2020-01-01"})
    world.travel(timedelta(days=9), hop=DAY)
    assert days(world, flow, ANA) == [date(2026, 12, 29)], "D8"


def test_moved_after_it_fired_a_day_that_is_still_ahead_counts(world: World) -> None:
    flow = world.flow(anniversary())
    world.person(ANA, fields={"PLANTED": "2020-05-06"})
    world.later(days=4)
    world.person(ANA, fields={"PLANTED": "2020-05-12"})
    world.later(days=9)
    assert days(world, flow, ANA) == [date(2026, 5, 6), date(2026, 5, 12)], "D5"


def test_told_on_the_day_itself_it_fires_at_once_and_the_day_after_not(world: World) -> None:
    flow = world.flow(anniversary())
    world.until(datetime(2026, 5, 6, 12, tzinfo=UTC))
    world.person(ANA, fields={"PLANTED": "2019-05-06"})
    world.person(BEN, fields={"PLANTED": "2019-05-05"})
    world.settle()
    assert world.entries(flow, ANA) == ["E00"], "D3"
    assert world.entered(flow, BEN) == 0


def test_after_an_outage_of_days_the_moment_is_missed(world: World) -> None:
    flow = world.flow(anniversary())
    world.person(ANA, fields={"PLANTED": "2019-05-06"})
    world.settle()
    world.clock.set(datetime(2026, 5, 9, 20, tzinfo=UTC))
    world.settle()
    assert world.codes(flow, ANA) == ["E22"]
