"""The tests of conditional tags: IF, ELSEIF, IFNOT (spec/flows.md 7.3, 7.4, 8.3)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from relance.kernel.text import fold
from relance.messages.merge.grammar import Op
from relance.messages.merge.values import Values, raw_of, shown

Holds = Callable[[object, Values], bool]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].*)?\Z", re.DOTALL)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}[0-9:.]*(?:Z|[+-][0-9]{2}:?[0-9]{2})\Z")
_LONGEST = 40  # digits of a number worth comparing
_YES = frozenset({"yes", "oui", "true", "1"})
_NO = frozenset({"no", "non", "false", "0"})
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def to_number(value: object) -> Decimal | None:
    """``value`` as a decimal, or None if it is not a number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return to_number(Decimal(repr(value)))
    text = value.strip() if isinstance(value, str) else ""
    return Decimal(text) if len(text) <= _LONGEST and _NUMBER.match(text) else None


def to_day(value: object, zone: tzinfo | None = None) -> date | None:
    """The day of a date, an instant (in ``zone``) or ISO text; None for anything else."""
    if isinstance(value, datetime):
        return (value.astimezone(zone) if zone and value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    text = value.strip() if isinstance(value, str) else ""
    found = _DAY.match(text)
    try:
        if zone and _INSTANT.match(text):
            return to_day(datetime.fromisoformat(text), zone)
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except (ValueError, OverflowError):
        return None


def to_yes_no(text: str) -> bool | None:
    word = fold(text)
    return True if word in _YES else False if word in _NO else None


def is_blank(value: object, values: Values) -> bool:
    """Null, empty text or only spaces (7.3); an address without a line, a list without an item."""
    raw = raw_of(value)
    if raw is None or raw == "":
        return True
    return not shown(raw, values).strip() if isinstance(raw, str | dict | list | tuple) else False


def holds(op: Op, literal: str) -> Holds:
    """The function that judges a value. Missing: only ``!=`` is true. Without ``op``: is there a value?

    The value's own type decides: numbers as decimals, dates by day, yes/no, anything else as folded text. ``<`` and
    its like on text compare numbers if both are numbers, days if both are days, and are false otherwise.
    """
    if not op:
        return lambda value, values: not is_blank(value, values)
    if op == "!=":
        same = holds("=", literal)
        return lambda value, values: not same(value, values)
    compare = _ORDER[op]
    number, day, yes_no, folded = to_number(literal), to_day(literal), to_yes_no(literal), fold(literal)

    def judge(value: object, values: Values) -> bool:
        raw = raw_of(value)
        if is_blank(raw, values):
            return False
        if isinstance(raw, bool):
            return op == "=" and raw is yes_no
        if isinstance(raw, int | float | Decimal):
            return _both(to_number(raw), number, compare)
        if isinstance(raw, date):
            return _both(to_day(raw, values.zone), day, compare)
        if op == "=":
            return fold(shown(raw, values)) == folded
        if number is not None:
            return _both(to_number(raw), number, compare)
        return _both(to_day(raw, values.zone), day, compare)

    return judge


def _both(one: object, other: object, compare: Callable[[Any, Any], bool]) -> bool:
    return one is not None and other is not None and compare(one, other)
