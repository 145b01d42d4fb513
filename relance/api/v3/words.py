"""Their words and ours, in one table. Nothing outside of api/v3 knows theirs (architecture 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from relance.audience.contacts import Contact
from relance.audience.fields.model import ADDRESS_PARTS, WIRE_TYPES, Field
from relance.kernel.errors import Conflict, Invalid, RelanceError

STATUS_OUT = {
    "subscribed": "subscribed",
    "non_subscribed": "transactional",
    "unsubscribed": "unsubscribed",
    "pending": "pending",
    "cleaned": "cleaned",
}
"""Ours → theirs. A contact without an email status is no member; ``archived`` is said beside the status."""

STATUS_IN = {theirs: ours for ours, theirs in STATUS_OUT.items()}

FIELD_TYPE_IN = WIRE_TYPES
"""Merge-field type → type of a field."""

YES_NO = ("Yes", "No")
"""A yes/no field has no counterpart: it reads as a choice between these."""

GROUP_CHOICES = ("checkboxes", "dropdown", "radio", "hidden")
"""Types of an interest category; ours have the same names."""

FLOW_STATE_OUT = {
    "draft": "draft",
    "live": "sending",
    "draining": "sending",
    "broken": "sending",
    "paused": "paused",
    "archived": "archived",
}
"""spec/flows.md 5.2: live, draining and broken flows are ``sending``."""

REFUSALS = {
    "member_exists": "{email} is already a list member. Use PUT to insert or update list members.",
    "address_taken": "{email} is already a list member. Use PUT to insert or update list members.",
    "compliance_state": (
        "{email} is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed."
    ),
    "forgotten": (
        "{email} was permanently deleted and cannot be re-imported. The contact must re-subscribe to "
        "get back on the list."
    ),
    "bad_address": "Please provide a valid email address.",
}
"""Details of refusals that existing clients look into."""


def field_type(field: Field) -> str:
    """Their type of a field: as it was written, where it came by their API."""
    return field.wire_type if field.wire_type in FIELD_TYPE_IN else "text"


def field_value(field: Field, value: Any) -> Any:
    """A stored value as a merge field; a blank is an empty text."""
    if value is None:
        return ""
    if field.type == "yes_no":
        return YES_NO[0] if value else YES_NO[1]
    if field.type == "address" and isinstance(value, Mapping):
        return {part: value.get(part, "") for part in ADDRESS_PARTS}
    return value


UNKNOWN_SOURCE = "Unknown"


def status(contact: Contact) -> str:
    """Their status of a contact."""
    if contact.archived:
        return "archived"
    return STATUS_OUT.get(contact.email_status or "", "transactional")


def unsubscribe_reason(contact: Contact) -> str:
    """Who ended it, in their words; empty for those who have not unsubscribed."""
    if contact.email_status != "unsubscribed":
        return ""
    return {"self": "N/A (Unsubscribed by the contact)", "complaint": "Abuse complaint"}.get(
        contact.email_out_by or "", "N/A (Unsubscribed by an admin)"
    )


@contextmanager
def refusing_like_them(email: str | None) -> Iterator[None]:
    """Refusals that existing clients look into get the details that those know."""
    try:
        yield
    except (Conflict, Invalid) as error:
        raise refusal_like_theirs(error, email) from None


def refusal_like_theirs(error: RelanceError, email: str | None) -> RelanceError:
    """The same refusal in the words that existing clients know, if they know it."""
    detail = REFUSALS.get(error.code)
    if detail is None:
        return error
    where = "email_address" if error.code == "bad_address" else ""
    return Invalid(detail.format(email=email or "This contact"), where=where, code=error.code)
