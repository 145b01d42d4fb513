"""What the local mail catcher took, for trying things out: list, one letter, its HTML alone, its source.

Caught letters belong to no account and hold other people's sign-in links, so only owners and admins look at them.
"""

from __future__ import annotations

import re
from typing import Any

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.errors import Denied, NotFound
from relance.messages.transports.read_mail import read_mail
from relance.web.places import read_place, write_place
from relance.web.visit import Page, Raw, Visit

queries = load_queries(__package__)

A_PAGE = 50
LOOK_AGAIN = 5
"""Seconds."""

LETTER_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""A letter was written by somebody else: no script, no form, nothing of ours within its reach."""

SOURCE_POLICY = "default-src 'none'; sandbox"

_PLACES = [re.compile(rb"<%s(?:\s[^>]*)?>" % tag, re.IGNORECASE) for tag in (b"head", b"html", b"!doctype")]
_NEW_TAB = b'<base target="_blank">'


def show_list(visit: Visit, tx: Transaction) -> Page:
    _admins_only(visit)
    place = read_place(visit.query.get("before", ""))
    rows = tx.rows(queries.caught, limit=A_PAGE + 1, **place._asdict())
    last = rows[A_PAGE - 1] if len(rows) > A_PAGE else None
    older = write_place(last.at, last.caught_id) if last else ""
    values = {"section": "mail", "letters": rows[:A_PAGE], "older": older, "paged": place.before is not None}
    return Page("mail/list.html", values, refresh=None if rows else LOOK_AGAIN)


def show(visit: Visit, tx: Transaction) -> Page:
    """``view``: html, text or headers."""
    row = _caught(visit, tx)
    mail = read_mail(bytes(row.data))
    views = [view for view, there in (("html", mail.html), ("text", mail.text), ("headers", True)) if there]
    chosen = visit.query.get("view", "")
    chosen = chosen if chosen in views else views[0]
    return Page("mail/letter.html", {"section": "mail", "row": row, "mail": mail, "views": views, "chosen": chosen})


def show_html(visit: Visit, tx: Transaction) -> Raw:
    html = read_mail(bytes(_caught(visit, tx).data)).html
    if html is None:
        raise NotFound("this letter has no HTML part")
    return Raw(_links_outside(html.encode("utf-8", "replace")), "text/html; charset=utf-8", LETTER_POLICY)


def show_source(visit: Visit, tx: Transaction) -> Raw:
    data = bytes(_caught(visit, tx).data)
    return Raw(data, "text/plain; charset=utf-8", SOURCE_POLICY)


def _links_outside(html: bytes) -> bytes:
    """Links of a letter open in a tab of their own, never in its frame."""
    at = next((match.end() for place in _PLACES if (match := place.search(html))), 0)
    return html[:at] + _NEW_TAB + html[at:]


def _caught(visit: Visit, tx: Transaction) -> Any:
    _admins_only(visit)
    row = tx.row(queries.find_caught, caught_id=visit.uuid("caught_id"))
    if row is None:
        raise NotFound("there is no such letter")
    return row


def _admins_only(visit: Visit) -> None:
    if not visit.may_administer():
        raise Denied("only owners and admins look at caught mail")
