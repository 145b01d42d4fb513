"""Ask again about those whom something has touched, or whose instant has come; tell who joined and who left.

A touch comes from the judgement of an event, a due instant from the last answer. A segment that names others is asked
after all of them, in the same transaction and wherever the batch ends: nobody is asked about half of what has happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from relance.audience import events
from relance.audience.conditions import CompiledCache, compose, compose_turns
from relance.audience.segments.model import BY_TIME, Reason
from relance.audience.segments.store import queries
from relance.db.pool import Transaction
from relance.db.share import Share
from relance.db.sql import Query
from relance.events.append import append
from relance.events.model import Cause, NewEvent
from relance.kernel.ids import bucket_of, time_uuid
from relance.kernel.slots import WIDTH

Pair = tuple[UUID, int]
"""(contact, segment)."""


@dataclass(frozen=True, slots=True)
class _Known:
    """``named_by``: segments of a higher level, to ask after this one has changed."""

    audience_id: int
    account_id: int
    level: int
    named_by: Sequence[int]


class Refresher:
    """Keeps what it knows of segments and their conditions until somebody changes them."""

    def __init__(self, conditions: CompiledCache) -> None:
        self._conditions = conditions
        self._epoch = -1
        self._segments: dict[int, _Known] = {}
        self._named: dict[int, list[int]] = {}
        self._below: dict[int, frozenset[int]] = {}
        self.ask_again: Query = queries.ask_again
        self.fill: Query = queries.fill

    def refresh(self, tx: Transaction, share: Share, now: datetime, limit: int) -> int:
        """Ask about up to ``limit`` touches and as many due instants, or, with a limit of 1, about one of these.
        Returns how many."""
        pairs = self.take(tx, share, now, limit)
        if pairs:
            share.fence(tx)
            self.learn(tx)
            self._ask(tx, now, pairs, _Unfilled(tx, share))
        return len(pairs)

    @staticmethod
    def take(tx: Transaction, share: Share, now: datetime, limit: int) -> dict[Pair, Reason]:
        pairs = _by_pair(tx.rows(queries.take_touches, slot=share.buckets, limit=limit))
        if limit > 1 or not pairs:
            for row in tx.rows(queries.take_dues, slot=share.buckets, now=now, limit=limit):
                pairs.setdefault((row.contact_id, row.segment_id), BY_TIME)
        return pairs

    def learn(self, tx: Transaction, *, anew: bool = False) -> None:
        """What has changed since the last time."""
        epoch = tx.value(queries.epoch)
        if epoch == self._epoch and not anew:
            return
        shapes = self._conditions.refresh(tx)
        parts = {"yes": compose(shapes, otherwise="null::boolean"), "turns": compose_turns(shapes)}
        self.ask_again, self.fill = queries.ask_again.compose(**parts), queries.fill.compose(**parts)
        self._segments = {row.segment_id: _Known(*row[1:]) for row in tx.rows(queries.all_segments)}
        self._named, self._below = {}, {}
        for segment_id, known in self._segments.items():
            for above in known.named_by:
                self._named.setdefault(above, []).append(segment_id)
        self._epoch = epoch

    def _ask(self, tx: Transaction, now: datetime, pairs: dict[Pair, Reason], unfilled: _Unfilled) -> None:
        """Level by level: who joins or leaves is a reason to ask the segments that name this one."""
        refresh_id = time_uuid(now)
        gone = [pair for pair in pairs if pair[1] not in self._segments]
        if gone:
            tx.run(queries.forget_pairs, **_columns(gone))
        open_ = {pair: reason for pair, reason in pairs.items() if pair[1] in self._segments}
        done: set[Pair] = set()
        facts: list[NewEvent] = []
        self._go_down(tx, open_, done)
        while open_:
            level = min(self._segments[segment_id].level for _, segment_id in open_)
            asked = {pair: open_.pop(pair) for pair in list(open_) if self._segments[pair[1]].level == level}
            done |= asked.keys()
            for pair, joined, here in self._answers(tx, now, list(asked)):
                reason, known = asked[pair], self._segments[pair[1]]
                for above in known.named_by:
                    other = (pair[0], above)
                    open_[other] = open_[other].and_also(reason) if other in open_ else reason
                if here and not reason.quiet and not unfilled.holds(*pair):
                    facts.append(_fact(pair, joined, reason, known, refresh_id))
            self._go_down(tx, open_, done)
        append(tx, now, facts)

    def _go_down(self, tx: Transaction, open_: dict[Pair, Reason], done: set[Pair]) -> None:
        """Open whatever the open pairs' segments name, and these in turn: it may have changed just as well, and its own
        touch or instant be left for the next batch. With the reason of its touches, else of who asks for it."""
        found: dict[Pair, Reason] = {}
        for (contact, segment_id), reason in open_.items():
            for below in self._all_below(segment_id):
                pair = (contact, below)
                if pair not in open_ and pair not in done:
                    found.setdefault(pair, reason)
        if found:
            columns = _columns(list(found))
            touched = _by_pair(tx.rows(queries.take_touches_of, **columns, part=columns["buckets"]))
            open_ |= found | touched

    def _all_below(self, segment_id: int) -> frozenset[int]:
        if segment_id not in self._below:
            named = self._named.get(segment_id, ())
            self._below[segment_id] = frozenset(named).union(*(self._all_below(one) for one in named))
        return self._below[segment_id]

    def _answers(self, tx: Transaction, now: datetime, asked: list[Pair]) -> list[tuple[Pair, bool, bool]]:
        """(pair, has joined, is in the audience) of those whose membership has changed."""
        found, unknown = [], []
        for row in tx.rows(self.ask_again, now=now, **_columns(asked)):
            pair = asked[row.place - 1]
            if row.known:
                found.append((pair, row.holds, row.here))
            else:
                unknown.append(pair)
        if unknown:  # Another process has given these conditions forms that this one did not know.
            self.learn(tx, anew=True)
            rows = tx.rows(self.ask_again, now=now, **_columns(unknown))
            found += [(unknown[row.place - 1], row.holds, row.here) for row in rows if row.known]
        return found

    @staticmethod
    def postpone(tx: Transaction, share: Share, now: datetime, until: datetime) -> None:
        """Set aside the one pair that ``refresh`` with a limit of 1 takes."""
        pairs = Refresher.take(tx, share, now, 1)
        tx.run(queries.postpone_dues, until=until, **_columns(list(pairs)))


class _Unfilled:
    """The buckets in which segments are not filled yet: whoever is found in there did not join just now."""

    def __init__(self, tx: Transaction, share: Share) -> None:
        rows = tx.rows(queries.open_tasks, slots=list(share.slots))
        self._done: Mapping[tuple[int, int], int] = {(row.segment_id, row.slot): row.progress for row in rows}

    def holds(self, contact: UUID, segment_id: int) -> bool:
        slot, place = divmod(bucket_of(contact), WIDTH)
        done = self._done.get((segment_id, slot))
        return done is not None and place >= done


def _by_pair(rows: Sequence[Any]) -> dict[Pair, Reason]:
    """Of touches: several of one pair are one reason."""
    pairs: dict[Pair, Reason] = {}
    for row in rows:
        pair, reason = (row.contact_id, row.segment_id), Reason(*row[3:])
        pairs[pair] = pairs[pair].and_also(reason) if pair in pairs else reason
    return pairs


def _columns(pairs: Sequence[Pair]) -> dict[str, Any]:
    return {
        "buckets": [bucket_of(contact) for contact, _ in pairs],
        "contacts": [contact for contact, _ in pairs],
        "segments": [segment_id for _, segment_id in pairs],
    }


def _fact(pair: Pair, joined: bool, reason: Reason, known: _Known, refresh_id: UUID) -> NewEvent:
    kind = events.SEGMENT_ENTERED if joined else events.SEGMENT_LEFT
    cause = None
    if reason.cause_flow is not None and reason.cause_run is not None and reason.cause_step is not None:
        cause = Cause(reason.cause_flow, reason.cause_run, reason.cause_step, reason.depth)
    payload = kind.payload(segment_id=pair[1], refresh_id=refresh_id)
    source = "flow" if cause else "system"
    return NewEvent(
        kind, payload, known.account_id, known.audience_id, pair[0], source, syncing=reason.syncing, cause=cause
    )
