"""The API before any resource: who calls, what they sent, and what they are told when something is wrong."""

from __future__ import annotations

import base64
import json
import logging
import threading

import httpx
import pytest
from api_shop import Shop
from serve import served
from starlette.applications import Starlette
from starlette.routing import Route

from relance.accounts import keys, people
from relance.api.http import Answer, Call, Context, Resource
from relance.db.pool import Database, Transaction
from relance.kernel.clock import Clock


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    "authorization",
    [
        lambda key: basic("user", key),
        lambda key: basic("", key),
        lambda key: basic("mailchimp", key.split("-")[0]),
        lambda key: f"apikey {key}",
        lambda key: f"Bearer {key}",
        lambda key: f"bearer {key}",
        lambda key: f"OAuth {key}",
    ],
    ids=["official clients", "no user", "WooCommerce, no data centre", "PHP", "bearer", "lower case", "OAuth"],
)
def test_every_way_to_send_a_key_opens(shop: Shop, authorization) -> None:
    answer = httpx.get(f"{shop.url}/3.0/ping", headers={"Authorization": authorization(shop.key)})
    assert answer.status_code == 200
    assert answer.json() == {"health_status": "Everything's Chimpy!"}
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("authorization", "title"),
    [
        (None, "API Key Missing"),
        ("", "API Key Missing"),
        (basic("user", "0" * 32 + "-us1"), "API Key Invalid"),
        (basic("user", ""), "API Key Invalid"),
        ("Basic !!!", "API Key Invalid"),
        ("Basic " + base64.b64encode(b"\xff\xfe").decode(), "API Key Invalid"),
        ("Bearer", "API Key Invalid"),
        ("Digest x", "API Key Invalid"),
    ],
)
def test_a_wrong_key_is_told_apart_from_a_missing_one(shop: Shop, authorization: str | None, title: str) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = httpx.get(f"{shop.url}/3.0/ping", headers=headers)
    problem = answer.json()
    assert (answer.status_code, problem["title"]) == (401, title)
    assert answer.headers["content-type"] == "application/problem+json; charset=utf-8"
    assert set(problem) == {"type", "title", "status", "detail", "instance"}
    assert problem["instance"] == answer.headers["x-request-id"]
    assert "www-authenticate" in answer.headers


def test_a_revoked_key_opens_nothing(shop: Shop, database: Database, clock: Clock) -> None:
    assert shop.http.get("/ping").status_code == 200
    with database.transaction() as tx:
        keys.revoke_key(tx, clock.now(), shop.account.account_id, shop.key)
    assert shop.http.get("/ping").status_code == 401


@pytest.mark.parametrize("path", ["/3.0/ping", "/3.0//ping", "/3.0/ping/", "/3.0/ping?", "/3.0///ping//?"])
def test_sloppy_addresses_are_understood(shop: Shop, path: str) -> None:
    answer = httpx.request(
        "GET", shop.url + path, headers={"Content-Type": "application/json"}, content=b"{}", auth=("x", shop.key)
    )
    assert answer.status_code == 200


def test_an_unknown_address_is_a_problem_document(shop: Shop) -> None:
    answer = shop.http.get("/nowhere")
    assert (answer.status_code, answer.json()["title"]) == (404, "Resource Not Found")
    assert answer.json()["instance"]


def test_a_wrong_method_names_the_right_ones(shop: Shop) -> None:
    answer = shop.http.delete("/ping")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.json()["title"] == "Method Not Allowed"


def test_head_answers_like_get_without_a_body(shop: Shop) -> None:
    answer = shop.http.head("/ping")
    assert (answer.status_code, answer.content) == (200, b"")


def echo(call: Call, _: Transaction) -> Answer:
    return Answer({"method": call.method, "body": call.body()})


@pytest.fixture
def room(shop: Shop, database: Database):
    """A small API whose one address tells what it understood."""
    context = Context(database, largest_body=1000)
    resource = Resource(context, {"GET": echo, "POST": echo, "PATCH": echo})
    with (
        served(Starlette(routes=[Route("/echo/{name}", resource)])) as url,
        httpx.Client(base_url=url, auth=("x", shop.key), timeout=30) as http,
    ):
        yield http


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'{"plant": "\xff"}', "not UTF-8: wrong byte at line 1, column 12"),
        (b'{"plant":\n  moss}', "line 2, column 3"),
        (b'{"plant": "fern"', "no JSON"),
        (b'{"plant": 1e999}', "no JSON"),
        (b"[" * 900, "no JSON"),
        (b'{"plant": "\\u0000"}', "U+0000"),
    ],
    ids=["not UTF-8", "no JSON", "cut off", "a number too large", "deep", "NUL"],
)
def test_a_body_that_cannot_be_read_is_refused_with_its_place(room: httpx.Client, raw: bytes, told: str) -> None:
    answer = room.post("/echo/a", content=raw)
    assert (answer.status_code, answer.json()["title"]) == (400, "JSON Parse Error")
    assert told in answer.json()["detail"]


def test_nesting_without_end_is_refused(shop: Shop, database: Database) -> None:
    with served(Starlette(routes=[Route("/echo", Resource(Context(database), {"POST": echo}))])) as url:
        answer = httpx.post(f"{url}/echo", content=b"[" * 1_000_000, auth=("x", shop.key))
    assert (answer.status_code, answer.json()["title"]) == (400, "JSON Parse Error")


@pytest.mark.parametrize("raw", [b"", b"  ", b"null"])
def test_an_empty_body_is_an_empty_object(room: httpx.Client, raw: bytes) -> None:
    assert room.post("/echo/a", content=raw).json()["body"] == {}


