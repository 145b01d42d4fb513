"""Judged again just before hand-over (spec/flows.md 5.9): has the run ended, does an exit hold, was it sent before, is
this a moment to leave at, is the contact written to too often?

The messages layer judges status and consent; this is what only flows know. Handed in by the composition root.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from relance.audience.conditions import CompiledCache, Pair, evaluate
from relance.audience.conditions.store import condition_id
from relance.db.pool import Json, Transaction
from relance.db.sql import load_queries
from relance.flows.contexts import read_contexts
from relance.flows.engine.cap import over_the_cap
from relance.flows.leaving import NOW, bounds_of, moment
from relance.kernel.ids import time_uuid
from relance.messages.prepare import Refusal
from relance.messages.restraint import RESTRAINED, frequency_cap

queries = load_queries(__package__, "handover.sql")


class Queued(Protocol):
    """What is read of a delivery."""

    bucket: int
    delivery_id: UUID
    contact_id: UUID
    run_id: UUID | None


CHANNEL = "email"

SHORTLY = timedelta(seconds=5)
"""How long a message rests whose run a task of its slot is still to look at."""

TOLD = ("W02", "W03", "W08")
"""Reasons to wait that stand in the trail. A pause is told by the run that it holds."""


class Handover:
    """``usual_caps``: whether accounts that set no frequency cap have the usual one."""

    def __init__(self, conditions: CompiledCache, *, usual_caps: bool) -> None:
        self._conditions = conditions
        self._usual_caps = usual_caps

    def judge(self, tx: Transaction, now: datetime, deliveries: Sequence[Any]) -> dict[UUID, Refusal]:
        """S codes of the deliveries that must not leave, W codes of those that must not leave yet: W04 W05 and W09 for
        those that a pause or a fault holds (5.2), W02 W03 and W08 for those whose moment it is not (5.8).

        A run whose exit condition has become true ends here (X01), one whose continue_only_if has become false too
        (X03): the advancer writes it down.
        """
        rows = _behind(tx, deliveries)
        codes: dict[UUID, str] = {}
        shortly = {row.delivery_id for row in rows if row.asked_first and row.flow_state != "paused"}
        asked = []
        for row in rows:
            if row.ended_at is not None or row.flow_state == "archived" or (row.outcome or "").startswith("X"):
                codes[row.delivery_id] = "S20"
                continue
            if row.flow_state == "paused" or row.asked_first is not None:
                codes[row.delivery_id] = "W04"
            elif row.step_paused or row.step_broken:
                codes[row.delivery_id] = "W05" if row.step_paused else "W09"
            elif row.sent_before:
                codes[row.delivery_id] = "S11"
            asked.append(row)
        # An exit comes before whatever holds or skips the message alone (5.6).
        codes |= dict.fromkeys(self._leave(tx, now, asked), "S20")
        refused = {
            delivery_id: Refusal(code, now + SHORTLY if code == "W04" and delivery_id in shortly else None)
            for delivery_id, code in codes.items()
        }
        refused |= self._moments(now, [row for row in asked if row.delivery_id not in refused])
        refused |= self._capped(tx, now, [row for row in asked if row.delivery_id not in refused])
        _tell(tx, now, [(row, why) for row in asked if (why := refused.get(row.delivery_id)) and why.code in TOLD])
        return refused

    def leaving(self, tx: Transaction, now: datetime, deliveries: Sequence[Any]) -> dict[UUID, Refusal]:
        """Of deliveries that are refused for status and consent, those whose run ends here instead (S20), as in
        judge()."""
        rows = [row for row in _behind(tx, deliveries) if row.ended_at is None and row.flow_state != "archived"]
        return dict.fromkeys(self._leave(tx, now, rows), Refusal("S20"))

    def _leave(self, tx: Transaction, now: datetime, rows: Sequence[Any]) -> list[UUID]:
        """The deliveries whose runs end by an exit condition, or by continue_only_if: asked before every send."""
        leaving = self._answered(tx, now, rows, "exit_condition", True)
        staying = [row for row in rows if row not in leaving]
        stopped = self._answered(tx, now, staying, "continue_only_if", False)
        for code, ending in (("X01", leaving), ("X03", stopped)):
            for row in ending:
                _leave(tx, now, row, code)
        return [row.delivery_id for row in (*leaving, *stopped)]

    @staticmethod
    def _moments(now: datetime, rows: Sequence[Any]) -> dict[UUID, Refusal]:
        """Whose window has closed or whose hours of quiet have begun since, and who is too late by now."""
        refused = {}
        for row in rows:
            home = row.contact_zone or row.account_zone
            where = home if row.flow_zone == "contact" else row.account_zone
            bounds = bounds_of(row.step, row.message_class, row.account, CHANNEL, where, home)
            if not bounds.any:
                continue
            found = moment(now, row.ready_at or row.queued_at, bounds, let_go=True)
            if found.code != NOW:
                refused[row.delivery_id] = Refusal(found.code, found.until, found.seen)
        return refused

    def _capped(self, tx: Transaction, now: datetime, rows: Sequence[Any]) -> dict[UUID, Refusal]:
        caps = {}
        for row in rows:
            cap = frequency_cap(row.account, CHANNEL, usual=self._usual_caps)
            if cap is not None and row.message_class == RESTRAINED:
                caps[row.delivery_id] = cap
        return over_the_cap(tx, now, [row for row in rows if row.delivery_id in caps], caps) if caps else {}

    @staticmethod
    def unsubscribed(tx: Transaction, now: datetime, deliveries: Sequence[Any]) -> None:
        """Deliveries refused because their contact is unsubscribed (S02): runs of flows that want it end (X09)."""
        rows = tx.rows(
            queries.runs_of_unsubscribed,
            buckets=[delivery.bucket for delivery in deliveries],
            contacts=[delivery.contact_id for delivery in deliveries],
            runs=[delivery.run_id for delivery in deliveries],
            deliveries=[delivery.delivery_id for delivery in deliveries],
        )
        for row in rows:
            _leave(tx, now, row, "X09")

    def _answered(self, tx: Transaction, now: datetime, rows: Sequence[Any], setting: str, answer: bool) -> list[Any]:
        """The rows whose condition of that setting has that answer now."""
        rows = [row for row in rows if getattr(row, setting)]
        if not rows:
            return []
        ids = {condition_id(row.audience_id, getattr(row, setting)) for row in rows}
        self._conditions.learn(tx, ids)
        contexts = read_contexts(tx, rows) if self._conditions.readers(ids) else {}
        pairs = [
            Pair(
                n=n,
                bucket=row.bucket,
                contact_id=row.contact_id,
                condition_id=condition_id(row.audience_id, getattr(row, setting)),
                context=contexts.get(row.run_id),
                entered_at=row.entered_at,
                arrived_at=row.arrived_at,
            )
            for n, row in enumerate(rows)
        ]
        answers = evaluate(tx, self._conditions, pairs, now)
        return [row for n, row in enumerate(rows) if answers[n].holds is answer]


def _behind(tx: Transaction, deliveries: Sequence[Any]) -> list[Any]:
    return tx.rows(
        queries.runs_behind,
        buckets=[delivery.bucket for delivery in deliveries],
        contacts=[delivery.contact_id for delivery in deliveries],
        runs=[delivery.run_id for delivery in deliveries],
        deliveries=[delivery.delivery_id for delivery in deliveries],
        queued=[delivery.queued_at for delivery in deliveries],
    )


def _tell(tx: Transaction, now: datetime, waiting: Sequence[tuple[Any, Refusal]]) -> None:
    """Why a message that was let go waits once more, in the trail of its run."""
    if not waiting:
        return
    rows = [row for row, _ in waiting]
    tx.run(
        queries.tell_waits,
        now=now,
        base=time_uuid(now),
        buckets=[row.bucket for row in rows],
        contacts=[row.contact_id for row in rows],
        runs=[row.run_id for row in rows],
        codes=[refusal.code for _, refusal in waiting],
        seen=[Json(dict(refusal.seen or {})) for _, refusal in waiting],
    )


def _leave(tx: Transaction, now: datetime, row: Any, code: str) -> None:
    tx.run(queries.exit_run, bucket=row.bucket, contact_id=row.contact_id, run_id=row.run_id, now=now, code=code)
    tx.wake("advance")
