"""The loop that keeps segments right: after judgements, at due instants, and slot by slot for new ones."""

from __future__ import annotations

from relance.audience.conditions import CompiledCache
from relance.audience.segments import Refresher, fill
from relance.db.pool import Database
from relance.db.share import Share
from relance.flows.engine.set_aside import SOONEST, Isolation
from relance.kernel import clock


class Membership:
    """``batch`` asks up to ``limit`` pairs of contact and segment again, does a part of what is to be filled, and
    returns how much there was."""

    def __init__(self, database: Database, conditions: CompiledCache) -> None:
        self._database = database
        self._refresher = Refresher(conditions)
        self._isolation = Isolation("segment")

    def batch(self, share: Share, limit: int = 1000) -> int:
        asked = self._isolation.attempt(limit, lambda few: self._refresh(share, few), lambda _: self._set_aside(share))
        with self._database.transaction() as tx:
            return asked + fill(tx, self._refresher, share, clock.now())

    def _refresh(self, share: Share, limit: int) -> int:
        with self._database.transaction() as tx:
            return self._refresher.refresh(tx, share, clock.now(), limit)

    def _set_aside(self, share: Share) -> bool:
        with self._database.transaction() as tx:
            share.fence(tx)
            now = clock.now()
            self._refresher.postpone(tx, share, now, now + SOONEST)
        return True
