"""Add a field to an audience."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relance.audience.fields import store
from relance.audience.fields.model import DEFAULT_WIRE, TYPES, WIRE_TYPES, Field
from relance.audience.fields.rules import check_options, check_tag
from relance.db.pool import Transaction
from relance.kernel.errors import Conflict, Invalid
from relance.kernel.ids import object_id

DEFAULT_FIELDS = (
    ("FNAME", "First Name", "text"),
    ("LNAME", "Last Name", "text"),
    ("ADDRESS", "Address", "address"),
    ("PHONE", "Phone Number", "phone"),
    ("BIRTHDAY", "Birthday", "birthday"),
)
"""Tag, name and type of the fields that a new audience has, numbered from 1. EMAIL is number 0 and no field."""


def add(
    tx: Transaction,
    audience_id: int,
    name: str,
    kind: str,
    *,
    tag: str = "",
    wire_type: str = "",
    required: bool = False,
    default_value: str = "",
    public: bool = True,
    options: Mapping[str, Any] | None = None,
    position: int | None = None,
) -> Field:
    """The new field. ``tag`` empty: MMERGE and the number. ``wire_type`` alone may name the type.

    Raises Invalid (name, type, tag, options) and Conflict (the tag is taken).
    """
    kind = kind or WIRE_TYPES.get(wire_type, "")
    if kind not in TYPES:
        raise Invalid(f"{kind or wire_type!r} is no type of field.", where="type", mend=f"One of {', '.join(TYPES)}.")
    if not name.strip():
        raise Invalid("a field needs a name.", where="name", mend="Give one.")
    store.lock_audience(tx, audience_id)
    present = store.find_fields(tx, audience_id)
    number = max((field.number for field in present.values()), default=0) + 1
    field = Field(
        field_id=object_id(),
        audience_id=audience_id,
        tag=check_tag(tag or f"MMERGE{number}"),
        name=name.strip(),
        type=kind,
        wire_type=wire_type or DEFAULT_WIRE.get(kind, kind),
        required=required,
        default_value=default_value,
        public=public,
        options=check_options(kind, options or {}),
        position=number if position is None else position,
        number=number,
    )
    if field.tag in present:
        raise Conflict(
            f"the tag {field.tag} is another field's.", where="tag", mend="Choose another.", code="tag_taken"
        )
    store.insert_field(tx, field)
    return field


def add_defaults(tx: Transaction, audience_id: int) -> list[Field]:
    """The fields that every new audience starts with."""
    return [add(tx, audience_id, name, kind, tag=tag) for tag, name, kind in DEFAULT_FIELDS]
