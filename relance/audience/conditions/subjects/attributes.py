"""``source``, ``language``, ``vip``, ``rating``, ``no_open_tracking``: attributes that every contact has."""

from __future__ import annotations

from relance.audience.conditions.model import Listens
from relance.audience.conditions.subjects.shape import Attribute
from relance.audience.conditions.values.constants import nothing
from relance.audience.conditions.values.number import RATING as RATING_TYPE
from relance.audience.conditions.values.shape import Operator, ValueType
from relance.audience.conditions.values.text import TEXT
from relance.audience.events import ATTRIBUTE_CHANGED


def _of(attribute: str) -> Listens:
    return frozenset({(ATTRIBUTE_CHANGED.key, attribute)})


_WORD = ValueType("word", {op: TEXT.operators[op] for op in ("is", "is_not")}, TEXT.blank, TEXT.reads)


def _flag(yes: str, no: str) -> ValueType:
    """Never blank, unless there is no contact: then neither yes nor no."""
    return ValueType(
        "flag",
        {yes: Operator(nothing, lambda v: v), no: Operator(nothing, lambda v: f"not {v}")},
        blank=lambda raw: f"{raw} is null",
    )


SOURCE = Attribute("source", _WORD, "c.source", _of("source"))
LANGUAGE = Attribute("language", _WORD, "c.language", _of("language"))
VIP = Attribute("vip", _flag("yes", "no"), "c.vip", _of("vip"))
RATING = Attribute("rating", RATING_TYPE, "c.rating", _of("rating"))
NO_OPEN_TRACKING = Attribute(
    "no_open_tracking", _flag("is_yes", "is_no"), "c.no_open_tracking", _of("no_open_tracking")
)
