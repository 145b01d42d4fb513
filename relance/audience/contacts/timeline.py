"""What happened to a contact, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from relance.audience.contacts import store
from relance.audience.contacts.model import Contact
from relance.db.pool import Transaction


@dataclass(frozen=True, slots=True)
class Entry:
    """An event, as the ledger has it. ``place`` is where the next page begins."""

    event_id: UUID
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    source: str
    syncing: bool
    payload: Mapping[str, Any]
    cause_flow: int | None
    cause_run: UUID | None
    cause_step: int | None

    @property
    def place(self) -> tuple[datetime, UUID]:
        return self.recorded_at, self.event_id


def timeline(
    tx: Transaction,
    contact: Contact,
    limit: int = 50,
    before: tuple[datetime, UUID] | None = None,
    kinds: Sequence[str] | None = None,
) -> list[Entry]:
    """At most ``limit`` events, those ``before`` a place (Entry.place), of ``kinds`` only where given."""
    return [Entry(*row) for row in store.read_timeline(tx, contact, limit, before, kinds)]
