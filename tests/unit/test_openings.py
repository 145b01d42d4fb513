"""When something may leave, against a slow and obvious model that looks at every minute (spec/flows.md 5.8, 11)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relance.kernel.openings import Hours, Window, first_open, read_hours

PARIS, NEW_YORK, LORD_HOWE = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")
ZONES = st.sampled_from([PARIS, NEW_YORK, LORD_HOWE, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Africa/Cairo")])
MINUTE = timedelta(minutes=1)

# Many of them around changes of the clock, and around the hours in which clocks are changed.
CHANGES = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC),
           datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC),
           datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)]  # fmt: skip
INSTANTS = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    st.tuples(st.sampled_from(CHANGES), st.timedeltas(timedelta(hours=-30), timedelta(hours=3))).map(
        lambda two: two[0] + two[1]
    ),
)
TIMES = st.one_of(st.times(), st.sampled_from([time(1, 30), time(2), time(2, 30), time(3), time(0)])).map(
    lambda at: at.replace(second=0, microsecond=0)
)
HOURS = st.tuples(TIMES, TIMES).filter(lambda two: two[0] != two[1]).map(lambda two: Hours(*two))
DAYS = st.frozensets(st.integers(0, 6), max_size=6)
WINDOWS = st.one_of(
    st.builds(Window, DAYS, HOURS), st.builds(Window, DAYS, st.none(), TIMES), st.builds(Window, DAYS), st.none()
)


def minutes_of(hours: Hours) -> set[int]:
    """The minutes of a day on the wall, counted from midnight."""
    first, end = hours.start.hour * 60 + hours.start.minute, hours.end.hour * 60 + hours.end.minute
    return set(range(first, end)) if first < end else {*range(first, 1440), *range(end)}


def is_open(window: Window | None, moment: datetime, where: ZoneInfo) -> bool:
    if window is None:
        return True
    local = moment.astimezone(where)
    minute, day = local.hour * 60 + local.minute, local.date()
    if window.at is not None:
        # The minute before, on the wall: a clock that jumps over the time strikes it as it lands.
        before = (moment - MINUTE).astimezone(where)
        at = window.at.hour * 60 + window.at.minute
        passed = (before.hour * 60 + before.minute if before.date() == day else -1) < at < minute
        landed = passed and local.utcoffset() != before.utcoffset()
        return (minute == at or landed) and (not window.days or day.weekday() in window.days)
    if window.hours is not None:
        if minute not in minutes_of(window.hours):
            return False
        if window.hours.end <= window.hours.start and minute < window.hours.end.hour * 60 + window.hours.end.minute:
            day -= timedelta(days=1)
    return not window.days or day.weekday() in window.days


def by_the_minute(
    now: datetime, window: Window | None, where: ZoneInfo, quiet: Hours | None, home: ZoneInfo
) -> datetime | None:
    hushed = minutes_of(quiet) if quiet else set()
    moment = now
    while moment < now + timedelta(days=14):
        local = moment.astimezone(home)
        if is_open(window, moment, where) and local.hour * 60 + local.minute not in hushed:
            return moment
        moment = moment.replace(second=0, microsecond=0) + MINUTE
    return None


@given(INSTANTS, WINDOWS, ZONES, st.one_of(st.none(), HOURS), ZONES)
@example(datetime(2026, 10, 25, 0, 45, tzinfo=UTC), Window(hours=Hours(time(1), time(2, 30))), PARIS, None, PARIS)
@example(datetime(2026, 3, 28, 12, tzinfo=UTC), Window(at=time(2, 30)), PARIS, None, PARIS)
@example(datetime(2026, 4, 23, 12, tzinfo=UTC), Window(at=time(0, 30)), ZoneInfo("Africa/Cairo"), None, PARIS)
@example(datetime(2026, 3, 28, 12, tzinfo=UTC), Window(hours=Hours(time(2, 15), time(2, 45))), PARIS, None, PARIS)
@settings(max_examples=150, deadline=None)
def test_the_first_opening_is_the_one_that_looking_at_every_minute_finds(
    now: datetime, window: Window | None, where: ZoneInfo, quiet: Hours | None, home: ZoneInfo
) -> None:
    assert first_open(now, window, where, quiet, home) == by_the_minute(now, window, where, quiet, home)


def paris(day: int, hour: int, minute: int = 0, month: int = 5, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS, fold=fold).astimezone(UTC)


OFFICE = Window(frozenset(range(5)), read_hours("09:00-18:00"))
NIGHTS = Window(frozenset({4}), read_hours("22:00-02:00"))


@pytest.mark.parametrize(
    ("window", "now", "opens"),
    [
        (OFFICE, paris(4, 9), paris(4, 9)),
        (OFFICE, paris(4, 17, 59), paris(4, 17, 59)),
        (OFFICE, paris(4, 18), paris(5, 9)),
        (OFFICE, paris(9, 12), paris(11, 9)),
        (NIGHTS, paris(9, 1, 59), paris(9, 1, 59)),  # the night of Friday the 8th
        (NIGHTS, paris(8, 1), paris(8, 22)),  # that of Thursday is closed
        (Window(at=time(9)), paris(4, 9), paris(4, 9)),
        (Window(at=time(9)), paris(4, 9, 1), paris(5, 9)),
        (Window(at=time(9)).lasting(), paris(4, 23, 59), paris(4, 23, 59)),
        (Window(at=time(9)).lasting(), paris(5, 0), paris(5, 9)),
        (Window(at=time(2, 30)), paris(28, 12, month=3), paris(29, 3, month=3)),  # the gap: after it
        (Window(hours=read_hours("02:00-03:00")), paris(25, 2, 30, month=10, fold=1),
         paris(25, 2, 30, month=10, fold=1)),  # the second pass of the hour
        (Window(hours=read_hours("18:00-24:00")), paris(4, 23, 59), paris(4, 23, 59)),
    ],
)  # fmt: skip
def test_openings(window: Window, now: datetime, opens: datetime) -> None:
    assert first_open(now, window, PARIS) == opens


def test_quiet_hours_go_by_a_clock_of_their_own() -> None:
    quiet = read_hours("21:00-08:00")
    assert first_open(paris(4, 20), None, PARIS, quiet) == paris(4, 20)
    assert first_open(paris(4, 21), None, PARIS, quiet) == paris(5, 8)
    assert first_open(paris(4, 12), None, PARIS, quiet, NEW_YORK) == paris(4, 14)  # 06:00 there


def test_a_window_within_the_quiet_hours_never_opens() -> None:
    assert first_open(paris(4, 9), Window(hours=read_hours("22:00-23:00")), PARIS, read_hours("21:00-08:00")) is None


@pytest.mark.parametrize("text", ["", "9-18", "09:00", "09:00-09:00", "09:00-25:00", "24:00-08:00", "09:00 - 18:00"])
def test_what_are_no_hours(text: str) -> None:
    assert read_hours(text) is None
