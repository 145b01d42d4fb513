"""Time that never runs backwards, ids that carry their bucket, wall clocks in spring and autumn."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.kernel import clock as clocks
from relance.kernel.clock import Clock
from relance.kernel.dates import at_local, birthday_in, local_day, month_days_on, plus_days, zone
from relance.kernel.errors import Conflict, Invalid, RelanceError, Unavailable
from relance.kernel.ids import (
    BUCKETS,
    bucket_for_new_contact,
    bucket_of,
    bucket_of_key,
    contact_id,
    derived_uuid,
    hex_id,
    object_id,
    time_uuid,
)
from relance.kernel.slots import SLOTS, buckets_of, buckets_of_slot, slot_of

PARIS = ZoneInfo("Europe/Paris")
ZONES = [
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Santiago",
    "Pacific/Apia",
]
MONDAY = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)

zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.dates(date(2000, 1, 1), date(2037, 12, 31))
times = st.times().map(lambda at: at.replace(microsecond=0))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))


# ── The clock ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(readings=st.lists(st.floats(min_value=0, max_value=4e9), min_size=1, max_size=20))
def test_the_clock_never_runs_backwards(readings: list[float]) -> None:
    """The machine's clock may be set back: "now" waits until the old reading is reached."""
    clock, machine = Clock(), iter(readings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clocks._time, "time", lambda: next(machine))
        told = [clock.now() for _ in readings]
    assert told == sorted(told)
    assert told[-1] == datetime.fromtimestamp(max(readings), UTC)


def test_a_clock_stands_where_it_is_set_and_moves_by_hand() -> None:
    clock = Clock()
    clock.set(MONDAY)
    assert clock.now() == clock.now() == MONDAY
    assert clock.advance(timedelta(days=365)) == MONDAY + timedelta(days=365) == clock.now()
    clock.release()
    assert abs(clock.now().timestamp() - clocks._time.time()) < 60


def test_a_clock_goes_on_from_what_was_read_before_and_one_that_is_set_does_not() -> None:
    clock, later = Clock(), datetime.now(UTC) + timedelta(hours=2)
    clock.set(MONDAY)
    clock.raise_to(later)
    assert clock.now() == clock.machine() == MONDAY
    clock.release()
    clock.raise_to(later)
    clock.raise_to(MONDAY)
    assert clock.now() == later > clock.machine()


def test_a_clock_takes_no_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        Clock().set(datetime(2026, 5, 4))
    with pytest.raises(ValueError, match="frozen"):
        Clock().advance(timedelta(1))


def test_every_reading_is_in_utc() -> None:
    clock = Clock()
    clock.set(datetime(2026, 5, 4, 11, 0, tzinfo=PARIS))
    assert clock.now().isoformat() == "2026-05-04T09:00:00+00:00"


# ── Ids ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(bucket=st.integers(0, BUCKETS - 1))
def test_a_contact_s_id_carries_its_bucket(bucket: int) -> None:
    made = contact_id(bucket)
    assert bucket_of(made) == bucket
    assert (made.version, made.variant) == (8, "specified in RFC 4122")
    assert made != contact_id(bucket)
    assert bucket in buckets_of_slot(slot_of(made))


@given(account=st.integers(1, 2**40), spread=st.integers(1, BUCKETS))
def test_an_account_stays_within_its_spread(account: int, spread: int) -> None:
    home = bucket_for_new_contact(account, 1)
    assert bucket_for_new_contact(account, 1) == home
    assert (bucket_for_new_contact(account, spread) - home) % BUCKETS < spread


@pytest.mark.parametrize("spread", [0, BUCKETS + 1, -1])
def test_a_spread_beyond_the_buckets_is_refused(spread: int) -> None:
    with pytest.raises(ValueError, match="spread is 1 to 4096"):
        bucket_for_new_contact(1, spread)


def test_slots_share_out_every_bucket_once() -> None:
    assert buckets_of(range(SLOTS)) == tuple(range(BUCKETS))


@given(key=st.text())
def test_an_identity_s_bucket_follows_from_its_key(key: str) -> None:
    assert 0 <= bucket_of_key(key) < BUCKETS
    assert bucket_of_key(key) == bucket_of_key(key)


@given(gaps=st.lists(st.integers(0, 50), max_size=50))
def test_time_ordered_ids_sort_by_time_and_then_by_call(gaps: list[int]) -> None:
    moment, made = MONDAY, []
    for gap in gaps:
        moment += timedelta(milliseconds=gap)
        made.append(time_uuid(moment))
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(one.version == 7 for one in made)


def test_a_thousand_people_in_one_millisecond_keep_their_order() -> None:
    made = [time_uuid(MONDAY) for _ in range(10_000)]
    assert made == sorted(set(made))


def test_a_clock_moved_back_by_a_test_starts_a_new_order() -> None:
    later, earlier = time_uuid(MONDAY + timedelta(days=365)), time_uuid(MONDAY)
    assert earlier < later


