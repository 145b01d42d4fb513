"""Text, and what is compared as text: choices, addresses, yes or no."""

from __future__ import annotations

from relance.audience.conditions.values.constants import country, exact, nothing, postcode, word, words
from relance.audience.conditions.values.shape import Operator, ValueType, negation


def folded(raw: str) -> str:
    return f"fold({raw})"


def is_blank(raw: str) -> str:
    """Null, empty or only spaces (7.3)."""
    return f"coalesce(fold({raw}), '') = ''"


BLANK = Operator(nothing, is_blank, raw=True)
NOT_BLANK = Operator(nothing, lambda raw: f"fold({raw}) <> ''", raw=True)

_IS = Operator(word, lambda v, k: f"{v} = {k.text}")
_CONTAINS = Operator(word, lambda v, k: f"strpos({v}, {k.text}) > 0")
_IN = Operator(words, lambda v, k: f"{k.json} ? {v}")

# Folded words order well by their code points, and alike on every server: collations of the system differ.
TEXT = ValueType(
    "text",
    {
        "is": _IS,
        "is_not": negation(_IS),
        "contains": _CONTAINS,
        "not_contains": negation(_CONTAINS),
        "starts": Operator(word, lambda v, k: f"starts_with({v}, {k.text})"),
        "ends": Operator(word, lambda v, k: f"right({v}, length({k.text})) = {k.text}"),
        "greater": Operator(word, lambda v, k: f'{v} > {k.text} collate "C"'),
        "less": Operator(word, lambda v, k: f"nullif({v}, '') < {k.text} collate \"C\""),
        "blank": BLANK,
        "not_blank": NOT_BLANK,
        "is_exactly": Operator(exact, lambda raw, k: f"{raw} = {k.text}", raw=True),
        "in": _IN,
        "not_in": negation(_IN),
    },
    blank=is_blank,
    reads=folded,
)

CHOICE = TEXT.without("starts", "ends", "greater", "less", "is_exactly")

_PARTS = ("addr1", "addr2", "city", "state", "zip", "country")


def _lines(raw: str) -> str:
    """The parts of an address (jsonb) as one folded text."""
    return f"fold(concat_ws(' ', {', '.join(f'{raw} ->> {part!r}' for part in _PARTS)}))"


_IN_ADDRESS = Operator(word, lambda raw, k: f"strpos({_lines(raw)}, {k.text}) > 0", raw=True)

ADDRESS = ValueType(
    "address",
    {
        "contains": _IN_ADDRESS,
        "not_contains": negation(_IN_ADDRESS),
        "blank": Operator(nothing, lambda raw: f"{_lines(raw)} = ''", raw=True),
        "not_blank": Operator(nothing, lambda raw: f"{_lines(raw)} <> ''", raw=True),
        "country_is": Operator(country, lambda raw, k: f"upper(btrim({raw} ->> 'country')) = {k.text}", raw=True),
        "city_is": Operator(word, lambda raw, k: f"fold({raw} ->> 'city') = {k.text}", raw=True),
        "postcode_starts": Operator(
            postcode, lambda raw, k: f"starts_with(replace(fold({raw} ->> 'zip'), ' ', ''), {k.text})", raw=True
        ),
    },
    blank=lambda raw: f"{_lines(raw)} = ''",
)

YES_NO = ValueType(
    "yes_no",
    {
        "is_yes": Operator(nothing, lambda v: f"{v} = 'true'"),
        "is_no": Operator(nothing, lambda v: f"{v} = 'false'"),
        "blank": BLANK,
    },
    blank=is_blank,
    reads=lambda raw: f"lower({raw})",
)
