"""Dates: days in the account's zone (7.4); a time counts as the day it falls on there.

``within_last n`` is today and the n-1 days before, ``within_next n`` today and the n-1 after, ``more_than_ago n`` the
days before those of n days ago, ``anniversary_within n`` is within_next without the year. 29 February counts as the
28th in common years, or as 1 March where the account says so (D7). Weekdays are 1 (Monday) to 7.
"""

from __future__ import annotations

from relance.audience.conditions.build import Constant
from relance.audience.conditions.values.constants import day, month_day, nothing, two, whole
from relance.audience.conditions.values.shape import Operator, ValueType, negation
from relance.audience.conditions.values.text import BLANK, NOT_BLANK, is_blank

TODAY = "(x.now at time zone x.zone)::date"

_ON_THE_28TH = (
    "not exists (select from account a where a.account_id = c.account_id and a.settings ->> 'feb29' = 'mar1')"
)

_DAYS = whole(1, 36500, "a number of days")
_IN_A_YEAR = whole(1, 366, "a number of days")
_MONTH = whole(1, 12, "a month")
_WEEKDAY = whole(1, 7, "a weekday (1 is Monday)")

_DATE = "(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = "[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?"
_OFFSET = "(Z|[-+](0[0-9]|1[0-4]):?[0-5][0-9])"


def _day(raw: str) -> str:
    """The day that a text starts with. From the first of the month on, so that 31 February cannot stop a batch."""
    return f"((substr({raw}, 1, 8) || '01')::date + (substr({raw}, 9, 2)::int - 1))"


def _instant(raw: str) -> str:
    first = f"(substr({raw}, 1, 8) || '01' || substr({raw}, 11))::timestamptz"
    return f"({first} + (substr({raw}, 9, 2)::int - 1) * interval '24 hours')"


def as_day(raw: str) -> str:
    """A text with a date, a local time or an instant (ISO 8601) as a day of the account's zone, else NULL."""
    return (
        f"(case when {raw} ~ '^{_DATE}({_TIME})?$' then {_day(raw)} "
        f"when {raw} ~ '^{_DATE}{_TIME}{_OFFSET}$' then ({_instant(raw)} at time zone x.zone)::date end)"
    )


def stored_day(raw: str) -> str:
    """As ``as_day``, for fields, which hold days only."""
    return f"(case when {raw} ~ '^{_DATE}$' then {_day(raw)} end)"


def _last(v: str, n: Constant) -> str:
    return f"{v} between {TODAY} - ({n.whole} - 1) and {TODAY}"


def _next(v: str, n: Constant) -> str:
    return f"{v} between {TODAY} and {TODAY} + ({n.whole} - 1)"


def _in_year(y: str, month: str, day_of_month: str) -> str:
    """The day of the year as a date (D8)."""
    # Unclamped, the 29th day of a February of 28 is 1 March.
    common = f"{month} = 2 and extract(day from make_date({y}, 3, 1) - 1) = 28 and {_ON_THE_28TH}"
    clamped = f"least({day_of_month}, case when {common} then 28 else 31 end)"
    return f"make_date({y}, {month}, 1) + ({clamped} - 1)"


_YEAR = f"extract(year from {TODAY})::int"


def _returns(month: str, day_of_month: str, n: Constant) -> str:
    """Does the day of the year come within n days? This year's and next year's are looked at."""
    comes = [_next(_in_year(y, month, day_of_month), n) for y in (_YEAR, f"{_YEAR} + 1")]
    return " or ".join(f"({come})" for come in comes)


def _returning(month: str, day_of_month: str, n: Constant) -> list[str]:
    """When that changes: n - 1 days before the day, and after it, of this year and the next two."""
    years = (_in_year(y, month, day_of_month) for y in (_YEAR, f"{_YEAR} + 1", f"{_YEAR} + 2"))
    return [turn for day in years for turn in (f"{day} - ({n.whole} - 1)", f"{day} + 1")]


def _parts(v: str) -> tuple[str, str]:
    return f"extract(month from {v})::int", f"extract(day from {v})::int"


def _birthday_parts(v: str) -> tuple[str, str]:
    return f"substr({v}, 1, 2)::int", f"substr({v}, 4, 2)::int"


def _last_turns(v: str, n: Constant) -> list[str]:
    return [v, f"{v} + {n.whole}"]


def _next_turns(v: str, n: Constant) -> list[str]:
    return [f"{v} - ({n.whole} - 1)", f"{v} + 1"]


_IS = Operator(day, lambda v, k: f"{v} = {k.day}")

DATE = ValueType(
    "date",
    {
        "is": _IS,
        "is_not": negation(_IS),
        "greater": Operator(day, lambda v, k: f"{v} > {k.day}"),
        "less": Operator(day, lambda v, k: f"{v} < {k.day}"),
        "blank": BLANK,
        "not_blank": NOT_BLANK,
        "within_last": Operator(_DAYS, _last, turns=_last_turns),
        "within_next": Operator(_DAYS, _next, turns=_next_turns),
        "more_than_ago": Operator(
            _DAYS, lambda v, n: f"{v} < {TODAY} - {n.whole}", turns=lambda v, n: [f"{v} + {n.whole} + 1"]
        ),
        "more_than_ahead": Operator(
            _DAYS, lambda v, n: f"{v} > {TODAY} + {n.whole}", turns=lambda v, n: [f"{v} - {n.whole}"]
        ),
        "between": Operator(two(day, str), lambda v, a, b: f"{v} between {a.day} and {b.day}"),
        "month_is": Operator(_MONTH, lambda v, k: f"extract(month from {v}) = {k.whole}"),
        "weekday_is": Operator(_WEEKDAY, lambda v, k: f"extract(isodow from {v}) = {k.whole}"),
        "anniversary_within": Operator(
            _IN_A_YEAR, lambda v, n: _returns(*_parts(v), n), turns=lambda v, n: _returning(*_parts(v), n)
        ),
    },
    blank=is_blank,
    reads=stored_day,
    strict=True,
)

ISO_DATE = ValueType("date", DATE.operators, blank=is_blank, reads=as_day, strict=True)
"""Dates and times in data from outside."""

_MONTH_DAY = "^(0[1-9]|1[0-2])/(0[1-9]|[12][0-9]|3[01])$"
_BIRTHDAY_IS = Operator(month_day, lambda v, k: f"{v} = {k.text}")

BIRTHDAY = ValueType(
    "birthday",
    {
        "is": _BIRTHDAY_IS,
        "is_not": negation(_BIRTHDAY_IS),
        "blank": BLANK,
        "not_blank": NOT_BLANK,
        "within_next": Operator(
            _IN_A_YEAR,
            lambda v, n: _returns(*_birthday_parts(v), n),
            turns=lambda v, n: _returning(*_birthday_parts(v), n),
        ),
        "month_is": Operator(_MONTH, lambda v, k: f"substr({v}, 1, 2)::int = {k.whole}"),
    },
    blank=is_blank,
    reads=lambda raw: f"(case when {raw} ~ '{_MONTH_DAY}' then {raw} end)",
    strict=True,
)


def _absent(raw: str) -> str:
    return f"{raw} is null"


_WITHIN = Operator(_DAYS, _last, turns=_last_turns)

MOMENT = ValueType(
    "moment",
    {
        "greater": Operator(day, lambda v, k: f"{v} > {k.day}"),
        "less": Operator(day, lambda v, k: f"{v} < {k.day}"),
        "is": _IS,
        "not": negation(_IS),
        "blank": Operator(nothing, _absent, raw=True),
        "not_blank": Operator(nothing, lambda raw: f"{raw} is not null", raw=True),
        "within": _WITHIN,
        "not_within": negation(_WITHIN),
    },
    blank=_absent,
    reads=lambda raw: f"({raw} at time zone x.zone)::date",
)
"""Instants of the contact's own row."""
