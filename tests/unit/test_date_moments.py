"""When dates have their moment, against the plain reading of the rules (spec/flows.md 2.2, section 11)."""

from __future__ import annotations

import itertools
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.flows.definition.settings_types import WEEKDAYS
from relance.flows.triggers.dates.date_added import anniversaries
from relance.flows.triggers.dates.moment import MomentSettings, days_with_moment, may_strike, moments, shift
from relance.flows.triggers.dates.schedule import ScheduleSettings, falls_on
from relance.kernel.dates import at_local, birthday_in, local_day

ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")
    ]
)
TIMES = st.times().map(lambda at: f"{at:%H:%M}")
INSTANTS = st.datetimes(datetime(2023, 1, 1), datetime(2033, 1, 1), timezones=st.just(UTC))
SETTINGS = st.builds(
    MomentSettings,
    offset=st.integers(0, 52),
    unit=st.sampled_from(["day", "week"]),
    direction=st.sampled_from(["before", "on", "after"]),
    time=TIMES,
)


@given(SETTINGS, ZONES, st.dates(date(2023, 2, 1), date(2032, 1, 1)), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_date_has_one_moment_and_no_look_passes_over_it(
    settings: MomentSettings, where: ZoneInfo, day: date, before: timedelta
) -> None:
    """However the looks divide the time around it, exactly one of them finds the date."""
    moment = at_local(day + timedelta(days=shift(settings)), time.fromisoformat(settings.time), where)
    edges = [moment - before - timedelta(days=1), moment - timedelta(microseconds=1), moment, moment + before]
    found = [
        one
        for since, until in itertools.pairwise(edges)
        for one in moments(settings, where, since, until)
        if one[0] == day
    ]
    assert found == [(day, moment)]


@given(TIMES, ZONES, INSTANTS, st.timedeltas(timedelta(0), timedelta(days=40)), st.floats(0, 1))
def test_two_looks_find_what_one_would(
    at: str, where: ZoneInfo, since: datetime, length: timedelta, share: float
) -> None:
    until, middle = since + length, since + length * share
    once = list(days_with_moment(at, where, since, until))
    assert [*days_with_moment(at, where, since, middle), *days_with_moment(at, where, middle, until)] == once
    assert len({day for day, _ in once}) == len(once)
    assert abs(len(once) - length / timedelta(days=1)) < 2


@given(TIMES, ZONES, INSTANTS, st.timedeltas(timedelta(0), timedelta(hours=2)))
def test_where_no_clock_can_strike_nobody_is_due(at: str, where: ZoneInfo, since: datetime, length: timedelta) -> None:
    if not may_strike(at, since, since + length):
        assert not list(days_with_moment(at, where, since, since + length))


def test_most_looks_need_not_ask_for_zones() -> None:
    start = datetime(2026, 5, 4, tzinfo=UTC)
    looks = [start + timedelta(seconds=10 * n) for n in range(6 * 60)]
    asked = [one for one in looks if may_strike("09:07", one, one + timedelta(seconds=10))]
    assert len(asked) == 8, "twice a quarter of an hour: at seven minutes past, and on the quarter for gaps"


@given(
    ZONES,
    INSTANTS,
    st.integers(0, 8),
    st.sampled_from([228, 301]),
    TIMES,
)
def test_everybody_who_joined_has_one_anniversary_a_year(
    where: ZoneInfo, joined: datetime, years: int, feb29_on: int, at: str
) -> None:
    """Found on the day that the rule of 29 February names, and on no other day around it."""
    first = local_day(joined, where)
    day = birthday_in(first.year + years, first.month * 100 + first.day, feb29_on=feb29_on)
    found = []
    for near in (day - timedelta(days=1), day, day + timedelta(days=1)):
        moment = at_local(near, time.fromisoformat(at), where)
        for one in anniversaries(near, moment, where, first.year - 1, feb29_on):
            if one.after < joined <= one.end:
                found.append((one.day, one.moment))
    assert found == ([(day, at_local(day, time.fromisoformat(at), where))] if years else [])


@pytest.mark.parametrize(("feb29_on", "celebrated"), [(228, date(2027, 2, 28)), (301, date(2027, 3, 1))])
def test_who_joined_on_29_february(feb29_on: int, celebrated: date) -> None:
    where = ZoneInfo("Europe/Paris")
    joined = datetime(2024, 2, 29, 12, tzinfo=UTC)
    for day in (date(2027, 2, 28), date(2027, 3, 1)):
        moment = at_local(day, time(9), where)
        found = any(one.after < joined <= one.end for one in anniversaries(day, moment, where, 2020, feb29_on))
        assert found is (day == celebrated)


DAYS_OF_MONTH = st.lists(st.one_of(st.integers(1, 31), st.just("last")), min_size=1, max_size=5)


@given(DAYS_OF_MONTH, st.integers(2024, 2030), st.integers(1, 12))
def test_each_month_has_each_of_the_days_that_it_is_asked_for(on: list[Any], year: int, month: int) -> None:
    settings = ScheduleSettings(every="month", on=on)
    length = monthrange(year, month)[1]
    days = {day for day in range(1, length + 1) if falls_on(settings, date(year, month, day))}
    assert days == {length if one == "last" or one > length else one for one in on}


@given(st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True), st.dates())
def test_each_week_has_each_of_its_weekdays(on: list[Any], monday: date) -> None:
    settings = ScheduleSettings(every="week", on=on)
    week = [monday + timedelta(days=n) for n in range(7)] if monday < date.max - timedelta(days=7) else []
    assert not week or sum(falls_on(settings, day) for day in week) == len(on)
