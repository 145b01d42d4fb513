"""Checks of the values that operators take. Each returns the constants, or raises ValueError with a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal, InvalidOperation

from relance.audience.conditions.model import Json
from relance.kernel.text import fold

MANY = 500
"""How many entries a list of values may have."""

_MONTH_DAY = re.compile(r"(0?[1-9]|1[0-2])[/-](0?[1-9]|[12][0-9]|3[01])")
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def nothing(value: Json) -> tuple[Json, ...]:
    if value is not None and value is not True:
        raise ValueError("takes no value.")
    return ()


def exact(value: Json) -> tuple[Json, ...]:
    """Text as it stands."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError("needs a text.")
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise ValueError("the text holds a character that cannot be stored.")
    if not fold(value):
        raise ValueError("needs a text that is not blank; to look for blanks use the operator blank.")
    return (value,)


def word(value: Json) -> tuple[Json, ...]:
    """Folded text (7.4)."""
    return (fold(exact(value)[0]),)


def words(value: Json) -> tuple[Json, ...]:
    """A list of texts, folded."""
    return (sorted({word(item)[0] for item in _list(value)}),)


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("needs a list with at least one entry.")
    if len(value) > MANY:
        raise ValueError(f"takes at most {MANY} entries.")
    return list(value)


def number(value: Json) -> tuple[Json, ...]:
    """A decimal, kept as text: no binary fraction gets between what was written and what is compared."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("needs a number.")
    try:
        decimal = Decimal(str(value).strip())
    except InvalidOperation:
        decimal = Decimal("nan")
    if not decimal.is_finite() or abs(decimal) >= Decimal("1e15"):
        raise ValueError("needs a number such as 12 or 12.50.")
    return (plain(round(decimal, 12)),)


def plain(decimal: Decimal) -> str:
    """The shortest writing without exponent: 12.50 is 12.5."""
    text = f"{decimal:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def digits(value: Json) -> tuple[Json, ...]:
    """Part of a number as it is written: 5, .5, -1."""
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]*[.]?[0-9]*", text.strip()) or not text.strip():
        raise ValueError("needs digits.")
    return (text.strip(),)


def two(takes: Callable[[Json], tuple[Json, ...]], order: Callable[[Json], Json]) -> Callable[[Json], tuple[Json, ...]]:
    """A list of two, the smaller first."""

    def pair(value: Json) -> tuple[Json, ...]:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise ValueError("needs a list of two values: from and to.")
        low, high = takes(value[0])[0], takes(value[1])[0]
        if order(low) > order(high):
            raise ValueError("the first value is above the second.")
        return low, high

    return pair


def whole(low: int, high: int, of: str) -> Callable[[Json], tuple[Json, ...]]:
    def takes(value: Json) -> tuple[Json, ...]:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"needs {of}, {low} to {high}.")
        return (value,)

    return takes


def day(value: Json) -> tuple[Json, ...]:
    try:
        if not isinstance(value, str) or len(value) != 10:
            raise ValueError
        return (date.fromisoformat(value).isoformat(),)
    except ValueError:
        raise ValueError("needs a date such as 2026-03-14.") from None


def month_day(value: Json) -> tuple[Json, ...]:
    match = _MONTH_DAY.fullmatch(value) if isinstance(value, str) else None
    if not match or int(match[2]) > _LENGTHS[int(match[1]) - 1]:
        raise ValueError("needs a month and a day such as 03/14.")
    return (f"{int(match[1]):02}/{int(match[2]):02}",)


def one_of(allowed: Collection[str]) -> Callable[[Json], tuple[Json, ...]]:
    def takes(value: Json) -> tuple[Json, ...]:
        if value not in allowed:
            raise ValueError(f"needs one of {', '.join(allowed)}.")
        return (value,)

    return takes


def some_of(takes: Callable[[Json], tuple[Json, ...]]) -> Callable[[Json], tuple[Json, ...]]:
    def several(value: Json) -> tuple[Json, ...]:
        return (sorted({takes(item)[0] for item in _list(value)}),)

    return several


def an_id(value: Json) -> tuple[Json, ...]:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        raise ValueError("needs an id, a whole number.")
    return (value,)


def country(value: Json) -> tuple[Json, ...]:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z]{2}", value.strip()):
        raise ValueError("needs a country code of two letters, such as FR.")
    return (value.strip().upper(),)


def postcode(value: Json) -> tuple[Json, ...]:
    """Postcodes compare without spaces: SW1A 1AA is SW1A1AA."""
    return (word(value)[0].replace(" ", ""),)