@pytest.mark.parametrize(("raw", "found"), [(b"[]", "array"), (b'"x"', "string"), (b"7", "number")])
def test_a_body_that_is_no_object_says_so(room: httpx.Client, raw: bytes, found: str) -> None:
    answer = room.post("/echo/a", content=raw)
    assert (answer.status_code, answer.json()["title"]) == (400, "Invalid Resource")
    assert answer.json()["errors"] == [{"field": "", "message": f"Schema describes object, {found} found instead"}]


@pytest.mark.parametrize("announced", [True, False], ids=["with a length", "streamed"])
def test_a_body_over_the_limit_is_refused(room: httpx.Client, announced: bool) -> None:
    large = b'{"plant": "%s"}' % (b"f" * 2000)
    answer = room.post("/echo/a", content=large if announced else iter([large[:900], large[900:]]))
    assert (answer.status_code, answer.json()["title"]) == (413, "Request Too Large")


def test_eleven_megabytes_are_refused_and_the_next_call_works(shop: Shop) -> None:
    answer = shop.http.post("/ping", content=b" " * 11 * 1024 * 1024)
    assert answer.status_code == 413
    assert shop.http.get("/ping").status_code == 200


def test_a_nul_in_the_address_is_refused(room: httpx.Client) -> None:
    assert room.get("/echo/a%00b").status_code == 400
    assert room.get("/echo/a?name=a%00b").status_code == 400


def test_a_post_may_stand_for_another_method(room: httpx.Client) -> None:
    answer = room.post("/echo/a", json={"a": 1}, headers={"X-HTTP-Method-Override": "PATCH"})
    assert answer.json() == {"method": "PATCH", "body": {"a": 1}}
    answer = room.get("/echo/a", headers={"X-HTTP-Method-Override": "PATCH"})
    assert answer.status_code == 422


def test_a_key_for_looking_changes_nothing(room: httpx.Client, shop: Shop, database: Database, clock: Clock) -> None:
    with database.transaction() as tx:
        looking = keys.create_key(tx, clock.now(), shop.account.account_id, "dashboard", scopes=["read"])
        dev = people.join(tx, clock.now(), shop.account, "dev@example.com", "viewer")
        devs = keys.create_key(tx, clock.now(), shop.account.account_id, "Dev's", person_id=dev.person_id)
    for key in (looking, devs):
        assert room.get("/echo/a", auth=("x", key)).status_code == 200
        answer = room.post("/echo/a", auth=("x", key))
        assert (answer.status_code, answer.json()["title"]) == (403, "User Does Not Have Access")


def test_the_eleventh_call_at_a_time_is_asked_to_wait(shop: Shop, database: Database, clock: Clock) -> None:
    go, inside = threading.Event(), threading.Semaphore(0)

    def slow(_: Call, __: Transaction) -> Answer:
        return Answer({}, then=wait)

    def wait() -> dict[str, str]:
        inside.release()
        go.wait(20)
        return {}

    context = Context(database)
    resources = [Route("/slow", Resource(context, {"GET": slow})), Route("/quick", Resource(context, {"GET": echo}))]
    with database.transaction() as tx:
        other = keys.create_key(tx, clock.now(), shop.account.account_id, "other")
    with served(Starlette(routes=resources)) as url, httpx.Client(base_url=url, timeout=30) as http:
        threads = [
            threading.Thread(target=http.get, args=["/slow"], kwargs={"auth": ("x", shop.key)}) for _ in range(10)
        ]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert inside.acquire(timeout=20)
        refused = http.get("/quick", auth=("x", shop.key))
        assert (refused.status_code, refused.json()["title"]) == (429, "Too Many Requests")
        assert http.get("/quick", auth=("x", other)).status_code == 200
        go.set()
        for thread in threads:
            thread.join(20)
        assert http.get("/quick", auth=("x", shop.key)).status_code == 200
    assert not context.seats


def test_a_mistake_of_ours_is_logged_under_the_reference_that_the_caller_sees(
    shop: Shop, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Call, __: Transaction) -> Answer:
        raise ZeroDivisionError("divided by a fern")

    with served(Starlette(routes=[Route("/broken", Resource(Context(database), {"GET": broken}))])) as url:
        answer = httpx.get(f"{url}/broken", auth=("x", shop.key))
    assert answer.status_code == 500
    assert "fern" not in answer.text
    assert answer.json()["instance"] in answer.json()["detail"]
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.__dict__["request"] for record in logged] == [answer.json()["instance"]]
    assert shop.key not in caplog.text


def test_while_the_database_is_away_the_caller_is_asked_to_come_again(shop: Shop) -> None:
    gone = Database("host=/nowhere dbname=none")
    with served(Starlette(routes=[Route("/echo", Resource(Context(gone), {"GET": echo}))])) as url:
        answer = httpx.get(f"{url}/echo", auth=("x", shop.key), timeout=30)
    assert (answer.status_code, answer.json()["title"]) == (503, "Service Unavailable")
    assert int(answer.headers["retry-after"]) > 0


def test_the_official_client_pings(shop: Shop) -> None:
    assert shop.official.ping.get() == {"health_status": "Everything's Chimpy!"}


def test_the_official_client_sees_problems(shop: Shop) -> None:
    import mailchimp_marketing.api_client as official

    shop.official.set_config({"api_key": "0" * 32 + "-us1"})
    with pytest.raises(official.ApiClientError) as refusal:
        shop.official.ping.get()
    assert json.loads(refusal.value.text)["title"] == "API Key Invalid"
