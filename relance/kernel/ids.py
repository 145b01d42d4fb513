"""Ids are made by the application: random, time-ordered or derived. The database has no serials.

- An *object id* (account, flow, step, tag …) is a random 40-bit integer: it fits a JavaScript number, and its ten hex
  digits are the form that Mailchimp's lists and interests have.
- A *contact id* is a random UUID whose first twelve bits are the contact's bucket, so the id alone finds the row.
- Everything else about a contact has a *time-ordered UUID* (RFC 9562 version 7) or one derived from (run, step).
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from datetime import datetime
from uuid import UUID

BUCKETS = 4096
_VERSION_8, _VARIANT = 0x8000 << 64, 0x8000 << 48
_VERSION_7 = 0x7 << 76 | 0b10 << 62
_CLEAR = ~((0xF000 << 64) | (0xC000 << 48))


def object_id() -> int:
    """A random id for a row of a small shared table, 1 to 2**40 - 1."""
    return secrets.randbelow((1 << 40) - 1) + 1


def hex_id(value: int) -> str:
    """The ten-digit form of an object id, as the compatible API shows lists and interests."""
    return f"{value:010x}"


def bucket_for_new_contact(account_id: int, spread: int) -> int:
    """A bucket inside the account's share: ``spread`` buckets from a home that the account's id decides.

    ``spread`` is 1 (the whole account in one bucket) to 4,096 (everywhere, the default).
    """
    if not 1 <= spread <= BUCKETS:
        raise ValueError(f"spread is 1 to {BUCKETS}, not {spread}")
    home = int.from_bytes(hashlib.md5(account_id.to_bytes(8, "big"), usedforsecurity=False).digest()[:2], "big")
    return (home + secrets.randbelow(spread)) % BUCKETS


def contact_id(bucket: int) -> UUID:
    """A new random contact id (UUID version 8) that carries ``bucket``."""
    rest = secrets.randbits(116)
    value = ((bucket << 116) | rest) & _CLEAR | _VERSION_8 | _VARIANT
    return UUID(int=value)


def bucket_of(contact: UUID) -> int:
    """The bucket that a contact id carries."""
    return contact.int >> 116


def bucket_of_key(key: str) -> int:
    """The bucket of an identity row, hashed from its key (architecture 6.6)."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest()[:2], "big") >> 4


class _Ordered:
    """Time-ordered UUIDs: 48 bits of milliseconds, 12 bits of counter, 62 random bits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last, self._count = 0, 0

    def make(self, moment: datetime, number: int) -> list[UUID]:
        millis = int(moment.timestamp() * 1000)
        places = []
        with self._lock:
            # A clock that tests move back starts a new order, it does not inherit the old one.
            if millis > self._last or self._last - millis > 60_000:
                self._last, self._count = millis, -1
            for _ in range(number):
                self._count += 1
                if self._count > 0xFFF:
                    self._last, self._count = self._last + 1, 0
                places.append(self._last << 80 | self._count << 64)
        chance = secrets.token_bytes(8 * number)
        return [
            UUID(int=place | _VERSION_7 | int.from_bytes(chance[at : at + 8], "big") >> 2)
            for place, at in zip(places, range(0, 8 * number, 8), strict=True)
        ]


_ordered = _Ordered()


def time_uuid(moment: datetime) -> UUID:
    """A new UUID (version 7) that sorts by ``moment`` and, inside a millisecond, by the order of the calls."""
    return _ordered.make(moment, 1)[0]


def time_uuids(moment: datetime, number: int) -> list[UUID]:
    """As many, in order."""
    return _ordered.make(moment, number)


def chance(*parts: object) -> int:
    """0 to 9,999, the same for the same parts: who is drawn, decided without a memory. SQL twin: chance()."""
    digest = hashlib.md5(":".join(str(part) for part in parts).encode(), usedforsecurity=False).hexdigest()
    return int(digest[:15], 16) % 10_000


def derived_uuid(*parts: object) -> UUID:
    """The same UUID for the same parts: keys of effects that must not happen twice. SQL twin: derived_uuid()."""
    digest = hashlib.md5(":".join(str(part) for part in parts).encode(), usedforsecurity=False).hexdigest()
    return UUID(digest)
