"""Which audience, and which contact of it, an address means."""

from __future__ import annotations

import re

from relance.api.http import Call
from relance.audience import audiences, contacts
from relance.audience.audiences import Audience
from relance.audience.contacts import Actor, Contact
from relance.db.pool import Transaction
from relance.kernel.errors import NotFound

_HEX_ID = re.compile(r"[0-9a-f]{1,10}")

API = Actor("api", "api")
BULK = Actor("api", "batch", imported=True)
"""A bulk call is an import (spec/flows.md G20), though its consent is what the caller says it is."""

NOT_FOUND = "the requested resource could not be found"


def not_found() -> NotFound:
    return NotFound(NOT_FOUND)


def read_hex_id(text: str) -> int:
    """The object id behind ten hex digits. Raises NotFound for anything else."""
    if not _HEX_ID.fullmatch(text.lower()):
        raise not_found()
    return int(text, 16)


def read_number(text: str) -> int:
    """An integer id of an address. Raises NotFound for anything else."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise not_found()
    return int(text)


def audience_of(call: Call, tx: Transaction) -> Audience:
    """The audience that ``list_id`` names, of the caller's account. Raises NotFound."""
    return audiences.get(tx, call.account_id, read_hex_id(call.path["list_id"]))


def member_of(call: Call, tx: Transaction, audience: Audience, *, lock: bool = False) -> Contact:
    """The contact that the path names by MD5, address or contact id (spec/api.md 1.6). Raises NotFound.

    People without an email address are no members.
    """
    contact = contacts.find(tx, audience.audience_id, call.path["member"], lock=lock)
    if contact is None or contact.email is None:
        raise not_found()
    return contact
