"""DBOS: one workflow per contact. Two shapes: a durable sleep inside the workflow, or a delayed second workflow."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import common

CONC = int(os.environ.get("BENCH_DBOS_CONC", "1000"))


def config(url: str) -> dict[str, Any]:
    return {
        "name": "bench",
        "system_database_url": url,
        "log_level": "ERROR",
        "application_version": "1",
        "enable_otlp": False,
        "sys_db_pool_size": 20,
        "notification_listener_polling_interval_sec": 0.1,
    }


def setup(ctx: Any) -> None:
    from dbos import DBOSClient

    w = common.py_worker("e_dbos", ctx.url, ctx.log, BENCH_DBOS="init", BENCH_EXEC="init")  # creates the system tables
    assert w.wait(120) == 0, "dbos init failed"
    ctx.client = DBOSClient(system_database_url=ctx.url)


def start(ctx: Any) -> list[Any]:
    ws = [
        common.py_worker("e_dbos", ctx.url, ctx.log, BENCH_DBOS=ctx.variant, BENCH_EXEC=f"w{i}")
        for i in range(common.WORKERS)
    ]
    time.sleep(6)
    return ws


def submit(ctx: Any, ids: Any) -> dict[int, float]:
    order = {"workflow_name": "flow", "queue_name": "flow", "app_version": "1"}
    return common.threaded(lambda: lambda i: ctx.client.enqueue(dict(order), i), ids)


def worker() -> None:
    from dbos import DBOS, SetEnqueueOptions
    from psycopg_pool import AsyncConnectionPool

    mode, url = os.environ["BENCH_DBOS"], os.environ["BENCH_URL"]
    DBOS(config=dict(config(url), executor_id=os.environ["BENCH_EXEC"]))
    pool: Any = None

    async def db() -> Any:
        nonlocal pool
        if pool is None:
            pool = AsyncConnectionPool(url, min_size=2, max_size=8, kwargs={"autocommit": True}, open=False)
            await pool.open()
        return pool

    async def sql(q: str, *a: object) -> Any:
        async with (await db()).connection() as c:
            cur = await c.execute(q, a)
            return (await cur.fetchone()) if cur.description else None

    @DBOS.step()
    async def tag(i: int) -> None:
        await sql(common.SQL_TAG, i)

    @DBOS.step()
    async def branch(i: int) -> str:
        return (await sql(common.SQL_BRANCH, i))[0]

    @DBOS.step()
    async def mail(i: int, plan: str) -> None:
        await sql(common.SQL_MSG, i, "A" if plan == "pro" else "B")

    @DBOS.workflow(name="rest")
    async def rest(i: int) -> None:
        await mail(i, await branch(i))

    @DBOS.workflow(name="flow")
    async def flow(i: int) -> None:
        await tag(i)
        if mode == "delayed":
            with SetEnqueueOptions(delay_seconds=common.WAIT):
                await DBOS.enqueue_workflow_async("flow", rest, i)
        else:
            await DBOS.sleep_async(common.WAIT)
            await mail(i, await branch(i))

    DBOS.launch()
    DBOS.register_queue("flow", worker_concurrency=CONC, polling_interval_sec=0.1, on_conflict="always_update")
    if mode == "init":
        DBOS.destroy()
        return
    while True:
        time.sleep(60)


if __name__ == "__main__" and sys.argv[1:] == ["worker"]:
    worker()
