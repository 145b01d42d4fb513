"""Values of fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from relance.kernel.errors import Invalid

TYPES = ("text", "number", "date", "birthday", "choice", "address", "phone", "url", "image", "yes_no", "zip")

WIRE_TYPES = {
    "text": "text", "number": "number", "address": "address", "phone": "phone", "date": "date", "url": "url",
    "imageurl": "image", "radio": "choice", "dropdown": "choice", "birthday": "birthday", "zip": "zip",
}  # fmt: skip
"""The compatible API's words (spec/api.md 1.6) → ours."""

DEFAULT_WIRE = {"image": "imageurl", "choice": "dropdown", "yes_no": "radio"}
"""Ours → the compatible API's, where the two differ."""

ADDRESS_PARTS = ("addr1", "addr2", "city", "state", "zip", "country")


@dataclass(frozen=True, slots=True)
class Field:
    """``options``: choices (list), date_format, phone_format, default_country, size; what is absent has its default.

    ``number`` is the merge_id of the compatible API, ``position`` the place in forms.
    """

    field_id: int
    audience_id: int
    tag: str
    name: str
    type: str
    wire_type: str
    required: bool
    default_value: str
    public: bool
    options: Mapping[str, Any]
    position: int
    number: int

    @property
    def key(self) -> str:
        """Where the value stands in ``contact.fields``."""
        return str(self.field_id)


class BadFields(Invalid):
    """One or more field values do not fit. ``errors``: (tag, message), in the order of the fields."""

    code = "invalid_fields"

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        self.errors = tuple(errors)
        told = "; ".join(f"{tag}: {message}" for tag, message in self.errors)
        super().__init__(f"Your merge fields were invalid. {told}")
