"""Queue notices, in the transaction that moves the runs."""

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


def queue_notices(tx: Transaction, now: datetime, told: Sequence[tuple[AtStep, int]]) -> None:
    """``told``: a run, and the id of a person who is to hear of it."""
    tx.run(
        queries.queue_notices,
        now=now,
        buckets=[run.bucket for run, _ in told],
        notices=[derived_uuid(run.run_id, run.step_id, person) for run, person in told],
        accounts=[run.account_id for run, _ in told],
        audiences=[run.audience_id for run, _ in told],
        contacts=[run.contact_id for run, _ in told],
        flows=[run.flow_id for run, _ in told],
        versions=[run.version_id for run, _ in told],
        runs=[run.run_id for run, _ in told],
        steps=[run.step_id for run, _ in told],
        people=[person for _, person in told],
    )
