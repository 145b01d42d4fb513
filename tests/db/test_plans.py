"""The hot statements read by their indexes, also when the tables are large and their statistics old or new."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from relance.app import ENGINE_PLANS
from relance.audience.conditions import (
    SUBJECTS,
    CompiledCache,
    Objects,
    Subjects,
    compile_condition,
    compose,
    compose_seen,
)
from relance.audience.conditions import store as keep
from relance.audience.segments import Refresher
from relance.audience.segments import store as segments
from relance.db.front import BEGINNING
from relance.db.pool import Database, Transaction
from relance.db.share import everything
from relance.db.sql import Query
from relance.flows.engine import advance, cap, dispatch, handover, walk
from relance.flows.engine.clock import queries as clock_queries
from relance.flows.steps.wait import wait_for_trigger
from relance.kernel.clock import Clock
from relance.kernel.ids import time_uuid
from relance.messages import prepare

PEOPLE = 30_000
LARGE = (
    "event", "inbox", "run", "contact", "delivery", "entry", "trail", "segment_member", "segment_due", "segment_touch",
)  # fmt: skip

FILL = """
insert into contact (bucket, contact_id, account_id, audience_id, email, email_status, created_at, changed_at)
select g %% 4096, (lpad(to_hex(g %% 4096), 3, '0') || lpad(to_hex(g), 29, '0'))::uuid, 1, 1, 'p' || g, 'subscribed', %(now)s,
       %(now)s
from generate_series(1, %(people)s) g;
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at,
                   source, payload)
select bucket, contact_id, %(now)s, 1, 1, contact_id, 'contact.event', 'paid', %(now)s, 'api', '{}' from contact;
insert into account (account_id, name, created_at) values (1, 'Fern & Moss', %(now)s);
insert into inbox (bucket, event_id, recorded_at, account_id, contact_id)
select bucket, event_id, recorded_at, 1, contact_id from event where bucket < 200;
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


def everywhere(clock: Clock) -> dict[str, Any]:
    share = everything()
    return {"slot": share.buckets, "slots": list(share.slots), "now": clock.now(), "since": BEGINNING}


def scans(text: str) -> list[str]:
    """Large tables that are read from end to end."""
    return [line.strip() for line in text.splitlines() if "Seq Scan on" in line and any(f" {t}" in line for t in LARGE)]


def test_looking_for_events_reads_by_the_order_of_the_inbox(crowd: Database, clock: Clock) -> None:
    with crowd.transaction() as tx:
        text = plan(tx, dispatch.queries.pick, **everywhere(clock), limit=1000)
    assert "inbox_order" in text, text
    assert not scans(text), text


def test_claiming_runs_reads_by_due_time(crowd: Database, clock: Clock) -> None:
    with crowd.transaction() as tx:
        text = plan(tx, advance.queries.claim_runs, **everywhere(clock), heed=BEGINNING, limit=1000)
    assert "run_due" in text, text
    assert not scans(text), text


@pytest.mark.parametrize("waiting", [False, True])
def test_whether_an_event_comes_first_is_one_probe_a_run(crowd: Database, clock: Clock, waiting: bool) -> None:
    """Also when the whole inbox lies before the runs that are due: then so many are looked at and no more."""
    due, everybody = clock.now() + timedelta(minutes=4096), everywhere(clock)
    with crowd.transaction() as tx:
        run = tx.connection.execute
        run("delete from inbox")
        run("insert into inbox (bucket, event_id, recorded_at, account_id, contact_id) "
            "select bucket, contact_id, %s, 1, contact_id from contact",
            (clock.now() if waiting else due,))  # fmt: skip
        for name, value in ENGINE_PLANS.items():
            run(f"set local {name} = {value}")  # type: ignore[arg-type]
        claim = advance.queries.claim_runs
        params = claim.bound({**everybody, "now": due, "heed": BEGINNING, "limit": 1000})
        rows = run("explain (analyze, costs off) " + claim.sent, params).fetchall()  # type: ignore[arg-type]
    text = "\n".join(row[0] for row in rows)
    [probes] = [int(loops) for loops in re.findall(r"inbox_pkey on inbox i \(.*loops=(\d+)\)", text)]
    assert 1000 <= probes <= (4100 if waiting else 1016), text
    assert len(re.findall("Sort Key", text)) == 1, f"that of the accounts alone\n{text}"


