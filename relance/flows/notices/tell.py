"""The loop of notices: claim, write, send by the mail server, forget (spec/flows.md 6.2).

One letter a notice, up to twenty an hour for each step and colleague; more come together, once the hour is over.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from relance.audience.fields import list_fields
from relance.db.pool import Database, Transaction
from relance.db.share import Share, everything
from relance.db.sql import load_queries
from relance.kernel import clock
from relance.kernel.errors import Unavailable
from relance.messages.beside import write_beside
from relance.messages.merge import CannotRender, Place
from relance.messages.prepare import Contexts, read_groups, read_recipients
from relance.messages.transports.model import AnswerKind, Letter

log = logging.getLogger(__name__)

queries = load_queries(__package__)

PER_HOUR: Final = 20
LIMIT: Final = 1000
_AGAIN = timedelta(minutes=5)
_GIVE_UP = timedelta(hours=24)
_AT_FAULT = (AnswerKind.TRANSIENT, AnswerKind.SENDER_BLOCKED)


@dataclass(frozen=True, slots=True)
class Notice:
    """What one colleague is told of one run. ``text`` None: it could not be written for this contact."""

    row: Any
    contact: str
    text: str | None


class Post(Protocol):
    def hand_over(self, batch: Sequence[Letter], /) -> Sequence[Any]: ...


Write = Callable[[str, Sequence[Notice], datetime], Letter]
"""A letter, with its key, of one notice or of a digest; all are for one colleague and of one step."""


class Teller:
    def __init__(self, database: Database, post: Post, *, contexts: Contexts, write: Write) -> None:
        self._database, self._post, self._contexts, self._write = database, post, contexts, write

    def look(self, share: Share) -> int:
        """For one worker, that of the first slot: the twenty are counted in one place."""
        return self.all(share) if 0 in share.slots else 0

    def all(self, share: Share | None = None) -> int:
        with self._database.transaction() as tx:
            now = clock.now()
            rows = tx.rows(queries.claim_notices, slot=everything().buckets, now=now, limit=LIMIT)
            if not rows:
                return 0
            if share is not None:
                share.fence(tx)
            batches = self._prepare(tx, now, rows)
        if batches:
            self._send(batches)
        return len(rows)

    def _prepare(self, tx: Transaction, now: datetime, rows: Sequence[Any]) -> dict[str, list[Notice]]:
        """By the key of their letter; they are due again in a while, should this worker stop in between."""
        people = {row.delivery_id: row for row in read_recipients(tx, rows)}
        lost = [row for row in rows if not row.person_email or people[row.notice_id].contact_id is None]
        _forget(tx, lost)
        gone = {row.notice_id for row in lost}
        batches, later = _shared_out(tx, now, [row for row in rows if row.notice_id not in gone])
        hour = now.replace(minute=0, second=0, microsecond=0)
        held = [(row, hour + timedelta(hours=1), True) for row in later]
        held += [(row, now + _AGAIN, row.in_digest) for batch in batches.values() for row in batch]
        _put_off(tx, held)
        going = [row for batch in batches.values() for row in batch]
        texts = self._texts(tx, now, going, people)
        return {
            key: [Notice(row, people[row.notice_id].email or "", texts[row.notice_id]) for row in batch]
            for key, batch in batches.items()
        }

    def _texts(
        self, tx: Transaction, now: datetime, rows: Sequence[Any], people: Mapping[UUID, Any]
    ) -> dict[UUID, str | None]:
        if not rows:
            return {}
        fields = {audience: list_fields(tx, audience) for audience in {row.audience_id for row in rows}}
        contexts = self._contexts(tx, rows)
        groups = read_groups(tx, [row for row in rows if "INTERESTED" in (row.text or "")])
        texts: dict[UUID, str | None] = {}
        for row in rows:
            try:
                texts[row.notice_id] = write_beside(
                    row.text or "",
                    Place.TEXT,
                    now,
                    people[row.notice_id],
                    fields[row.audience_id],
                    context=contexts.get(row.notice_id),
                    groups=groups.get(row.contact_id, frozenset()),
                )
            except CannotRender:
                texts[row.notice_id] = None
        return texts

    def _send(self, batches: Mapping[str, Sequence[Notice]]) -> None:
        now = clock.now()
        letters = [self._write(key, notices, now) for key, notices in batches.items()]
        try:
            answers = {answer.key: answer.kind for answer in self._post.hand_over(letters)}
        except Unavailable as error:
            log.warning("notices.not_sent", extra={"letters": len(letters), "trouble": error.what})
            answers = {}
        done = [
            notice.row
            for key, notices in batches.items()
            for notice in notices
            if answers.get(key, AnswerKind.TRANSIENT) not in _AT_FAULT or notice.row.asked_at < now - _GIVE_UP
        ]
        with self._database.transaction() as tx:
            _forget(tx, done)


def _shared_out(tx: Transaction, now: datetime, rows: Sequence[Any]) -> tuple[dict[str, list[Any]], list[Any]]:
    """(rows by letter, rows for the digest of the next hour)."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    told = tx.rows(queries.told_this_hour, steps=sorted({row.step_id for row in rows}), hour=hour)
    sent = Counter({(row.step_id, row.person_id): row.sent for row in told})
    new: Counter[tuple[int, int]] = Counter()
    batches: dict[str, list[Any]] = {}
    later = []
    for row in rows:
        whose = (row.step_id, row.person_id)
        if row.in_digest:
            batches.setdefault(f"digest {row.step_id} {row.person_id}", []).append(row)
        elif sent[whose] + new[whose] < PER_HOUR:
            new[whose] += 1
            batches[str(row.notice_id)] = [row]
        else:
            later.append(row)
    if new:
        counted = sorted(new.items())
        tx.run(
            queries.count_told,
            hour=hour,
            steps=[step for (step, _), _ in counted],
            people=[person for (_, person), _ in counted],
            counts=[n for _, n in counted],
        )
    return batches, later


def _put_off(tx: Transaction, held: Sequence[tuple[Any, datetime, bool]]) -> None:
    if held:
        tx.run(
            queries.put_off_notices,
            buckets=[row.bucket for row, _, _ in held],
            notices=[row.notice_id for row, _, _ in held],
            dues=[due for _, due, _ in held],
            digests=[in_digest for _, _, in_digest in held],
        )


def _forget(tx: Transaction, rows: Sequence[Any]) -> None:
    if rows:
        tx.run(
            queries.forget_notices,
            buckets=[row.bucket for row in rows],
            notices=[row.notice_id for row in rows],
        )
