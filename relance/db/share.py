"""A worker's share of the contacts: the slots it holds, and the proof, inside each transaction, that it still does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.errors import Unavailable
from relance.kernel.slots import SLOTS, buckets_of

queries = load_queries(__package__, "share.sql")


class LeaseLost(Unavailable):
    """Another worker has taken over: this one stops working on these slots and asks for its share anew."""

    code = "lease_lost"


@dataclass(frozen=True)
class Share:
    """``owner`` None: no leases are kept (tests, a single command that does the engine's work)."""

    slots: tuple[int, ...]
    owner: UUID | None = None

    @cached_property
    def buckets(self) -> tuple[int, ...]:
        return buckets_of(self.slots)

    def fence(self, tx: Transaction) -> None:
        """Read the leases FOR KEY SHARE: a take-over waits until this transaction has ended. Raises LeaseLost.

        At any time before the first effect. It writes, so a look that finds nothing to do goes without.
        """
        if self.owner is None:
            return
        held = tx.rows(queries.hold_leases, slots=list(self.slots), owner=self.owner)
        if len(held) < len(self.slots):
            raise LeaseLost("another worker has taken over some of these slots")


def everything() -> Share:
    """All slots, without leases."""
    return Share(tuple(range(SLOTS)))
