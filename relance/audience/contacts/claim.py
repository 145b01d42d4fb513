"""Claim addresses and lock contacts, so that nobody else creates or changes the same ones meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from relance.audience.contacts import store
from relance.audience.contacts.model import Contact, Deed, Draft
from relance.audience.contacts.rules import forgotten_key, key_of
from relance.db.pool import Transaction
from relance.kernel.errors import Conflict, Unavailable
from relance.kernel.ids import bucket_for_new_contact, contact_id

TRIES = 5


@dataclass(frozen=True, slots=True)
class Claim:
    """A contact that is ours to change, or an id that is ours to use (``before`` None)."""

    contact_id: UUID
    before: Contact | None


def claim(tx: Transaction, deed: Deed, keys: Sequence[str], spread: int) -> dict[str, Claim]:
    """By identity key: the contact, locked, or an id for a new one. In the order of the keys' identities.

    Between reading an identity and locking its contact, the contact may get another address or be erased: such keys
    are asked for again, and locked.
    """
    claims: dict[str, Claim] = {}
    left = list(keys)
    for attempt in range(TRIES):
        claims |= _claim_once(tx, deed, left, spread, lock=attempt > 0)
        left = [key for key in left if key not in claims]
        if not left:
            return claims
    raise Unavailable("these contacts are being changed by others.", mend="Try again.")


def _claim_once(tx: Transaction, deed: Deed, keys: Sequence[str], spread: int, *, lock: bool) -> dict[str, Claim]:
    audience = deed.audience
    wanted = {key: contact_id(bucket_for_new_contact(audience.account_id, spread)) for key in keys}
    ours = store.claim_identities(tx, deed.now, audience.audience_id, wanted)
    claims = {key: Claim(wanted[key], None) for key in ours}
    theirs = [key for key in keys if key not in ours]
    pointed = store.find_identities(tx, audience.audience_id, theirs, lock=lock)
    contacts = store.read_contacts(tx, audience.audience_id, pointed.values(), lock=True)
    for key, found in pointed.items():
        contact = contacts.get(found)
        if contact is not None and contact.email is not None and key_of(contact.email) == key:
            claims[key] = Claim(found, contact)
        elif contact is None and lock:  # an identity without a contact is reusable (architecture 6.6)
            claims[key] = Claim(found, None)
    return claims


def claim_new_address(tx: Transaction, deed: Deed, contact: Contact, draft: Draft) -> None:
    """Claim ``draft.email`` for a contact that has another address. Raises Conflict (address_taken)."""
    if draft.email is None:
        return
    key, audience_id = key_of(draft.email), deed.audience.audience_id
    if contact.email is not None and key_of(contact.email) == key:
        return
    if store.claim_identities(tx, deed.now, audience_id, {key: contact.contact_id}):
        return
    holder = store.find_identities(tx, audience_id, [key], lock=True).get(key)
    if holder is None:
        raise Unavailable("this address is being changed by others.", mend="Try again.")
    if holder != contact.contact_id and store.read_contacts(tx, audience_id, [holder]):
        raise Conflict(
            f"{draft.email} is another contact's address.", where="email_address", mend="Merge or archive one of them.",
            code="address_taken",
        )  # fmt: skip
    store.point_identity(tx, deed.now, audience_id, key, contact.contact_id)


def forgotten(tx: Transaction, deed: Deed, fresh: Mapping[str, Claim], secret: str | None) -> set[str]:
    """The keys among ``fresh`` whose address was erased: only the contact's own sign-up brings it back (section 9).

    For that sign-up the memory ends, and the answer is empty.
    """
    if secret is None or not fresh:
        return set()
    audience_id = deed.audience.audience_id
    hashes = {forgotten_key(secret, audience_id, key): key for key in fresh}
    found = store.find_identities(tx, audience_id, hashes, "forgotten")
    if deed.actor.by != "self":
        return {hashes[each] for each in found}
    store.drop_identities(tx, audience_id, [("forgotten", each, erased) for each, erased in found.items()])
    return set()
