"""Signing in: by password, or by a link that works once. Sessions are random tokens; only their hash is stored."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from relance.accounts import store
from relance.accounts.model import SignedIn
from relance.accounts.people import fold_address
from relance.db.pool import Database, Transaction
from relance.kernel.errors import Denied, Invalid, NotFound

SESSION_LASTS = timedelta(days=30)
LINK_LASTS = timedelta(minutes=30)
SHORTEST_PASSWORD = 10
# A megabyte of "password" must not keep a processor busy.
LONGEST_PASSWORD = 1024

_hasher = PasswordHasher()


@cache
def _nobodys() -> str:
    """Checked when the address is unknown, so that the time of the answer does not tell which addresses exist."""
    return _hasher.hash(secrets.token_hex(16))


def set_password(tx: Transaction, email: str, password: str) -> None:
    """Raises Invalid for a password that is too short or too long, NotFound for an unknown address."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters", where="password")
    known = store.person_by_email(tx, fold_address(email))
    if known is None:
        raise NotFound(f"nobody here has the address {email}", where="email")
    store.set_password_hash(tx, known[0].person_id, _hasher.hash(password))


def sign_in_with_password(database: Database, now: datetime, email: str, password: str, language: str = "") -> str:
    """A session token for a cookie. Raises Denied, without saying whether address or password is wrong.

    ``language``: of the page; a person who signs in for the first time keeps it. The slow check runs between two
    transactions: it would keep a connection for a tenth of a second.
    """
    nobodys = _nobodys()  # First, so that only the very first call of a process pays for making it.
    with database.transaction() as tx:
        known = store.person_by_email(tx, fold_address(email))
    stored = (known[1] if known else None) or nobodys
    right = len(password) <= LONGEST_PASSWORD and _fits(stored, password)
    if known is None or not right or stored is nobodys:
        raise Denied("the address or the password is wrong", code="wrong_password", mend="Or ask for a sign-in link.")
    with database.transaction() as tx:
        if _hasher.check_needs_rehash(stored):
            store.set_password_hash(tx, known[0].person_id, _hasher.hash(password))
        return _start(tx, now, known[0].person_id, language)


def create_link(tx: Transaction, now: datetime, person_id: int, lasts: timedelta = LINK_LASTS) -> str:
    """The token of a link that signs the person in once."""
    token = secrets.token_urlsafe(32)
    store.add_sign_in_link(tx, _hash(token), person_id, now + lasts)
    return token


def redeem_link(tx: Transaction, now: datetime, token: str, language: str = "") -> str:
    """A session token for the link's. Raises Denied when the link is used, over or unknown."""
    person_id = store.use_sign_in_link(tx, now, _hash(token))
    if person_id is None:
        raise Denied("this sign-in link has been used or is over", code="link_over", mend="Ask for a new one.")
    return _start(tx, now, person_id, language)


def signed_in(tx: Transaction, now: datetime, token: str) -> SignedIn | None:
    """Who holds this session; None when it is over."""
    return store.get_session(tx, now, _hash(token))


def sign_out(tx: Transaction, token: str) -> None:
    store.end_session(tx, _hash(token))


def _start(tx: Transaction, now: datetime, person_id: int, language: str) -> str:
    membership = store.first_membership(tx, person_id)
    if membership is None:
        raise Denied("this person belongs to no account", code="no_account", mend="Ask an owner to add you.")
    if language:
        store.set_first_language(tx, person_id, membership[0], language)
    store.forget_expired(tx, now)
    token = secrets.token_urlsafe(32)
    store.add_session(
        tx, now, _hash(token), person_id=person_id, account_id=membership[0], expires_at=now + SESSION_LASTS
    )
    return token


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
