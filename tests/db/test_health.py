"""The heartbeats of all workers say whether every loop is well: trouble in one of them is trouble."""

from __future__ import annotations

import ast
import json
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

import relance
from relance.db.pool import Database, Json
from relance.kernel.clock import Clock
from relance.surface import healthz
from relance.worker.health import LOOPS, LoopHealth, read_health
from relance.worker.leases import queries

REFUSED = "Unavailable: mail server: 553 the sender is not owned by fern@shop.example"


def beat(database: Database, at: datetime, *, loops: tuple[str, ...] = LOOPS, send: str | None = None) -> None:
    """One worker's heartbeat, with trouble in ``send``."""
    rows = [
        {"loop": loop, "trouble": send if loop == "send" else None, "done": 0, "busy": 0, "took": []} for loop in loops
    ]
    with database.transaction() as tx:
        tx.run(queries.beat, worker=uuid4(), now=at, host="here", slots=8, rows=Json(rows))


def health(database: Database, now: datetime) -> dict[str, LoopHealth]:
    with database.transaction() as tx:
        return {loop.loop: loop for loop in read_health(tx, now)}


def test_trouble_of_one_worker_is_not_hidden_by_another_that_is_well(database: Database, clock: Clock) -> None:
    beat(database, clock.now())
    beat(database, clock.now() - timedelta(seconds=3), send=REFUSED)
    found = health(database, clock.now())
    assert (found["send"].state, found["send"].trouble) == ("troubled", REFUSED)
    assert {loop.state for loop in found.values()} == {"ok", "troubled"}


def test_a_worker_that_was_killed_neither_counts_nor_hides(database: Database, clock: Clock) -> None:
    beat(database, clock.now() - timedelta(minutes=10))
    assert {loop.state for loop in health(database, clock.now()).values()} == {"silent"}
    beat(database, clock.now(), send=REFUSED)
    assert health(database, clock.now())["send"].state == "troubled"


def test_a_loop_without_a_heartbeat_is_silent(database: Database, clock: Clock) -> None:
    beat(database, clock.now(), loops=tuple(loop for loop in LOOPS if loop != "webhooks"))
    assert health(database, clock.now())["webhooks"].state == "silent"


def test_anybody_may_ask_healthz_so_it_tells_no_words(database: Database, clock: Clock) -> None:
    beat(database, clock.now(), send=REFUSED)
    answer = TestClient(Starlette(routes=[Route("/healthz", healthz(database))])).get("/healthz")
    assert (answer.status_code, answer.json()["loops"]["send"]) == (503, "troubled")
    assert "553" not in json.dumps(answer.json())


def test_every_loop_of_a_worker_is_looked_at() -> None:
    tree = ast.parse((Path(relance.__file__).parent / "app.py").read_text())
    named = {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Work"
        if isinstance(call.args[0], ast.Constant)
    }
    assert named | {"lease"} == set(LOOPS)
