"""The accounting, proved at any time (spec/flows.md 5.9, 5.10): nothing lost, nothing doubled, every figure closes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from relance.db.pool import Transaction
from relance.db.sql import Query, load_queries
from relance.kernel.slots import SLOTS, buckets_of_slot

queries = load_queries(__package__, "reconcile.sql")


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the accounting. ``gaps`` says where it does not close; empty: it does."""

    name: str
    counted: int
    gaps: list[str]

    @property
    def closes(self) -> bool:
        return not self.gaps


CHECKS: tuple[tuple[str, Query], ...] = (
    ("entered = here now + completed + exited, per flow", queries.entered_and_where_they_are),
    ("every entry has its run, every run its entry", queries.entries_and_runs),
    ("send decisions = sent + skipped + queued, per step", queries.sends_and_decisions),
    ("arrived = passed + here now + ended here, per step", queries.arrived_and_passed),
    ("nobody rests where nothing will wake them", queries.forgotten_runs),
    ("nothing is in the hand of a worker that is gone", queries.left_in_hand),
)


def reconcile(tx: Transaction, account_id: int | None = None) -> list[Check]:
    """Compare rows with figures, slot by slot. Work in hand counts as what it is: the checks hold while people move.

    Reads in one transaction of the caller; give it a repeatable-read one, or a quiet system, for exact answers.
    """
    return [_check(tx, name, query, account_id) for name, query in CHECKS]


def waiting(tx: Transaction) -> int:
    """Events not judged yet."""
    return sum(tx.value(queries.waiting_events, slot=list(buckets_of_slot(n))) for n in range(SLOTS))


def _check(tx: Transaction, name: str, query: Query, account_id: int | None) -> Check:
    """Rows of the slots are added up by name before they are compared: figures are kept anywhere in a slot's range."""
    sums: dict[str, list[int]] = {}
    for number in range(SLOTS):
        for row in tx.rows(query, slot=list(buckets_of_slot(number)), account=account_id):
            _add(sums.setdefault(row.name, []), row)
    gaps = [f"{name}: {left} here, {right} there" for name, (left, right) in sorted(sums.items()) if left != right]
    return Check(name, sum(pair[0] for pair in sums.values()), gaps)


def _add(pair: list[int], row: Any) -> None:
    if not pair:
        pair.extend([0, 0])
    pair[0] += int(row.left_side)
    pair[1] += int(row.right_side)
