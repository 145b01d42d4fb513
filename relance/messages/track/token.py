"""One signed token a message: it names the delivery, in every address that the message carries.

Layout, 39 bytes, base64url without padding (52 characters): version 1, bucket 2, delivery id 16, queued_at in
microseconds since 1970 8, HMAC-SHA256 cut to 12. The delivery's whole primary key is in it, so that a click finds its
row, and its month, without a search.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from relance.kernel.ids import BUCKETS

_VERSION: Final = 1
_BODY = struct.Struct(">BH16sq")
_SEAL: Final = 12
LENGTH: Final = (_BODY.size + _SEAL) * 4 // 3
"""Characters of a token."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATEST = (datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class DeliveryRef:
    """The primary key of a delivery. ``queued_at`` is aware, exact to the microsecond."""

    bucket: int
    delivery_id: UUID
    queued_at: datetime


class Tokens:
    """Writes and reads tokens with a key derived from the installation's one secret for this purpose alone."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"relance message token", "sha256")

    def sign(self, ref: DeliveryRef) -> str:
        body = _BODY.pack(_VERSION, ref.bucket, ref.delivery_id.bytes, (ref.queued_at - _EPOCH) // _MICROSECOND)
        return base64.urlsafe_b64encode(body + self._seal(body)).decode()

    def read(self, token: str) -> DeliveryRef | None:
        """The delivery, or None when the token is not one of ours."""
        if len(token) != LENGTH or not token.isascii():
            return None
        try:
            data = base64.b64decode(token, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        body, seal = data[: _BODY.size], data[_BODY.size :]
        if not hmac.compare_digest(seal, self._seal(body)):
            return None
        version, bucket, delivery, micros = _BODY.unpack(body)
        if version != _VERSION or bucket >= BUCKETS or not 0 <= micros < _LATEST:
            return None
        return DeliveryRef(bucket, UUID(bytes=delivery), _EPOCH + micros * _MICROSECOND)

    def _seal(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, hashlib.sha256).digest()[:_SEAL]
