"""Sends what the team is to be told. Nobody is told twice: a letter that fails is not repeated, the pages have it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from relance.db.pool import Database, Transaction
from relance.db.share import Share
from relance.kernel import clock
from relance.kernel.errors import Unavailable
from relance.messages.transports.model import AnswerKind, Letter

log = logging.getLogger(__name__)


class Post(Protocol):
    def hand_over(self, batch: Sequence[Letter], /) -> Sequence[Any]: ...


class Alerts:
    """``write`` marks alerts as told and returns their letters."""

    def __init__(
        self, database: Database, post: Post, write: Callable[[Transaction, datetime], Sequence[Letter]]
    ) -> None:
        self._database, self._post, self._write = database, post, write

    def look(self, share: Share) -> int:
        """For one worker: that of the first slot."""
        return self.all() if 0 in share.slots else 0

    def all(self) -> int:
        with self._database.transaction() as tx:
            letters = self._write(tx, clock.now())
        if not letters:
            return 0
        try:
            refused = [answer for answer in self._post.hand_over(letters) if answer.kind is not AnswerKind.ACCEPTED]
        except Unavailable as error:
            log.warning("alerts.not_sent", extra={"letters": len(letters), "trouble": error.what})
            return len(letters)
        if refused:
            log.warning("alerts.refused", extra={"letters": len(refused)})
        return len(letters)
