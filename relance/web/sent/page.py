"""Sent mail: to whom, which message, by which flow, and what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from relance.audience.contacts.find import find
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel import clock
from relance.kernel.ids import BUCKETS, bucket_of
from relance.web.flows.words import reason
from relance.web.language import mark
from relance.web.places import Place, read_place, write_place
from relance.web.visit import Page, Visit

queries = load_queries(__package__)

A_PAGE = 50
LATELY = timedelta(days=30)
PATIENCE = 2.0
"""Seconds of looking for what was left out: there is no index for it."""

TABS = {"sent": mark("Sent"), "waiting": mark("Waiting"), "left_out": mark("Left out")}

STATES = {
    "queued": (mark("Waiting"), ""), "handed": (mark("Being sent"), "info"), "sent": (mark("Sent"), "good"),
    "skipped": (mark("Left out"), "warn"), "failed": (mark("Failed"), "bad"), "unknown": (mark("Not certain"), "warn"),
    "bounced": (mark("Bounced"), "bad"),
}  # fmt: skip


def show(visit: Visit, tx: Transaction) -> Page:
    chosen = visit.query.get("show", "sent")
    chosen = chosen if chosen in TABS else "sent"
    address = visit.query.get("address", "").strip()[:320]
    place = read_place(visit.query.get("before", ""))
    rows, whole = _rows(visit, tx, chosen, address, place)
    deliveries = [_shown(visit, row) for row in rows[:A_PAGE]]
    older = ""
    if len(rows) > A_PAGE and (address or chosen == "sent"):
        last = rows[A_PAGE - 1]
        older = write_place(last.queued_at if address else last.at, last.delivery_id)
    tabs = [{"key": key, "word": visit.say(word)} for key, word in TABS.items()]
    return Page(
        "sent/list.html",
        {
            "section": "sent", "tabs": tabs, "chosen": "" if address else chosen, "address": address,
            "deliveries": deliveries, "older": older, "paged": place.before is not None, "whole": whole,
        },
    )  # fmt: skip


def _rows(visit: Visit, tx: Transaction, chosen: str, address: str, place: Place) -> tuple[list[Any], bool]:
    """A page and one more, and whether everything was looked at."""
    if address:
        return _to(visit, tx, address, place), True
    every = list(range(BUCKETS))
    if chosen == "sent":
        messages = [row.message_id for row in tx.rows(queries.messages_of_account, account_id=visit.account_id)]
        asked = {"messages": messages, "slot": every, "limit": A_PAGE + 1, **place._asdict()}
        return tx.rows(queries.sent_deliveries, **asked), True
    if chosen == "waiting":
        asked = {"account_id": visit.account_id, "slot": every, "limit": A_PAGE + 1}
        return tx.rows(queries.waiting_deliveries, **asked), True
    return _left_out(visit, tx)


def _to(visit: Visit, tx: Transaction, address: str, place: Place) -> list[Any]:
    audiences = tx.rows(queries.audiences_of_account, account_id=visit.account_id)
    found = [person for row in audiences if (person := find(tx, row.audience_id, address))]
    if not found:
        return []
    return tx.rows(
        queries.deliveries_of_contact,
        account_id=visit.account_id,
        address=address,
        buckets=[bucket_of(person.contact_id) for person in found],
        contacts=[person.contact_id for person in found],
        **place._asdict(),
        limit=A_PAGE + 1,
    )


def _left_out(visit: Visit, tx: Transaction) -> tuple[list[Any], bool]:
    until = clock.monotonic() + PATIENCE
    found: list[Any] = []
    for first in range(0, BUCKETS, 256):
        if clock.monotonic() > until:
            return _newest(found), False
        found += tx.rows(
            queries.left_out_deliveries,
            account_id=visit.account_id,
            slot=list(range(first, first + 256)),
            since=visit.now - LATELY,
            limit=A_PAGE + 1,
        )
    return _newest(found), len(found) <= A_PAGE


def _newest(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: row.at, reverse=True)[: A_PAGE + 1]


def _shown(visit: Visit, row: Any) -> dict[str, Any]:
    word, look = STATES[row.state]
    return {
        "row": row,
        "state": visit.say(word),
        "look": look,
        "reason": reason(visit.speaker, row.code) if row.code and row.code != "S00" else None,
    }
