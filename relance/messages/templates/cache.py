"""Compiled messages, kept in memory. Versions never change, so an entry never grows old."""

from __future__ import annotations

import threading
from collections import OrderedDict

from relance.db.pool import Transaction
from relance.messages.templates.compile import CompiledMessage, compile_message
from relance.messages.templates.model import Content
from relance.messages.templates.save import queries


class MessageCache:
    """Thread-safe. Keeps the ``size`` versions used last; a version takes about three times its HTML."""

    def __init__(self, public_url: str, size: int = 500) -> None:
        self._public_url, self._size = public_url, size
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int], CompiledMessage] = OrderedDict()

    def get(self, tx: Transaction, message_id: int, version: int) -> CompiledMessage | None:
        """None when there is no such version. Raises MergeTagError when it cannot be compiled."""
        key = (message_id, version)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        row = tx.row(queries.read_version, message_id=message_id, version=version)
        if row is None:
            return None
        compiled = compile_message(
            message_id, version, Content(*row[:10]), public_url=self._public_url, address_fields=row.address_fields
        )
        with self._lock:
            self._kept[key] = compiled
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return compiled
