"""Statements about contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from relance.audience.contacts.model import Change, Contact, Deed, Told
from relance.audience.tags.model import Tag
from relance.db.pool import Transaction
from relance.db.sql import Query, load_queries
from relance.kernel.ids import bucket_of, bucket_of_key, time_uuid

queries = load_queries(__package__)


def find_account(tx: Transaction, account_id: int) -> tuple[int, str | None]:
    """(spread, forget key or None)."""
    row = tx.row(queries.find_account, account_id=account_id)
    if row is None:
        raise LookupError(f"account {account_id} does not exist")
    return row.spread, row.forget_key


def keep_forget_key(tx: Transaction, account_id: int, secret: str) -> None:
    tx.run(queries.keep_forget_key, account_id=account_id, secret=secret)


# ── Identities ──────────────────────────────────────────────────────────────────────────────────────────────────────


def claim_identities(tx: Transaction, now: datetime, audience_id: int, wanted: Mapping[str, UUID]) -> set[str]:
    """The keys of ``wanted`` (key → contact id) that were free and are ours now."""
    rows = tx.rows(
        queries.claim_identities,
        audience_id=audience_id,
        now=now,
        buckets=[bucket_of_key(key) for key in wanted],
        keys=list(wanted),
        contact_ids=list(wanted.values()),
    )
    return {row.key for row in rows}


def find_identities(
    tx: Transaction, audience_id: int, keys: Iterable[str], kind: str = "email", *, lock: bool = False
) -> dict[str, UUID]:
    """Key → contact id, of those that exist."""
    keys = sorted(set(keys))
    if not keys:
        return {}
    rows = tx.tuples(
        queries.lock_identities if lock else queries.find_identities,
        audience_id=audience_id,
        kind=kind,
        buckets=[bucket_of_key(key) for key in keys],
        keys=keys,
    )
    return dict(rows)


def point_identity(tx: Transaction, now: datetime, audience_id: int, key: str, contact_id: UUID) -> None:
    bucket = bucket_of_key(key)
    tx.run(queries.point_identity, bucket=bucket, audience_id=audience_id, key=key, contact_id=contact_id, now=now)


def drop_identities(tx: Transaction, audience_id: int, gone: Sequence[tuple[str, str, UUID]]) -> None:
    """``gone``: (kind, key, contact id)."""
    if gone:
        tx.run(
            queries.drop_identities,
            audience_id=audience_id,
            key_buckets=[bucket_of_key(key) for _, key, _ in gone],
            kinds=[kind for kind, _, _ in gone],
            keys=[key for _, key, _ in gone],
            contact_ids=[contact_id for _, _, contact_id in gone],
        )


def remember_forgotten(tx: Transaction, now: datetime, audience_id: int, key: str, contact_id: UUID) -> None:
    bucket = bucket_of_key(key)
    tx.run(queries.remember_forgotten, bucket=bucket, audience_id=audience_id, key=key, contact_id=contact_id, now=now)


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_contacts(
    tx: Transaction, audience_id: int, contact_ids: Iterable[UUID], *, lock: bool = False
) -> dict[UUID, Contact]:
    """Those that exist. ``lock``: for update, in the order of the key."""
    ids = list(dict.fromkeys(contact_ids))
    if not ids:
        return {}
    query = queries.lock_contacts if lock else queries.read_contacts
    rows = tx.tuples(query, audience_id=audience_id, buckets=_buckets(ids), contact_ids=ids)
    return {contact.contact_id: contact for contact in [Contact(*row) for row in rows]}


def hold_contacts(tx: Transaction, audience_id: int, contact_ids: Iterable[UUID]) -> set[UUID]:
    """Lock them as read_contacts does, and tell only which there are: for batches that change nothing of theirs."""
    ids = list(contact_ids)
    if not ids:
        return set()
    rows = tx.tuples(queries.hold_contacts, audience_id=audience_id, buckets=_buckets(ids), contact_ids=ids)
    return {found for (found,) in rows}


def read_tags(tx: Transaction, contact_ids: Sequence[UUID]) -> dict[UUID, dict[int, datetime]]:
    return _gather(tx, queries.read_tags, contact_ids)


def read_groups(tx: Transaction, contact_ids: Sequence[UUID]) -> dict[UUID, dict[int, datetime]]:
    return _gather(tx, queries.read_groups, contact_ids)


def _gather(tx: Transaction, query: Query, contact_ids: Sequence[UUID]) -> dict[UUID, dict[int, datetime]]:
    held: dict[UUID, dict[int, datetime]] = {contact_id: {} for contact_id in contact_ids}
    if contact_ids:
        for contact_id, object_id, at in tx.rows(query, buckets=_buckets(contact_ids), contact_ids=list(contact_ids)):
            held[contact_id][object_id] = at
    return held


def read_told(tx: Transaction, contact_ids: Sequence[UUID]) -> dict[UUID, Told]:
    if not contact_ids:
        return {}
    tags: dict[UUID, set[int]] = {contact_id: set() for contact_id in contact_ids}
    groups: dict[UUID, set[int]] = {contact_id: set() for contact_id in contact_ids}
    fields: dict[UUID, dict[str, Any]] = {contact_id: {} for contact_id in contact_ids}
    for row in tx.rows(queries.read_told, buckets=_buckets(contact_ids), contact_ids=list(contact_ids)):
        if row.kind == "contact.tag_added":
            tags[row.contact_id].add(int(row.match_key))
        elif row.kind == "contact.group_joined":
            groups[row.contact_id].add(int(row.match_key))
        elif row.kind == "contact.field_changed" and row.payload.get("new") is not None:
            fields[row.contact_id][row.match_key] = row.payload["new"]
    return {each: Told(frozenset(tags[each]), frozenset(groups[each]), fields[each]) for each in contact_ids}


def read_former(tx: Transaction, contact_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The email statuses before the contacts were cleaned."""
    if not contact_ids:
        return {}
    rows = tx.rows(queries.read_former, buckets=_buckets(contact_ids), contact_ids=list(contact_ids))
    return {row.contact_id: row.old for row in rows if row.old is not None}


