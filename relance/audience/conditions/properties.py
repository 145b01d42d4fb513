"""Values from outside (event properties, run contexts): JSON whose types are told by what is asked of them."""

from __future__ import annotations

import re

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Json, Leaf
from relance.audience.conditions.values.date import ISO_DATE
from relance.audience.conditions.values.number import NUMBER
from relance.audience.conditions.values.shape import ValueType
from relance.audience.conditions.values.text import TEXT, YES_NO
from relance.kernel.errors import Invalid

TYPES: dict[str, ValueType] = {"text": TEXT, "number": NUMBER, "date": ISO_DATE, "yes_no": YES_NO}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ONLY = {
    op: name
    for name in ("yes_no", "date", "number")
    for op in TYPES[name].operators
    if sum(op in other.operators for other in TYPES.values()) == 1
}
DEEPEST = 10
"""How many names a path may have."""


def type_of(leaf: Leaf) -> ValueType:
    """The given ``type``, else what the operator says (at_least: number; within_last: date), else what the value says:
    a number, a date such as 2026-03-14, or text. Raises Invalid."""
    given = leaf.options.get("type")
    if given is not None:
        if not isinstance(given, str) or given not in TYPES:
            raise Invalid(f"there is no type {given!r}", where=leaf.path, mend=f"Types: {', '.join(TYPES)}.")
        return TYPES[given]
    if leaf.op in _ONLY:
        return TYPES[_ONLY[leaf.op]]
    first = leaf.value[0] if isinstance(leaf.value, list) and leaf.value else leaf.value
    found = _of_value(first)
    return found if leaf.op in found.operators else TEXT


def _of_value(value: Json) -> ValueType:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return NUMBER
    return ISO_DATE if isinstance(value, str) and _DATE.fullmatch(value) else TEXT


def at_path(start: str, path: str, leaf: Leaf, build: Build) -> tuple[str, str]:
    """(SQL of the value as text, as JSON) at a path such as ``order.total``: names joined by points."""
    names = path.split(".")
    if not all(names) or len(names) > DEEPEST or "\0" in path:
        raise Invalid(f"{path!r} is no path", where=leaf.path, mend="Write names joined by points, as in order.total.")
    places = [build.place(name).text for name in names]
    before = " -> ".join([start, *places[:-1]])
    return f"({before} ->> {places[-1]})", f"({before} -> {places[-1]})"
