"""The loop of calls: claim, write, mark; call without a transaction; record once (docs/decisions/0020).

A call is made at least once: whoever receives it knows it again by its Idempotency-Key, the same on each try.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from relance.audience import audiences, contacts
from relance.audience.contacts import Actor, Draft
from relance.audience.fields import list_fields
from relance.db.pool import Database, Json, Transaction
from relance.db.share import Share
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import Cause, NewEvent
from relance.flows import events
from relance.flows.webhooks.body import written_body
from relance.flows.webhooks.exchange import Call, exchange
from relance.flows.webhooks.headers import Keyring, NoSecret, headers_of
from relance.flows.webhooks.private_hosts import PrivateHosts
from relance.flows.webhooks.rules import PATIENCE, Answer, Ending, break_until, ending, mapped
from relance.kernel import clock
from relance.kernel.errors import RelanceError
from relance.kernel.ids import time_uuid
from relance.messages.merge import CannotRender
from relance.messages.prepare import Contexts, read_groups, read_recipients

log = logging.getLogger(__name__)

queries = load_queries(__package__)

GROUP: Final = 20
AT_ONCE: Final = 8
PER_HOST: Final = 4
"""Of a group: a host that is slow keeps a part of the loop busy, not all of it. One only, once it has failed."""
_IN_HAND = timedelta(minutes=2)
_PUT_OFF = timedelta(minutes=1)
_NEXT_LOOK = timedelta(seconds=1)
_BY_FLOW = Actor(by="flow", source="flow")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed call and what goes out; ``answer`` when it cannot."""

    row: Any
    host: str
    give_up_at: datetime
    body: str | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    prepared: Prepared
    answer: Answer
    ending: Ending
    tries: int


