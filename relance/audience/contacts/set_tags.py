"""Put tags on a contact and take them off; set its groups. Shapes of save for callers who want only that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from relance.audience.audiences.model import Audience
from relance.audience.contacts import store
from relance.audience.contacts.model import Actor, Contact, Draft, Saved
from relance.audience.contacts.save import save
from relance.audience.tags.model import Tag
from relance.db.pool import Transaction
from relance.events.model import Cause


def set_tags(
    tx: Transaction,
    now: datetime,
    audience: Audience,
    contact: Contact,
    actor: Actor,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    syncing: bool = False,
    cause: Cause | None = None,
) -> Saved:
    """Only real changes are told: a tag already held, or added and removed in one call, is none (1c)."""
    draft = Draft(tags=add, untags=remove)
    return save(tx, now, audience, draft, actor, contact, syncing=syncing, cause=cause)


def set_groups(
    tx: Transaction,
    now: datetime,
    audience: Audience,
    contact: Contact,
    actor: Actor,
    groups: Mapping[int, bool],
    *,
    syncing: bool = False,
    cause: Cause | None = None,
) -> Saved:
    """``groups``: group id → inside. Entering one of a single-choice category leaves the others."""
    return save(tx, now, audience, Draft(groups=groups), actor, contact, syncing=syncing, cause=cause)


def tags_of(tx: Transaction, contacts: Sequence[Contact]) -> dict[UUID, list[tuple[Tag, datetime]]]:
    """By contact id: (tag, since when), by name. One statement for all."""
    return store.list_tags_of(tx, [contact.contact_id for contact in contacts])


def groups_of(tx: Transaction, contacts: Sequence[Contact]) -> dict[UUID, dict[int, datetime]]:
    """By contact id: group id → since when. One statement for all."""
    return store.read_groups(tx, [contact.contact_id for contact in contacts])
