"""What messages hold of a person who was erased for good: addresses, answers that quote them, caught mail."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.ids import bucket_of

queries = load_queries(__package__, "forget.sql")


def forget(tx: Transaction, contact_id: UUID, addresses: Sequence[str]) -> None:
    """Deliveries stay, for the figures, and say nothing of the person. ``addresses``: in lower case."""
    tx.run(queries.blank_deliveries, bucket=bucket_of(contact_id), contact_id=contact_id)
    if addresses:
        tx.run(queries.forget_mail_to, addresses=list(addresses))
