"""Find contacts by address, by MD5 of the lower-cased address, or by id (A1)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from relance.audience.contacts import store
from relance.audience.contacts.model import Contact
from relance.audience.contacts.rules import is_key, key_of
from relance.db.pool import Transaction


def find(tx: Transaction, audience_id: int, name: str, lock: bool = False) -> Contact | None:
    """The contact, archived ones too, or None. ``lock``: hold it until the transaction ends."""
    return find_many(tx, audience_id, [name], lock=lock).get(name)


def find_many(tx: Transaction, audience_id: int, names: Iterable[str], lock: bool = False) -> dict[str, Contact]:
    """By name as given, of those that exist; in two statements."""
    names = list(names)
    keys = {name: key for name in names if (key := _key(name))}
    identities = store.find_identities(tx, audience_id, set(keys.values()))
    ids = {name: found for name in names if (found := identities.get(keys.get(name, "")) or _id(name))}
    contacts = store.read_contacts(tx, audience_id, set(ids.values()), lock=lock)
    return {name: contacts[found] for name, found in ids.items() if found in contacts}


def hold_many(tx: Transaction, audience_id: int, names: Iterable[str]) -> dict[str, UUID]:
    """Lock the contacts until the transaction ends. By name as given: the ids of those that exist."""
    keys = {name: _key(name) for name in names}
    identities = store.find_identities(tx, audience_id, {key for key in keys.values() if key})
    ids = {name: found for name, key in keys.items() if (found := identities.get(key or "") or _id(name))}
    wanted = set(ids.values())
    held = store.hold_contacts(tx, audience_id, wanted)
    if len(held) == len(wanted):
        return ids
    return {name: found for name, found in ids.items() if found in held}


def _key(name: str) -> str | None:
    if "@" in name:
        return key_of(name.strip())
    return name.lower() if is_key(name.lower()) else None


def _id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
