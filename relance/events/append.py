"""Append facts to the ledger, with the inbox rows that the dispatcher will judge them by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.errors import LockNotAvailable

from relance.db.arrays import or_nothing
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.events.model import NewEvent
from relance.kernel.ids import bucket_of, bucket_of_key, time_uuids

queries = load_queries(__package__)

_encode = msgspec.json.Encoder().encode


def append(tx: Transaction, now: datetime, events: Sequence[NewEvent]) -> list[UUID]:
    """Append ``events`` in one statement and return their ids, in order.

    The caller holds the lock on the contacts concerned (it has just changed them), so the order of ids is the order of
    changes. An event whose ``key`` was seen before is left out: its id is returned all the same, and names nothing.
    Those that somebody listens to are judged; who listens does not change until the transaction ends.
    """
    if not events:
        return []
    tx.run(queries.keep_listeners)
    ids = time_uuids(now, len(events))
    headers: dict[tuple[Any, ...], int] = {}
    ears: dict[tuple[int, str], int] = {}
    headed = [headers.setdefault(_header(event), len(headers) + 1) for event in events]
    keys = [event.kind.match_key(event.payload) for event in events]
    params: dict[str, object] = {
        "now": now,
        "buckets": [_bucket(event) for event in events],
        "ids": ids,
        "contacts": [event.contact_id for event in events],
        "headers": headed,
        "match_keys": keys,
        "ears": [ears.setdefault(ear, len(ears) + 1) for ear in zip(headed, keys, strict=True)],
        "occurred": or_nothing([event.occurred_at for event in events]),
        "payloads": [_encode(event.payload).decode() for event in events],
        "cause_runs": or_nothing([event.cause.run_id if event.cause else None for event in events]),
    }
    params |= {"ear_headers": [header for header, _ in ears], "ear_keys": [key for _, key in ears]}
    params |= dict(zip(_HEADER, map(list, zip(*headers, strict=True)), strict=True))
    if any(event.key for event in events):
        waiting = tx.value(queries.append_keyed_events, **params, keys=[event.key for event in events])
    else:
        waiting = tx.value(queries.append_events, **params)
    if waiting:
        tx.wake("dispatch")
    return ids


def change_listeners(tx: Transaction) -> None:
    """To be called before something is added to the view `listened_to`, after every other lock on shared rows, in a
    transaction that has appended nothing yet.

    Waits for judgements in hand, and for the transactions that have appended something and are not done; those that
    come later wait for this one. So each event is recorded either before the listener, or for it (docs/decisions/0017).
    Raises Unavailable when there is no moment for it.
    """
    raise_epoch(tx)
    for left in reversed(range(_TRIES)):
        try:
            with tx.connection.transaction():
                tx.run(queries.wait_a_moment)
                tx.run(queries.change_listeners)
                tx.run(queries.wait_as_usual)
                return
        except LockNotAvailable:
            if not left:
                raise


def raise_epoch(tx: Transaction) -> None:
    """What workers keep in memory has changed. Waits for judgements in hand; those that come later wait for this
    transaction. Before anything is appended: a publication may have this row and wait for whoever has."""
    tx.run(queries.raise_epoch)


_TRIES = 100
"""Half a minute with the time of each try (queries.sql)."""


_HEADER = (
    "accounts",
    "audiences",
    "kinds",
    "sources",
    "syncing",
    "cause_flows",
    "cause_steps",
    "depths",
    "wakes",
    "moves_runs",
    "lanes",
)


def _header(event: NewEvent) -> tuple[Any, ...]:
    """What most events of a batch have in common, in the order of _HEADER: sent once for each different one."""
    kind, cause = event.kind, event.cause
    return (
        event.account_id,
        event.audience_id,
        kind.key,
        event.source,
        event.syncing,
        cause.flow_id if cause else None,
        cause.step_id if cause else None,
        cause.depth if cause else 0,
        kind.wakes,
        kind.moves_runs,
        1 if event.bulk else 0,
    )


def _bucket(event: NewEvent) -> int:
    return bucket_of(event.contact_id) if event.contact_id else bucket_of_key(event.kind.key)


def forget_keys(tx: Transaction, slot: Sequence[int], before: datetime) -> int:
    """Forget the callers' keys that were used before an instant. Returns how many."""
    return tx.run(queries.forget_ingest_keys, slot=list(slot), before=before)
