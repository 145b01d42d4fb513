"""Trigger 49, on a schedule (spec/flows.md section 4 and 11), told from door to effect. 09:00 in Paris is 07:00 UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def letter(settings: str, more: str = "") -> str:
    return f"""
flow: Letter
audience: Customers
triggers:
  - schedule: {{{settings}}}
{more}
steps:
  - send_email: {{email: Letter, subject: "News for *|FNAME:friends|*", html: "<p>Repot your ferns.</p>"}}
"""


def entered_at(world: World, flow: int, email: str) -> list[datetime]:
    return [line.at for line in world.trail(flow, world.contact(email).contact_id) if line.code == "E00"]


def days(world: World, flow: int, email: str) -> list[date]:
    return [moment.date() for moment in entered_at(world, flow, email)]


def test_every_day_at_nine_for_everybody(world: World) -> None:
    world.person(ANA, fields={"FNAME": "Ana"})
    flow = world.flow(letter("every: day"))
    world.later(hours=2)
    world.person(BEN)
    world.travel(3 * DAY, hop=HOUR)
    assert entered_at(world, flow, ANA) == [datetime(2026, 5, day, 7, 0, 1, tzinfo=UTC) for day in (5, 6, 7)]
    assert days(world, flow, BEN) == days(world, flow, ANA), "who has come meanwhile is there too"
    assert world.subjects(ANA) == ["News for Ana"] * 3
    assert world.codes(flow, ANA)[:4] == ["E00", "W10", "S00", "X00"]


def test_on_two_days_of_the_week(world: World) -> None:
    world.person(ANA)
    flow = world.flow(letter('every: week, on: [tue, fri], at: "18:30"'))  # it is Monday, 4 May
    world.travel(14 * DAY, hop=HOUR)
    assert days(world, flow, ANA) == [date(2026, 5, day) for day in (5, 8, 12, 15)]


def test_the_31st_of_a_short_month_is_its_last_day(world: World) -> None:
    world.person(ANA)
    flow = world.flow(letter("every: month, on: 31"))
    other = world.flow(letter("every: month, on: [15, last]").replace("Letter", "Other"))
    world.travel(120 * DAY, hop=DAY)
    ends = [date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31)]
    assert days(world, flow, ANA) == ends
    assert days(world, other, ANA) == sorted([*ends, *(one.replace(day=15) for one in ends)])


def test_turned_on_after_nine_the_day_s_moment_has_passed(world: World) -> None:
    world.person(ANA)
    flow = world.flow(letter("every: day"))  # it is 11:00 in Paris
    world.later(hours=10)
    assert world.codes(flow, ANA) == ["E01"]


def test_once_each_and_whoever_is_new(world: World) -> None:
    world.person(ANA)
    flow = world.flow(letter("every: day, once_each: true"))
    world.travel(2 * DAY, hop=HOUR)
    world.person(BEN)
    world.travel(3 * DAY, hop=HOUR)
    assert world.entries(flow, ANA) == world.entries(flow, BEN) == ["E00"], "the others are not even asked"


def test_the_filter_says_whose_schedule_it_is(world: World) -> None:
    world.person(ANA, tags=["vip"])
    world.person(BEN)
    flow = world.flow(letter("every: day", "    filter: {tag: vip}"))
    world.travel(DAY, hop=HOUR)
    assert world.entries(flow, ANA) == ["E00"]
    assert world.entries(flow, BEN) == ["E15"]


def test_archived_and_unconfirmed_people_are_not_in_the_audience(world: World) -> None:
    world.person(ANA, email_status="pending")
    world.person(BEN)
    world.archive(BEN)
    flow = world.flow(letter("every: day"))
    world.travel(2 * DAY, hop=HOUR)
    assert world.codes(flow, ANA) == world.codes(flow, BEN) == ["E01"]


def test_after_an_outage_only_the_latest_moment_counts(world: World) -> None:
    world.person(ANA)
    flow = world.flow(letter("every: day"))
    world.settle()
    world.clock.set(datetime(2026, 5, 8, 20, tzinfo=UTC))
    world.settle()
    assert world.entries(flow, ANA) == ["E00"]


def test_and_one_that_is_more_than_a_day_old_is_missed(world: World) -> None:
    world.person(ANA)
    flow = world.flow(letter("every: week, on: tue"))
    world.settle()
    world.clock.set(datetime(2026, 5, 8, 20, tzinfo=UTC))
    world.settle()
    assert world.codes(flow, ANA) == ["E22"]


def test_by_each_contact_s_own_clock(world: World) -> None:
    world.person(ANA, zone="Asia/Tokyo")
    world.person(BEN, zone="America/New_York")
    flow = world.flow(letter("every: week, on: wed, zone: contact"))
    world.travel(4 * DAY, hop=HOUR)
    assert [entered_at(world, flow, email)[0].hour for email in (ANA, BEN)] == [0, 13]
    assert [len(entered_at(world, flow, email)) for email in (ANA, BEN)] == [1, 1]


def test_in_the_night_of_the_autumn_change_half_past_two_comes_once(world: World) -> None:
    world.clock.set(datetime(2026, 10, 24, 20, tzinfo=UTC))
    world.person(ANA)
    flow = world.flow(letter('every: day, at: "02:30"'))
    world.travel(timedelta(hours=12), hop=timedelta(minutes=10))
    assert len(entered_at(world, flow, ANA)) == 1


def test_who_is_inside_still_is_told_so(world: World) -> None:
    world.person(ANA)
    flow = world.flow(letter("every: day").replace("steps:", "steps:\n  - delay: 30 hours"))
    world.travel(3 * DAY, hop=HOUR)
    assert world.entries(flow, ANA) == ["E00", "E17", "E00"]


def test_paused_it_is_missed(world: World) -> None:
    world.person(ANA)
    flow = world.flow(letter("every: day"))
    world.pause(flow)
    world.travel(DAY, hop=HOUR)
    world.resume(flow)
    world.settle()
    assert world.entries(flow, ANA) == ["E02"]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ("on: mon", "V09"),
        ("every: week", "V09"),
        ("every: month", "V09"),
        ("every: day, on: mon", "invalid"),
        ("every: week, on: [mon, 3]", "invalid"),
        ("every: week, on: someday", "invalid"),
        ("every: month, on: mon", "invalid"),
        ("every: month, on: 32", "V15"),
        ('every: day, at: "24:00"', "invalid"),
        ("every: year", "invalid"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(world: World, settings: str, code: str) -> None:
    assert code in world.problems(letter(settings))
