"""What a run may be asked beyond its contact: the data of the event that let it in, and what it has learnt on its way.

The event stands in the ledger and is read when somebody asks; a run of millions that wait keeps nothing of it
(docs/decisions/0032).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from relance.db.pool import Transaction
from relance.db.sql import load_queries

queries = load_queries(__package__, "contexts.sql")


class Run(Protocol):
    """What is read of a run."""

    bucket: int
    contact_id: UUID
    run_id: UUID


def read_contexts(tx: Transaction, runs: Iterable[Run]) -> dict[UUID, Any]:
    """By run: ``{"event": …, "name": …, "date": …}`` and ``"webhook"``, as msgspec.Raw: sent on as it was read."""
    by_id = {run.run_id: run for run in runs}
    if not by_id:
        return {}
    rows = tx.rows(
        queries.contexts_of_runs,
        buckets=[run.bucket for run in by_id.values()],
        contacts=[run.contact_id for run in by_id.values()],
        runs=list(by_id),
    )
    return {row.run_id: msgspec.Raw(row.context.encode()) for row in rows}


def decoded_contexts(tx: Transaction, runs: Iterable[Run]) -> dict[UUID, dict[str, Any]]:
    """By run: its context, decoded."""
    return {run_id: msgspec.json.decode(text) for run_id, text in read_contexts(tx, runs).items()}


def contexts_behind(tx: Transaction, texts: Sequence[Any]) -> dict[UUID, Mapping[str, Any]]:
    """For merge tags, by delivery: the runs' contexts with ``flow_name``, ``flow_zone`` ("account" or "contact") and
    ``entered``, the instant as text. ``texts``: deliveries, or what else is written for a run."""
    rows = tx.rows(
        queries.contexts_behind,
        buckets=[text.bucket for text in texts],
        contacts=[text.contact_id for text in texts],
        runs=[text.run_id for text in texts],
        deliveries=[text.delivery_id for text in texts],
    )
    return {
        row.delivery_id: {
            **row.context,
            "flow_name": row.flow_name,
            "flow_zone": row.flow_zone,
            "entered": row.entered_at.isoformat(),
        }
        for row in rows
    }


def keep_contexts(tx: Transaction, slot: Sequence[int], before: datetime) -> int:
    """Copy what is about to leave the ledger into the runs that are still under way. Returns how many."""
    return tx.run(queries.keep_contexts, slot=list(slot), before=before)
