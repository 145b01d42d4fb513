"""Ask many conditions about many contacts in one statement (if/else, exits, waits)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from relance.audience.conditions.cache import CompiledCache
from relance.audience.conditions.model import Pair, Verdict
from relance.audience.conditions.store import queries
from relance.db.arrays import or_nothing
from relance.db.pool import Transaction
from relance.db.sql import Query

_NO = Verdict(False, {})
_ANSWERS = queries.evaluate_conditions.compose(asked="{holds} as holds, ({seen})::text as seen")
_TURNS = queries.evaluate_conditions.compose(asked="{turns} as turns")


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


def turns(tx: Transaction, cache: CompiledCache, pairs: Sequence[Pair], now: datetime) -> dict[int, datetime | None]:
    """The first instant after ``now`` at which each answer may change although nothing happens, by the pair's ``n``;
    None: there is none. It may be too early, never too late (Fragment.turns)."""
    ids = {pair.condition_id for pair in pairs}
    if not ids:
        return {}
    cache.learn(tx, ids)
    asked = columns(pairs, contexts=bool(cache.readers(ids)), times=True)
    return dict(tx.tuples(cache.statement(ids, _TURNS), now=now, **asked))


def search(tx: Transaction, cache: CompiledCache, statement: Query, ids: Collection[int], **params: Any) -> list[Any]:
    """The rows that hold, of a statement that asks conditions itself: ``{holds}`` in it answers for a row ``x`` made
    like that of evaluate_conditions, and null where the shape is not known here."""
    rows = _search(tx, cache, statement, ids, params)
    if any(row.holds is None for row in rows):
        cache.forget(ids)
        rows = _search(tx, cache, statement, ids, params)
    return [row for row in rows if row.holds]


def _search(
    tx: Transaction, cache: CompiledCache, statement: Query, ids: Collection[int], params: Mapping[str, Any]
) -> list[Any]:
    cache.learn(tx, ids)
    return tx.rows(cache.statement(ids, statement), **params)


def _ask(tx: Transaction, cache: CompiledCache, pairs: Sequence[Pair], now: datetime) -> dict[int, Verdict | None]:
    """None: the condition's shape is not known here. Answers that are alike are one object."""
    ids = {pair.condition_id for pair in pairs}
    if not ids:
        return {}
    cache.learn(tx, ids)
    asked = columns(pairs, contexts=bool(cache.readers(ids)), times=cache.looks_at_run(ids))
    rows = tx.tuples(cache.statement(ids, _ANSWERS), now=now, **asked)
    told = {(holds, seen) for _, holds, seen in rows if holds is not None}
    known = {(holds, seen): Verdict(holds, msgspec.json.decode(seen or "{}")) for holds, seen in told}
    return {n: None if holds is None else known[holds, seen] for n, holds, seen in rows}


def columns(pairs: Sequence[Pair], *, contexts: bool = True, times: bool = True) -> dict[str, object]:
    """The pairs as parameters of the statement: a list for each column, nothing for one that is empty or that nobody
    looks at."""
    return {
        "ns": [pair.n for pair in pairs],
        "buckets": [pair.bucket for pair in pairs],
        "contacts": [pair.contact_id for pair in pairs],
        "conditions": [pair.condition_id for pair in pairs],
        "contexts": or_nothing([_text(pair.context) for pair in pairs]) if contexts else None,
        "payloads": or_nothing([_text(pair.payload) for pair in pairs]) if contexts else None,
        "entered": or_nothing([pair.entered_at for pair in pairs]) if times else None,
        "arrived": or_nothing([pair.arrived_at for pair in pairs]) if times else None,
    }


def _text(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
