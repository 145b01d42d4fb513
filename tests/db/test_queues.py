"""The three queues: single work goes before bulk, no account behind another one, nobody for ever behind somebody else
(docs/decisions/0027)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from relance.db.front import BEGINNING, EVERY, MARGIN, Front
from relance.db.pool import Database
from relance.db.share import everything
from relance.flows.engine import advance, dispatch
from relance.kernel import clock as reading
from relance.kernel.clock import Clock
from relance.kernel.slots import SLOTS
from relance.messages import prepare

SINGLE, BULK = 0, 1
FERN, MOSS = 1, 2
"""Two accounts."""

INBOX = """
insert into inbox (bucket, contact_id, event_id, recorded_at, lane, account_id)
select g * 37 %% 4096, gen.id, gen.id, %(first)s + g * interval '1 ms', %(lane)s, %(account)s
from generate_series(1, %(number)s) g cross join lateral (select md5(%(account)s || ':' || %(lane)s || ':' || g)::uuid as id) gen
"""
RUNS = """
insert into run (bucket, contact_id, run_id, account_id, audience_id, flow_id, version_id, step_id, state, due, entered_at, lane)
select g * 37 %% 4096, gen.id, gen.id, %(account)s, 1, 1, 1, 1, 'waiting', %(first)s + g * interval '1 ms', %(first)s, %(lane)s
from generate_series(1, %(number)s) g cross join lateral (select md5(%(account)s || ':' || %(lane)s || ':' || g)::uuid as id) gen
"""
DELIVERIES = """
insert into delivery (bucket, delivery_id, queued_at, account_id, audience_id, contact_id, message_id, channel, class, state,
                      due, lane)
select g * 37 %% 4096, gen.id, %(first)s, %(account)s, 1, gen.id, 1, 'email', 'marketing', 'queued',
       %(first)s + g * interval '1 ms', %(lane)s
