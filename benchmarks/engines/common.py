"""Shared parts: a fresh database, process metering, the per-contact effects every engine performs."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from socket import socket
from typing import Any

import psutil
import psycopg

HERE = Path(__file__).resolve().parent
WAIT = 1.0  # the durable wait, seconds
WORKERS = int(os.environ.get("BENCH_WORKERS", "2"))

SCHEMA = """
create table contact(contact_id bigint primary key, plan text not null);
create table contact_tag(contact_id bigint, tag text, at timestamptz default clock_timestamp(), primary key(contact_id, tag));
create table message(contact_id bigint, node text, template text, created timestamptz default clock_timestamp(), primary key(contact_id, node));
create table run(contact_id bigint primary key, node int not null default 1, due timestamptz not null default now(), state char not null default 'w');
create index run_due on run(due) where state = 'w';
insert into contact select g, case when g % 2 = 0 then 'pro' else 'free' end from generate_series(1, 200000) g;
"""
SQL_TAG = "insert into contact_tag(contact_id, tag) values (%s, 'entered') on conflict do nothing"
SQL_BRANCH = "select plan from contact where contact_id = %s"
SQL_MSG = "insert into message(contact_id, node, template) values (%s, 'mail', %s) on conflict do nothing"


def free_port() -> int:
    with socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def empty_db(server: str, name: str) -> str:
    """A new database on the server of that URL; returns its own URL."""
    with psycopg.connect(server, autocommit=True) as c:
        c.execute(f"drop database if exists {name} with (force)")
        c.execute(f"create database {name}")
    head, _, tail = server.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{tail}"


def fresh_db(server: str, name: str) -> str:
    """The same with the two tables that the compared engines read and write."""
    url = empty_db(server, name)
    with psycopg.connect(url, autocommit=True) as c:
        c.execute(SCHEMA)
        c.execute("vacuum analyze contact")
    return url


class Meter:
    """CPU seconds and peak PSS of a set of process trees (children that already ended are counted by their parent).

    What metering itself takes is left out.
    """

    def __init__(self, pids: Sequence[int]) -> None:
        self.roots = [psutil.Process(p) for p in pids]
        self.peak, self.stop, self.own = 0, threading.Event(), 0.0
        self.c0 = self.cpu()
        self.t = threading.Thread(target=self._loop, daemon=True)
        self.t.start()

    def tree(self) -> list[psutil.Process]:
        seen = {}
        for r in self.roots:
            with contextlib.suppress(psutil.Error):
                for p in [r, *r.children(recursive=True)]:
                    seen[p.pid] = p
        return list(seen.values())

    def cpu(self) -> float:
        t = 0.0
        for p in self.tree():
            with contextlib.suppress(psutil.Error):
                x = p.cpu_times()
                t += x.user + x.system + x.children_user + x.children_system
        return t

    def _loop(self) -> None:
        while not self.stop.wait(0.7):
            s = 0
            for p in self.tree():
                with contextlib.suppress(OSError, StopIteration), Path(f"/proc/{p.pid}/smaps_rollup").open() as f:
                    s += next(int(line.split()[1]) for line in f if line.startswith("Pss:"))
            self.peak = max(self.peak, s)
        self.own = time.thread_time()

    def done(self) -> tuple[float, float]:
        c = self.cpu() - self.c0
        self.stop.set()
        self.t.join()
        return c - self.own, self.peak / 1024


def spawn(args: Sequence[str], env: dict[str, str] | None = None, log: str | None = None) -> subprocess.Popen[bytes]:
    e = dict(os.environ, PYTHONUNBUFFERED="1", **({"PYTHONPATH": str(HERE)} | (env or {})))
    out: Any = Path(log).open("ab") if log else subprocess.DEVNULL  # noqa: SIM115 - the child keeps it
    return subprocess.Popen(args, env=e, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)


def py_worker(module: str, url: str, log: str | None = None, **env: object) -> subprocess.Popen[bytes]:
    settings = {"BENCH_URL": url, **{k: str(v) for k, v in env.items()}}
    return spawn([sys.executable, str(HERE / f"{module}.py"), "worker"], settings, log)


def threaded(
    fn_factory: Callable[[], Callable[[int], object]], ids: Sequence[int], threads: int = 8
) -> dict[int, float]:
    """Call fn(id) for every id from a few threads, return {id: time of the call}."""
    started: dict[int, float] = {}
    it, lock = iter(ids), threading.Lock()

    def loop() -> None:
        fn = fn_factory()
        while True:
            with lock:
                i = next(it, None)
            if i is None:
                return
            started[i] = time.time()
            fn(i)

    ts = [threading.Thread(target=loop) for _ in range(min(threads, max(1, len(ids))))]
    for t in ts:
        t.start()
    for t in ts:
        t.join()
    return started
