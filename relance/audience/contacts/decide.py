"""From a contact, a draft and the circumstances to a change: its rows and its events, in order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from relance.audience import events as kinds
from relance.audience.contacts import rules
from relance.audience.contacts.model import (
    CLEANED,
    NON_SUBSCRIBED,
    PENDING,
    SUBSCRIBED,
    UNSUBSCRIBED,
    Change,
    Consent,
    Contact,
    Deed,
    Draft,
    Held,
    Setting,
)
from relance.audience.fields.model import BadFields, Field
from relance.audience.fields.rules import WORDS, day_of, read_value
from relance.events.model import EventKind, NewEvent, Payload
from relance.kernel.errors import Conflict, Invalid

ATTRIBUTES = ("language", "zone", "country", "vip", "rating", "source", "no_open_tracking")
LEDGER_REACH = timedelta(days=13 * 28)
"""Younger than this, the ledger still has the events of a change (13 months are kept)."""


class Teller:
    """Gathers the events of one contact, in the order they are told."""

    def __init__(self, deed: Deed, contact_id: UUID) -> None:
        self._deed, self._contact_id = deed, contact_id
        self.events: list[NewEvent] = []

    def tell(self, kind: EventKind, payload: Payload) -> None:
        deed = self._deed
        event = NewEvent(
            kind, payload, deed.audience.account_id, deed.audience.audience_id, self._contact_id, deed.actor.source,
            None, deed.syncing, deed.cause, bulk=deed.actor.imported,
        )  # fmt: skip
        self.events.append(event)


def blank(deed: Deed, bucket: int, contact_id: UUID, email: str) -> Contact:
    """A contact about whom nothing is known but the address."""
    return Contact(
        bucket, contact_id, deed.audience.account_id, deed.audience.audience_id, email, None, None, "html", None, None,
        None, {}, "", None, None, False, 2, False, "", None, None, deed.now, None, deed.now, None,
    )  # fmt: skip


def decide(deed: Deed, setting: Setting, before: Contact | None, start: Contact, draft: Draft, held: Held) -> Change:
    """What saving ``draft`` comes to. ``start``: ``before``, or a blank contact when there is none.

    Raises BadFields, Invalid and Conflict (member_exists, compliance_state).
    """
    if draft.must_be_new and before is not None and not before.archived:
        raise Conflict(f"{before.email} is already in this audience.", mend="Update it instead.", code="member_exists")
    teller = Teller(replace(deed, cause=draft.cause) if draft.cause else deed, start.contact_id)
    values = read_fields(setting.fields, draft, start)
    after = _with_attributes(start, draft)
    after = after.but(fields=merged(start.fields, values))
    after = _with_address(after, draft, held.former)
    old = after.email_status
    after = _with_status(deed, before, after, draft)
    tags = _tags_wanted(setting, held, draft)
    groups = _groups_wanted(setting, held, draft)
    _tell_contact(teller, deed, before, after, old, draft)
    tell_rest(teller, setting, before, after, held, tags, groups, deed.now)
    change = Change(
        before=before,
        after=after,
        events=tuple(teller.events),
        consents=_consents(before, after, draft),
        tags_added=tuple(sorted(tags - held.tags.keys())),
        tags_removed=tuple(sorted(held.tags.keys() - tags)),
        groups_joined=tuple(sorted(groups - held.groups.keys())),
        groups_left=tuple(sorted(held.groups.keys() - groups)),
        dates=_dates(setting.fields.values(), start.fields, after.fields),
    )
    return touched(change, deed.now)


def touched(change: Change, now: datetime) -> Change:
    """With ``changed_at`` moved, when anything is different. Whoever is confirmed for the first time joins now."""
    moved = change.tags_added or change.tags_removed or change.groups_joined or change.groups_left
    if change.before != change.after or change.events or change.consents or moved:
        after = change.after
        joined = now if after.joined_at is None and after.confirmed else after.joined_at
        return replace(change, after=after.but(changed_at=now, joined_at=joined))
    return change


# ── The contact's own columns ───────────────────────────────────────────────────────────────────────────────────────


def read_fields(fields: Mapping[str, Field], draft: Draft, start: Contact) -> dict[str, Any]:
    """Stored values by field id. Raises BadFields with every field that does not fit."""
    values: dict[str, Any] = {}
    errors: list[tuple[str, str]] = []
    for tag, raw in draft.fields.items():
        field = fields.get(tag) or fields.get(tag.upper())
        if field is None:
            continue
        try:
            values[field.key] = read_value(field, raw)
        except BadFields as error:
            errors += error.errors
    if draft.check_required:
        for field in fields.values():
            if field.required and values.get(field.key, start.fields.get(field.key)) is None:
                errors.append((field.tag, WORDS["required"]))
    if errors:
        raise BadFields(errors)
    return values


def merged(old: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """``old`` with ``values``; blanks are left out."""
    return {key: value for key, value in {**old, **values}.items() if value is not None} if values else old


def _with_attributes(contact: Contact, draft: Draft) -> Contact:
    changes: dict[str, Any] = {
        name: value
        for name in ("language", "vip", "no_open_tracking", "source", "email_format", "signed_up_at")
        if (value := getattr(draft, name)) is not None
    }
    if draft.zone is not None:
        changes["zone"] = rules.check_zone(draft.zone)
    if draft.country is not None:
        changes["country"] = draft.country.upper() or None
    if draft.rating is not None:
        if not 0 <= draft.rating <= 5:
            raise Invalid("a rating is 0 to 5.", where="member_rating")
        changes["rating"] = draft.rating
    return contact.but(**changes) if changes else contact


def _with_address(contact: Contact, draft: Draft, former: str | None) -> Contact:
    """A contact named by its id may get another address; one named by its address keeps the old spelling.

    With another address a cleaned contact stands where it stood before the bounces.
    """
    if draft.contact_id is None or draft.email is None or draft.email == contact.email:
        return contact
    moved = contact.email is not None and rules.key_of(draft.email) != rules.key_of(contact.email)
    contact = contact.but(email=draft.email)
    if moved and contact.email_status == CLEANED:
        contact = contact.but(email_status=former or NON_SUBSCRIBED)
    return contact


def _with_status(deed: Deed, before: Contact | None, contact: Contact, draft: Draft) -> Contact:
    """Raises Invalid (status_required) for a new contact without one, and Conflict (compliance_state)."""
    wanted = draft.email_status
    if contact.email_status is None and contact.email is not None:
        wanted = wanted or draft.status_if_new
        if wanted is None and before is None:
            raise Invalid("a new contact needs a status.", where="status", mend="Give one.", code="status_required")
    if wanted is None:
        return contact
    by = deed.actor.by
    new = rules.next_status(
        contact.email_status, contact.email_out_by, wanted, by,
        double_opt_in=deed.audience.double_opt_in, confirmed=draft.confirmed, proof=bool(draft.shown),
    )  # fmt: skip
    return _in_status(contact, new, deed, draft)


def _in_status(contact: Contact, new: str, deed: Deed, draft: Draft) -> Contact:
    out_by = rules.next_out_by(contact.email_status, contact.email_out_by, new, deed.actor.by)
    opted_in, signed_up = contact.opted_in_at, contact.signed_up_at
    if new == SUBSCRIBED and contact.email_status != SUBSCRIBED:
        opted_in = draft.opted_in_at or deed.now
    elif draft.opted_in_at is not None:
        opted_in = draft.opted_in_at
    if deed.actor.by == "self" and new in (SUBSCRIBED, PENDING) and contact.email_status != new:
        signed_up = draft.signed_up_at or deed.now
    kept_away = deed.actor.by == "store" and new == contact.email_status  # a shop revives nobody by selling
    return contact.but(
        email_status=new,
        email_out_by=out_by,
        opted_in_at=opted_in,
        signed_up_at=signed_up,
        archived_at=contact.archived_at if kept_away else None,
    )


def _consents(before: Contact | None, after: Contact, draft: Draft) -> tuple[Consent, ...]:
    old = before.email_status if before else None
    out_by = before.email_out_by if before else None
    if after.email_status is None or (old == after.email_status and out_by == after.email_out_by):
        return ()
    return (Consent("email", old, after.email_status, draft.shown),)


def _dates(
    fields: Iterable[Field], old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[int, tuple[str | None, int] | None]:
    return {
        field.field_id: day_of(field.type, new.get(field.key))
        for field in fields
        if field.type in ("date", "birthday") and old.get(field.key) != new.get(field.key)
    }


# ── Tags and groups ─────────────────────────────────────────────────────────────────────────────────────────────────


def _tags_wanted(setting: Setting, held: Held, draft: Draft) -> set[int]:
    added = {setting.tags[name].tag_id for name in draft.tags}
    removed = {setting.tags[name].tag_id for name in draft.untags if name in setting.tags}
    kept = set() if draft.only_tags else set(held.tags)
    return (kept | added) - removed


def _groups_wanted(setting: Setting, held: Held, draft: Draft) -> set[int]:
    """Entering a group of a single-choice category leaves the others. Raises Invalid for an unknown group."""
    wanted = set(held.groups)
    for group_id, inside in draft.groups.items():
        group = setting.groups.get(group_id)
        if group is None:
            raise Invalid(
                f"there is no group {group_id:010x} in this audience.", where="interests", code="unknown_group"
            )
        if inside and group.single:
            wanted -= {other.group_id for other in setting.groups.values() if other.category_id == group.category_id}
        wanted = wanted | {group_id} if inside else wanted - {group_id}
    return wanted


# ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────


def _tell_contact(
    teller: Teller, deed: Deed, before: Contact | None, after: Contact, old: str | None, draft: Draft
) -> None:
    """Creation, return, address, status and attributes. ``old``: the status it comes from.

    That differs from ``before``'s when another address has healed a cleaned contact: a return, no sign-up, so
    ``contact.address_changed`` is all that is told of it.
    """
    healed = before is not None and old != before.email_status
    if before is None:
        created = kinds.ContactCreated(email=after.email, email_status=after.email_status, imported=deed.actor.imported)
        teller.tell(kinds.CREATED, created)
    elif before.archived and not after.archived:
        teller.tell(kinds.RESTORED, kinds.Restored(by=archived_by(deed)))
    if before is not None and before.email != after.email:
        teller.tell(kinds.ADDRESS_CHANGED, kinds.AddressChanged(channel="email", old=before.email, new=after.email))
    tell_status(teller, deed, old, after.email_status, again=healed or draft.email_status == PENDING)
    base = before or blank(deed, after.bucket, after.contact_id, "")
    for name in ATTRIBUTES:
        was, is_now = getattr(base, name), getattr(after, name)
        if was != is_now:
            changed = kinds.AttributeChanged(attribute=name, old=was, new=is_now, at_creation=before is None)
            teller.tell(kinds.ATTRIBUTE_CHANGED, changed)


def tell_status(
    teller: Teller,
    deed: Deed,
    old: str | None,
    new: str | None,
    *,
    again: bool = False,
    confirmed: bool = False,
    delivery_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """``again``: pending was asked for, so a pending person gets another confirmation message (never by imports)."""
    if new == SUBSCRIBED and old != new:
        payload = kinds.EmailSubscribed(previous=old, imported=deed.actor.imported, confirmed=confirmed)
        teller.tell(kinds.EMAIL_SUBSCRIBED, payload)
    elif new == UNSUBSCRIBED and old not in (None, new):
        left = kinds.EmailUnsubscribed(previous=old, by=deed.actor.by, delivery_id=delivery_id, reason=reason)
        teller.tell(kinds.EMAIL_UNSUBSCRIBED, left)
    elif new == PENDING and (old != new or (again and not deed.actor.imported)):
        teller.tell(kinds.EMAIL_PENDING, kinds.EmailPending())


def tell_rest(
    teller: Teller,
    setting: Setting,
    before: Contact | None,
    after: Contact,
    held: Held,
    tags: set[int],
    groups: set[int],
    now: datetime,
) -> None:
    """Fields, tags and groups. Of pending people nothing is told until they are in the audience (G21)."""
    if after.email_status == PENDING:
        return
    fresh = before is None
    old_fields: Mapping[str, Any] = before.fields if before else {}
    old_tags, old_groups = set(held.tags), set(held.groups)
    if before is not None and before.email_status == PENDING:
        fresh = True
        old_fields, old_tags, old_groups = _as_told(before, held, now)
    tell_fields(teller, setting.fields.values(), old_fields, after.fields, fresh=fresh)
    for tag_id in sorted(tags - old_tags):
        teller.tell(kinds.TAG_ADDED, kinds.TagAdded(tag_id=tag_id, at_creation=fresh))
    for tag_id in sorted(old_tags - tags):
        teller.tell(kinds.TAG_REMOVED, kinds.TagRemoved(tag_id=tag_id))
    for group_id in sorted(old_groups - groups):
        if group := setting.groups.get(group_id):
            teller.tell(kinds.GROUP_LEFT, kinds.GroupLeft(category_id=group.category_id, group_id=group_id))
    for group_id in sorted(groups - old_groups):
        if group := setting.groups.get(group_id):
            joined = kinds.GroupJoined(category_id=group.category_id, group_id=group_id, at_creation=fresh)
            teller.tell(kinds.GROUP_JOINED, joined)


def _as_told(before: Contact, held: Held, now: datetime) -> tuple[Mapping[str, Any], set[int], set[int]]:
    """What listeners know of a pending contact. What is older than the ledger was told before it begins."""
    told, reach = held.told, now - LEDGER_REACH
    if told is None:
        raise ValueError("a pending contact is decided without what was told of it")
    tags = set(told.tags) | {tag_id for tag_id, at in held.tags.items() if at < reach}
    groups = set(told.groups) | {group_id for group_id, at in held.groups.items() if at < reach}
    fields = dict(told.fields)
    if before.created_at < reach:
        fields = {**before.fields, **fields}
    return fields, tags, groups


def tell_fields(
    teller: Teller, fields: Iterable[Field], old: Mapping[str, Any], new: Mapping[str, Any], *, fresh: bool
) -> None:
    for field in fields:
        was, is_now = old.get(field.key), new.get(field.key)
        if was != is_now:
            changed = kinds.FieldChanged(field_id=field.field_id, old=was, new=is_now, at_creation=fresh)
            teller.tell(kinds.FIELD_CHANGED, changed)


def archived_by(deed: Deed) -> str:
    """The ledger's word: user, api or flow."""
    return {"flow": "flow", "api": "api", "import": "api", "store": "api"}.get(deed.actor.by, "user")
