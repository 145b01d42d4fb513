"""Fields: the typed attributes of an audience's contacts (spec/flows.md section 0)."""

from relance.audience.fields.add import DEFAULT_FIELDS, add, add_defaults
from relance.audience.fields.change import change, delete
from relance.audience.fields.model import TYPES, WIRE_TYPES, BadFields, Field
from relance.audience.fields.rules import day_of, display, read_value
from relance.audience.fields.store import find_fields, list_fields

__all__ = [
    "DEFAULT_FIELDS", "TYPES", "WIRE_TYPES", "BadFields", "Field", "add", "add_defaults", "change", "day_of", "delete",
    "display", "find_fields", "list_fields", "read_value",
]  # fmt: skip