def list_tags_of(tx: Transaction, contact_ids: Sequence[UUID]) -> dict[UUID, list[tuple[Tag, datetime]]]:
    """Contact → (tag, since when), by name."""
    found: dict[UUID, list[tuple[Tag, datetime]]] = {contact_id: [] for contact_id in contact_ids}
    if contact_ids:
        for row in tx.rows(queries.list_tags_of, buckets=_buckets(contact_ids), contact_ids=list(contact_ids)):
            found[row.contact_id].append((Tag(*row[:4]), row.added_at))
    return found


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def insert_contacts(tx: Transaction, contacts: Sequence[Contact]) -> None:
    if contacts:
        tx.run(queries.insert_contacts, contacts=_json(contacts))


def update_contacts(tx: Transaction, contacts: Sequence[Contact]) -> None:
    if contacts:
        buckets = _buckets([contact.contact_id for contact in contacts])
        tx.run(queries.update_contacts, contacts=_json(contacts), buckets=buckets)


def insert_consents(tx: Transaction, deed: Deed, changes: Sequence[Change]) -> None:
    rows = [
        {
            "bucket": change.after.bucket,
            "contact_id": change.after.contact_id,
            "consent_id": time_uuid(deed.now),
            **asdict(consent),
        }
        for change in changes
        for consent in change.consents
    ]
    if rows:
        actor = deed.actor
        tx.run(
            queries.insert_consents, consents=_json(rows), now=deed.now, by=actor.by, source=actor.source,
            address=actor.address,
        )  # fmt: skip


def write_pairs(tx: Transaction, name: str, pairs: Sequence[tuple[UUID, int]], **params: object) -> None:
    """Run insert_tags, delete_tags, insert_groups, delete_groups or delete_dates for (contact, tag/group/field) ids."""
    if pairs:
        query: Query = getattr(queries, name)
        tx.run(
            query,
            buckets=[bucket_of(contact_id) for contact_id, _ in pairs],
            contact_ids=[contact_id for contact_id, _ in pairs],
            object_ids=[object_id for _, object_id in pairs],
            **params,
        )


def write_dates(tx: Transaction, changes: Sequence[Change]) -> None:
    """Write the days that fields have now, and drop those of fields that became blank."""
    rows: list[dict[str, object]] = []
    gone: list[tuple[UUID, int]] = []
    for change in changes:
        for field_id, found in change.dates.items():
            if found is None:
                gone.append((change.after.contact_id, field_id))
                continue
            day, month_day = found
            own = {"bucket": change.after.bucket, "contact_id": change.after.contact_id, "field_id": field_id}
            rows.append(own | {"day": day, "month_day": month_day})
    if rows:
        tx.run(queries.write_dates, dates=_json(rows))
    write_pairs(tx, "delete_dates", gone)


def erase_contact(tx: Transaction, contact: Contact) -> None:
    tx.run(queries.erase_contact, bucket=contact.bucket, contact_id=contact.contact_id)


def insert_erasure(tx: Transaction, now: datetime, contact: Contact) -> None:
    addresses = [address.lower() for address in (contact.email, contact.sms_number) if address]
    tx.run(
        queries.insert_erasure, bucket=contact.bucket, contact_id=contact.contact_id, addresses=addresses, now=now
    )  # fmt: skip


def blank_events(tx: Transaction, contact_id: UUID, kept: Sequence[str]) -> None:
    tx.run(queries.blank_events, bucket=bucket_of(contact_id), contact_id=contact_id, kept=list(kept))


def read_timeline(
    tx: Transaction, contact: Contact, limit: int, before: tuple[datetime, UUID] | None, kinds: Sequence[str] | None
) -> list[Any]:
    before_at, before_id = before or (None, None)
    return tx.rows(
        queries.read_timeline, bucket=contact.bucket, contact_id=contact.contact_id, limit=limit, before_at=before_at,
        before_id=before_id, kinds=None if kinds is None else list(kinds),
    )  # fmt: skip


def _buckets(contact_ids: Iterable[UUID]) -> list[int]:
    """One each, in their order: statements pair the two lists."""
    return [bucket_of(contact_id) for contact_id in contact_ids]


def _json(rows: object) -> str:
    return msgspec.json.encode(rows).decode()
