"""Step: wait until (spec/flows.md 6.1). The world begins on Monday 4 May 2026, and Paris is two hours ahead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"
PARIS = ZoneInfo("Europe/Paris")


def wait(until: str, settings: str = "{}", no_date: str = "") -> str:
    return f"""
flow: Patience
audience: Customers
triggers:
  - event_api: asked
steps:
  - wait_until: {{{until}{no_date}}}
  - add_tag: done
settings: {settings}
"""


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def leaves_at(world: World, until: str, asked: str, moment: str, **event: object) -> None:
    """Ana arrives at ``asked`` and goes on at ``moment``, not a minute before."""
    flow = world.flow(wait(until))
    world.until(paris(asked))
    world.event(ANA, "asked", dict(event))
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W07"]
    world.until(paris(moment) - timedelta(minutes=1))
    assert world.path(flow, ANA) == ["E00", "W07"]
    world.until(paris(moment))
    assert world.path(flow, ANA) == ["E00", "W07", "B11", "X00"]
    [tagged] = [line for line in world.trail(flow, world.contact(ANA).contact_id) if line.code == "B11"]
    assert tagged.at == paris(moment)


@pytest.fixture
def shop(world: World) -> World:
    world.field("RENEWS", "date")
    world.person(ANA, fields={"BIRTHDAY": "03/14", "RENEWS": "2026-06-20"})
    return world


@pytest.mark.parametrize(
    ("until", "asked", "moment"),
    [
        ('time: "18:30"', "2026-05-06T10:00", "2026-05-06T18:30"),
        ('time: "09:00"', "2026-05-06T10:00", "2026-05-07T09:00"),
        ('time: "09:00", weekdays: [mon]', "2026-05-06T10:00", "2026-05-11T09:00"),
        ('time: "09:00", weekdays: [mon]', "2026-05-11T09:01", "2026-05-18T09:00"),
        ('time: "02:30"', "2026-10-24T12:00", "2026-10-25T02:30"),
        ("date: 2026-06-01", "2026-05-06T10:00", "2026-06-01T09:00"),
        ('date: "2026-06-01 18:00"', "2026-05-06T10:00", "2026-06-01T18:00"),
        ("date: 2026-06-01, days_before: 3, at: '12:00'", "2026-05-06T10:00", "2026-05-29T12:00"),
        ("field: RENEWS", "2026-05-06T10:00", "2026-06-20T09:00"),
        ("field: RENEWS, weeks_after: 1, at: '07:15'", "2026-05-06T10:00", "2026-06-27T07:15"),
        ("field: BIRTHDAY, days_before: 3", "2027-03-01T10:00", "2027-03-11T09:00"),
        ("field: BIRTHDAY", "2026-05-06T10:00", "2027-03-14T09:00"),
        ("field: RENEWS, every_year: true", "2026-06-20T09:01", "2027-06-20T09:00"),
    ],
)
def test_the_next_moment_by_the_shop_s_clock(shop: World, until: str, asked: str, moment: str) -> None:
    leaves_at(shop, until, asked, moment)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-05-20", "2026-05-19T09:00"),
        ("2026-05-20T16:00:00+00:00", "2026-05-19T18:00"),
        ("2026-05-20 16:00", "2026-05-19T16:00"),
    ],
)
def test_a_date_that_the_event_brought(shop: World, written: str, moment: str) -> None:
    leaves_at(shop, "event_date: trial.ends, days_before: 1", "2026-05-06T10:00", moment, trial={"ends": written})


def test_who_arrives_exactly_then_passes_at_once(shop: World) -> None:
    flow = shop.flow(wait('time: "09:00", weekdays: [mon]'))
    shop.until(paris("2026-05-11T09:00"))
    shop.event(ANA, "asked")
    shop.settle()
    assert shop.path(flow, ANA) == ["E00", "B06", "B11", "X00"]


@pytest.mark.parametrize("until", ["field: RENEWS", "event_date: ends"])
def test_without_a_date_nobody_waits_for_ever(world: World, until: str) -> None:
    world.field("RENEWS", "date")
    flow = world.flow(wait(until, no_date=", no_date: [{add_tag: no date}]"))
    world.person(ANA)
    world.event(ANA, "asked", {"ends": "soon"})
    world.settle()
    assert world.path(flow, ANA) == ["E00", "B07", "B11", "B11", "X00"]
    assert world.tags_of(ANA) == {"no date", "done"}


@pytest.mark.parametrize(
    ("until", "fields", "event"),
    [
        ("event_date: ends", {}, {"ends": "9999-12-31T23:59:59Z"}),
        ("event_date: ends, at: '10:00'", {}, {"ends": "9999-12-31T23:59:59Z"}),
        ("event_date: ends", {}, {"ends": "9999-12-31T23:59:59-05:00"}),
        ("field: RENEWS, days_after: 1", {"RENEWS": "9999-12-31"}, {}),
        ("field: RENEWS", {"RENEWS": "9999-12-31"}, {}),
    ],
)
def test_a_date_that_stands_for_never_is_waited_for_as_long_as_a_run_may_last(
    shop: World, until: str, fields: dict[str, str], event: dict[str, str]
) -> None:
    """Also where no calendar can say when that is, and beside somebody whose date is a usual one."""
    flow = shop.flow(wait(until, "{max_run_age: 20}"))
    shop.person(ANA, fields=fields)
    shop.person(BEN, fields={"RENEWS": "2026-05-10"})
    shop.event(ANA, "asked", event)
    shop.event(BEN, "asked", {"ends": "2026-05-10"})
    shop.later(days=19)
    assert shop.path(flow, BEN)[-1] == "X00"
    assert shop.path(flow, ANA) == ["E00", "W07"]
    assert shop.why_in(flow, ANA, "fr")
    shop.later(days=2)
    assert shop.path(flow, ANA)[-1] == "X12"


def test_a_date_before_all_calendars_has_passed(shop: World) -> None:
    flow = shop.flow(wait("event_date: ends, days_before: 1"))
    shop.event(ANA, "asked", {"ends": "0001-01-01T00:00:00Z"})
    shop.settle()
    assert shop.path(flow, ANA) == ["E00", "B08", "B11", "X00"]


def test_29_february_is_kept_on_the_day_that_the_account_chose(shop: World) -> None:
    flow = shop.flow(wait('field: BIRTHDAY, at: "18:00"'))
    shop.set("feb29", "mar1")
    shop.person(ANA, fields={"BIRTHDAY": "02/29"})
    shop.until(paris("2027-03-01T09:00"))
    shop.event(ANA, "asked")
    shop.until(paris("2027-03-01T18:00"))
    assert shop.path(flow, ANA) == ["E00", "W07", "B11", "X00"]


def test_who_waits_already_goes_by_the_new_choice(shop: World) -> None:
    flow = shop.flow(wait('field: BIRTHDAY, at: "18:00"'))
    shop.person(ANA, fields={"BIRTHDAY": "02/29"})
    shop.until(paris("2027-02-20T09:00"))
    shop.event(ANA, "asked")
    shop.settle()
    shop.set("feb29", "mar1")
    shop.until(paris("2027-03-01T17:59"))
    assert shop.at(flow, ANA) == "wait_until"
    shop.until(paris("2027-03-01T18:00"))
    assert shop.path(flow, ANA) == ["E00", "W07", "W07", "B11", "X00"]


def test_a_date_that_has_passed_lets_go_on(shop: World) -> None:
    flow = shop.flow(wait("field: RENEWS, days_before: 60"))
    shop.event(ANA, "asked")
    shop.settle()
    assert shop.path(flow, ANA) == ["E00", "B08", "B11", "X00"]


def test_or_ends_the_run_where_that_was_chosen(shop: World) -> None:
    flow = shop.flow(wait("date: 2026-01-01, if_past: exit"))
    shop.event(ANA, "asked")
    shop.settle()
    assert shop.path(flow, ANA) == ["E00", "B08", "X17"]
    assert "done" not in shop.tags_of(ANA)


def test_a_field_edited_while_waiting_moves_the_moment(shop: World) -> None:
    flow = shop.flow(wait("field: RENEWS"))
    shop.event(ANA, "asked")
    shop.later(days=1)
    shop.person(ANA, fields={"RENEWS": "2026-05-15"})
    shop.until(paris("2026-05-15T08:59"))
    assert shop.path(flow, ANA) == ["E00", "W07", "W07"]
    shop.until(paris("2026-05-15T09:00"))
    assert shop.path(flow, ANA) == ["E00", "W07", "W07", "B11", "X00"]


def test_later_or_blank_too(shop: World) -> None:
    flow = shop.flow(wait("field: RENEWS"))
    shop.person(BEN, fields={"RENEWS": "2026-06-20"})
    for email in (ANA, BEN):
        shop.event(email, "asked")
    shop.settle()
    shop.person(ANA, fields={"RENEWS": "2026-07-01"})
    shop.person(BEN, fields={"RENEWS": ""})
    shop.settle()
    assert shop.path(flow, BEN) == ["E00", "W07", "B07", "B11", "X00"]
    shop.until(paris("2026-06-25T09:00"))
    assert shop.at(flow, ANA) == "wait_until"
    shop.until(paris("2026-07-01T09:00"))
    assert shop.at(flow, ANA) is None


def test_in_a_flow_that_takes_nobody_in_any_more_too(shop: World) -> None:
    flow = shop.flow(wait("field: RENEWS"))
    shop.event(ANA, "asked")
    shop.settle()
    shop.drain(flow)
    shop.person(ANA, fields={"RENEWS": "2026-05-10"})
    shop.until(paris("2026-05-10T10:00"))
    assert shop.path(flow, ANA)[-2:] == ["B11", "X00"]


def test_in_a_pause_the_moment_moves_and_nobody_is_held_before_it(shop: World) -> None:
    flow = shop.flow(wait("field: RENEWS"))
    shop.person(BEN, fields={"RENEWS": "2026-06-20"})
    for email in (ANA, BEN):
        shop.event(email, "asked")
    shop.settle()
    shop.pause(flow)
    shop.person(ANA, fields={"RENEWS": "2026-05-10"})
    shop.person(BEN, fields={"RENEWS": "2026-05-20"})
    shop.until(paris("2026-05-10T08:00"))
    assert shop.path(flow, ANA) == ["E00", "W07", "W07"]
    shop.until(paris("2026-05-12T08:00"))
    assert shop.path(flow, ANA) == ["E00", "W07", "W07", "W04"]
    shop.resume(flow)
    shop.settle()
    assert shop.path(flow, ANA)[-3:] == ["W04", "B11", "X00"]
    assert shop.path(flow, BEN) == ["E00", "W07", "W07"]
    shop.until(paris("2026-05-20T09:00"))
    assert shop.path(flow, BEN)[-2:] == ["B11", "X00"]


def test_another_field_of_theirs_does_not_disturb(shop: World) -> None:
    flow = shop.flow(wait("field: RENEWS"))
    shop.event(ANA, "asked")
    shop.settle()
    shop.person(ANA, fields={"FNAME": "Anna"})
    shop.settle()
    assert shop.path(flow, ANA) == ["E00", "W07"]


def test_by_the_contact_s_own_clock_and_when_they_move(shop: World) -> None:
    flow = shop.flow(wait('time: "20:00"', "{zone: contact}"))
    shop.person(ANA, zone="America/New_York")
    shop.until(paris("2026-05-06T10:00"))
    shop.event(ANA, "asked")
    shop.settle()
    shop.person(ANA, zone="Asia/Tokyo")
    shop.until(paris("2026-05-06T12:59"))
    assert shop.at(flow, ANA) == "wait_until"
    shop.until(paris("2026-05-06T13:00"))
    assert shop.path(flow, ANA) == ["E00", "W07", "W07", "B11", "X00"]


def test_a_pause_holds_nobody_longer_than_it_lasts(shop: World) -> None:
    flow = shop.flow(wait("date: 2026-05-10"))
    shop.event(ANA, "asked")
    shop.settle()
    shop.pause(flow)
    shop.until(paris("2026-05-12T00:00"))
    assert shop.path(flow, ANA) == ["E00", "W07", "W04"]
    shop.resume(flow)
    shop.settle()
    assert shop.path(flow, ANA)[-2:] == ["B11", "X00"]


def test_the_new_moment_of_an_edited_flow_counts(shop: World) -> None:
    flow = shop.flow(wait("date: 2026-05-20"))
    shop.event(ANA, "asked")
    shop.settle()
    shop.flow(wait("date: 2026-05-08"), on=False)
    shop.publish(flow)
    shop.until(paris("2026-05-08T09:00"))
    assert shop.path(flow, ANA)[-2:] == ["B11", "X00"]


@pytest.mark.parametrize(
    ("until", "code"),
    [
        ("if_past: exit", "V09"),
        ("date: soon", "invalid"),
        ("date: 2026-06-01, field: BIRTHDAY", "invalid"),
        ("date: 2026-06-01, weekdays: [mon]", "invalid"),
        ('time: "09:00", days_before: 3', "invalid"),
        ("event_date: ends, every_year: true", "invalid"),
        ("field: FNAME", "V06"),
        ("field: NOWHERE", "V06"),
        ('time: "9 o\'clock"', "invalid"),
        ("field: BIRTHDAY, days_before: 400", "V15"),
    ],
)
def test_what_is_no_moment_is_refused(world: World, until: str, code: str) -> None:
    assert code in world.problems(wait(until))


def test_it_is_written_back_as_it_was_read(shop: World) -> None:
    step = 'field: RENEWS, if_past: exit, days_before: 3, at: "10:00"'
    assert shop.rewritten(wait(step))["steps"][0] == {
        "wait_until": {"field": "RENEWS", "if_past": "exit", "days_before": 3, "at": "10:00"}
    }
    assert shop.rewritten(wait('time: "09:00", weekdays: [mon, tue]'))["steps"][0] == {
        "wait_until": {"time": "09:00", "weekdays": ["mon", "tue"]}
    }
