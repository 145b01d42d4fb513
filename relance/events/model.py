"""Values of the ledger: the envelope, the cause, and the shape of a kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

SOURCES = (
    "form", "landing_page", "preference_page", "app", "api", "batch", "import",
    "store", "integration", "flow", "sms", "system", "merge",
)  # fmt: skip
"""Where a fact came in (spec section 10, envelope)."""


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every kind's typed payload. Instants are aware datetimes, ids as stored."""


@dataclass(frozen=True, slots=True)
class EventKind:
    """A declaration: what a kind of event carries and who may listen.

    ``match`` names the payload field whose text is the coarse key that subscriptions are looked up by (a tag's id, an
    event's name); None: subscriptions hear every event of the kind. ``wakes`` is False for facts that no trigger,
    wait, exit or goal can listen to: they are kept in the ledger and never judged. An event of the others is judged
    when somebody listens as it is recorded; one that ``moves_runs`` by itself always is (docs/decisions/0017).
    """

    key: str
    payload: type[Payload]
    match: str | None = None
    wakes: bool = True
    moves_runs: bool = False

    def match_key(self, payload: Payload) -> str:
        return "" if self.match is None else str(getattr(payload, self.match))


class Cause(msgspec.Struct, frozen=True):
    """Which run made this happen. ``depth`` is that of the event itself (G15)."""

    flow_id: int
    run_id: UUID
    step_id: int
    depth: int


class NewEvent(msgspec.Struct, frozen=True):
    """A fact about to be appended. ``occurred_at`` None means now. ``key`` is the caller's own (30 days, A3).

    A struct, like its cause, because batches make thousands: a frozen data class takes ten times as long.
    """

    kind: EventKind
    payload: Payload
    account_id: int
    audience_id: int
    contact_id: UUID | None
    source: str
    occurred_at: datetime | None = None
    syncing: bool = False
    cause: Cause | None = None
    key: str | None = None
    bulk: bool = False
