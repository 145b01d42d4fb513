"""Change or delete a field."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from relance.audience.fields import store
from relance.audience.fields.model import Field
from relance.audience.fields.rules import check_options, check_tag
from relance.audience.tell_deleted import tell_deleted
from relance.db.pool import Transaction
from relance.kernel.errors import Conflict, Invalid

CHANGEABLE = frozenset({"tag", "name", "required", "default_value", "public", "options", "position"})


def change(tx: Transaction, field: Field, **changes: Any) -> Field:
    """The field with ``changes`` (of CHANGEABLE). Renaming neither fires nor breaks anything (G22).

    Raises Invalid (a value, or a thing that stays) and Conflict (the tag is taken).
    """
    if fixed := set(changes) - CHANGEABLE:
        raise Invalid(f"{sorted(fixed)[0]} of a field cannot be changed.", mend="Add another field.")
    changed = replace(field, **changes)
    changed = replace(changed, tag=check_tag(changed.tag), options=check_options(changed.type, changed.options))
    if not changed.name.strip():
        raise Invalid("a field needs a name.", where="name", mend="Give one.")
    store.lock_audience(tx, field.audience_id)
    other = store.find_fields(tx, field.audience_id).get(changed.tag)
    if other is not None and other.field_id != field.field_id:
        raise Conflict(
            f"the tag {changed.tag} is another field's.", where="tag", mend="Choose another.", code="tag_taken"
        )
    store.update_field(tx, changed)
    return changed


def delete(tx: Transaction, now: datetime, field: Field) -> None:
    """Contacts' values go out of sight with it. Flows that use it break."""
    store.delete_field(tx, field.field_id)
    tell_deleted(tx, now, field.audience_id, "field", [field.field_id])