def test_object_ids_are_ten_hex_digits() -> None:
    made = [object_id() for _ in range(1000)]
    assert all(0 < one < 2**40 and len(hex_id(one)) == 10 and int(hex_id(one), 16) == one for one in made)


def test_a_derived_id_is_the_same_for_the_same_parts_only() -> None:
    run = UUID(int=7)
    assert derived_uuid(run, 1) == derived_uuid(run, 1) == derived_uuid(str(run), "1")
    assert derived_uuid(run, 1) != derived_uuid(run, 2)


# ── Dates ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(day=days, at=times, where=zones)
def test_a_wall_clock_time_comes_true_or_moves_to_the_end_of_the_gap(day: date, at: time, where: ZoneInfo) -> None:
    wall = datetime.combine(day, at)
    moment = at_local(day, at, where)
    shown = moment.astimezone(where).replace(tzinfo=None)
    assert moment.tzinfo is UTC
    if shown == wall:
        # The first of two: an hour or half an hour earlier, the clock on the wall showed something else.
        for back in (30, 60, 120):
            assert (moment - timedelta(minutes=back)).astimezone(where).replace(tzinfo=None) != wall
    else:
        just_before = (moment - timedelta(seconds=1)).astimezone(where).replace(tzinfo=None)
        assert just_before < wall < shown


def test_in_spring_half_past_two_is_three_o_clock() -> None:
    assert at_local(date(2026, 3, 29), time(2, 30), PARIS) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert at_local(date(2026, 3, 29), time(2, 0), PARIS) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_in_autumn_half_past_two_is_the_first_of_the_two() -> None:
    assert at_local(date(2026, 10, 25), time(2, 30), PARIS) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_change_of_half_an_hour_is_known_too() -> None:
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    moment = at_local(date(2026, 10, 4), time(2, 15), lord_howe)
    assert moment.astimezone(lord_howe).time() == time(2, 30)


def test_a_day_that_samoa_left_out_is_the_next_one() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert local_day(at_local(date(2011, 12, 30), time(12, 0), apia), apia) == date(2011, 12, 31)


@given(moment=moments, n=st.integers(0, 365), where=zones)
def test_days_later_it_is_the_same_time_of_day(moment: datetime, n: int, where: ZoneInfo) -> None:
    later = plus_days(moment, n, where)
    wanted = datetime.combine(local_day(moment, where) + timedelta(days=n), moment.astimezone(where).time())
    shown = later.astimezone(where).replace(tzinfo=None)
    assert shown == wanted or shown > wanted  # in a gap, the first instant after it
    assert shown - wanted <= timedelta(days=1)


def test_two_days_over_the_spring_change_are_47_hours() -> None:
    friday = datetime(2026, 3, 28, 9, 0, tzinfo=PARIS).astimezone(UTC)
    assert plus_days(friday, 2, PARIS) - friday == timedelta(hours=47)


@given(year=st.integers(1990, 2100), born=days, feb29_on=st.sampled_from([228, 301]))
def test_everybody_has_one_birthday_a_year(year: int, born: date, feb29_on: int) -> None:
    month_day = born.month * 100 + born.day
    day = birthday_in(year, month_day, feb29_on=feb29_on)
    assert month_day in month_days_on(day, feb29_on=feb29_on)
    week = [day + timedelta(days=n) for n in range(-3, 4)]
    assert [one for one in week if month_day in month_days_on(one, feb29_on=feb29_on)] == [day]


@pytest.mark.parametrize(
    ("year", "feb29_on", "day"),
    [(2028, 228, (2, 29)), (2027, 228, (2, 28)), (2027, 301, (3, 1)), (2100, 228, (2, 28)), (2000, 301, (2, 29))],
)
def test_elodie_was_born_on_29_february(year: int, feb29_on: int, day: tuple[int, int]) -> None:
    assert birthday_in(year, 229, feb29_on=feb29_on) == date(year, *day)


@pytest.mark.parametrize("name", ["Paris", "+02:00", "", "../etc/passwd", "/etc/passwd", "Europe/\x00"])
def test_what_is_no_zone_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(Invalid, match="Europe/Paris"):
        zone(name)


# ── Errors ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_error_says_where_what_and_how_to_mend_it() -> None:
    error = Invalid("'noon' is no time", where="line 4", mend="Write 12:00.")
    assert str(error) == "line 4: 'noon' is no time. Write 12:00."
    assert str(Invalid("is it running?", mend="Start it.")) == "is it running? Start it."
    assert str(Invalid("'noon' is no time")) == "'noon' is no time"
    assert (error.code, error.retry) == ("invalid", False)


def test_a_code_and_a_second_chance_belong_to_the_error() -> None:
    assert Unavailable("away").retry
    assert not Unavailable("away for good", retry=False).retry
    error = Conflict("taken", code="name_taken")
    assert isinstance(error, RelanceError)
    assert error.code == "name_taken"
    assert Conflict.code == "conflict"
