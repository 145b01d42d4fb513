"""The send loop: claim, judge again, mark, hand over, record (spec/flows.md 5.9; docs/decisions/0014).

The mark commits before the call and the answer after it, so a delivery leaves at most once whatever crashes: what a
vanished worker had in hand becomes unknown (S14). No transaction is open during the hand-over.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from relance.audience import audiences, consent, contacts
from relance.audience.ask_segments import ask_segments
from relance.db.front import Front
from relance.db.pool import Database, Transaction
from relance.db.share import Share
from relance.events.append import append
from relance.events.model import NewEvent
from relance.kernel import clock
from relance.kernel.errors import Unavailable
from relance.kernel.ids import BUCKETS
from relance.messages import facts
from relance.messages.events import SENT
from relance.messages.prepare import PUT_OFF, Contexts, Decision, Judge, Unsubscribed, Writer, queries
from relance.messages.rules import Ending, ending, refused_as
from relance.messages.transports.model import Answer, AnswerKind, Letter

log = logging.getLogger(__name__)

_EVERYWHERE: Final = list(range(BUCKETS))
_LOST = "the worker stopped before the answer came: perhaps sent, so never repeated"
_LONGEST_PAUSE: Final = 5.0
_USUAL: Final = timedelta(days=31)
"""A delivery waits hardly ever longer than that: older months are looked through now and then (Front)."""
LOOK_AGAIN = 30.0
"""Seconds between two looks for what nobody has in hand any more."""


class Transport(Protocol):
    def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
        """An answer for each letter. Raises Unavailable only when nothing was tried."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSettings:
    """``group``: deliveries in hand at a time, the most that a crash can leave unknown. ``pause``: seconds between
    two tries to record answers while the database is away, growing."""

    public_url: str
    secret: str
    worker_id: UUID
    group: int = 20
    pause: float = 0.2


@dataclass(frozen=True, slots=True)
class Outcome:
    """A delivery that was in hand, and the transport's answer."""

    row: Any
    answer: Answer
    ending: Ending
    address: str


