"""Numbers compare as decimals; text that is no number makes a number test false (7.4)."""

from __future__ import annotations

from decimal import Decimal

from relance.audience.conditions.values.constants import digits, nothing, number, two, whole
from relance.audience.conditions.values.shape import Operator, ValueType, negation
from relance.audience.conditions.values.text import BLANK, NOT_BLANK, is_blank

# [0-9], not \d: in some locales \d takes digits that ::numeric refuses, and one such value would stop a whole batch.
# Its length is counted apart: a bound inside the expression makes it several times slower.
_NUMBER = "^ *[-+]?[0-9]+([.][0-9]+)? *$"


def as_number(raw: str) -> str:
    return f"(case when length({raw}) < 256 and {raw} ~ '{_NUMBER}' then ({raw})::numeric end)"


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


def _stored(json: str) -> str:
    return f"(case jsonb_typeof({json}) when 'number' then ({json})::numeric end)"


def _nothing_stored(json: str) -> str:
    return f"coalesce({json}, 'null') in ('null', '\"\"')"


STORED_NUMBER = ValueType(
    "number",
    {
        **NUMBER.operators,
        "blank": Operator(nothing, _nothing_stored, raw=True),
        "not_blank": Operator(nothing, lambda json: f"not {_nothing_stored(json)}", raw=True),
    },
    blank=_nothing_stored,
    reads=_stored,
    strict=True,
)
"""Number fields: JSON numbers already, so no text is looked through."""

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
