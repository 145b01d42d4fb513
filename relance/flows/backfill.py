"""People who already match when a flow is turned on: left out, unless they are let in little by little (spec 5.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from relance.audience.conditions import CompiledCache, Pair, compile_condition, evaluate, read_catalogue
from relance.audience.conditions import store as store_condition
from relance.audience.conditions.store import condition_id
from relance.db.pool import Database, Transaction
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import NewEvent
from relance.flows import events
from relance.flows.definition.model import Definition
from relance.flows.kinds import Kinds
from relance.flows.triggers.registry import trigger_kind
from relance.kernel import clock
from relance.kernel.errors import Invalid
from relance.kernel.ids import BUCKETS

queries = load_queries(__package__, "backfill.sql")

PER_HOUR = 500
PATIENCE = 2.0
"""Seconds of counting."""

_AT_ONCE = 500
_CHUNK = 32


@dataclass(frozen=True, slots=True)
class Matching:
    """``whole`` False: there are more, counting was stopped."""

    people: int
    whole: bool = True


def conditions_of(tx: Transaction, kinds: Kinds, audience_id: int, definition: Definition) -> dict[int, int]:
    """Trigger → the stored condition that is true of people for whom it would have fired before. Triggers of other
    kinds are not here."""
    objects = read_catalogue(tx, audience_id)
    found = {}
    for trigger in definition.triggers:
        kind = trigger_kind(trigger.kind)
        if kind is None or kind.matching is None:
            continue
        source = kind.matching(msgspec.convert(trigger.settings, kind.settings), objects.groups)
        if source is None:
            continue
        found[trigger.id] = condition_id(audience_id, source)
        store_condition(tx, audience_id, source, compile_condition(source, kinds.subjects, objects))
    return found


def count_matching(
    tx: Transaction, cache: CompiledCache, audience_id: int, conditions: dict[int, int], now: datetime
) -> Matching:
    """How many people match any of the conditions."""
    until = clock.monotonic() + PATIENCE
    people: set[UUID] = set()
    for part in _parts():
        after: UUID | None = None
        at = part[0]
        while rows := _page(tx, audience_id, part, at, after):
            if clock.monotonic() > until:
                return Matching(len(people), whole=False)
            for condition in conditions.values():
                people |= {row.contact_id for row in _matching(tx, cache, rows, condition, now)}
            at, after = rows[-1].bucket, rows[-1].contact_id
    return Matching(len(people))


def let_matching_in(
    tx: Transaction, now: datetime, flow_id: int, triggers: Sequence[int], per_hour: int = PER_HOUR
) -> None:
    """Ask for it. Raises Invalid for a number out of bounds."""
    if not 1 <= per_hour <= 1_000_000:
        raise Invalid("1 to 1,000,000 people an hour are let in", where="per_hour", mend="500 is usual.")
    tx.run(queries.ask_backfill, flow_id=flow_id, triggers=list(triggers), per_hour=per_hour, now=now)


def let_some_in(database: Database, kinds: Kinds, cache: CompiledCache) -> int:
    """As many as the time that has gone by allows, a minute's share at most. Returns how many came to the gate."""
    done = 0
    with database.transaction() as tx:
        asked = tx.rows(queries.backfills_of_live_flows)
    for one in asked:
        with database.transaction() as tx:
            row = tx.row(queries.lock_backfill, flow_id=one.flow_id, trigger_id=one.trigger_id)
            if row is not None:
                done += _some(tx, clock.now(), kinds, cache, row)
    return done


def _some(tx: Transaction, now: datetime, kinds: Kinds, cache: CompiledCache, row: Any) -> int:
    since = row.asked_at
    allowed = int((now - since).total_seconds() * row.per_hour / 3600) + 1 - row.let_in
    if allowed < 1:
        return 0
    most = max(1, row.per_hour // 60)
    if allowed > most:
        # Nobody could enter for a while, or nobody looked: what was not used is gone, else a crowd would come at once.
        since += timedelta(hours=(allowed - most) / row.per_hour)
        allowed = most
    definition = msgspec.convert(row.definition, Definition)
    condition = conditions_of(tx, kinds, row.audience_id, definition).get(row.trigger_id)
    found: list[Any] = []
    at, after, over = row.at_bucket, row.at_contact, condition is None
    while condition is not None and len(found) < min(allowed, _AT_ONCE):
        part = list(range(at, min(at - at % _CHUNK + _CHUNK, BUCKETS)))
        if not part:
            over = True
            break
        page = _page(tx, row.audience_id, part, at, after)
        if not page:
            at, after = part[-1] + 1, None
            continue
        some = _matching(tx, cache, page, condition, now)[: min(allowed, _AT_ONCE) - len(found)]
        found += some
        full = len(found) >= min(allowed, _AT_ONCE) and some
        last = some[-1] if full else page[-1]
        at, after = last.bucket, last.contact_id
    append(tx, now, [_comes(row, contact.contact_id) for contact in found])
    key = {"flow_id": row.flow_id, "trigger_id": row.trigger_id}
    if over:
        tx.run(queries.end_backfill, **key)
    else:
        tx.run(
            queries.note_backfill,
            **key,
            asked_at=since,
            at_bucket=at,
            at_contact=after,
            let_in=row.let_in + len(found),
        )
    return len(found)


def _comes(row: Any, contact_id: UUID) -> NewEvent:
    payload = events.LetIn(flow_id=row.flow_id, trigger_id=row.trigger_id, key="backfill", why="backfill")
    return NewEvent(events.LET_IN, payload, row.account_id, row.audience_id, contact_id, "system", bulk=True)


def _parts() -> Iterator[list[int]]:
    for first in range(0, BUCKETS, _CHUNK):
        yield list(range(first, first + _CHUNK))


def _page(tx: Transaction, audience_id: int, part: Sequence[int], at: int, after: UUID | None) -> list[Any]:
    return tx.rows(
        queries.people_after, audience_id=audience_id, part=list(part), at_bucket=at, at_contact=after, limit=_AT_ONCE
    )


def _matching(tx: Transaction, cache: CompiledCache, rows: Sequence[Any], condition: int, now: datetime) -> list[Any]:
    pairs = [
        Pair(n=n, bucket=row.bucket, contact_id=row.contact_id, condition_id=condition) for n, row in enumerate(rows)
    ]
    answers = evaluate(tx, cache, pairs, now)
    return [row for n, row in enumerate(rows) if answers[n].holds]
