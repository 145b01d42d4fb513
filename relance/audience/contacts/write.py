"""Write what was decided: rows and events, in one transaction. The only place that changes contacts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from relance.audience.contacts import store
from relance.audience.contacts.model import Change, Deed
from relance.audience.contacts.rules import key_of
from relance.db.pool import Transaction
from relance.events.append import append


def write(tx: Transaction, deed: Deed, changes: Sequence[Change]) -> None:
    """A constant number of statements. The caller holds the contacts' locks and, for addresses, the new identities."""
    changes = [change for change in changes if change.real]
    store.insert_contacts(tx, [change.after for change in changes if change.before is None])
    store.update_contacts(tx, [change.after for change in changes if change.before is not None])
    store.drop_identities(tx, deed.audience.audience_id, _left_behind(changes))
    store.insert_consents(tx, deed, changes)
    for name, attribute in _PAIRS:
        pairs = [(change.after.contact_id, each) for change in changes for each in getattr(change, attribute)]
        params = {"now": deed.now} if name.startswith("insert") else {}
        store.write_pairs(tx, name, pairs, **params)
    store.write_dates(tx, changes)
    append(tx, deed.now, [event for change in changes for event in change.events])


_PAIRS = (
    ("insert_tags", "tags_added"),
    ("delete_tags", "tags_removed"),
    ("insert_groups", "groups_joined"),
    ("delete_groups", "groups_left"),
)


def _left_behind(changes: Sequence[Change]) -> list[tuple[str, str, UUID]]:
    return [
        ("email", key_of(change.before.email), change.before.contact_id)
        for change in changes
        if change.before is not None
        and change.before.email is not None
        and (change.after.email is None or key_of(change.after.email) != key_of(change.before.email))
    ]
