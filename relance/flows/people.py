"""Who: the people at a step, those who passed it, those whom a reason kept out. Short lists for looking at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from relance.db.pool import Transaction
from relance.db.sql import Query, load_queries
from relance.kernel import clock
from relance.kernel.ids import BUCKETS

queries = load_queries(__package__, "people.sql")

MOST = 50
PATIENCE = 2.0
"""Seconds. A flow of millions of people answers with some of them instead of keeping the reader waiting."""
LATELY = timedelta(days=30)

_CHUNK = 256


@dataclass(frozen=True, slots=True)
class Someone:
    """``code``: the latest decision (spec 5.12), None before the first; ``at``: of arrival or of the decision.
    ``email`` None: no address, or the contact is gone."""

    contact_id: UUID
    run_id: UUID | None
    email: str | None
    at: datetime | None
    code: str | None
    seen: Any
    step_id: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """``whole`` False: there may be others; the newest are not certain to be among these."""

    people: tuple[Someone, ...]
    whole: bool


def at_step(tx: Transaction, account_id: int, flow_id: int, step_id: int) -> Found:
    """People who rest at the step now, latest arrival first."""
    return _look(
        tx, queries.people_at_step,
        lambda row: Someone(row.contact_id, row.run_id, row.email, row.arrived_at, row.code, row.seen),
        account_id=account_id, flow_id=flow_id, step_id=step_id,
    )  # fmt: skip


def left(tx: Transaction, now: datetime, account_id: int, flow_id: int, step_id: int) -> Found:
    """People who were at the step in the last 30 days and are there no more, with the last decision taken there."""
    return _look(
        tx, queries.left_step,
        lambda row: Someone(row.contact_id, row.run_id, row.email, row.at, row.code, row.seen),
        account_id=account_id, flow_id=flow_id, step_id=step_id, since=now - LATELY,
    )  # fmt: skip


def kept_out(tx: Transaction, now: datetime, account_id: int, flow_id: int, code: str) -> Found:
    """People about whom ``code`` was decided in this flow in the last 30 days."""
    return _look(
        tx, queries.decided_by_reason,
        lambda row: Someone(row.contact_id, row.run_id, row.email, row.at, row.code, row.seen, step_id=row.step_id),
        account_id=account_id, flow_id=flow_id, code=code, since=now - LATELY,
    )  # fmt: skip


def _look(tx: Transaction, query: Query, read: Callable[[Any], Someone], **params: object) -> Found:
    """Some buckets at a time, until all were looked at or patience is over."""
    until = clock.monotonic() + PATIENCE
    found: list[Someone] = []
    whole = True
    for buckets in _chunks():
        if clock.monotonic() > until:
            whole = False
            break
        found += [read(row) for row in tx.rows(query, slot=buckets, limit=MOST + 1, **params)]
    found.sort(key=lambda someone: (someone.at is not None, someone.at), reverse=True)
    return Found(tuple(found[:MOST]), whole and len(found) <= MOST)


def _chunks() -> Iterator[list[int]]:
    for first in range(0, BUCKETS, _CHUNK):
        yield list(range(first, first + _CHUNK))
