"""API keys: 32 lower-case hex digits and a data centre, the form that existing clients insist on (spec/api.md 1.3)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from relance.accounts import store
from relance.accounts.model import SCOPES, ApiKey, KeyHolder
from relance.db.pool import Transaction
from relance.kernel.errors import Invalid, NotFound

DATA_CENTRE = "us1"
"""There is only one. Clients cut it from the key to build a host name, which a Relance user replaces."""

_KEY = re.compile(r"([0-9a-f]{32})(?:-[a-z]{1,6}[0-9]{1,3})?")


def create_key(
    tx: Transaction, now: datetime, account_id: int, label: str, *, person_id: int | None = None,
    scopes: Sequence[str] = ("all",),
) -> str:  # fmt: skip
    """A new key, shown this once. ``person_id`` None: the key belongs to the account, whoever comes and goes."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise Invalid(f"there is no scope {(unknown or [''])[0]!r}", where="scopes", mend=f"Use {', '.join(SCOPES)}.")
    digits = secrets.token_hex(16)
    store.add_key(tx, now, _hash(digits), account_id, person_id=person_id, label=label, hint=digits[-4:], scopes=scopes)
    return f"{digits}-{DATA_CENTRE}"


def list_keys(tx: Transaction, account_id: int) -> list[ApiKey]:
    return store.keys_of_account(tx, account_id)


def revoke_key(tx: Transaction, now: datetime, account_id: int, key: str, *, label: str | None = None) -> None:
    """End the key that is given whole or by its last four digits. Raises NotFound, and Invalid when two keys fit."""
    digits = key_digits(key)
    if digits is not None:
        count = store.revoke_key(tx, now, account_id, _hash(digits))
    else:
        fitting = [
            known
            for known in store.keys_of_account(tx, account_id)
            if known.hint == key and known.revoked_at is None and label in (None, known.label)
        ]
        if len(fitting) > 1:
            raise Invalid(f"{len(fitting)} keys end in {key}", mend="Give the whole key, or its label as well.")
        count = store.revoke_keys_by_hint(tx, now, account_id, key, label)
    if not count:
        raise NotFound("there is no such key, or it has been revoked before", mend="`relance key list` shows them.")


def holder_of(tx: Transaction, presented: str) -> KeyHolder | None:
    """Whom a key speaks for, with or without its data centre; None when it opens nothing."""
    digits = key_digits(presented)
    if digits is None:
        return None
    key_hash = _hash(digits)
    found = store.key_holder(tx, key_hash)
    if found is None or not hmac.compare_digest(found[0], key_hash):
        return None
    return found[1]


def key_digits(presented: str) -> str | None:
    """The secret part of a key as clients send it, or None when it has not the form of one.

    >>> key_digits("0123456789abcdef0123456789abcdef-us6")
    '0123456789abcdef0123456789abcdef'
    """
    match = _KEY.fullmatch(presented.strip())
    return match[1] if match else None


def _hash(digits: str) -> bytes:
    # 128 random bits need no slow hash: nobody can go through them.
    return hashlib.sha256(digits.encode()).digest()