def test_a_plan_made_while_the_queues_were_empty_looks_up_by_key(database: Database, clock: Clock) -> None:
    """Mostly they are, and are vacuumed then. What is cheap in an empty table, reading all of it for each run, is not when
    it has filled, and the plan is kept."""
    queues = ("inbox", "segment_touch")
    with psycopg.connect(database.conninfo, autocommit=True) as connection:
        connection.execute("vacuum (analyze) inbox, segment_touch")
    shapes = CompiledCache(Subjects([*SUBJECTS])).shapes
    judge = dispatch.queries.judge.compose(yes=compose(shapes), seen=compose_seen(shapes), asks_contact="false")
    now, share = clock.now(), everything()
    columns: dict[str, Any] = {key: [] for key in ("rows", "buckets", "events", "recorded", "lanes", "crowded")}
    people: dict[str, Any] = {key: [] for key in ("buckets", "contacts")}
    with database.transaction() as tx:
        plans = {
            "claim": plan(tx, advance.queries.claim_runs, **everywhere(clock), heed=BEGINNING, limit=1000),
            "judge": plan(tx, judge, **columns, now=now, base=time_uuid(now), slot=share.buckets, oldest=now),
            "wake": plan(tx, clock_queries.wake_waiting, **people, now=now, step_id=1),
            "touches": plan(tx, segments.queries.take_touches_of, **people, segments=[], part=[]),
        }
    for name, text in plans.items():
        nodes = re.split(r"->  ", text)
        blind = [node for node in nodes if re.match(r"Index (Only )?Scan", node) and "Index Cond" not in node]
        assert not [node for node in blind if any(f" on {table}" in node for table in queues)], f"{name}\n{text}"


def test_claiming_deliveries_reads_the_outbox_alone(crowd: Database, clock: Clock) -> None:
    with crowd.transaction() as tx:
        text = plan(tx, prepare.queries.claim, **everywhere(clock), queued_since=BEGINNING, limit=20)
    assert not scans(text), text


def test_judging_before_the_hand_over_looks_up_by_key(crowd: Database, clock: Clock) -> None:
    """The runs behind a group of messages, and what else its contacts were sent."""
    with crowd.transaction() as tx:
        some = tx.connection.execute("select bucket, contact_id from contact order by bucket limit 20").fetchall()
        group = {
            "buckets": [one.bucket for one in some],
            "contacts": [one.contact_id for one in some],
            "runs": [one.contact_id for one in some],
            "deliveries": [one.contact_id for one in some],
        }
        behind = plan(tx, handover.queries.runs_behind, **group, queued=[clock.now()] * 20)
        sent = plan(
            tx,
            cap.queries.sent_and_rivals,
            **group,
            **{"class": "marketing"},
            channel="email",
            now=clock.now(),
            oldest=clock.now() - timedelta(days=60),
            since=[clock.now()] * 20,
            entered=[clock.now()] * 20,
            priorities=[5] * 20,
        )
    assert not scans(behind + sent), behind + sent


def test_looking_back_reads_a_contact_s_events_newest_first(crowd: Database, clock: Clock) -> None:
    cache = CompiledCache(Subjects([*SUBJECTS]))
    with crowd.transaction() as tx:
        some = tx.connection.execute("select bucket, contact_id from contact order by bucket limit 20").fetchall()
        text = plan(
            tx,
            cache.statement((), wait_for_trigger.queries.heard_before),
            now=clock.now(),
            ns=list(range(20)),
            buckets=[one.bucket for one in some],
            contacts=[one.contact_id for one in some],
            runs=[one.contact_id for one in some],
            accounts=[1] * 20,
            kinds=["contact.event"] * 20,
            match_keys=["paid"] * 20,
            sinces=[clock.now() - timedelta(days=3)] * 20,
            predicates=[None] * 20,
            entered=[clock.now()] * 20,
            arrived=[clock.now()] * 20,
        )
    assert not scans(text), text
    assert re.search(r"Index Scan Backward using event\w*_bucket_contact_id_kind_occurred_at", text), text