class Caller:
    """One per worker. ``contexts``: of the runs behind calls, as for messages."""

    def __init__(
        self, database: Database, *, contexts: Contexts, secrets: Mapping[str, str], private: PrivateHosts
    ) -> None:
        self._database, self._contexts, self._private = database, contexts, private
        self._keys = Keyring(secrets)
        self._pool = ThreadPoolExecutor(AT_ONCE, "webhook")

    def batch(self, share: Share) -> int:
        """Make one group of due calls of the share; returns how many were looked at."""
        with self._database.transaction() as tx:
            now = clock.now()
            rows = tx.rows(queries.claim_calls, slot=share.buckets, now=now, limit=GROUP)
            if not rows:
                return 0
            share.fence(tx)
            going = self._prepare(tx, now, rows)
        if going:
            answers = list(self._pool.map(self._call, going))
            self._record(going, answers)
        return len(rows)

    # Before the call

    def _prepare(self, tx: Transaction, now: datetime, rows: Sequence[Any]) -> list[Prepared]:
        """Those that go out now, marked. The others are withdrawn, or wait."""
        over = _over(tx, rows)
        hosts = _hosts(tx, rows)
        taken: Counter[tuple[int, str]] = Counter()
        held: list[tuple[Any, datetime, datetime | None]] = []
        going = []
        for row in rows:
            host = _host(row)
            end = row.give_up_at or now + PATIENCE
            known = hosts.get((row.account_id, host))
            if row.call_id in over:
                continue
            if row.flow_state == "paused" or row.step_paused:
                held.append((row, now + _PUT_OFF, row.give_up_at))
            elif known and known.closed_until and known.closed_until > now:
                if now >= end:
                    going.append(Prepared(row, host, end, answer=Answer(words=f"{host} does not answer", refused=True)))
                else:
                    held.append((row, known.closed_until, end))
            elif taken[row.account_id, host] >= (1 if known else PER_HOST):
                held.append((row, now + _NEXT_LOOK, row.give_up_at))
            else:
                taken[row.account_id, host] += 1
                going.append(Prepared(row, host, end))
        _withdraw(tx, [row for row in rows if row.call_id in over])
        _hold(tx, held)
        return self._mark(tx, now, going)

    def _mark(self, tx: Transaction, now: datetime, going: list[Prepared]) -> list[Prepared]:
        if not going:
            return []
        written = self._written(tx, now, going)
        tx.run(
            queries.mark_calls,
            again=now + _IN_HAND,
            buckets=[one.row.bucket for one in written],
            calls=[one.row.call_id for one in written],
            bodies=[one.body for one in written],
            ends=[one.give_up_at for one in written],
        )
        return written

    def _written(self, tx: Transaction, now: datetime, going: list[Prepared]) -> list[Prepared]:
        """With their bodies: what the first try said, each further one says again."""
        new = [one.row for one in going if one.row.body is None and one.answer is None]
        if not new:
            return [_again(one) for one in going]
        people = {row.delivery_id: row for row in read_recipients(tx, new)}
        contexts = self._contexts(tx, new)
        groups = read_groups(tx, [row for row in new if "INTERESTED" in (row.template or "")])
        fields = {audience: list_fields(tx, audience) for audience in {row.audience_id for row in new}}
        done = []
        for one in going:
            row = one.row
            person = people.get(row.call_id)
            if person is None:
                done.append(_again(one))
                continue
            try:
                if person.contact_id is None:
                    raise RelanceError("the contact is gone")
                body = written_body(
                    now,
                    row,
                    person,
                    fields[row.audience_id],
                    contexts.get(row.call_id, {}),
                    groups.get(row.contact_id, frozenset()),
                )
                done.append(Prepared(row, one.host, one.give_up_at, body))
            except (CannotRender, msgspec.DecodeError, RelanceError) as error:
                words = f"the body could not be written: {type(error).__name__}"
                done.append(Prepared(row, one.host, one.give_up_at, answer=Answer(words=words, refused=True)))
        return done

    # The call

    def _call(self, one: Prepared) -> Answer:
        if one.answer is not None:
            return one.answer
        args = one.row.args or {}
        bodied = args.get("method") not in ("GET", "DELETE")
        body = (one.body or "").encode() if bodied else b""
        try:
            headers = headers_of(args, self._keys, str(one.row.call_id), int(clock.now().timestamp()), body, bodied)
        except NoSecret as error:
            return Answer(words=str(error), untried=True)
        return exchange(Call(args["method"], args["url"], headers, body if bodied else None), self._private)

    # After the call

    def _record(self, going: Sequence[Prepared], answers: Sequence[Answer]) -> None:
        now = clock.now()
        outcomes = []
        for one, answer in zip(going, answers, strict=True):
            tries = one.row.tries + 1
            outcomes.append(Outcome(one, answer, ending(answer, tries, one.give_up_at, now), tries))
        try:
            with self._database.transaction() as tx:
                _settle(tx, now, outcomes)
        except RelanceError:
            raise
        except Exception:
            # One answer that cannot be recorded must not have all the others called again.
            log.exception("answers.failed")
            for outcome in outcomes:
                with self._database.transaction() as tx:
                    _settle(tx, now, [outcome])


def _host(row: Any) -> str:
    return (urlsplit((row.args or {}).get("url", "")).hostname or "").lower()


def _again(one: Prepared) -> Prepared:
    return Prepared(one.row, one.host, one.give_up_at, one.row.body, one.answer)


def _over(tx: Transaction, rows: Sequence[Any]) -> set[UUID]:
    found = tx.rows(
        queries.runs_ended,
        buckets=[row.bucket for row in rows],
        contacts=[row.contact_id for row in rows],
        runs=[row.run_id for row in rows],
        calls=[row.call_id for row in rows],
    )
    return {row.call_id for row in found}


def _hosts(tx: Transaction, rows: Sequence[Any]) -> dict[tuple[int, str], Any]:
    found = tx.rows(
        queries.hosts_of,
        accounts=list({row.account_id for row in rows}),
        hosts=list({_host(row) for row in rows}),
    )
    return {(row.account_id, row.host): row for row in found}


def _hold(tx: Transaction, held: Sequence[tuple[Any, datetime, datetime | None]]) -> None:
    if held:
        tx.run(
            queries.hold_calls,
            buckets=[row.bucket for row, _, _ in held],
            calls=[row.call_id for row, _, _ in held],
            dues=[due for _, due, _ in held],
            ends=[end for _, _, end in held],
        )


def _withdraw(tx: Transaction, rows: Sequence[Any]) -> None:
    if rows:
        _write(tx, [(row, row.tries, "withdrawn", None, Answer(words="the run has ended")) for row in rows])


