"""Event kinds that the audience emits (spec/flows.md section 10)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from relance.events.model import EventKind, Payload


class ContactCreated(Payload, frozen=True, kw_only=True):
    email: str | None = None
    sms_number: str | None = None
    email_status: str | None = None
    sms_status: str | None = None
    imported: bool = False


class EmailSubscribed(Payload, frozen=True, kw_only=True):
    """``previous`` None: a new contact. ``confirmed``: by double opt-in."""

    previous: str | None = None
    imported: bool = False
    confirmed: bool = False


class EmailUnsubscribed(Payload, frozen=True, kw_only=True):
    """``by``: self, complaint, app, api, import or flow."""

    previous: str | None
    by: str
    delivery_id: UUID | None = None
    reason: str | None = None


class EmailPending(Payload, frozen=True, kw_only=True):
    form_id: int | None = None


class Cleaned(Payload, frozen=True, kw_only=True):
    """``by``: hard_bounce, soft_bounces or carrier."""

    channel: str
    by: str


class TagAdded(Payload, frozen=True, kw_only=True):
    tag_id: int
    at_creation: bool = False


class TagRemoved(Payload, frozen=True, kw_only=True):
    tag_id: int


class GroupJoined(Payload, frozen=True, kw_only=True):
    category_id: int
    group_id: int
    at_creation: bool = False


class GroupLeft(Payload, frozen=True, kw_only=True):
    category_id: int
    group_id: int


class FieldChanged(Payload, frozen=True, kw_only=True):
    """Values in the stored form of the field's type; None: blank."""

    field_id: int
    old: Any = None
    new: Any = None
    at_creation: bool = False


class AttributeChanged(Payload, frozen=True, kw_only=True):
    """``attribute``: language, zone, country, vip, rating, source or no_open_tracking."""

    attribute: str
    old: Any = None
    new: Any = None
    at_creation: bool = False


class AddressChanged(Payload, frozen=True, kw_only=True):
    """A cleaned contact is back in the status it had before the bounces, with nothing else told of it."""

    channel: str
    old: str | None
    new: str | None


class Archived(Payload, frozen=True, kw_only=True):
    """``by``: user, api or flow."""

    by: str


class Restored(Payload, frozen=True, kw_only=True):
    by: str


class Erased(Payload, frozen=True, kw_only=True):
    pass


class CustomEvent(Payload, frozen=True, kw_only=True):
    """A fact named by the customer's software. ``via``: zapier, or None."""

    name: str
    properties: dict[str, Any] = msgspec.field(default_factory=dict)
    via: str | None = None


class SegmentEntered(Payload, frozen=True, kw_only=True):
    """``refresh_id``: the look that found it, which may have found others."""

    segment_id: int
    refresh_id: UUID


class SegmentLeft(Payload, frozen=True, kw_only=True):
    """As SegmentEntered."""

    segment_id: int
    refresh_id: UUID


class ObjectDeleted(Payload, frozen=True, kw_only=True):
    """``type``: tag, field, group, category, audience, flow, message or segment. Flows that use it are broken (G14)."""

    type: str
    id: int


CREATED = EventKind("contact.created", ContactCreated)
EMAIL_SUBSCRIBED = EventKind("contact.email_subscribed", EmailSubscribed)
EMAIL_UNSUBSCRIBED = EventKind("contact.email_unsubscribed", EmailUnsubscribed)
EMAIL_PENDING = EventKind("contact.email_pending", EmailPending)
CLEANED = EventKind("contact.cleaned", Cleaned)
TAG_ADDED = EventKind("contact.tag_added", TagAdded, match="tag_id")
TAG_REMOVED = EventKind("contact.tag_removed", TagRemoved, match="tag_id")
GROUP_JOINED = EventKind("contact.group_joined", GroupJoined, match="group_id")
GROUP_LEFT = EventKind("contact.group_left", GroupLeft, match="group_id")
FIELD_CHANGED = EventKind("contact.field_changed", FieldChanged, match="field_id")
ATTRIBUTE_CHANGED = EventKind("contact.attribute_changed", AttributeChanged, match="attribute")
ADDRESS_CHANGED = EventKind("contact.address_changed", AddressChanged, match="channel")
ARCHIVED = EventKind("contact.archived", Archived, moves_runs=True)
RESTORED = EventKind("contact.restored", Restored)
ERASED = EventKind("contact.erased", Erased, moves_runs=True)
CUSTOM = EventKind("contact.event", CustomEvent, match="name")
OBJECT_DELETED = EventKind("object.deleted", ObjectDeleted, match="id", wakes=False)
SEGMENT_ENTERED = EventKind("segment.entered", SegmentEntered, match="segment_id")
SEGMENT_LEFT = EventKind("segment.left", SegmentLeft, match="segment_id")

JOININGS = (CREATED, EMAIL_SUBSCRIBED, EMAIL_UNSUBSCRIBED, CLEANED)
"""With these somebody may have nothing left to confirm: in the audience from then on (G21)."""

KINDS = (
    CREATED, EMAIL_SUBSCRIBED, EMAIL_UNSUBSCRIBED, EMAIL_PENDING, CLEANED, TAG_ADDED, TAG_REMOVED, GROUP_JOINED,
    GROUP_LEFT, FIELD_CHANGED, ATTRIBUTE_CHANGED, ADDRESS_CHANGED, ARCHIVED, RESTORED, ERASED, CUSTOM, OBJECT_DELETED,
    SEGMENT_ENTERED, SEGMENT_LEFT,
)  # fmt: skip
