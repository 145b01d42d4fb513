"""POST /api/events: many events in one call, each counted once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_shop import Shop

from relance.accounts import keys
from relance.db.pool import Database
from relance.kernel.clock import Clock

ANA = "ana@example.com"


def post(shop: Shop, body: Any, key: str | None = None, **headers: str) -> httpx.Response:
    return httpx.post(f"{shop.url}/api/events", json=body, auth=("x", key or shop.key), headers=headers, timeout=30)


def names(shop: Shop, customers: str, email: str = ANA) -> list[str]:
    events = shop.http.get(f"/lists/{customers}/members/{email}/events?count=1000").json()["events"]
    return sorted(event["name"] for event in events)


def told(accepted: int, duplicates: int = 0, *errors: int) -> tuple[int, int, list[int]]:
    return accepted, duplicates, list(errors)


def outcome(answer: httpx.Response) -> tuple[int, int, list[int]]:
    body = answer.json()
    assert answer.status_code == 200, body
    assert all(error["message"] for error in body["errors"])
    return body["accepted"], body["duplicates"], [error["index"] for error in body["errors"]]


def test_events_are_accepted_for_contacts_named_in_every_way(shop: Shop, customers: str) -> None:
    ana = shop.join(customers, ANA)
    events = [
        {"audience": customers, "contact": ANA, "name": "trial_started", "properties": {"plan": "pro", "seats": 3}},
        {"audience": "customers", "contact": ana["id"], "name": "first_login", "occurred_at": "2026-05-04T08:00:00Z"},
        {"contact": ana["contact_id"], "name": "paid"},
    ]
    assert outcome(post(shop, {"events": events})) == told(3)
    assert outcome(post(shop, events[:1])) == told(1)
    assert outcome(post(shop, events[0])) == told(1)
    assert names(shop, customers) == ["first_login", "paid", "trial_started", "trial_started", "trial_started"]


def test_the_good_ones_are_kept_and_the_others_named(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA)
    events: list[Any] = [
        {"contact": ANA, "name": "paid"},
        {"contact": "ben@example.com", "name": "paid"},
        {"contact": ANA, "name": "not a name"},
        {"contact": ANA},
        {"contact": ANA, "name": "paid", "occurred_at": "noon"},
        {"contact": ANA, "name": "paid", "occurred_at": "2026-05-05T08:00:00Z"},
        {"contact": ANA, "name": "paid", "audience": "Suppliers"},
        "paid",
        {"contact": ANA, "name": "paid", "key": "x" * 201},
        {"contact": ANA, "name": "paid"},
    ]
    assert outcome(post(shop, {"events": events})) == told(2, 0, 1, 2, 3, 4, 5, 6, 7, 8)
    assert names(shop, customers) == ["paid", "paid"]


def test_an_event_with_a_key_counts_once(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA)
    one, two = ({"contact": ANA, "name": "paid", "key": key} for key in ("order 1", "order 2"))
    assert outcome(post(shop, {"events": [one]})) == told(1)
    assert outcome(post(shop, {"events": [one, two, two]})) == told(1, 2)
    assert names(shop, customers) == ["paid", "paid"]


def test_events_with_and_without_a_key_come_in_one_call(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA)
    free, keyed = {"contact": ANA, "name": "seen"}, {"contact": ANA, "name": "paid", "key": "order 1"}
    assert outcome(post(shop, {"events": [free, keyed, free]})) == told(3)
    assert outcome(post(shop, {"events": [free, keyed, {"contact": ANA}, free]})) == told(2, 1, 2)
    assert names(shop, customers) == ["paid", "seen", "seen", "seen", "seen"]


def test_a_whole_call_can_be_repeated_under_its_key(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA)
    events = [{"contact": ANA, "name": "paid"}, {"contact": ANA, "name": "shipped"}]
    assert outcome(post(shop, {"events": events}, **{"Idempotency-Key": "call 1"})) == told(2)
    assert outcome(post(shop, {"events": events}, **{"Idempotency-Key": "call 1"})) == told(0, 2)
    assert names(shop, customers) == ["paid", "shipped"]


def test_a_missing_contact_is_made_when_asked_for(shop: Shop, customers: str) -> None:
    event = {"contact": "ben@example.com", "name": "paid", "create_contact": True}
    assert outcome(post(shop, {"events": [event, event]})) == told(2)
    assert shop.official.lists.get_list_member(customers, "ben@example.com")["status"] == "transactional"


def test_where_there_are_two_audiences_one_has_to_be_named(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA)
    shop.official.lists.create_list({"name": "Suppliers"})
    assert outcome(post(shop, {"events": [{"contact": ANA, "name": "paid"}]})) == told(0, 0, 0)


def test_a_thousand_events_are_taken_and_one_more_is_not(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA)
    events = [{"contact": ANA, "name": f"visit_{number}"} for number in range(1001)]
    assert outcome(post(shop, {"events": events[:1000]})) == told(1000)
    answer = post(shop, {"events": events})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "events")


@pytest.mark.parametrize("body", [{"events": []}, [], {"events": "paid"}, "paid", 7, {"events": None}])
def test_a_body_without_events_is_refused(shop: Shop, body: Any) -> None:
    assert post(shop, body).status_code == 400


def test_a_key_for_events_alone_records_and_reads_nothing(
    shop: Shop, customers: str, database: Database, clock: Clock
) -> None:
    shop.join(customers, ANA)
    with database.transaction() as tx:
        key = keys.create_key(tx, clock.now(), shop.account.account_id, "site", scopes=["events"])
        looking = keys.create_key(tx, clock.now(), shop.account.account_id, "dashboard", scopes=["read"])
    assert outcome(post(shop, {"contact": ANA, "name": "paid"}, key)) == told(1)
    assert httpx.get(f"{shop.url}/3.0/lists", auth=("x", key)).status_code == 403
    assert post(shop, {"contact": ANA, "name": "paid"}, looking).status_code == 403
    assert post(shop, {"contact": ANA, "name": "paid"}, "0" * 32).status_code == 401
