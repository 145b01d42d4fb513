"""Trigger 13, birthday (spec/flows.md 2.2), told from door to effect. The shop is in Paris: 09:00 is 07:00 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.scenarios.world import World

ANA, BEN, CHLOE = "ana@example.com", "ben@example.com", "chloe@example.com"
DAY = timedelta(days=1)


def treat(shift: str = "", settings: str = "") -> str:
    return f"""
flow: Birthday treat
audience: Customers
triggers:
  - birthday: {{field: BIRTHDAY, at: "09:00"{shift}}}
steps:
  - send_email: {{email: Treat, subject: "Happy birthday, *|FNAME|*", html: "<p>A plant for you.</p>"}}
{settings}
"""


def when_entered(world: World, flow: int, email: str) -> list[datetime]:
    return [line.at for line in world.trail(flow, world.contact(email).contact_id) if line.code == "E00"]


def test_the_treat_comes_at_nine_in_the_morning(world: World) -> None:
    flow = world.flow(treat())
    world.person(ANA, fields={"FNAME": "Ana", "BIRTHDAY": "05/06"})
    world.until(datetime(2026, 5, 6, 6, 59, tzinfo=UTC))
    assert world.mails_to(ANA) == []
    world.later(minutes=1)
    assert world.subjects(ANA) == ["Happy birthday, Ana"]
    assert world.codes(flow, ANA) == ["E00", "W10", "S00", "X00"]


def test_a_year_in_the_life_of_a_birthday_flow(world: World) -> None:
    flow = world.flow(treat())
    world.person(ANA, fields={"BIRTHDAY": "05/10"})
    world.person(CHLOE, fields={"BIRTHDAY": "02/29"})
    world.person(BEN)
    world.travel(timedelta(days=372), hop=DAY)
    assert [moment.date().isoformat() for moment in when_entered(world, flow, ANA)] == ["2026-05-10", "2027-05-10"]
    assert [moment.date().isoformat() for moment in when_entered(world, flow, CHLOE)] == ["2027-02-28"], "13a"
    assert world.codes(flow, BEN) == ["E01"]
    assert [len(world.mails_to(email)) for email in (ANA, CHLOE, BEN)] == [2, 1, 0]


def test_13b_three_days_before_the_second_of_january(world: World) -> None:
    world.clock.set(datetime(2026, 12, 28, 12, tzinfo=UTC))
    flow = world.flow(treat(", days_before: 3"))
    world.person(ANA, fields={"BIRTHDAY": "01/02"})
    world.travel(timedelta(days=8))
    assert [moment.date().isoformat() for moment in when_entered(world, flow, ANA)] == ["2026-12-30"]


def test_13c_a_birthday_moved_after_it_fired_does_not_fire_again_that_year(world: World) -> None:
    flow = world.flow(treat())
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.later(days=3)
    world.person(ANA, fields={"BIRTHDAY": "05/20"})
    world.later(days=14)
    assert world.entries(flow, ANA) == ["E00", "E13"]
    assert len(world.mails_to(ANA)) == 1


def test_a_birthday_told_on_the_day_itself_fires_at_once(world: World) -> None:
    flow = world.flow(treat())
    world.until(datetime(2026, 5, 6, 12, tzinfo=UTC))
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_a_birthday_told_the_day_after_waits_for_next_year(world: World) -> None:
    flow = world.flow(treat())
    world.until(datetime(2026, 5, 7, 12, tzinfo=UTC))
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.later(days=2)
    assert world.codes(flow, ANA) == ["E01"]


def test_a_new_value_before_the_day_takes_the_place_of_the_old_one(world: World) -> None:
    flow = world.flow(treat())
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.later(days=1)
    world.person(ANA, fields={"BIRTHDAY": "05/08"})
    world.later(days=5)
    assert [moment.date().isoformat() for moment in when_entered(world, flow, ANA)] == ["2026-05-08"]


def test_turned_on_after_nine_the_day_s_people_are_not_taken_in(world: World) -> None:
    world.person(ANA, fields={"BIRTHDAY": "05/04"})
    flow = world.flow(treat())  # it is 11:00 in Paris
    world.later(days=2)
    assert world.codes(flow, ANA) == ["E01"]


def test_an_outage_of_hours_is_made_up_for(world: World) -> None:
    flow = world.flow(treat())
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.settle()
    world.clock.set(datetime(2026, 5, 6, 20, tzinfo=UTC))
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_after_an_outage_of_days_the_moment_is_missed(world: World) -> None:
    flow = world.flow(treat())
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.settle()
    world.clock.set(datetime(2026, 5, 9, 20, tzinfo=UTC))
    world.settle()
    assert world.codes(flow, ANA) == ["E22"]


def test_in_each_contact_s_own_zone(world: World) -> None:
    flow = world.flow(treat(", zone: contact"))
    world.person(ANA, fields={"BIRTHDAY": "05/06"}, zone="Asia/Tokyo")
    world.person(BEN, fields={"BIRTHDAY": "05/06"}, zone="America/New_York")
    world.person(CHLOE, fields={"BIRTHDAY": "05/06"})
    world.travel(timedelta(days=4), hop=timedelta(hours=1))
    hours = {email: when_entered(world, flow, email)[0].hour for email in (ANA, BEN, CHLOE)}
    assert hours == {ANA: 0, BEN: 13, CHLOE: 7}


def test_who_is_unsubscribed_enters_and_the_send_is_skipped(world: World) -> None:
    flow = world.flow(treat())
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.unsubscribe(ANA)
    world.later(days=3)
    assert world.codes(flow, ANA) == ["E00", "W10", "S02", "X00"]


def test_fallen_into_a_pause_it_is_missed(world: World) -> None:
    flow = world.flow(treat())
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.pause(flow)
    world.later(days=3)
    world.resume(flow)
    world.later(days=3)
    assert world.codes(flow, ANA) == ["E02"]


def test_every_year_whatever_re_entry_says(world: World) -> None:
    flow = world.flow(treat(settings="settings: {re_entry: false}"))
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.later(days=3)
    world.clock.set(datetime(2027, 5, 5, 12, tzinfo=UTC))
    world.later(days=1)
    assert world.entries(flow, ANA) == ["E00", "E00"]


def test_d3_a_birthday_written_in_the_evening_while_relance_was_down_is_made_up_for(world: World) -> None:
    flow = world.flow(treat())
    world.person(ANA)
    world.until(datetime(2026, 5, 6, 12, tzinfo=UTC))
    world.clock.set(datetime(2026, 5, 6, 20, tzinfo=UTC))
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.clock.set(datetime(2026, 5, 7, 5, tzinfo=UTC))
    world.settle()
    assert world.entered(flow, ANA) == 1, "it is 22 hours late"


def test_d3_what_was_written_the_day_after_is_not(world: World) -> None:
    flow = world.flow(treat())
    world.person(ANA)
    world.until(datetime(2026, 5, 6, 12, tzinfo=UTC))
    world.clock.set(datetime(2026, 5, 7, 4, tzinfo=UTC))
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.settle()
    assert world.entries(flow, ANA) == ["E01"]


def test_e02_a_birthday_written_in_the_evening_of_a_pause_is_missed(world: World) -> None:
    flow = world.flow(treat())
    world.person(ANA)
    world.pause(flow)
    world.until(datetime(2026, 5, 6, 12, tzinfo=UTC))
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.settle()
    assert world.codes(flow, ANA) == ["E02"]


def test_a_clock_set_back_before_a_restart_strikes_no_moment_twice(world: World) -> None:
    flow = world.flow(treat())
    world.person(ANA, fields={"BIRTHDAY": "05/06"})
    world.until(datetime(2026, 5, 6, 12, tzinfo=UTC))
    world.clock.set(datetime(2026, 5, 6, 5, tzinfo=UTC))
    world.settle()
    world.until(datetime(2026, 5, 7, 12, tzinfo=UTC))
    assert world.entries(flow, ANA) == ["E00"]
