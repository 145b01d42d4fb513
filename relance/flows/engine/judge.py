"""Conditions of runs, answered by the audience: many runs and many conditions in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from relance.audience.conditions import CompiledCache, Pair, evaluate, search, turns
from relance.db.pool import Transaction
from relance.db.sql import Query
from relance.flows.contexts import read_contexts
from relance.flows.steps.shape import Mover


class ConditionJudge:
    """Steps ask through Arrivals.ask, or search with a statement of their own."""

    def __init__(self, conditions: CompiledCache) -> None:
        self._conditions = conditions

    def ask(
        self, tx: Transaction, now: datetime, asked: Sequence[tuple[Mover, int]], contexts: Sequence[Any] | None
    ) -> list[tuple[bool, Mapping[str, Any] | None]]:
        if contexts is None:
            contexts = self._contexts(tx, asked)
        answers = evaluate(tx, self._conditions, _pairs(asked, contexts), now)
        return [(answers[n].holds, answers[n].seen) for n in range(len(asked))]

    def turns(self, tx: Transaction, now: datetime, asked: Sequence[tuple[Mover, int]]) -> list[datetime | None]:
        found = turns(tx, self._conditions, _pairs(asked, self._contexts(tx, asked)), now)
        return [found.get(n) for n in range(len(asked))]

    def search(self, tx: Transaction, statement: Query, conditions: Collection[int], **params: Any) -> Sequence[Any]:
        return search(tx, self._conditions, statement, conditions, **params)

    def _contexts(self, tx: Transaction, asked: Sequence[tuple[Mover, int]]) -> Sequence[Any]:
        """Those of the runs whose conditions look at them, as they were read."""
        ids = {condition for _, condition in asked}
        self._conditions.learn(tx, ids)
        readers = self._conditions.readers(ids)
        known = read_contexts(tx, [mover for mover, condition in asked if condition in readers]) if readers else {}
        return [known.get(mover.run_id) for mover, _ in asked] if known else [None] * len(asked)


def _pairs(asked: Sequence[tuple[Mover, int]], contexts: Sequence[Any]) -> list[Pair]:
    return [
        Pair(n, mover.bucket, mover.contact_id, condition, contexts[n], None, mover.entered_at, mover.arrived_at)
        for n, (mover, condition) in enumerate(asked)
    ]
