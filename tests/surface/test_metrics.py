"""GET /metrics: what Prometheus is told, by whom it may be read, and that it stays cheap and says when nobody answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from serve import served
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from relance.app import open_app
from relance.config import read_config
from relance.db.pool import Database, Stretch
from relance.db.share import everything
from relance.flows.engine.upkeep import Upkeep
from relance.kernel import clock as product_clock
from relance.kernel.clock import Clock
from relance.worker import metrics
from relance.worker.scrape import scrape
from tests import cast

TOKEN = "a token for the watch, long enough"
HERE = "http://127.0.0.1:8700"


def client(database: Database, *, token: str = "", public_url: str = HERE, caller: str = "127.0.0.1") -> TestClient:
    app = Starlette(routes=[Route("/metrics", scrape(database, token, public_url))])
    return TestClient(app, base_url=HERE, client=(caller, 50000))


def read(database: Database) -> dict[str, float]:
    """Every figure by its name with labels."""
    text = metrics.render(database).decode()
    return {name: float(value) for name, value in re.findall(r"^(relance_\S+?(?:\{.*\})?) (\S+)$", text, re.MULTILINE)}


def write(database: Database, statement: str, **params: Any) -> None:
    with database.transaction() as tx:
        tx.connection.execute(statement, params)  # type: ignore[arg-type]


def test_this_machine_may_read_it_while_nobody_else_reaches_it(database: Database) -> None:
    assert client(database).get("/metrics").status_code == 200
    assert client(database, caller="203.0.113.9").get("/metrics").status_code == 403
    assert client(database).get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    assert client(database).get("/metrics", headers={"Host": "flows.fern.example"}).status_code == 403
    assert client(database, public_url="https://flows.fern.example").get("/metrics").status_code == 403
    assert client(database).get("/metrics", headers={"X-Forwarded-Proto": "https"}).status_code == 403


def test_who_comes_through_a_trusted_proxy_is_not_this_machine(database: Database) -> None:
    """Whatever address the proxy tells of them."""
    app = Starlette(routes=[Route("/metrics", scrape(database, "", HERE))])
    with served(app, ("127.0.0.1",)) as url:
        assert httpx.get(f"{url}/metrics").status_code == 200
        for said in ("127.0.0.1", "203.0.113.9", "127.0.0.1, 127.0.0.1"):
            assert httpx.get(f"{url}/metrics", headers={"X-Forwarded-For": said}).status_code == 403


def test_with_a_token_whoever_presents_it_may_read_it_from_anywhere(database: Database) -> None:
    door = client(database, token=TOKEN, public_url="https://flows.fern.example", caller="203.0.113.9")
    assert door.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    for presented in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
        refused = door.get("/metrics", headers=presented)
        assert (refused.status_code, "relance_" in refused.text) == (401, False)
    assert client(database, token=TOKEN).get("/metrics").status_code == 401, "not even this machine"


def test_the_age_of_each_queue(database: Database, clock: Clock) -> None:
    now = clock.now()
    assert read(database)['relance_queue_age_seconds{lane="bulk",queue="runs"}'] == 0
    write(database, "insert into account (account_id, name, created_at) values (1, 'Fern & Moss', %(at)s)", at=now)
    inbox = (
        "insert into inbox (bucket, event_id, recorded_at, lane, retry_at, account_id, contact_id) "
        "values (7, %(id)s, %(at)s, %(lane)s, %(retry)s, 1, %(id)s)"
    )
    write(database, inbox, id=uuid4(), at=now - timedelta(seconds=9), lane=0, retry=None)
    write(database, inbox, id=uuid4(), at=now - timedelta(seconds=5), lane=0, retry=None)
    write(database, inbox, id=uuid4(), at=now - timedelta(minutes=2), lane=1, retry=None)
    write(database, inbox, id=uuid4(), at=now - timedelta(hours=3), lane=0, retry=now + timedelta(minutes=5))
    run = (
        "insert into run (bucket, contact_id, run_id, account_id, audience_id, flow_id, version_id, step_id, state, "
        "entered_at, due) values (7, %(id)s, %(id)s, 1, 1, %(flow)s, 1, 1, 'waiting', %(at)s, %(due)s)"
    )
    write(database, run, id=uuid4(), flow=1, at=now, due=now - timedelta(seconds=30))
    write(database, run, id=uuid4(), flow=2, at=now, due=now + timedelta(days=30))
    delivery = (
        "insert into delivery (bucket, delivery_id, queued_at, account_id, audience_id, contact_id, message_id, channel, "
        "class, state, due) values (7, %(id)s, %(at)s, 1, 1, %(id)s, 1, 'email', 'marketing', 'queued', %(due)s)"
    )
    write(database, delivery, id=uuid4(), at=now, due=now - timedelta(seconds=45))
    told = read(database)
    assert told['relance_queue_age_seconds{lane="single",queue="events"}'] == 9
    assert told['relance_queue_age_seconds{lane="bulk",queue="events"}'] == 120
    assert told['relance_queue_age_seconds{lane="bulk",queue="runs"}'] == 30
    assert told['relance_queue_age_seconds{lane="bulk",queue="messages"}'] == 45
    assert (told["relance_set_aside_events"], told["relance_set_aside_age_seconds"]) == (1, 3 * 3600)


def test_decisions_are_sums_over_all_flows_and_processes(database: Database, clock: Clock) -> None:
    delta = (
        "insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, day, code, n) "
        "values (%(bucket)s, %(id)s, 1, %(flow)s, 1, %(day)s, %(code)s, %(n)s)"
    )
    for bucket, flow, code, n in ((3, 1, "E00", 5), (4000, 2, "E00", 2), (4000, 2, "S00", 3), (9, 1, "passed", 8)):
        write(database, delta, bucket=bucket, id=uuid4(), flow=flow, day=clock.now().date(), code=code, n=n)
    Upkeep(database).tidy(everything())
    Upkeep(database).tidy(everything())
    told = read(database)
    assert [told[name] for name in told if name.startswith('relance_decisions_total{code="E00"')] == [7]
    assert (told["relance_entered_total"], told["relance_sent_total"], told["relance_steps_passed_total"]) == (7, 3, 8)


@pytest.fixture
def installation(database: Database, tmp_path: Any) -> Iterator[Any]:
    env = {"RELANCE_DATABASE_URL": database.conninfo, "RELANCE_DATA": str(tmp_path / "data")}
    with open_app(read_config(env), stretch=Stretch(1, 4)) as app:
        yield app


def test_two_workers_tell_what_each_has_done_and_holds(installation: Any) -> None:
    workers = [installation.worker() for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        with installation.database.transaction() as tx:
            cast.open_shop(tx)
        end = product_clock.monotonic() + 15
        while True:
            told = read(installation.database)
            held = [value for name, value in told.items() if name.startswith("relance_slots_held{")]
            if held == [8, 8] and told["relance_slots_unheld"] == 0:
                break
            assert product_clock.monotonic() < end, told
            product_clock.pause(0.2)
    finally:
        for worker in workers:
            worker.stop()
    assert told["relance_database_up"] == 1
    assert told["relance_workers"] == 2
    assert len([name for name in told if name.startswith("relance_loop_up{") and 'loop="send"' in name]) == 2
    assert not [name for name in read(installation.database) if name.startswith("relance_loop_up{")], (
        "they have stopped"
    )


def test_a_database_that_is_away_is_told_within_the_patience_of_a_scrape() -> None:
    with Database("postgresql://relance@127.0.0.1:1/relance", Stretch(0, 1)) as nowhere:
        began = product_clock.monotonic()
        told = read(nowhere)
        assert product_clock.monotonic() - began < metrics.PATIENCE + 2
    assert told["relance_database_up"] == 0
    assert not [name for name in told if name.startswith("relance_queue")]