def test_judging_looks_up_by_key(crowd: Database, clock: Clock) -> None:
    shapes = CompiledCache(Subjects([*SUBJECTS])).shapes
    judge = dispatch.queries.judge.compose(yes=compose(shapes), seen=compose_seen(shapes), asks_contact="false")
    with crowd.transaction() as tx:
        text = plan(
            tx,
            judge,
            now=clock.now(),
            base=time_uuid(clock.now()),
            slot=everything().buckets,
            oldest=clock.now(),
            rows=[],
            buckets=[],
            events=[],
            recorded=[],
            lanes=[],
            crowded=[],
        )
    assert not scans(text), text
    assert re.search(r"One-Time Filter: .*holdout_since IS NOT NULL", text), "flows without a hold-out look nothing up"


def test_settling_updates_by_key(crowd: Database, clock: Clock) -> None:
    with crowd.transaction() as tx:
        tx.connection.execute("delete from inbox")
        found = tx.rows(advance.queries.claim_runs, **everywhere(clock), heed=BEGINNING, limit=100)
        rows = [row for row in found if row.bucket is not None]
        nothing: dict[str, Any] = dict.fromkeys(("states", "outcomes", "end_codes"), ["waiting"] * len(rows))
        text = plan(
            tx,
            walk.queries.settle,
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
            decided_told=[1],
            told_seen=["[{}]"],
            told_accounts=[1],
            told_flows=[1],
            told_versions=[1],
            told_codes=["{W01}"],
            told_steps=["{1}"],
            book_accounts=[1],
            book_flows=[1],
            book_versions=[1],
            book_steps=[1],
            book_codes=["W01"],
            book_counts=[1],
        )
    assert not scans(text), text


def test_one_contacts_change_of_segment_reads_nobody_else(crowd: Database, clock: Clock) -> None:
    """Whatever the size of the audience: the contact, its events in question, its membership, its due instant."""
    with crowd.transaction() as tx:
        _segments(tx, clock)
        membership = Refresher(CompiledCache(Subjects(SUBJECTS)))
        membership.learn(tx)
        (one,) = tx.connection.execute("select contact_id from contact where bucket = 5 limit 1").fetchone() or ()
        pair = {"buckets": [5], "contacts": [one], "segments": [7]}
        text = plan(tx, membership.ask_again, now=clock.now(), **pair)
        assert not scans(text), text
        rows = tx.connection.execute(
            "explain (analyze, buffers, costs off) " + membership.ask_again.sent,  # type: ignore[arg-type]
            membership.ask_again.bound({"now": clock.now(), **pair}),
        ).fetchall()
    touched = [int(line.split("hit=")[1].split()[0]) for (line,) in rows if "shared hit=" in line]
    assert touched[0] < 100, "pages read for one contact"


def test_due_instants_and_touches_are_found_by_their_order(crowd: Database, clock: Clock) -> None:
    with crowd.transaction() as tx:
        _segments(tx, clock)
        due = plan(tx, segments.queries.take_dues, slot=everything().buckets, now=clock.now(), limit=1000)
        touch = plan(tx, segments.queries.take_touches, slot=everything().buckets, limit=1000)
    assert "segment_due_next" in due, due
    assert "segment_touch_order" in touch, touch
    assert not scans(due + touch), due + touch


def _segments(tx: Transaction, clock: Clock) -> None:
    """A segment that everybody is in, and whose instants all lie ahead."""
    now, run = clock.now(), tx.connection.execute
    run("insert into audience (audience_id, account_id, name, created_at, changed_at) values (1, 1, 'C', %s, %s)",
        (now, now))  # fmt: skip
    source = {"on": "custom_event:paid", "op": "not_happened", "window": "last 30 days"}
    condition = keep(tx, 1, source, compile_condition(source, Subjects(SUBJECTS), Objects()))
    run("insert into segment (segment_id, audience_id, name, folded, condition_id, created_at, changed_at) "
        "values (7, 1, 'Lost', 'lost', %s, %s, %s)", (condition, now, now))  # fmt: skip
    run("insert into segment_member select bucket, contact_id, 7, %s from contact", (now,))
    run("insert into segment_due select bucket, contact_id, 7, %s::timestamptz + bucket * interval '1 minute' "
        "from contact", (now,))  # fmt: skip
    run("insert into segment_touch select bucket, contact_id, 7, contact_id, %s, false, false, null, null, null, 0 "
        "from contact", (now,))  # fmt: skip
    run("analyze segment, segment_member, segment_due, segment_touch, condition")
