"""The hot statements read by their indexes, also when the tables are large and their statistics old or new."""

from __future__ import annotations

from typing import Any

import pytest

from relance.app import ENGINE_PLANS
from relance.audience.conditions import SUBJECTS, CompiledCache, Subjects, compose, compose_seen
from relance.db.pool import Database, Transaction
from relance.db.share import everything
from relance.db.sql import Query
from relance.flows.engine import advance, dispatch
from relance.kernel.clock import Clock
from relance.kernel.ids import time_uuid
from relance.messages import prepare

PEOPLE = 30_000
LARGE = ("event", "inbox", "run", "contact", "delivery", "entry", "decision")

FILL = """
insert into contact (bucket, contact_id, account_id, audience_id, email, email_status, created_at, changed_at)
select g %% 4096, (lpad(to_hex(g %% 4096), 3, '0') || lpad(to_hex(g), 29, '0'))::uuid, 1, 1, 'p' || g, 'subscribed', %(now)s,
       %(now)s
from generate_series(1, %(people)s) g;
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at,
                   source, payload)
select bucket, contact_id, %(now)s, 1, 1, contact_id, 'contact.event', 'paid', %(now)s, 'api', '{}' from contact;
insert into inbox (bucket, event_id, recorded_at) select bucket, event_id, recorded_at from event where bucket < 200;
insert into run (bucket, contact_id, run_id, account_id, audience_id, flow_id, version_id, step_id, state, due, entered_at)
select bucket, contact_id, contact_id, 1, 1, 1, 1, 1, 'waiting', %(now)s + bucket * interval '1 minute', %(now)s
from contact;
insert into entry (bucket, contact_id, flow_id, trigger_id, entry_key, run_id, entered_at)
select bucket, contact_id, 1, 1, 'k', contact_id, %(now)s from contact;
insert into delivery (bucket, delivery_id, queued_at, account_id, audience_id, contact_id, message_id, channel, class, state,
                      due)
select bucket, contact_id, %(now)s, 1, 1, contact_id, 1, 'email', 'marketing', 'sent', null from contact;
"""


@pytest.fixture
def crowd(database: Database, clock: Clock) -> Database:
    """Many people, each with an event, a run and a delivery; fresh statistics."""
    with database.transaction() as tx:
        for statement in FILL.split(";\n"):
            if statement.strip():
                tx.connection.execute(statement, {"now": clock.now(), "people": PEOPLE})  # type: ignore[arg-type]
        tx.connection.execute("analyze")
    return database


def plan(tx: Transaction, query: Query, **params: Any) -> str:
    """The plan that the server keeps for a worker's prepared statement."""
    for name, value in ENGINE_PLANS.items():
        tx.connection.execute(f"set local {name} = {value}")  # type: ignore[arg-type]
    rows = tx.connection.execute("explain " + query.sent, query.bound(params)).fetchall()  # type: ignore[arg-type]
    return "\n".join(row[0] for row in rows)


def scans(text: str) -> list[str]:
    """Large tables that are read from end to end."""
    return [line.strip() for line in text.splitlines() if "Seq Scan on" in line and any(f" {t}" in line for t in LARGE)]


def test_looking_for_events_reads_by_the_order_of_the_inbox(crowd: Database, clock: Clock) -> None:
    with crowd.transaction() as tx:
        text = plan(tx, dispatch.queries.waiting_work, slot=everything().buckets, now=clock.now())
    assert "inbox_order" in text, text
    assert not scans(text), text


def test_claiming_runs_reads_by_due_time(crowd: Database, clock: Clock) -> None:
    with crowd.transaction() as tx:
        text = plan(tx, advance.queries.claim_runs, slot=everything().buckets, now=clock.now(), limit=1000)
    assert "run_due" in text, text
    assert not scans(text), text


def test_claiming_deliveries_reads_the_outbox_alone(crowd: Database, clock: Clock) -> None:
    with crowd.transaction() as tx:
        text = plan(tx, prepare.queries.claim, slot=everything().buckets, now=clock.now(), limit=20)
    assert not scans(text), text


def test_judging_looks_up_by_key(crowd: Database, clock: Clock) -> None:
    shapes = CompiledCache(Subjects([*SUBJECTS])).shapes
    judge = dispatch.queries.judge.compose(yes=compose(shapes), seen=compose_seen(shapes))
    with crowd.transaction() as tx:
        text = plan(
            tx,
            judge,
            now=clock.now(),
            base=time_uuid(clock.now()),
            slot=everything().buckets,
            oldest=clock.now(),
            limit=1000,
        )
    assert "inbox_order" in text, text
    assert not scans(text), text


def test_settling_updates_by_key(crowd: Database, clock: Clock) -> None:
    with crowd.transaction() as tx:
        rows = tx.rows(advance.queries.claim_runs, slot=everything().buckets, now=clock.now(), limit=100)
        nothing: dict[str, Any] = dict.fromkeys(("states", "outcomes", "end_codes"), ["waiting"] * len(rows))
        text = plan(
            tx,
            advance.queries.settle,
            **nothing,
            now=clock.now(),
            base=time_uuid(clock.now()),
            buckets=[row.bucket for row in rows],
            contacts=[row.contact_id for row in rows],
            runs=[row.run_id for row in rows],
            landings=[1] * len(rows),
            versions=[1] * len(rows),
            steps=[1] * len(rows),
            dues=[clock.now()] * len(rows),
            arrivals=[clock.now()] * len(rows),
            ends=[clock.now()] * len(rows),
            decided_runs=[1],
            decided_books=[1],
            seen=["{}"],
            book_accounts=[1],
            book_flows=[1],
            book_versions=[1],
            book_steps=[1],
            book_codes=["W01"],
            book_counts=[1],
        )
    assert not scans(text), text
