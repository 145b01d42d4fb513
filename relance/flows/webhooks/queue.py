"""Queue calls, in the transaction that moves the runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.ids import derived_uuid

queries = load_queries(__package__)


class AtStep(Protocol):
    """A run that has arrived at a step."""

    bucket: int
    account_id: int
    audience_id: int
    contact_id: UUID
    flow_id: int
    version_id: int
    run_id: UUID
    step_id: int
    depth: int


def queue_calls(tx: Transaction, now: datetime, runs: Sequence[AtStep]) -> dict[UUID, str]:
    """One call for each run and step. Of runs whose call was over before: run id to ``ok`` or ``failed``."""
    buckets = [run.bucket for run in runs]
    calls = [derived_uuid(run.run_id, run.step_id) for run in runs]
    queued = tx.rows(
        queries.queue_calls,
        now=now,
        buckets=buckets,
        calls=calls,
        accounts=[run.account_id for run in runs],
        audiences=[run.audience_id for run in runs],
        contacts=[run.contact_id for run in runs],
        flows=[run.flow_id for run in runs],
        versions=[run.version_id for run in runs],
        runs=[run.run_id for run in runs],
        steps=[run.step_id for run in runs],
        depths=[run.depth for run in runs],
    )
    if len(queued) == len(runs):
        return {}
    rows = tx.rows(queries.calls_before, buckets=buckets, calls=calls, runs=[run.run_id for run in runs])
    return {row.run_id: row.state for row in rows if row.state in ("ok", "failed")}
