"""Relance as it is: events through its own door, the flow published, ledger and trail written, two worker processes.

calls  events by the use case behind the door, 1,000 a call; no send loop, so a queued delivery is the message row
http   the same by POST /api/events of a server of its own
mail   the same as calls with the send loop, until a mail server has accepted the message
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import common
import psycopg
from run import FIRST, FIRST_PACED, WARM_UP

from benchmarks import sink
from relance.accounts.keys import create_key
from relance.accounts.people import open_account
from relance.app import KINDS
from relance.audience import audiences, contacts, fields
from relance.audience.record_event import Fact, record_events
from relance.db import partitions
from relance.db.migrate import migrate
from relance.db.pool import Database
from relance.flows import life
from relance.flows.definition.apply import apply
from relance.flows.definition.file import read_flow
from relance.kernel import clock
from relance.kernel.garbage import collect_rarely

ROOT = common.HERE.parent.parent
A_CALL = 1000
"""Events a call: the most that the door takes."""

FLOW = """
flow: Welcome
audience: Customers
triggers:
  - event_api: {name: signed_up}
steps:
  - add_tag: entered
  - delay: 1 second
  - if_else:
      when: {field: PLAN, is: pro}
      then:
        - send_email: {email: A, subject: "Hello *|FNAME:there|*", html: "<p>All of it is yours.</p>"}
      else:
        - send_email: {email: B, subject: "Hello *|FNAME:there|*", html: "<p>There is more to have.</p>"}
