"""Celery on a Redis broker: one task per step; the wait is countdown= (the message sits in worker memory, unacknowledged)."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import common
from celery import Celery

app = Celery("bench", broker=os.environ.get("BENCH_BROKER", "redis://127.0.0.1:6379/0"))
app.conf.update(
    task_acks_late=True, task_ignore_result=True, broker_connection_retry_on_startup=True, worker_prefetch_multiplier=8
)
_c: Any = None


def sql(q: str, *a: object) -> Any:
    global _c  # noqa: PLW0603 - one connection a worker process
    if _c is None:
        import psycopg

        _c = psycopg.connect(os.environ["BENCH_URL"], autocommit=True)
    cur = _c.execute(q, a)
    return cur.fetchone() if cur.description else None


@app.task(name="one")
def one(i: int) -> None:
    sql(common.SQL_TAG, i)
    two.apply_async((i,), countdown=common.WAIT)


@app.task(name="two")
def two(i: int) -> None:
    plan = sql(common.SQL_BRANCH, i)[0]
    sql(common.SQL_MSG, i, "A" if plan == "pro" else "B")


def setup(ctx: Any) -> None:
    port = common.free_port()
    server = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", ctx.tmp]
    ctx.servers.append(common.spawn([*server, "--appendonly", "yes", "--appendfsync", "everysec"], log=ctx.log))
    time.sleep(1)
    ctx.broker = f"redis://127.0.0.1:{port}/0"


def start(ctx: Any) -> list[Any]:
    command = [sys.executable, "-m", "celery", "-A", "e_celery", "worker", "-c", str(common.WORKERS), "-P", "prefork"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR"]
    worker = common.spawn(
        command, {"PYTHONPATH": str(common.HERE), "BENCH_URL": ctx.url, "BENCH_BROKER": ctx.broker}, ctx.log
    )
    time.sleep(5)
    return [worker]


def submit(ctx: Any, ids: Any) -> dict[int, float]:
    app.conf.broker_url = ctx.broker
    return common.threaded(lambda: lambda i: one.apply_async((i,)), ids, threads=2)
