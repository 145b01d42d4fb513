"""Run the flow on one engine and print one line of JSON.

start -> tag -> durable wait 1 s -> branch on a contact field -> write the message row
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import common
import psycopg

# name: module, variant
ENGINES = {
    "sql": ("e_sql", ""),
    "celery": ("e_celery", ""),
    "dbos-sleep": ("e_dbos", "sleep"),
    "dbos-delayed": ("e_dbos", "delayed"),
    "relance": ("e_relance", "calls"),
    "relance-http": ("e_relance", "http"),
    "relance-mail": ("e_relance", "mail"),
}
WARM_UP = range(1, 101)
FIRST, FIRST_PACED = 1001, 100_001


def pct(v: Sequence[float], p: float) -> float:
    return sorted(v)[min(len(v) - 1, int(len(v) * p))]


def times_of_messages(conn: Any, _ctx: Any, ids: Sequence[int]) -> dict[int, float]:
    """When each contact's message was written."""
    rows = conn.execute(
        "select contact_id, extract(epoch from created)::float8 from message where contact_id = any(%s)", (list(ids),)
    ).fetchall()
    return dict(rows)


def count_messages(conn: Any, _ctx: Any) -> int:
    return int(conn.execute("select count(*) from message").fetchone()[0])


def footprint(conn: Any) -> tuple[float, float]:
    """Bytes of the database, and of WAL written so far by the server."""
    size, wal = conn.execute(
        "select pg_database_size(current_database())::float8, (pg_current_wal_lsn() - '0/0')::float8"
    ).fetchone()
    return size, wal


def measure(ctx: Any, mod: Any, ids: Sequence[int], rate: int, pids: Sequence[int], limit: float) -> dict[str, Any]:
    count = getattr(mod, "count", count_messages)
    times = getattr(mod, "times", times_of_messages)
    # What the measuring connection costs is counted with the rest, so it plans its look at the progress once.
    plain = {"options": "-c plan_cache_mode=force_generic_plan", "prepare_threshold": 0}
    with psycopg.connect(ctx.url, autocommit=True, **plain) as conn:
        if hasattr(mod, "begin"):
            mod.begin(conn, ctx)
        base = count(conn, ctx)
        d0, w0 = footprint(conn)
        m = common.Meter([*pids, os.getpid()])
        t0, started, n = time.time(), {}, len(ids)
        if rate:
            step = max(1, rate // 20)
            for k in range(0, n, step):
                started.update(mod.submit(ctx, ids[k : k + step]))
                time.sleep(max(0, t0 + (k + step) / rate - time.time()))
        else:
            started.update(mod.submit(ctx, ids))
        t_sub, got = time.time() - t0, 0
        while time.time() - t0 < limit:
            ctx.alive()
            got = count(conn, ctx) - base
            if got >= n:
                break
            time.sleep(0.25)
        cpu, mem = m.done()
        d1, w1 = footprint(conn)
        ended = times(conn, ctx, ids)
    end = max(ended.values(), default=time.time())
    lat = [at - started[i] for i, at in ended.items()] or [float("nan")]
    return {
        "n": n,
        "done": got,
        "wall": round(end - t0, 2),
        "per_s": round(got / max(0.01, end - t0 - common.WAIT), 1),
        "submit_s": round(t_sub, 2),
        "cpu": round(cpu, 3),
        "cpu_ms": round(1000 * cpu / max(1, got), 3),
        "wal_b": round((w1 - w0) / max(1, got)),
        "db_b": round((d1 - d0) / max(1, got)),
        "mem_mb": round(mem),
        "p50": round(pct(lat, 0.5), 2),
        "p99": round(pct(lat, 0.99), 2),
    }


def run(name: str, server: str, pgpid: int, a: argparse.Namespace) -> dict[str, Any]:
    modname, variant = ENGINES[name]
    tmp = Path(tempfile.mkdtemp(prefix="bench-"))
    tmp.chmod(0o777)
    ctx: Any = types.SimpleNamespace(servers=[], tmp=str(tmp), variant=variant, log=str(tmp / "log"))
    ctx.people, ctx.paced = a.n * a.rounds, a.rate * a.seconds
    procs: list[subprocess.Popen[bytes]] = []
    try:
        mod = importlib.import_module(modname)
        make = getattr(mod, "fresh_db", common.fresh_db)
        ctx.url = make(server, "b_" + name.replace("-", "_"))
        mod.setup(ctx)
        procs = mod.start(ctx)
        ctx.alive = lambda: check_alive(procs + ctx.servers)
        pids = [pgpid] + [p.pid for p in procs + ctx.servers]
        measure(ctx, mod, WARM_UP, 50, pids, 60)
        bursts = [
            measure(ctx, mod, range(FIRST + k * a.n, FIRST + (k + 1) * a.n), 0, pids, a.limit) for k in range(a.rounds)
        ]
        result = {
            "engine": name,
            "burst": sorted(bursts, key=lambda b: b["cpu_ms"])[len(bursts) // 2],
            "bursts": bursts,
        }
        if a.rate:
            paced = range(FIRST_PACED, FIRST_PACED + a.rate * a.seconds)
            result["paced"] = measure(ctx, mod, paced, a.rate, pids, a.limit)
    except Exception as e:
        result = {"engine": name, "error": f"{type(e).__name__}: {e}"[:300]}
        if Path(ctx.log).exists():
            result["log"] = Path(ctx.log).read_text(errors="replace")[-600:]
    finally:
        stop(procs + ctx.servers)
        if hasattr(ctx, "client"):
            ctx.client.destroy()
        if hasattr(ctx, "database"):
            mod.finish(ctx)
        shutil.rmtree(tmp, ignore_errors=True)
    return result


def check_alive(procs: Sequence[subprocess.Popen[bytes]]) -> None:
    for p in procs:
        if p.poll() is not None:
            raise RuntimeError(f"a process of the engine ended with {p.returncode}")


def stop(procs: Sequence[subprocess.Popen[bytes]]) -> None:
    for p in procs:
        if p.poll() is None:
            os.killpg(p.pid, signal.SIGTERM)
    for p in procs:
        try:
            p.wait(8)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            p.wait()


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("engine", choices=ENGINES)
    ap.add_argument("--server", required=True, help="URL of a database on the server, whose user may create others")
    ap.add_argument("--pid", type=int, required=True, help="the server's process")
    ap.add_argument("--n", type=int, default=2000, help="contacts in a burst")
    ap.add_argument("--rounds", type=int, default=3, help="bursts; the one of median CPU counts")
    ap.add_argument("--rate", type=int, default=0, help="contacts per second in the paced part (0: skip)")
    ap.add_argument("--seconds", type=int, default=10)
    ap.add_argument("--limit", type=int, default=180)
    a = ap.parse_args()
    print(json.dumps(run(a.engine, a.server, a.pid, a)))


if __name__ == "__main__":
    main()