class Sender:
    """One per worker. ``judge``, ``leaving``, ``contexts``, ``unsubscribed``: what only flows know (prepare.py)."""

    def __init__(
        self,
        database: Database,
        transport: Transport,
        *,
        judge: Judge,
        contexts: Contexts,
        settings: SendSettings,
        leaving: Judge = lambda *_: {},
        unsubscribed: Unsubscribed = lambda *_: None,
    ) -> None:
        self._database, self._transport, self._settings = database, transport, settings
        self._writer = Writer(settings.public_url, settings.secret, judge, leaving, contexts, unsubscribed)
        self._turn = threading.Lock()
        self._dead: set[UUID] = set()
        self._swept: tuple[int, ...] | None = None
        self._swept_at = 0.0
        self._unrecorded: list[Outcome] = []
        self._in_doubt = False
        self._blocked: tuple[datetime, str] | None = None
        self._front = Front()

    def orphaned(self, worker: UUID) -> None:
        """Slots of a dead worker were taken over: what it had in hand is settled with the next batch."""
        self._dead.add(worker)

    def batch(self, share: Share) -> int:
        """Send one group of due deliveries of the share; returns how many were decided.

        Raises LeaseLost, and Unavailable when the database is away or, with nothing else to do, when the mail server
        refuses the sender: that is for an operator to mend.
        """
        with self._turn:
            left, self._unrecorded = self._unrecorded, []
            for outcome in left:
                self._record_alone(outcome)
            self._recover(share)
            decisions = self._prepare(share)
            if handed := [decision for decision in decisions if decision.letter is not None]:
                self._record(self._hand_over(handed))
            if not decisions:
                self._complain()
            return len(decisions)

    def _recover(self, share: Share) -> None:
        """Once for every slot taken over and every worker that died; and now and then, for what a worker kept in hand
        of slots that it had given away, when others took over the rest of it."""
        dead, now = frozenset(self._dead), clock.monotonic()
        if not dead and self._swept == share.slots and now - self._swept_at < LOOK_AGAIN:
            return
        with self._database.transaction() as tx:
            share.fence(tx)
            recover(tx, clock.now(), share.buckets, self._settings.worker_id, dead)
        self._swept, self._swept_at = share.slots, now
        # A worker that was only thought to be dead goes on, and what it takes in hand from now on is its own.
        self._dead -= dead

    def _prepare(self, share: Share) -> list[Decision]:
        """Transaction 1: what may leave is marked as handed, the rest is decided."""
        try:
            with self._database.transaction() as tx:
                if self._in_doubt:
                    self._take_back(tx)
                now = clock.now()
                rows = self._claim(tx, now, share)
                if rows:
                    share.fence(tx)
                decisions = self._writer.decide(tx, now, rows) if rows else []
                if decisions:
                    _write_decisions(tx, now, decisions, self._settings.worker_id)
        except BaseException:
            # Perhaps it did commit: then deliveries are marked that are in nobody's hands.
            self._in_doubt = True
            raise
        self._in_doubt = False
        return decisions

    def _claim(self, tx: Transaction, now: datetime, share: Share) -> list[Any]:
        since = self._front.since(now)
        rows = tx.rows(
            queries.claim,
            slot=share.buckets,
            slots=list(share.slots),
            now=now,
            since=since,
            queued_since=min(since, now - _USUAL),
            limit=self._settings.group,
        )
        self._front.found(now, min((row.due for row in rows), default=None))
        return rows

    def _take_back(self, tx: Transaction) -> None:
        tx.run(
            queries.take_back,
            slot=_EVERYWHERE,
            worker=self._settings.worker_id,
            now=clock.now(),
            answered=[outcome.row.delivery_id for outcome in self._unrecorded],
        )

    def _hand_over(self, decisions: Sequence[Decision]) -> list[Outcome]:
        letters = [decision.letter for decision in decisions if decision.letter is not None]
        try:
            answers = {answer.key: answer for answer in self._transport.hand_over(letters)}
        except Unavailable as error:
            answers = {letter.key: _answer(letter, AnswerKind.TRANSIENT, error.what) for letter in letters}
        except Exception as error:
            log.exception("transport.failed")
            words = f"the mail transport failed: {type(error).__name__}"
            answers = {letter.key: _answer(letter, AnswerKind.UNKNOWN, words) for letter in letters}
        now = clock.now()
        outcomes = []
        for decision, letter in zip(decisions, letters, strict=True):
            answer = answers.get(letter.key) or _answer(letter, AnswerKind.UNKNOWN, "the mail transport gave no answer")
            outcomes.append(
                Outcome(decision.row, answer, ending(answer, decision.row.attempts + 1, now), letter.recipient)
            )
        self._note(outcomes)
        return outcomes

    def _record(self, outcomes: Sequence[Outcome]) -> None:
        """Transaction 2. Answers are not to be had twice, so a mistake of ours costs no more than its own delivery:
        then they are recorded one by one, the last resort being without the consequences, or with the next batch."""
        try:
            self._persist(outcomes)
        except Exception:
            log.exception("answers.failed")
            for outcome in outcomes:
                self._record_alone(outcome)

    def _record_alone(self, outcome: Outcome) -> None:
        for consequences in (True, False):
            try:
                self._persist([outcome], consequences=consequences)
                return
            except Exception:
                log.exception("answer.failed", extra={"delivery": str(outcome.row.delivery_id)})
        self._unrecorded.append(outcome)

    def _persist(self, outcomes: Sequence[Outcome], *, consequences: bool = True) -> None:
        """One transaction, tried until the database answers."""
        pause = self._settings.pause
        while True:
            try:
                with self._database.transaction() as tx:
                    record(tx, clock.now(), outcomes, self._settings.worker_id, consequences=consequences)
                return
            except Unavailable as error:
                log.warning("answers.waiting", extra={"answers": len(outcomes), "trouble": error.what})
                clock.pause(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _note(self, outcomes: Sequence[Outcome]) -> None:
        """Remember whether the mail server lets us send at all."""
        for outcome in outcomes:
            if outcome.answer.kind is AnswerKind.ACCEPTED:
                self._blocked = None
            elif outcome.answer.kind is AnswerKind.SENDER_BLOCKED and outcome.ending.due:
                self._blocked = (outcome.ending.due, outcome.ending.answer)

    def _complain(self) -> None:
        if self._blocked and clock.now() < self._blocked[0]:
            raise Unavailable(
                f"the mail server refuses the sender: {self._blocked[1]}",
                where="mail server",
                mend="Check user, password and sender address. Messages wait and are tried again for 24 hours.",
            )


def _answer(letter: Letter, kind: AnswerKind, text: str) -> Answer:
    return Answer(letter.key, kind, None, None, text)


def _write_decisions(tx: Transaction, now: datetime, decisions: Sequence[Decision], worker: UUID) -> None:
    rows = [decision.row for decision in decisions]
    tx.run(
        queries.decide,
        worker=worker,
        oldest=min(row.queued_at for row in rows),
        newest=max(row.queued_at for row in rows),
        buckets=[row.bucket for row in rows],
        deliveries=[row.delivery_id for row in rows],
        queued=[row.queued_at for row in rows],
        states=[_state(decision) for decision in decisions],
        codes=[decision.code if _final(decision) else None for decision in decisions],
        dues=[(decision.until or now + PUT_OFF) if _state(decision) == "queued" else None for decision in decisions],
        addresses=[decision.letter.recipient if decision.letter else None for decision in decisions],
        versions=[decision.version for decision in decisions],
        answers=[decision.why for decision in decisions],
    )
    append(tx, now, [facts.not_sent(one.row, one.code, one.seen) for one in decisions if one.code and _final(one)])


def _final(decision: Decision) -> bool:
    return decision.code is not None and decision.code.startswith("S")


def _state(decision: Decision) -> str:
    if decision.letter is not None:
        return "handed"
    return refused_as(decision.code) if decision.code and _final(decision) else "queued"


def record(
    tx: Transaction, now: datetime, outcomes: Sequence[Outcome], worker: UUID, *, consequences: bool = True
) -> None:
    """Write answers down, once: what ``worker`` has no more in hand is left as it is.

    ``consequences``: contacts whose address refused for good are cleaned.
    """
    rows = [outcome.row for outcome in outcomes]
    endings = [outcome.ending for outcome in outcomes]
    recorded = tx.rows(
        queries.record,
        worker=worker,
        oldest=min(row.queued_at for row in rows),
        newest=max(row.queued_at for row in rows),
        buckets=[row.bucket for row in rows],
        deliveries=[row.delivery_id for row in rows],
        queued=[row.queued_at for row in rows],
        states=[end.state for end in endings],
        codes=[end.code for end in endings],
        dues=[end.due for end in endings],
        answers=[end.answer for end in endings],
        sent=[now if end.state == "sent" else None for end in endings],
        bounced=[now if end.bounced else None for end in endings],
    )
    ids = {row.delivery_id for row in recorded}
    mine = [outcome for outcome in outcomes if outcome.row.delivery_id in ids]
    sent = sorted({outcome.row.message_id for outcome in mine if outcome.ending.state == "sent"})
    firsts = tx.rows(queries.first_sent, now=now, messages=sent) if sent else []
    if consequences:
        for outcome in mine:
            if outcome.ending.bounced:
                _clean(tx, now, outcome)
    append(tx, now, [event for outcome in mine for event in _told(outcome)])
    for first in firsts:
        # Whoever "did not open" an email that nobody had yet, now does (spec 7.5). After the append: lock order.
        ask_segments(tx, now, first.audience_id, SENT.key, [str(first.message_id)])


def _told(outcome: Outcome) -> list[NewEvent]:
    end, row = outcome.ending, outcome.row
    if end.code is None:
        return []
    if end.state == "sent":
        return [facts.sent(row)]
    told = [facts.not_sent(row, end.code)]
    if end.bounced:
        code = outcome.answer.enhanced or (str(outcome.answer.code) if outcome.answer.code else None)
        told.append(facts.bounced(row, "hard", code))
    return told


def _clean(tx: Transaction, now: datetime, outcome: Outcome) -> None:
    """Unless the contact has another address by now."""
    row = outcome.row
    contact = contacts.find(tx, row.audience_id, str(row.contact_id), lock=True)
    if contact and contact.email and contact.email.lower() == outcome.address.lower():
        consent.clean(tx, now, audiences.get(tx, row.account_id, row.audience_id), contact, "hard_bounce")


def recover(tx: Transaction, now: datetime, slot: Sequence[int], worker: UUID, dead: Collection[UUID]) -> int:
    """Deliveries in the hands of ``dead`` workers, or of any that holds no lease: unknown (S14), never sent again.

    Returns how many. ``worker``, who asks, keeps its own.
    """
    rows = tx.rows(queries.give_up_lost, slot=list(slot), worker=worker, dead=list(dead), answer=_LOST)
    append(tx, now, [facts.not_sent(row, "S14") for row in rows])
    return len(rows)
