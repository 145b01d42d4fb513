"""Why and why not: the decisions kept about a contact, and an answer for events that nobody considered (5.12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from relance.db.pool import Database, Transaction
from relance.db.sql import load_queries
from relance.flows.engine.words import CODES
from relance.kernel import clock
from relance.kernel.ids import bucket_of

queries = load_queries(__package__, "inspect.sql")


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the trail. ``name`` and ``meaning`` are those of spec 5.12; ``seen`` the values looked at."""

    at: datetime
    code: str
    name: str
    meaning: str
    event_id: UUID | None
    event_kind: str | None
    run_id: UUID | None
    trigger_id: int | None
    step_id: int | None
    step: str | None
    seen: Any


def why(tx: Transaction, flow_id: int, contact_id: UUID, language: str = "en") -> list[Decision]:
    """Everything decided about the contact in this flow, oldest first. Where nothing was, one answer: E01 (nothing the
    triggers listen to has happened) or, for each recent event of a right kind, E27 (settings not matched)."""
    bucket = bucket_of(contact_id)
    rows = tx.rows(queries.decisions_about, bucket=bucket, contact_id=contact_id, flow_id=flow_id)
    trail = [_decision(row, language) for row in rows]
    considered = {decision.event_id for decision in trail}
    unheard = [
        _answer("E27", row, language)
        for row in tx.rows(
            queries.events_of_right_kind,
            bucket=bucket,
            contact_id=contact_id,
            flow_id=flow_id,
            since=clock.now() - timedelta(days=30),
        )
        if row.event_id not in considered
    ]
    trail = sorted([*trail, *unheard], key=lambda decision: decision.at)
    return trail or [_answer("E01", None, language)]


def _decision(row: Any, language: str) -> Decision:
    name, label = CODES[row.code]
    return Decision(
        row.at,
        row.code,
        name,
        label.in_language(language),
        row.event_id,
        row.event_kind,
        row.run_id,
        row.trigger_id,
        row.step_id,
        row.step,
        row.seen,
    )


def _answer(code: str, row: Any, language: str) -> Decision:
    name, label = CODES[code]
    at = row.occurred_at if row else clock.now()
    event_id, kind = (row.event_id, row.kind) if row else (None, None)
    seen = row.payload if row else None
    return Decision(at, code, name, label.in_language(language), event_id, kind, None, None, None, None, seen)


def judgement(database: Database, event_id: UUID, bucket: int, patience: float) -> str | None:
    """The name of what was decided about an event, once it is judged: ``entered``, ``already_inside`` …

    None when nobody listened, or when it is not judged within ``patience`` seconds.
    """
    until = clock.monotonic() + patience
    while True:
        with database.transaction() as tx:
            if not tx.value(queries.still_in_inbox, bucket=bucket, event_id=event_id):
                code = tx.value(queries.decision_on_event, bucket=bucket, event_id=event_id)
                return CODES[code][0] if code else None
        if clock.monotonic() > until:
            return None
        clock.pause(0.01)
