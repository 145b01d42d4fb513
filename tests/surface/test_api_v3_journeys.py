"""Flows that a program starts: the journeys call, judged by the real dispatcher."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from api_shop import Shop, open_shop, refusal

from relance.api import Context
from relance.app import KINDS
from relance.audience.conditions import CompiledCache
from relance.db.pool import Database
from relance.db.share import everything
from relance.flows import life
from relance.flows.definition.apply import apply
from relance.flows.definition.file import read_flow
from relance.flows.engine.advance import Advancer
from relance.flows.engine.dispatch import Dispatcher
from relance.flows.engine.inspect import judgement
from relance.flows.engine.judge import ConditionJudge
from relance.flows.engine.membership import Membership
from relance.kernel.clock import Clock

ANA = "ana@example.com"

ASKED = """
flow: Repotting
audience: Customers
triggers:
  - flow_api
  - tag_added: {tag: vip}
steps:
  - add_tag: asked
  - wait_for_trigger: {flow_api: {}, up_to: 7 days}
  - add_tag: answered
"""

Engine = Callable[[], None]


@pytest.fixture
def engine(database: Database) -> Engine:
    """Lets the engine do all that can be done now."""
    cache = CompiledCache(KINDS.subjects)
    dispatcher, advancer = Dispatcher(database, cache), Advancer(database, ConditionJudge(cache))

    def settle() -> None:
        while dispatcher.batch(everything()) + advancer.batch(everything()):
            pass

    return settle


@pytest.fixture
def shop(database: Database, clock: Clock, engine: Engine) -> Iterator[Shop]:
    """Fern & Moss, whose API asks an engine that judges at once."""

    def judge_now(event_id: UUID, bucket: int, patience: float) -> str | None:
        engine()
        return judgement(database, event_id, bucket, patience)

    with open_shop(database, clock, Context(database, judge_now=judge_now)) as shop:
        yield shop


@pytest.fixture
def flow(shop: Shop, customers: str, database: Database, clock: Clock) -> dict[str, Any]:
    """The flow Repotting, live, as the API shows it."""
    shop.join(customers, ANA)
    with database.transaction() as tx:
        applied = apply(tx, clock.now(), KINDS, shop.account.account_id, {}, read_flow(ASKED))
        life.turn_on(tx, clock.now(), KINDS, applied.flow_id)
    return dict(shop.http.get(f"/customer-journeys/journeys/{applied.flow_id}").json())


def step(flow: dict[str, Any], kind: str) -> int:
    return next(int(each["id"]) for each in flow["steps"] if each["step_type"] == kind)


def call(shop: Shop, flow: dict[str, Any], body: dict[str, Any], kind: str = "flow_api", **headers: str) -> Any:
    path = f"/customer-journeys/journeys/{flow['id']}/steps/{step(flow, kind)}/actions/trigger"
    return shop.http.post(path, json=body, headers=headers)


def tags(shop: Shop, customers: str, email: str = ANA) -> set[str]:
    return {tag["name"] for tag in shop.official.lists.get_list_member_tags(customers, email)["tags"]}


def test_flows_are_listed_with_the_steps_that_can_be_called(shop: Shop, flow: dict[str, Any], customers: str) -> None:
    listed = shop.http.get("/customer-journeys/journeys").json()
    assert listed["journeys"] == [flow]
    assert (flow["journey_name"], flow["status"], flow["list_id"]) == ("Repotting", "sending", customers)
    assert [(each["step_type"], each["api_trigger"]) for each in flow["steps"]] == [
        ("flow_api", True), ("tag_added", False), ("add_tag", False), ("wait_for_trigger", True), ("add_tag", False),
    ]  # fmt: skip


def test_a_segment_asks_about_a_flow(
    shop: Shop, flow: dict[str, Any], customers: str, engine: Engine, database: Database
) -> None:
    asked = {"condition_type": "Automation", "field": "automation", "op": "started", "value": str(flow["id"])}
    options = {"match": "all", "conditions": [asked]}
    made = shop.official.lists.create_segment(customers, {"name": "In it", "options": options})
    assert made["options"] == options
    call(shop, flow, {"email_address": ANA})
    membership = Membership(database, CompiledCache(KINDS.subjects))
    engine()
    while membership.batch(everything()):
        pass
    assert shop.official.lists.get_segment(customers, str(made["id"]))["member_count"] == 1
    asked["value"] = "12"
    with refusal(400, "Invalid Resource"):
        shop.official.lists.create_segment(customers, {"name": "In none", "options": options})


def test_39a_the_official_client_starts_a_run(shop: Shop, flow: dict[str, Any], customers: str, engine: Engine) -> None:
    answer = shop.official.customerJourneys.trigger(flow["id"], step(flow, "flow_api"), {"email_address": ANA})
    assert (answer.status_code, answer.text) == (204, "")
    assert "x-entry-result" not in answer.headers
    engine()
    assert tags(shop, customers) == {"asked"}


def test_39b_somebody_inside_is_accepted_and_told_apart(shop: Shop, flow: dict[str, Any]) -> None:
    assert call(shop, flow, {"email_address": ANA}).status_code == 204
    again = call(shop, flow, {"email_address": ANA})
    assert (again.status_code, again.headers["x-entry-result"]) == (204, "already_inside")


def test_39c_a_paused_flow_refuses_and_notes_who_was_missed(
    shop: Shop, flow: dict[str, Any], database: Database, clock: Clock, engine: Engine
) -> None:
    with database.transaction() as tx:
        life.pause(tx, clock.now(), flow["id"])
    answer = call(shop, flow, {"email_address": ANA})
    assert (answer.status_code, answer.json()["title"]) == (400, "Journey Not Live")
    assert "Repotting" in answer.json()["detail"]
    engine()
    with database.transaction() as tx:
        codes = [row.code for row in tx.connection.execute("select code from decision").fetchall()]
    assert codes == ["E02"]


def test_a_draft_refuses_and_notes_nothing(
    shop: Shop, flow: dict[str, Any], customers: str, database: Database, clock: Clock
) -> None:
    with database.transaction() as tx:
        draft = apply(tx, clock.now(), KINDS, shop.account.account_id, {}, read_flow(ASKED.replace("Repotting", "New")))
    answer = shop.http.post(
        f"/customer-journeys/journeys/{draft.flow_id}/steps/1/actions/trigger", json={"email_address": ANA}
    )
    assert (answer.status_code, answer.json()["title"]) == (400, "Journey Not Live")
    with database.transaction() as tx:
        assert tx.connection.execute("select from event where kind = 'flow.api_called'").fetchall() == []


def test_a_wait_inside_is_released_by_a_call(
    shop: Shop, flow: dict[str, Any], customers: str, clock: Clock, engine: Engine
) -> None:
    call(shop, flow, {"email_address": ANA})
    engine()
    assert tags(shop, customers) == {"asked"}
    clock.advance(timedelta(seconds=1))
    answer = call(shop, flow, {"email_address": ANA}, kind="wait_for_trigger")
    assert (answer.status_code, "x-entry-result" in answer.headers) == (204, False)
    engine()
    assert tags(shop, customers) == {"asked", "answered"}


def test_a_call_with_a_key_counts_once(shop: Shop, flow: dict[str, Any], database: Database) -> None:
    first = call(shop, flow, {"email_address": ANA}, **{"Idempotency-Key": "order 7"})
    again = call(shop, flow, {"email_address": ANA}, **{"Idempotency-Key": "order 7"})
    assert "x-entry-result" not in first.headers
    assert (again.status_code, again.headers["x-entry-result"]) == (204, "duplicate_entry")
    with database.transaction() as tx:
        assert len(tx.connection.execute("select from event where kind = 'flow.api_called'").fetchall()) == 1


def test_many_contacts_in_one_call_with_properties(
    shop: Shop, flow: dict[str, Any], customers: str, database: Database
) -> None:
    shop.join(customers, "ben@example.com")
    body = {
        "contacts": [
            {"email_address": ANA, "properties": {"pot": "large"}},
            {"email_address": hashlib.md5(b"ben@example.com").hexdigest()},
        ]
    }
    assert call(shop, flow, body).status_code == 204
    with database.transaction() as tx:
        rows = tx.connection.execute("select payload from event where kind = 'flow.api_called'").fetchall()
    assert sorted(str(row.payload["properties"]) for row in rows) == ["{'pot': 'large'}", "{}"]
    body["contacts"].append({"email_address": "dev@example.com"})
    answer = call(shop, flow, body)
    assert (answer.status_code, "dev@example.com" in answer.json()["detail"]) == (404, True)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "email_address"),
        ({"email_address": "nobody"}, 400, "email_address"),
        ({"email_address": "a@"}, 400, "email_address"),
        ({"email_address": 7}, 400, "email_address"),
        ({"email_address": ANA, "properties": "large"}, 400, "properties"),
        ({"email_address": ANA, "properties": {"pot": "x" * 17_000}}, 400, "properties"),
        ({"contacts": []}, 400, "contacts"),
        ({"email_address": "dev@example.com"}, 404, None),
    ],
)
def test_a_bad_call_is_refused(
    shop: Shop, flow: dict[str, Any], body: dict[str, Any], status: int, field: str | None
) -> None:
    answer = call(shop, flow, body)
    assert answer.status_code == status
    assert [error["field"] for error in answer.json().get("errors", [])] == ([field] if field else [])


def test_what_cannot_be_called(shop: Shop, flow: dict[str, Any]) -> None:
    trigger = shop.official.customerJourneys.trigger
    with refusal(404, "Resource Not Found"):
        trigger(1, step(flow, "flow_api"), {"email_address": ANA})
    with refusal(404, "Resource Not Found"):
        trigger(flow["id"], 1, {"email_address": ANA})
    with refusal(400, "Invalid Resource"):
        trigger(flow["id"], step(flow, "tag_added"), {"email_address": ANA})
    assert shop.http.get("/customer-journeys/journeys/first").status_code == 404
