"""Trigger 12, date added (spec/flows.md 2.2), told from door to effect. The shop is in Paris: 09:00 is 07:00 UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests import cast
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"
HOUR = timedelta(hours=1)


def grown(settings: str = "") -> str:
    return f"""
flow: Grown
audience: Customers
triggers:
  - date_added: {{{settings}}}
steps:
  - send_email: {{email: Grown, subject: "How does it grow, *|FNAME:friend|*?", html: "<p>Tell us.</p>"}}
"""


def at(day: int, hour: int = 12, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def entered_at(world: World, flow: int, email: str) -> list[datetime]:
    return [line.at for line in world.trail(flow, world.contact(email).contact_id) if line.code == "E00"]


def test_12a_who_joined_before_turn_on_enters_when_the_moment_comes_after_it(world: World) -> None:
    world.person(ANA, fields={"FNAME": "Ana"})  # on 4 May
    world.until(at(13))
    flow = world.flow(grown("days_after: 30"))
    world.until(at(3, 6, month=6))
    assert world.codes(flow, ANA) == ["E01"]
    world.later(hours=1)
    assert world.subjects(ANA) == ["How does it grow, Ana?"]
    assert world.codes(flow, ANA) == ["E00", "W10", "S00", "X00"]


def test_12b_whose_moment_has_passed_never_enters(world: World) -> None:
    world.person(ANA)
    world.until(at(13))
    flow = world.flow(grown("days_after: 7"))
    world.later(days=30)
    assert world.codes(flow, ANA) == ["E01"]


def test_on_the_day_itself_it_is_the_later_of_the_time_and_the_joining(world: World) -> None:
    flow = world.flow(grown('at: "14:00"'))  # 12:00 UTC
    world.until(at(5, 8))
    world.person(ANA)
    world.until(at(5, 12))
    world.until(at(5, 15))
    world.person(BEN)
    joined = world.clock.now()
    world.later(days=3)
    assert entered_at(world, flow, ANA) == [at(5, 12)]
    assert entered_at(world, flow, BEN) == [joined]
    assert world.entries(flow, ANA) == world.entries(flow, BEN) == ["E00"], "and once"


@pytest.mark.parametrize("first", ["clock", "dispatcher"])
def test_whoever_looks_first_the_joining_is_found_once(world: World, first: str) -> None:
    flow = world.flow(grown())
    world.clock.advance(timedelta(hours=2))
    world.person(ANA)
    world.clock.advance(timedelta(seconds=3))
    if first == "clock":
        world.engine_clock.look(world.share)
    world.judge()
    world.settle()
    assert world.entries(flow, ANA) == ["E00"]


def test_a_joining_that_was_committed_behind_the_clock_s_back_is_found(world: World) -> None:
    flow = world.flow(grown())
    world.clock.advance(timedelta(hours=2))
    then = world.clock.now()
    world.clock.advance(timedelta(minutes=5))
    world.engine_clock.look(world.share)
    with world.database.transaction() as tx:
        from relance.audience import contacts

        draft = contacts.Draft(email=ANA, email_status="subscribed", shown="Asked")
        contacts.save(tx, then, world.shop.customers, draft, cast.TEAM)
    world.settle()
    assert world.entries(flow, ANA) == ["E00"]


def test_once_in_a_life_whatever_happens_to_the_consent(world: World) -> None:
    flow = world.flow(grown("days_after: 2"))
    world.person(ANA)
    world.unsubscribe(ANA)
    world.later(days=4)
    world.person(ANA, actor=cast.FORM, confirmed=True)
    world.later(days=30)
    assert world.codes(flow, ANA) == ["E00", "W10", "S02", "X00"], "G6: consent is asked at the send"


def test_who_confirms_on_the_same_day_enters_then(world: World) -> None:
    flow = world.flow(grown())
    world.person(ANA, email_status="pending", actor=cast.FORM)
    world.later(hours=1)
    assert world.codes(flow, ANA) == ["E01"], "not in the audience yet (G21)"
    world.confirm(ANA)
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_who_has_not_confirmed_when_the_moment_comes_does_not_enter(world: World) -> None:
    flow = world.flow(grown("days_after: 2"))
    world.person(ANA, email_status="pending", actor=cast.FORM)
    world.later(days=4)
    assert world.codes(flow, ANA) == ["E01"]


def test_who_confirms_after_midnight_has_joined_on_the_new_day(world: World) -> None:
    """The form at 23:50 in Paris, the link at 00:05: before it nobody was in the audience (G21)."""
    flow = world.flow(grown())
    world.until(at(4, 21) + timedelta(minutes=50))
    world.person(ANA, email_status="pending", actor=cast.FORM)
    world.later(minutes=15)
    world.confirm(ANA)
    world.later(minutes=55)
    assert world.entered(flow, ANA) == 0
    world.travel(timedelta(days=3), hop=HOUR)
    assert entered_at(world, flow, ANA) == [at(5, 7)], "at 09:00 of the day of joining"


def test_days_are_counted_from_the_confirmation(world: World) -> None:
    flow = world.flow(grown("days_after: 2"))
    world.person(ANA, email_status="pending", actor=cast.FORM)
    world.until(at(14))
    world.confirm(ANA)
    world.travel(timedelta(days=10), hop=HOUR)
    assert entered_at(world, flow, ANA) == [at(16, 7)], "not from the form, ten days earlier"


def test_a_second_confirmation_moves_nothing(world: World) -> None:
    """Who has left and signs up again by the form joined when they first did."""
    flow = world.flow(grown("days_after: 8"))
    world.person(ANA)  # on 4 May
    world.unsubscribe(ANA)
    world.later(days=3)
    world.person(ANA, email_status="pending", actor=cast.FORM)
    world.until(at(9))
    world.confirm(ANA)
    world.travel(timedelta(days=20), hop=HOUR)
    assert entered_at(world, flow, ANA) == [at(12, 7)]


def test_who_waits_for_a_second_confirmation_does_not_enter(world: World) -> None:
    flow = world.flow(grown("days_after: 8"))
    world.person(ANA)
    world.unsubscribe(ANA)
    world.person(ANA, email_status="pending", actor=cast.FORM)
    world.later(days=20)
    assert world.codes(flow, ANA) == ["E01"]


def test_every_year_from_the_day_itself_on(world: World) -> None:
    flow = world.flow(grown("every_year: true"))
    world.person(ANA)
    world.travel(timedelta(days=380), hop=timedelta(days=1))
    assert [moment.date() for moment in entered_at(world, flow, ANA)] == [date(2026, 5, 4), date(2027, 5, 4)]
    assert world.entries(flow, ANA) == ["E00", "E00"]


def test_every_year_for_who_joined_on_29_february(world: World) -> None:
    world.person(ANA)
    with world.database.transaction() as tx:  # an audience that is older than this Relance
        tx.connection.execute("update contact set joined_at = '2024-02-29 12:00+00'")
    world.clock.set(datetime(2027, 2, 20, 12, tzinfo=UTC))
    flow = world.flow(grown("every_year: true, weeks_after: 1"))
    world.travel(timedelta(days=20), hop=timedelta(days=1))
    assert [moment.date() for moment in entered_at(world, flow, ANA)] == [date(2027, 3, 7)], "D7: a week after the 28th"


def test_without_every_year_once_is_all(world: World) -> None:
    flow = world.flow(grown("days_after: 1"))
    world.person(ANA)
    world.travel(timedelta(days=380), hop=timedelta(days=1))
    assert world.entries(flow, ANA) == ["E00"]


def test_by_each_contact_s_own_day(world: World) -> None:
    """23:00 in Paris on 4 May is the 5th in Tokyo and still the 4th in New York."""
    flow = world.flow(grown("days_after: 1, zone: contact"))
    world.until(at(4, 21))
    world.person(ANA, zone="Asia/Tokyo")
    world.person(BEN, zone="America/New_York")
    world.travel(timedelta(days=4), hop=HOUR)
    assert entered_at(world, flow, ANA) == [at(6, 0)]
    assert entered_at(world, flow, BEN) == [at(5, 13)]


def test_in_the_contact_s_zone_who_joins_in_the_evening_enters_at_once(world: World) -> None:
    flow = world.flow(grown("zone: contact"))
    world.until(at(4, 21))
    world.person(ANA, zone="America/New_York")  # 17:00 there
    world.person(BEN, zone="Asia/Tokyo")  # 06:00 there
    world.settle()
    assert world.entered(flow, ANA) == 1
    assert world.entered(flow, BEN) == 0
    world.travel(timedelta(days=1), hop=HOUR)
    assert entered_at(world, flow, BEN) == [at(5, 0)]
    assert world.entries(flow, ANA) == ["E00"]


def test_an_import_counts_and_a_week_of_outage_is_too_long(world: World) -> None:
    flow = world.flow(grown("days_after: 2"))
    world.person(ANA, actor=cast.FILE)
    world.settle()
    world.clock.set(at(14))
    world.settle()
    assert world.codes(flow, ANA) == ["E22"]
