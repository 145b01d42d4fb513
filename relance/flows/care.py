"""What nobody asks for and a flow needs all the same: breaking and healing, and the end of draining."""

from __future__ import annotations

from datetime import datetime

from relance.audience.conditions import CompiledCache
from relance.db.pool import Database
from relance.db.share import Share
from relance.db.sql import load_queries
from relance.flows import life
from relance.flows.alerts import alert
from relance.flows.backfill import let_some_in
from relance.flows.broken import broken_flows, look_at_audiences
from relance.flows.figures import FIRSTS, Totals, totals
from relance.flows.kinds import Kinds
from relance.flows.winners import look_for_winners
from relance.kernel import clock

queries = load_queries(__package__, "care.sql")


class Care:
    """``look`` is for one worker at a time: that of the first slot. Returns how much has changed."""

    def __init__(self, database: Database, kinds: Kinds, conditions: CompiledCache) -> None:
        self._database, self._kinds, self._conditions = database, kinds, conditions
        self._hour: datetime | None = None

    def look(self, share: Share) -> int:
        if 0 not in share.slots:
            return 0
        return self.all()

    def all(self) -> int:
        self._hourly()
        with self._database.transaction() as tx:
            if not tx.value(queries.anything_to_do):
                return 0
        let_in = let_some_in(self._database, self._kinds, self._conditions)
        return self._deleted() + self._broken() + self._drained() + let_in

    def _hourly(self) -> None:
        """Tell the team of live flows that nobody enters (5.1); look at those whose colleagues have all left (W09);
        count what came of the ways of splits (6.1)."""
        now = clock.now()
        if self._hour == (hour := now.replace(minute=0, second=0, microsecond=0)):
            return
        with self._database.transaction() as tx:
            for flow in tx.rows(queries.quiet_flows, now=now, firsts=FIRSTS):
                alert(tx, now, flow.account_id, flow.flow_id, "quiet", {"days": flow.days})
            audiences = {row.audience_id for row in tx.rows(queries.audiences_without_colleague)}
            look_at_audiences(tx, now, self._kinds, audiences)
        with self._database.transaction() as tx:
            look_for_winners(tx, now)
        self._hour = hour

    def _deleted(self) -> int:
        """Flows of audiences where something was deleted."""
        with self._database.transaction() as tx:
            audiences = {row.audience_id for row in tx.rows(queries.take_deleted)}
            return look_at_audiences(tx, clock.now(), self._kinds, audiences)

    def _broken(self) -> int:
        """Flows that are mended, whatever mended them."""
        with self._database.transaction() as tx:
            audiences = broken_flows(tx)
        changed = 0
        for audience_id in audiences:
            with self._database.transaction() as tx:
                changed += look_at_audiences(tx, clock.now(), self._kinds, {audience_id})
        return changed

    def _drained(self) -> int:
        """Draining flows that the last person has left (5.2)."""
        with self._database.transaction() as tx:
            flows = tx.rows(queries.draining_flows)
        changed = 0
        for flow in flows:
            with self._database.transaction() as tx:
                if not totals(tx, flow.account_id, [flow.flow_id]).get(flow.flow_id, Totals()).inside:
                    changed += life.end_draining(tx, clock.now(), flow.flow_id)
        return changed
