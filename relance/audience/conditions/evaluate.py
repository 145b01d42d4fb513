"""Ask many conditions about many contacts in one statement (if/else, exits, waits)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from relance.audience.conditions.cache import CompiledCache
from relance.audience.conditions.model import Pair, Verdict
from relance.db.pool import Transaction

_NO = Verdict(False, {})


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
    rows = tx.rows(
        cache.statement(ids),
        pairs=msgspec.json.encode([_asked(pair) for pair in pairs]).decode(),
        buckets=sorted({pair.bucket for pair in pairs}),
        now=now,
    )
    return {n: None if holds is None else Verdict(holds, seen) for n, holds, seen in rows}


def _asked(pair: Pair) -> dict[str, object]:
    return {name: value for name, value in pair._asdict().items() if value is not None}
