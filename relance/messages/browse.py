"""Deliveries for the operator, newest first; and what the local mail catcher took."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID

import msgspec

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.ids import time_uuid
from relance.kernel.slots import SLOTS, buckets_of_slot
from relance.messages.transports.catcher import CaughtMail

queries = load_queries(__package__, "browse.sql")

CAUGHT_AT_MOST = 20_000


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: queued, handed, sent, skipped, failed, unknown or bounced. ``code``: S00-S22 once decided."""

    delivery_id: UUID
    queued_at: datetime
    sent_at: datetime | None
    state: str
    code: str | None
    address: str | None
    message_class: str
    message: str
    flow: str | None
    opened_at: datetime | None
    clicked_at: datetime | None
    bounced_at: datetime | None
    attempts: int
    answer: str | None


def newest(tx: Transaction, account_id: int, *, to: str | None = None, limit: int = 100) -> list[Delivered]:
    """``to``: only those for that address."""
    rows: list[Any] = []
    for number in range(SLOTS):
        rows += tx.rows(
            queries.newest_deliveries,
            slot=list(buckets_of_slot(number)),
            account_id=account_id,
            address=to,
            limit=limit,
        )
    rows.sort(key=lambda row: row.queued_at, reverse=True)
    return [Delivered(**row._asdict()) for row in rows[:limit]]


def keep(tx: Transaction, mail: CaughtMail) -> None:
    """A caught mail, for the page that shows them."""
    subject = str(message_from_bytes(mail.data[:65_536], policy=policy.default).get("Subject", ""))
    tx.run(
        queries.keep_caught_mail,
        caught_id=time_uuid(mail.at),
        at=mail.at,
        sender=mail.sender,
        recipients=list(mail.recipients),
        subject=subject.replace("\0", ""),
        data=mail.data,
    )


def tidy(tx: Transaction) -> None:
    """Forget all but the newest caught mails."""
    tx.run(queries.forget_caught_mail, keep=CAUGHT_AT_MOST)
