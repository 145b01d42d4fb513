"""A value that a trigger compares a field with, in the form in which the field stores it (spec/flows.md 2.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from relance.audience.fields.model import ADDRESS_PARTS, BadFields, Field
from relance.audience.fields.rules import WORDS, read_value
from relance.flows.definition.names import NamedField
from relance.kernel.text import fold

Test = dict[str, Any]

_ISO_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


def as_stored(known: NamedField, raw: Any) -> Any:
    """``raw`` as the field would store it; None for a blank. Of an address, the parts given. Raises ValueError with a
    sentence."""
    if known.type == "address":
        return _parts(raw)
    if known.type == "date" and isinstance(raw, str) and raw.strip() and not _ISO_DAY.fullmatch(raw.strip()):
        raise ValueError(WORDS["date"])  # a flow file knows nothing of the order of day and month in forms
    field = Field(
        known.field_id, 0, known.tag, known.name, known.type, "", False, "", True, {"choices": known.choices}, 0, 0
    )
    try:
        return read_value(field, raw)
    except BadFields as error:
        raise ValueError(error.errors[0][1]) from None


def _parts(raw: Any) -> Any:
    if raw is None or raw == "":
        return None
    if not isinstance(raw, Mapping) or not set(raw) <= set(ADDRESS_PARTS):
        raise ValueError(f"Please give parts of the address: {', '.join(ADDRESS_PARTS)}.")
    return {part: str(text).strip() for part, text in raw.items() if fold(str(text))} or None


def matches(on: str, value: Any) -> Test:
    """The condition that a stored value at ``on`` matches ``value``: text folded (7.4), numbers by value, addresses by
    the parts given."""
    if isinstance(value, bool):
        return {"on": on, "op": "is_yes" if value else "is_no"}
    if isinstance(value, int | float):
        return {"on": on, "op": "is", "value": value, "type": "number"}
    if isinstance(value, Mapping):
        return {"all": [matches(f"{on}.{part}", text) for part, text in value.items()]}
    return {"on": on, "op": "is", "value": value, "type": "text"}