"""
SENDER = {"from_name": "Fern & Moss", "from_email": "hello@fernandmoss.example", "company": "Fern & Moss",
          "address": "12 Garden Lane, Dublin"}  # fmt: skip


def fresh_db(server: str, name: str) -> str:
    url = common.empty_db(server, name)
    migrate(url)
    return url


def email(i: int) -> str:
    return f"c{i}@example.com"


def setup(ctx: Any) -> None:
    """The account with its operator's limit, everybody who will take part, the flow live.

    This process stands for a server where events come in by calls, and is set up like one.
    """
    collect_rarely()
    ctx.database = Database(ctx.url)
    ctx.database.open()
    with ctx.database.transaction() as tx:
        now = ctx.since = clock.now()
        ctx.earlier = 0
        partitions.ensure(tx, now)
        account = open_account(tx, now, "Fern & Moss", "owner@example.com")[0]
        limits = {"limits.min_delay": 1, "frequency_cap.email": False}  # Both emails are to be sent.
        tx.connection.execute("update account set settings = %s", (json.dumps(limits),))
        ctx.key = create_key(tx, now, account.account_id, "benchmark")
        ctx.audience = audiences.create(tx, now, account.account_id, "Customers", SENDER)
        fields.add(tx, ctx.audience.audience_id, "Plan", "text", tag="PLAN")
    people = [*WARM_UP, *range(FIRST, FIRST + ctx.people), *range(FIRST_PACED, FIRST_PACED + ctx.paced)]
    for some in parts(people, 500):
        with ctx.database.transaction() as tx:
            drafts = [contacts.Draft(email=email(i), email_status="subscribed", fields=plan(i)) for i in some]
            contacts.save_many(tx, clock.now(), ctx.audience, drafts, contacts.Actor("import", "import", imported=True))
    with ctx.database.transaction() as tx:
        applied = apply(tx, clock.now(), KINDS, account.account_id, limits, read_flow(FLOW))
        life.publish(tx, clock.now(), KINDS, applied.flow_id)


def plan(i: int) -> dict[str, str]:
    return {"PLAN": "pro" if i % 2 == 0 else "free"}


def parts(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (ids[k : k + size] for k in range(0, len(ids), size))


def start(ctx: Any) -> list[Any]:
    env = {
        "PYTHONPATH": str(ROOT),
        "RELANCE_DATABASE_URL": ctx.url,
        "RELANCE_DATA": ctx.tmp,
        "RELANCE_SECRET": "a secret for benchmarks, 32 characters",
    }
    program = [sys.executable, str(common.HERE / "relance_worker.py")]
    if ctx.variant == "mail":
        port = common.free_port()
        env["RELANCE_SMTP_URL"] = f"smtp://127.0.0.1:{port}?tls=off"
        ctx.sink = common.spawn(
            [sys.executable, "-m", "benchmarks.sink", str(port)], {"PYTHONPATH": str(ROOT)}, ctx.log
        )
        sink.wait_for(port)
        program = [sys.executable, "-m", "relance", "worker"]
    procs = [common.spawn(program, env, ctx.log) for _ in range(common.WORKERS)]
    if ctx.variant == "http":
        port = common.free_port()
        env["RELANCE_PORT"] = str(port)
        procs.append(common.spawn([sys.executable, "-m", "relance", "serve"], env, ctx.log))
        ctx.http = http.client.HTTPConnection("127.0.0.1", port)
        sink.wait_for(port)
    _wait_until_shared(ctx)
    return procs


def _wait_until_shared(ctx: Any) -> None:
    """Every worker holds slots, and what setting up has caused is judged."""
    with psycopg.connect(ctx.url, autocommit=True) as conn:
        for _ in range(600):
            row = conn.execute(
                "select (select count(*) from inbox), (select count(distinct owner) from lease)"
            ).fetchone()
            if row == (0, common.WORKERS):
                break
            time.sleep(0.2)
        else:
            raise TimeoutError("the workers did not begin")
        time.sleep(2)
        conn.execute("vacuum analyze")


def submit(ctx: Any, ids: Any) -> dict[int, float]:
    started: dict[int, float] = {}
    for some in parts(ids, A_CALL):
        started |= dict.fromkeys(some, time.time())
        if ctx.variant == "http":
            _post(ctx, some)
        else:
            with ctx.database.transaction() as tx:
                facts = [Fact(ctx.audience, email(i), "signed_up", {"plan": "trial"}) for i in some]
                record_events(tx, clock.now(), facts)
    return started


def _post(ctx: Any, ids: Sequence[int]) -> None:
    events = [{"contact": email(i), "name": "signed_up", "properties": {"plan": "trial"}} for i in ids]
    headers = {"Authorization": f"Bearer {ctx.key}", "Content-Type": "application/json"}
    ctx.http.request("POST", "/api/events", json.dumps({"events": events}), headers)
    answer = ctx.http.getresponse()
    told = json.loads(answer.read())
    if answer.status != 200 or told["accepted"] != len(ids):
        raise RuntimeError(f"the server answered {answer.status}: {str(told)[:200]}")


def count(conn: Any, ctx: Any) -> int:
    """Messages queued; with mail, messages that the mail server has accepted. Those of earlier bursts are known: a look
    at the progress of one does not count them again."""
    done = "and state = 'sent'" if ctx.variant == "mail" else ""
    query = f"select count(*) from delivery where queued_at >= %s {done}"
    return int(ctx.earlier + conn.execute(query, (ctx.since,)).fetchone()[0])


def begin(conn: Any, ctx: Any) -> None:
    """Of a burst: everything before it is done."""
    ctx.earlier, ctx.since = count(conn, ctx), clock.now()


def times(conn: Any, ctx: Any, ids: Sequence[int]) -> dict[int, float]:
    """By the product's clock: the instant of the batch that queued the message, or of the answer to it."""
    at = "sent_at" if ctx.variant == "mail" else "queued_at"
    wanted = set(ids)
    rows = conn.execute(
        f"select substr(c.email, 2, strpos(c.email, '@') - 2)::int, extract(epoch from d.{at})::float8 "
        f"from delivery d join contact c using (bucket, contact_id) where d.{at} is not null"
    ).fetchall()
    return {i: t for i, t in rows if i in wanted}


def finish(ctx: Any) -> None:
    """After the measurement: what the processes around it leave."""
    ctx.database.close()
    if hasattr(ctx, "sink"):
        ctx.sink.terminate()
        ctx.sink.wait(10)
