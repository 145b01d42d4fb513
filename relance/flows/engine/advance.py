"""The advancer only moves runs: it claims those that are due and walks them, set by set, until each rests or ends.

One statement per step *kind* present and per wave, whatever the number of runs or flows; steps that need no waiting
are crossed in the same transaction; at the end one update a run (walk.py). It never calls the network.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from relance.db.front import Front
from relance.db.pool import Database, Transaction
from relance.db.share import Share
from relance.db.sql import load_queries
from relance.flows.engine.set_aside import Isolation, set_run_aside
from relance.flows.engine.tasks import do_tasks, is_asked
from relance.flows.engine.walk import OVERDUE, Walk
from relance.flows.steps.shape import Judge, Mover, PublishedStep
from relance.kernel import clock

queries = load_queries(__package__, "advance.sql")

_DUE = 11
"""Its place in a row of claim_runs."""

AT_ONCE = 1000
"""Runs a batch, about: each queue's part is rounded up."""


class Advancer:
    """``batch`` moves up to ``limit`` runs of a share in one transaction and returns how many it claimed."""

    def __init__(self, database: Database, judge: Judge) -> None:
        self._database = database
        self._judge = judge
        self._steps: dict[tuple[int, int], PublishedStep] = {}
        self._numbers: dict[int, int] = {}
        self._versions: set[int] = set()
        self._isolation = Isolation("run")
        self._in_hand: list[Mover] = []
        self._asked = False
        self._front = Front()
        self._looked = self._back = self._heed = datetime.min.replace(tzinfo=UTC)

    def batch(self, share: Share, limit: int = AT_ONCE) -> int:
        """What changes of flows ask for comes first. What cannot be done is set aside, a task or a run."""
        self._asked = False
        moved = self._isolation.attempt(limit, lambda few: self._batch(share, few), lambda _: self._set_aside(share))
        if not self._asked:
            return moved
        done = do_tasks(self._database, share)
        self._front.forget()  # Who was held is due since then.
        self._looked = self._heed = clock.now()
        return done + self.batch(share, limit)

    def _batch(self, share: Share, limit: int) -> int:
        self._in_hand = []
        with self._database.transaction() as tx:
            self._asked = is_asked(tx, share)
            self._note_look(clock.now())
            if self._asked:
                return 0
            rows = self._claim(tx, share, limit)
            self._in_hand = movers = [Mover(place, row) for place, row in enumerate(rows, 1)]
            if movers:
                share.fence(tx)
                # After the claim: an event judged before it lies before every arrival of this batch.
                self._move(tx, clock.now(), movers)
                if _is_cut(movers):
                    tx.wake("advance")
            return len(movers)

    def _claim(self, tx: Transaction, share: Share, limit: int) -> list[tuple[Any, ...]]:
        now = clock.now()
        since = self._front.since(now)
        rows = tx.tuples(
            queries.claim_runs,
            slot=share.buckets,
            slots=list(share.slots),
            now=now,
            since=since,
            heed=self._heed,
            limit=limit,
        )
        self._front.found(now, min((row[_DUE] for row in rows), default=None))
        return [row for row in rows if row[0] is not None]

    def _note_look(self, now: datetime) -> None:
        """Nobody has looked for a while: what became due meanwhile is overdue, and what was recorded meanwhile comes
        first. A backlog of work is not."""
        if now - self._looked > OVERDUE:
            self._back = self._heed = now
        self._looked = now

    def _set_aside(self, share: Share) -> bool:
        if not self._in_hand:
            return False
        with self._database.transaction() as tx:
            share.fence(tx)
            set_run_aside(tx, self._in_hand[0])
        return True

    def _move(self, tx: Transaction, now: datetime, movers: list[Mover]) -> None:
        flows = _flows(tx, movers)
        self._learn_steps(tx, {mover.version_id for mover in movers} | {flow.follow_id for flow in flows.values()})
        walk = Walk(tx, now, self._steps, self._numbers, self._judge, self._back)
        walk.set_out(movers, flows)
        while walk.arriving:
            walk.wave()
        walk.settle()

    def _learn_steps(self, tx: Transaction, versions: set[int]) -> None:
        if unknown := versions - self._versions:
            for row in tx.rows(queries.steps_of_versions, versions=list(unknown)):
                step = PublishedStep(row.version_id, row.step_id, row.kind, row.args, row.outcomes)
                self._steps[step.version_id, step.step_id] = step
                self._numbers[step.version_id] = row.number
            self._versions |= unknown


def _is_cut(movers: list[Mover]) -> bool:
    """Whether something was left for the next batch: a part that is full, or bulk beside single runs."""
    parts = Counter((mover.slot, mover.lane, mover.account_id, mover.part) for mover in movers)
    return len({lane for _, lane, _, _ in parts}) > 1 or any(count >= part for (*_, part), count in parts.items())


def _flows(tx: Transaction, movers: list[Mover]) -> dict[int, Any]:
    flows = list({mover.flow_id for mover in movers})
    return {row.flow_id: row for row in tx.rows(queries.flows_of_batch, flows=flows)}
