"""Who calls: every way in which existing clients send a key (spec/api.md 1.3)."""

from __future__ import annotations

import base64
import binascii

from relance.accounts.keys import holder_of
from relance.accounts.model import KeyHolder
from relance.db.pool import Transaction
from relance.kernel.errors import Denied

_MISSING = "Your request did not include an API key."
_INVALID = "Your API key may be invalid, or you've attempted to access the wrong datacenter."


def presented_key(authorization: str | None) -> str:
    """The key in an Authorization header. Raises Denied (key_missing, key_invalid).

    Basic with any user name, apikey, Bearer and OAuth are the same to us: applications put the key into each of them.
    """
    scheme, _, value = (authorization or "").strip().partition(" ")
    value = value.strip()
    if not scheme:
        raise Denied(_MISSING, code="key_missing", mend="Send it as the password of HTTP Basic, or as a bearer token.")
    match scheme.lower():
        case "basic":
            return _password(value)
        case "apikey" | "bearer" | "oauth":
            return value
    raise Denied(_INVALID, code="key_invalid", mend="Use HTTP Basic or Bearer authorization.")


def authenticate(tx: Transaction, authorization: str | None) -> KeyHolder:
    """Whom the call speaks for. Raises Denied."""
    holder = holder_of(tx, presented_key(authorization))
    if holder is None:
        raise Denied(_INVALID, code="key_invalid", mend="`relance key create` makes a new one.")
    return holder


def _password(encoded: str) -> str:
    try:
        pair = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Denied("the Basic credentials cannot be decoded", code="key_invalid") from None
    return pair.partition(":")[2]
