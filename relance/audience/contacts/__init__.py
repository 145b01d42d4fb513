"""Contacts: one person in one audience, with statuses, fields, tags and groups (spec/flows.md sections 0 and 9)."""

from relance.audience.contacts.archive import archive, archive_many, restore
from relance.audience.contacts.confirm import confirm
from relance.audience.contacts.erase import blank_events, erase
from relance.audience.contacts.find import find, find_many, hold_many
from relance.audience.contacts.lock import lock, lock_many
from relance.audience.contacts.model import (
    CLEANED,
    NON_SUBSCRIBED,
    PENDING,
    STATUSES,
    SUBSCRIBED,
    UNSUBSCRIBED,
    Actor,
    Contact,
    Draft,
    Saved,
)
from relance.audience.contacts.rules import check_address, key_of
from relance.audience.contacts.save import save, save_many
from relance.audience.contacts.set_tags import groups_of, set_groups, set_tags, tags_of
from relance.audience.contacts.timeline import Entry, timeline

__all__ = [
    "CLEANED", "NON_SUBSCRIBED", "PENDING", "STATUSES", "SUBSCRIBED", "UNSUBSCRIBED", "Actor", "Contact", "Draft",
    "Entry", "Saved", "archive", "archive_many", "blank_events", "check_address", "confirm", "erase", "find",
    "find_many", "groups_of", "hold_many", "key_of", "lock", "lock_many", "restore", "save", "save_many",
    "set_groups", "set_tags", "tags_of", "timeline",
]  # fmt: skip
