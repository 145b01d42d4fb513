"""Ask many conditions about many contacts in one statement (if/else, exits, waits)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from relance.audience.conditions.cache import CompiledCache
from relance.audience.conditions.model import Pair, Verdict
from relance.db.pool import Transaction

_NO = Verdict(False, {})


class _Asked(msgspec.Struct, omit_defaults=True):
    """A pair as it goes to the server: encoded without a dictionary, and without what is absent."""

    n: int
    bucket: int
    contact_id: UUID | None
    condition_id: int
    entered_at: datetime | None = None
    arrived_at: datetime | None = None
    context: Any = None
    payload: Any = None


def evaluate(tx: Transaction, cache: CompiledCache, pairs: Sequence[Pair], now: datetime) -> dict[int, Verdict]:
    """The answer to each pair, by its ``n``. A condition that is not stored is false.

    All contacts of one call belong to one slot (docs/decisions/0008).
    """
    answers = _ask(tx, cache, pairs, now)
    stale = [pair for pair in pairs if pair.n in answers and answers[pair.n] is None]
    if stale:  # Another process has given these conditions shapes that this one did not know.
        cache.forget({pair.condition_id for pair in stale})
        answers |= _ask(tx, cache, stale, now)
    return {pair.n: answers.get(pair.n) or _NO for pair in pairs}


def _ask(tx: Transaction, cache: CompiledCache, pairs: Sequence[Pair], now: datetime) -> dict[int, Verdict | None]:
    """None: the condition's shape is not known here."""
    ids = {pair.condition_id for pair in pairs}
    if not ids:
        return {}
    cache.learn(tx, ids)
    readers = cache.readers(ids)
    asked = [
        _Asked(*pair[:4], pair.entered_at, pair.arrived_at, pair.context, pair.payload)
        if pair.condition_id in readers
        else _Asked(*pair[:4], pair.entered_at, pair.arrived_at)
        for pair in pairs
    ]
    rows = tx.rows(
        cache.statement(ids),
        pairs=msgspec.json.encode(asked).decode(),
        buckets=sorted({pair.bucket for pair in pairs}),
        now=now,
    )
    return {n: None if holds is None else Verdict(holds, seen) for n, holds, seen in rows}
