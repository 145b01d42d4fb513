"""Percentage splits that look for their best way (spec/flows.md 6.1): once an hour it is counted what came of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.flows.lift import Rate, best
from relance.kernel.slots import SLOTS, buckets_of_slot

queries = load_queries(__package__, "winners.sql")


def look_for_winners(tx: Transaction, now: datetime) -> int:
    """Returns how many splits have found their best way: whoever arrives from now on takes it."""
    return sum(_look(tx, now, test) for test in tx.rows(queries.tests_to_look_at, now=now))


def _look(tx: Transaction, now: datetime, test: Any) -> int:
    rates = _rates(tx, test)
    if any(rate.people < test.min_per_way for rate in rates.values()):
        return 0
    winner = best(rates)
    return 0 if winner is None else tx.run(queries.decide, test=test.test_id, winner=winner, now=now)


def _rates(tx: Transaction, test: Any) -> dict[int, Rate]:
    people: Counter[int] = Counter()
    reached: Counter[int] = Counter()
    for number in range(SLOTS):
        slot: Sequence[int] = list(buckets_of_slot(number))
        for row in tx.rows(
            queries.ways_of_test, slot=slot, test=test.test_id, metric=test.metric, since=test.started_at
        ):
            people[row.way] += row.people
            reached[row.way] += row.reached
    return {way: Rate(people[way], reached[way]) for way in test.ways}