def _write(tx: Transaction, settled: Sequence[tuple[Any, int, str, datetime | None, Answer]]) -> set[UUID]:
    """(row, tries, state, due, answer) each; the calls that were ours to settle."""
    rows = tx.rows(
        queries.settle_calls,
        buckets=[row.bucket for row, *_ in settled],
        calls=[row.call_id for row, *_ in settled],
        tries=[tries for _, tries, *_ in settled],
        states=[state for _, _, state, _, _ in settled],
        dues=[due for *_, due, _ in settled],
        statuses=[answer.status for *_, answer in settled],
        answers=[answer.words for *_, answer in settled],
    )
    return {row.call_id for row in rows}


def _settle(tx: Transaction, now: datetime, outcomes: Sequence[Outcome]) -> None:
    mine = _write(
        tx,
        [
            (one.prepared.row, one.tries, _state(one.ending), one.ending.due, one.answer)
            for one in sorted(outcomes, key=lambda one: (one.prepared.row.bucket, one.prepared.row.call_id))
        ],
    )
    recorded = [one for one in outcomes if one.prepared.row.call_id in mine]
    told = [_told(tx, now, one) for one in recorded if one.ending.due is None]
    _tell_retries(tx, now, [one for one in recorded if one.ending.due is not None])
    _note_hosts(tx, now, outcomes)
    append(tx, now, told)


def _state(end: Ending) -> str:
    return "waiting" if end.due else "ok" if end.ok else "failed"


def _told(tx: Transaction, now: datetime, one: Outcome) -> NewEvent:
    row = one.prepared.row
    keys: dict[str, Any] = {}
    if one.ending.ok and (row.args or {}).get("map"):
        keys, fields = mapped(row.args["map"], _document(one.answer))
        if fields:
            _save(tx, now, row, fields)
    payload = events.WebhookAnswered(
        run_id=row.run_id,
        step_id=row.step_id,
        ok=one.ending.ok,
        status=one.answer.status,
        tries=one.tries,
        answer=one.answer.words,
        mapped=keys,
    )
    return NewEvent(
        events.WEBHOOK_ANSWERED, payload, row.account_id, row.audience_id, row.contact_id, "system", cause=_cause(row)
    )


def _document(answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.body or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _save(tx: Transaction, now: datetime, row: Any, values: Mapping[int, Any]) -> None:
    """Field by field: a value that does not fit its field leaves it as it is."""
    tags = {one.field_id: one.tag for one in list_fields(tx, row.audience_id)}
    audience = audiences.get(tx, row.account_id, row.audience_id)
    for field_id, value in values.items():
        if field_id in tags:
            draft = Draft(contact_id=row.contact_id, fields={tags[field_id]: value}, cause=_cause(row))
            contacts.save_many(tx, now, audience, [draft], _BY_FLOW)


def _cause(row: Any) -> Cause:
    return Cause(row.flow_id, row.run_id, row.step_id, row.depth + 1)


def _tell_retries(tx: Transaction, now: datetime, retried: Sequence[Outcome]) -> None:
    if not retried:
        return
    rows = [one.prepared.row for one in retried]
    tx.run(
        queries.tell_retries,
        now=now,
        base=time_uuid(now),
        buckets=[row.bucket for row in rows],
        contacts=[row.contact_id for row in rows],
        accounts=[row.account_id for row in rows],
        flows=[row.flow_id for row in rows],
        versions=[row.version_id for row in rows],
        steps=[row.step_id for row in rows],
        runs=[row.run_id for row in rows],
        seen=[Json({"status": one.answer.status, "tries": one.tries, "answer": one.answer.words}) for one in retried],
    )


def _note_hosts(tx: Transaction, now: datetime, outcomes: Sequence[Outcome]) -> None:
    """Of calls that were tried. In the order of their names: two workers that note the same hosts wait for each other
    once."""
    for one in sorted(outcomes, key=lambda one: (one.prepared.row.account_id, one.prepared.host)):
        key = {"account_id": one.prepared.row.account_id, "host": one.prepared.host}
        if one.answer.refused or one.answer.untried:
            continue
        if not one.answer.passing:
            tx.run(queries.host_works, **key)
        elif until := break_until(int(tx.value(queries.host_failed, **key)), now):
            tx.run(queries.close_host, **key, until=until)
            log.warning("webhook.host_closed", extra={"host": one.prepared.host})
