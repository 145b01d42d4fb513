"""How contacts look as members: everything a page of them needs, read once, then shown one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from relance.api.http import Call
from relance.api.v3 import words
from relance.api.v3.collections import link, stamp, wants
from relance.audience import contacts, fields, groups
from relance.audience.audiences import Audience
from relance.audience.contacts import Contact
from relance.audience.fields import Field
from relance.audience.groups import Group
from relance.audience.tags import Tag
from relance.db.pool import Transaction
from relance.kernel.ids import hex_id

MOST_TAGS = 50
"""A member carries no more than these; tags_count tells how many there are (spec/api.md 1.6)."""

PREFIX = 10
"""Digits of unique_email_id: the first of the contact id, so that it finds the contact."""


@dataclass(frozen=True, slots=True)
class MemberView:
    """What the members of one answer have in common, and what each of them holds."""

    call: Call
    audience: Audience
    fields: Sequence[Field]
    groups: Sequence[Group]
    tags: Mapping[UUID, Sequence[tuple[Tag, datetime]]]
    inside: Mapping[UUID, Mapping[int, datetime]]

    def show(self, contact: Contact) -> dict[str, Any]:
        email = contact.email or ""
        list_id, member_id = hex_id(self.audience.audience_id), contacts.key_of(email)
        tags = self.tags.get(contact.contact_id, ())
        inside = self.inside.get(contact.contact_id, {})
        merge_fields = {each.tag: words.field_value(each, contact.fields.get(each.key)) for each in self.fields}
        return {
            "id": member_id,
            "email_address": email,
            "unique_email_id": contact.contact_id.hex[:PREFIX],
            "contact_id": contact.contact_id.hex,
            "full_name": f"{merge_fields.get('FNAME', '')} {merge_fields.get('LNAME', '')}".strip(),
            "web_id": int(contact.contact_id.hex[:PREFIX], 16),
            "email_type": contact.email_format,
            "status": words.status(contact),
            "unsubscribe_reason": words.unsubscribe_reason(contact),
            "consents_to_one_to_one_messaging": words.status(contact) == "subscribed",
            "sms_phone_number": contact.sms_number or "",
            "sms_subscription_status": words.STATUS_OUT.get(contact.sms_status or "", ""),
            "sms_subscription_last_updated": "",
            "merge_fields": merge_fields,
            "interests": {hex_id(each.group_id): each.group_id in inside for each in self.groups},
            "stats": {"avg_open_rate": 0, "avg_click_rate": 0},
            "ip_signup": "",
            "timestamp_signup": stamp(contact.signed_up_at),
            "ip_opt": "",
            "timestamp_opt": stamp(contact.opted_in_at),
            "member_rating": contact.rating,
            "last_changed": stamp(contact.changed_at),
            "language": contact.language,
            "vip": contact.vip,
            "email_client": "",
            "location": {
                "latitude": 0,
                "longitude": 0,
                "gmtoff": 0,
                "dstoff": 0,
                "country_code": contact.country or "",
                "timezone": contact.zone or "",
                "region": "",
            },
            "marketing_permissions": [],
            "source": contact.source or words.UNKNOWN_SOURCE,
            "tags_count": len(tags),
            "tags": [{"id": tag.tag_id, "name": tag.name} for tag, _ in tags[:MOST_TAGS]],
            "list_id": list_id,
            "_links": _links(self.call, list_id, member_id),
        }


def member_view(call: Call, tx: Transaction, audience: Audience, shown: Sequence[Contact], *path: str) -> MemberView:
    """Everything to show ``shown``. ``path``: where members stand in the answer (``members``), or nothing."""
    audience_id = audience.audience_id
    with_tags = wants(call, *path, "tags") or wants(call, *path, "tags_count")
    with_groups = wants(call, *path, "interests")
    return MemberView(
        call,
        audience,
        fields.list_fields(tx, audience_id),
        groups.list_groups(tx, audience_id) if with_groups else (),
        contacts.tags_of(tx, shown) if with_tags else {},
        contacts.groups_of(tx, shown) if with_groups else {},
    )


def _links(call: Call, list_id: str, member_id: str) -> list[dict[str, str]]:
    parent = call.url("lists", list_id, "members")
    url = f"{parent}/{member_id}"
    return [
        link("self", url),
        link("parent", parent),
        link("update", url, "PATCH"),
        link("upsert", url, "PUT"),
        link("delete", url, "DELETE"),
        link("tags", f"{url}/tags"),
        link("events", f"{url}/events"),
        link("delete_permanent", f"{url}/actions/delete-permanent", "POST"),
    ]
