"""Numbers compare as decimals; text that is no number makes a number test false (7.4)."""

from __future__ import annotations

from decimal import Decimal

from relance.audience.conditions.values.constants import digits, number, two, whole
from relance.audience.conditions.values.shape import Operator, ValueType, negation
from relance.audience.conditions.values.text import BLANK, NOT_BLANK, is_blank

# [0-9], not \d: in some locales \d takes digits that ::numeric refuses, and one such value would stop a whole batch.
_NUMBER = "^ *[-+]?[0-9]{1,255}([.][0-9]{1,255})? *$"


def as_number(raw: str) -> str:
    return f"(case when {raw} ~ '{_NUMBER}' then ({raw})::numeric end)"


def _written(v: str) -> str:
    return f"trim_scale({v})::text"


_IS = Operator(number, lambda v, k: f"{v} = {k.number}")
_CONTAINS = Operator(digits, lambda v, k: f"strpos({_written(v)}, {k.text}) > 0")

NUMBER = ValueType(
    "number",
    {
        "is": _IS,
        "is_not": negation(_IS),
        "contains": _CONTAINS,
        "not_contains": negation(_CONTAINS),
        "starts": Operator(digits, lambda v, k: f"starts_with({_written(v)}, {k.text})"),
        "ends": Operator(digits, lambda v, k: f"right({_written(v)}, length({k.text})) = {k.text}"),
        "greater": Operator(number, lambda v, k: f"{v} > {k.number}"),
        "less": Operator(number, lambda v, k: f"{v} < {k.number}"),
        "blank": BLANK,
        "not_blank": NOT_BLANK,
        "at_least": Operator(number, lambda v, k: f"{v} >= {k.number}"),
        "at_most": Operator(number, lambda v, k: f"{v} <= {k.number}"),
        "between": Operator(two(number, Decimal), lambda v, a, b: f"{v} between {a.number} and {b.number}"),
    },
    blank=is_blank,
    reads=as_number,
    strict=True,
)

_STARS = whole(1, 5, "a rating")
_RATING_IS = Operator(_STARS, lambda v, k: f"{v} = {k.whole}")

RATING = ValueType(
    "rating",
    {
        "is": _RATING_IS,
        "is_not": negation(_RATING_IS),
        "greater": Operator(_STARS, lambda v, k: f"{v} > {k.whole}"),
        "less": Operator(_STARS, lambda v, k: f"{v} < {k.whole}"),
    },
    blank=lambda raw: f"{raw} is null",
)