from generate_series(1, %(number)s) g cross join lateral (select md5(%(account)s || ':' || %(lane)s || ':' || g)::uuid as id) gen
"""
QUEUES = {
    "events": (INBOX, dispatch.queries.pick),
    "runs": (RUNS, advance.queries.claim_runs),
    "messages": (DELIVERIES, prepare.queries.claim),
}

Queue = Callable[..., None]
Take = Callable[[int], Counter[tuple[int, int]]]


@pytest.fixture(params=QUEUES)
def queue(request: pytest.FixtureRequest, database: Database, clock: Clock) -> tuple[Queue, Take]:
    """Puts a number of rows of an account into a lane, minutes ago; takes (account, lane) → how many of a batch."""
    fill, take = QUEUES[request.param]
    with database.transaction() as tx:
        for account in (FERN, MOSS):
            tx.connection.execute(
                "insert into account (account_id, name, created_at) values (%s, 'A shop', %s)", (account, clock.now())
            )

    def put(account: int, lane: int, number: int, minutes: int) -> None:
        first = clock.now() - timedelta(minutes=minutes)
        with database.transaction() as tx:
            tx.connection.execute(fill.encode(), {"account": account, "lane": lane, "number": number, "first": first})

    def taken(limit: int) -> Counter[tuple[int, int]]:
        params: dict[str, Any] = {"now": clock.now(), "limit": limit} | dict.fromkeys(
            ("since", "queued_since", "heed"), BEGINNING
        )
        with database.transaction() as tx:
            rows = tx.rows(take, slot=everything().buckets, slots=list(everything().slots), **params)
        return Counter((row.account_id, row.lane) for row in rows if row.bucket is not None)

    return put, taken


def test_single_work_goes_first_and_bulk_goes_on(queue: tuple[Queue, Take]) -> None:
    put, taken = queue
    put(FERN, BULK, 900, minutes=60)
    put(FERN, SINGLE, 3, minutes=1)
    found = taken(100)
    assert found[FERN, SINGLE] == 3
    assert 0 < found[FERN, BULK] <= 10 + SLOTS, "about a tenth, so that the batch is a short one"


def test_alone_bulk_has_all(queue: tuple[Queue, Take]) -> None:
    put, taken = queue
    put(FERN, BULK, 900, minutes=60)
    assert 100 <= taken(100)[FERN, BULK] <= 100 + SLOTS


def test_much_single_work_leaves_bulk_a_tenth(queue: tuple[Queue, Take]) -> None:
    put, taken = queue
    put(FERN, SINGLE, 900, minutes=60)
    put(FERN, BULK, 900, minutes=60)
    found = taken(100)
    assert 90 <= found[FERN, SINGLE] <= 90 + SLOTS
    assert 10 <= found[FERN, BULK] <= 10 + SLOTS


@pytest.mark.parametrize("limit", [100, 20])
def test_no_account_waits_behind_another_one(queue: tuple[Queue, Take], limit: int) -> None:
    put, taken = queue
    put(FERN, BULK, 900, minutes=60)
    put(MOSS, BULK, 5, minutes=1)
    found = taken(limit)
    assert found[MOSS, BULK] == 5
    assert found[FERN, BULK] >= limit // 2


def test_a_group_in_hand_is_never_larger_than_asked(queue: tuple[Queue, Take], request: pytest.FixtureRequest) -> None:
    """Of messages: what is in hand is unknown after a crash. Events and runs are rounded up, a row a slot."""
    put, taken = queue
    put(FERN, BULK, 900, minutes=60)
    put(FERN, SINGLE, 900, minutes=60)
    assert 20 <= taken(20).total() <= (20 if "messages" in request.node.name else 20 + 2 * SLOTS)


def test_a_batch_of_one_is_one(queue: tuple[Queue, Take]) -> None:
    """What fails is found by ever smaller batches (decision 16)."""
    put, taken = queue
    for account in (FERN, MOSS):
        put(account, BULK, 50, minutes=60)
        put(account, SINGLE, 50, minutes=60)
    assert taken(1).total() == 1


def test_a_front_begins_at_the_beginning_now_and_then(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stopwatch = 100.0
    monkeypatch.setattr(reading, "monotonic", lambda: stopwatch)
    front, now = Front(), clock.now()
    assert front.since(now) == BEGINNING
    front.found(now, None)
    assert front.since(now) == now - MARGIN, "nothing was there: what comes, comes about now"
    old = now - timedelta(hours=3)
    front.found(now, old)
    assert front.since(now) == old - MARGIN, "as long as old rows are found, it looks there"
    front.found(now, None)
    stopwatch += EVERY
    assert front.since(now) == BEGINNING
    front.found(now, None)
    assert front.since(now - timedelta(days=1)) == BEGINNING, "a clock that was set back"


def test_order_per_contact_goes_before_lanes(database: Database, clock: Clock) -> None:
    """A contact's older row in bulk comes along with the newer single one; of many, only the oldest."""
    ana, ben = UUID(int=7 << 116 | 1), UUID(int=7 << 116 | 2)
    now, share = clock.now(), everything()

    def put(who: UUID, number: int, lane: int, ago: int) -> None:
        tx.connection.execute(
            "insert into inbox (bucket, contact_id, event_id, recorded_at, lane, account_id) values (7, %s, %s, %s, %s, 1)",
            (who, UUID(int=number), now - timedelta(minutes=ago), lane),
        )

    with database.transaction() as tx:
        tx.connection.execute("insert into account (account_id, name, created_at) values (1, 'A shop', %s)", (now,))
        for number in range(1, 200):
            put(UUID(int=7 << 116 | number + 100), number + 1000, BULK, 90)
        put(ana, 1, BULK, 50)
        put(ana, 2, SINGLE, 20)
        for number in range(3, 40):
            put(ben, number, BULK, 40)
        put(ben, 40, SINGLE, 20)
        rows = tx.rows(
            dispatch.queries.pick, slot=share.buckets, slots=list(share.slots), now=now, since=BEGINNING, limit=100
        )
    picked = [row.event_id.int for row in rows if row.event_id.int < 100]
    assert picked == [1, *range(3, 13), 2], "in the order of their recording"
