"""Their words and ours, in one table. Nothing outside of api/v3 knows theirs (architecture 3)."""

from __future__ import annotations

STATUS_OUT = {
    "subscribed": "subscribed",
    "non_subscribed": "transactional",
    "unsubscribed": "unsubscribed",
    "pending": "pending",
    "cleaned": "cleaned",
}
"""Ours → theirs. A contact without an email status is no member; ``archived`` is said beside the status."""

STATUS_IN = {theirs: ours for ours, theirs in STATUS_OUT.items()}

FIELD_TYPE_IN = {
    "text": "text",
    "number": "number",
    "address": "address",
    "phone": "phone",
    "date": "date",
    "url": "url",
    "imageurl": "image",
    "radio": "choice",
    "dropdown": "choice",
    "birthday": "birthday",
    "zip": "zip",
}
"""Merge-field type → type of a field. Our yes/no has no counterpart and reads as a dropdown."""

FIELD_TYPE_OUT = {
    "text": "text",
    "number": "number",
    "address": "address",
    "phone": "phone",
    "date": "date",
    "url": "url",
    "image": "imageurl",
    "choice": "dropdown",
    "birthday": "birthday",
    "zip": "zip",
    "yes_no": "dropdown",
}

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
