"""Step: call a webhook (spec/flows.md 6.2). The receiver is a real server on this machine."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests import cast
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"


@dataclass
class Heard:
    method: str
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


class Receiver:
    """The shop's CRM. ``answers``: (status, body, headers) to give, the last one for ever."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: list[tuple[int, bytes, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.heard.append(Heard(self.command, self.path, headers, raw))
                status, body, more = receiver.next()
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_PATCH = do_DELETE = do_POST

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self) -> tuple[int, bytes, dict[str, str]]:
        if not self.answers:
            return 200, b"{}", {}
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def says(self, *statuses: int, body: Any = None, **headers: str) -> None:
        text = b"{}" if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers = [(status, text, named) for status in statuses]


@pytest.fixture
def crm() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def flow(crm: Receiver, settings: str = "", after: str = "add_tag: told", url: str = "") -> str:
    return f"""
flow: Tell the CRM
audience: Customers
triggers:
  - event_api: planted
steps:
  - call_webhook:
      url: "{url or crm.url}"
      failed: [{{add_tag: not told}}, end]
{settings}
  - {after}
settings: {{re_entry: true}}
"""


def test_the_receiver_is_told_the_usual_facts_and_the_run_goes_on(world: World, crm: Receiver) -> None:
    world.field("CITY", "text")
    number = world.flow(flow(crm))
    world.person(ANA, fields={"CITY": "Lyon"})
    world.event(ANA, "planted", {"plant": "fern"})
    world.settle()
    assert world.path(number, ANA) == ["E00", "W10", "B09", "B11", "X00"]
    assert world.tags_of(ANA) == {"told"}
    (heard,) = crm.heard
    assert (heard.method, heard.path) == ("POST", "/hook")
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["idempotency-key"] == heard.body["id"]
    contact = heard.body["contact"]
    assert (contact["email"], contact["email_status"], contact["fields"]["CITY"]) == (ANA, "subscribed", "Lyon")
    assert heard.body["flow"]["name"] == "Tell the CRM"
    assert (heard.body["event"]["name"], heard.body["event"]["properties"]) == ("planted", {"plant": "fern"})


def test_the_call_is_signed_and_secrets_stay_with_the_operator(
    world: World, crm: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number = world.flow(flow(crm, '      sign: crm\n      headers: {Authorization: "Bearer {secret:crm}"}'))
    world.person(ANA)
    world.event(ANA, "planted")
    world.settle()
    (heard,) = crm.heard
    assert heard.headers["authorization"] == f"Bearer {cast.CRM_SECRET}"
    at, _, given = heard.headers["relance-signature"].partition(",")
    signed = at.removeprefix("t=").encode() + b"." + heard.raw
    assert given == "v1=" + hmac.new(cast.CRM_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert int(at.removeprefix("t=")) == int(world.clock.now().timestamp())
    assert world.holding(cast.CRM_SECRET) == []
    assert cast.CRM_SECRET not in caplog.text
    assert world.path(number, ANA)[-1] == "X00"


def test_a_secret_that_nobody_gave_is_waited_for(world: World, crm: Receiver) -> None:
    number = world.flow(flow(crm, "      sign: erp"))
    world.person(ANA)
    world.event(ANA, "planted")
    world.settle()
    assert crm.heard == []
    assert world.path(number, ANA) == ["E00", "W10", "W12"]


def test_a_secret_that_nobody_gave_closes_no_host(world: World, crm: Receiver) -> None:
    """A host that was never called has not failed."""
    world.flow(flow(crm, "      sign: erp"))
    number = world.flow(flow(crm).replace("Tell the CRM", "Tell it at once").replace("planted", "watered"))
    for n in range(8):
        world.person(f"visitor{n}@example.com")
        world.event(f"visitor{n}@example.com", "planted")
        world.settle()
    world.person(ANA)
    world.event(ANA, "watered")
    world.settle()
    assert world.path(number, ANA) == ["E00", "W10", "B09", "B11", "X00"]


def test_503_twice_then_200_is_one_ok_after_two_retries(world: World, crm: Receiver) -> None:
    crm.says(503, 503, 200)
    number = world.flow(flow(crm, '      body: {plant: "*|EVENT:plant|*", name: "*|FNAME:friend|*"}'))
    world.person(ANA, fields={"FNAME": "Ana"})
    world.event(ANA, "planted", {"plant": "fern"})
    world.settle()
    world.person(ANA, fields={"FNAME": "Anna"})
    world.later(seconds=59)
    assert len(crm.heard) == 1
    world.later(minutes=10)
    assert world.path(number, ANA) == ["E00", "W10", "W12", "W12", "B09", "B11", "X00"]
    assert len({heard.headers["idempotency-key"] for heard in crm.heard}) == 1
    assert [heard.body for heard in crm.heard] == [{"plant": "fern", "name": "Ana"}] * 3
    assert world.figure(number, "W12") == 2


def test_404_fails_at_once(world: World, crm: Receiver) -> None:
    crm.says(404)
    number = world.flow(flow(crm))
    world.person(ANA)
    world.event(ANA, "planted")
    world.settle()
    assert world.path(number, ANA) == ["E00", "W10", "B10", "B11", "X00"]
    assert world.tags_of(ANA) == {"not told"}
    assert len(crm.heard) == 1


def test_where_nothing_is_said_of_failing_the_run_goes_on(world: World, crm: Receiver) -> None:
    crm.says(410)
    number = world.flow(flow(crm).replace("      failed: [{add_tag: not told}, end]\n", ""))
    world.person(ANA)
    world.event(ANA, "planted")
    world.settle()
    assert world.path(number, ANA) == ["E00", "W10", "B10", "B11", "X00"]
    assert world.tags_of(ANA) == {"told"}


def test_after_five_retries_in_six_hours_it_is_given_up(world: World, crm: Receiver) -> None:
    crm.says(500)
    number = world.flow(flow(crm))
    world.person(ANA)
    world.event(ANA, "planted")
    world.later(hours=7)
    assert world.path(number, ANA) == ["E00", "W10", *["W12"] * 5, "B10", "B11", "X00"]
    assert len(crm.heard) == 6


def test_retry_after_is_kept_to(world: World, crm: Receiver) -> None:
    crm.answers = [(429, b"", {"Retry-After": "600"}), (200, b"{}", {})]
    number = world.flow(flow(crm))
    world.person(ANA)
    world.event(ANA, "planted")
    world.later(minutes=9)
    assert len(crm.heard) == 1
    world.later(minutes=2)
    assert world.path(number, ANA) == ["E00", "W10", "W12", "B09", "B11", "X00"]


def test_a_redirect_is_not_followed(world: World, crm: Receiver) -> None:
    crm.says(302, Location="http://127.0.0.1:1/inside")
    number = world.flow(flow(crm))
    world.person(ANA)
    world.event(ANA, "planted")
    world.settle()
    assert world.path(number, ANA) == ["E00", "W10", "B10", "B11", "X00"]
    assert len(crm.heard) == 1


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.7", "[::1]", "[::ffff:10.0.0.7]", "localhost"])
def test_private_addresses_are_refused(world: World, crm: Receiver, host: str) -> None:
    """Only 127.0.0.1 is allowed here; localhost is one more name of it, but its other address may come first."""
    private = world.caller._private
    world.caller._private = type(private)()
    try:
        number = world.flow(flow(crm, url=f"http://{host}:{crm.server.server_port}/hook"))
        world.person(ANA)
        world.event(ANA, "planted")
        world.settle()
    finally:
        world.caller._private = private
    assert world.path(number, ANA) == ["E00", "W10", "B10", "B11", "X00"]
    assert crm.heard == []


def test_values_cannot_break_out_of_the_body(world: World, crm: Receiver) -> None:
    world.flow(flow(crm, """      body: '{"name": "*|FNAME:|*", "vip": false}'"""))
    world.person(ANA, fields={"FNAME": 'Ana", "vip": true, "x": "*|EMAIL|*'})
    world.event(ANA, "planted")
    world.settle()
    assert crm.heard[0].body == {"name": 'Ana", "vip": true, "x": "*|EMAIL|*', "vip": False}


def test_answers_fill_fields_and_later_messages(world: World, crm: Receiver) -> None:
    world.field("LEVEL", "text")
    world.field("POINTS", "number")
    crm.says(200, body={"customer": {"level": "gold", "code": "FERN-7", "points": "many"}})
    settings = """      map:
        - {path: customer.level, field: LEVEL}
        - {path: customer.points, field: POINTS}
        - {path: customer.code, key: code}
        - {path: customer.nothing, key: nothing}"""
    mail = """send_email:
      email: Code
      subject: "Your code *|WEBHOOK:code|*"
      html: "<p>*|WEBHOOK:nothing:none|*</p>\""""
    number = world.flow(flow(crm, settings, mail))
    world.person(ANA)
    world.event(ANA, "planted")
    world.settle()
    assert world.subjects(ANA) == ["Your code FERN-7"]
    assert "none" in (world.mails_to(ANA)[0].view.html or "")
    assert (world.value(ANA, "LEVEL"), world.value(ANA, "POINTS")) == ("gold", None)
    assert world.path(number, ANA) == ["E00", "W10", "B09", "W10", "S00", "X00"]


def test_an_answer_may_be_written_into_a_field_by_a_later_step(world: World, crm: Receiver) -> None:
    world.field("SCORE", "number")
    crm.says(200, body={"score": 42})
    step = 'update_field: {field: SCORE, set: "*|WEBHOOK:score|*"}'
    number = world.flow(flow(crm, "      map: [{path: score, key: score}]", step))
    world.person(ANA, fields={"SCORE": 7})
    world.event(ANA, "planted")
    world.settle()
    assert world.value(ANA, "SCORE") == 42
    assert world.path(number, ANA) == ["E00", "W10", "B09", "B11", "X00"]


def test_dates_in_a_body_are_those_of_the_flow_s_zone(world: World, crm: Receiver) -> None:
    text = flow(crm, '      body: {day: "*|DATE:l|*"}').replace("re_entry: true", "re_entry: true, zone: contact")
    world.flow(text)
    world.person(ANA, zone="Asia/Tokyo")
    world.later(hours=7)
    world.event(ANA, "planted")
    world.settle()
    assert crm.heard[0].body == {"day": "Tuesday"}


def test_what_no_step_fetches_cannot_be_said(world: World, crm: Receiver) -> None:
    mail = 'send_email: {email: Code, subject: "*|WEBHOOK:code|*", html: "<p>Hello</p>"}'
    assert "V11" in world.problems(flow(crm, after=mail))


def test_a_host_that_fails_is_left_alone_then_tried_with_one_call(world: World, crm: Receiver) -> None:
    crm.says(500)
    number = world.flow(flow(crm))
    people = [f"visitor{n}@example.com" for n in range(8)]
    for email in people:
        world.person(email)
        world.event(email, "planted")
    world.settle()
    world.later(seconds=10)
    before = len(crm.heard)
    assert before < len(people)
    world.later(seconds=30)
    assert len(crm.heard) == before
    crm.says(200)
    world.later(hours=1)
    assert [world.path(number, email)[-1] for email in people] == ["X00"] * len(people)
    assert all(world.tags_of(email) == {"told"} for email in people)


def test_a_worker_that_dies_has_it_called_again_with_the_same_key(
    world: World, crm: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = world.flow(flow(crm))
    world.person(ANA)
    world.event(ANA, "planted")
    with monkeypatch.context() as dying:
        dying.setattr(world.caller, "_record", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            world.settle()
    world.settle()
    assert len(crm.heard) == 1
    world.later(minutes=3)
    assert len(crm.heard) == 2
    assert crm.heard[0].headers["idempotency-key"] == crm.heard[1].headers["idempotency-key"]
    assert crm.heard[0].raw == crm.heard[1].raw
    assert world.path(number, ANA) == ["E00", "W10", "B09", "B11", "X00"]


def test_who_leaves_the_flow_is_not_told_of_any_more(world: World, crm: Receiver) -> None:
    crm.says(503)
    number = world.flow(flow(crm))
    world.person(ANA)
    world.event(ANA, "planted")
    world.settle()
    world.archive(ANA)
    world.later(hours=7)
    assert world.path(number, ANA) == ["E00", "W10", "W12", "X10"]
    assert len(crm.heard) == 1


def test_a_pause_holds_the_call(world: World, crm: Receiver) -> None:
    number = world.flow(flow(crm))
    world.person(ANA)
    world.event(ANA, "planted")
    world.judge()
    world.advancer.batch(world.share)
    world.pause(number)
    world.later(hours=8)
    assert crm.heard == []
    world.resume(number)
    world.later(minutes=2)
    assert world.path(number, ANA)[-3:] == ["B09", "B11", "X00"]
    assert len(crm.heard) == 1


def test_nothing_is_kept_of_an_erased_person(world: World, crm: Receiver) -> None:
    crm.says(503)
    world.flow(flow(crm))
    world.person(ANA, fields={"FNAME": "Anastasia"})
    world.event(ANA, "planted", {"plant": "Anastasia"})
    world.settle()
    world.erase(ANA)
    world.later(hours=7)
    world.tidy()
    world.tidy()
    assert world.holding("Anastasia") == []


def test_a_long_or_senseless_answer_fills_nothing_and_is_ok(world: World, crm: Receiver) -> None:
    crm.answers = [(200, b'{"code": "' + b"x" * 300_000 + b'"}', {})]
    number = world.flow(flow(crm, "      map: [{path: code, key: code}]", "delay: 1 day"))
    world.person(ANA)
    world.event(ANA, "planted")
    world.settle()
    assert world.path(number, ANA) == ["E00", "W10", "B09", "W01"]


def test_get_has_no_body(world: World, crm: Receiver) -> None:
    world.flow(flow(crm, "      method: GET"))
    world.person(ANA)
    world.event(ANA, "planted")
    world.settle()
    assert (crm.heard[0].method, crm.heard[0].raw) == ("GET", b"")


@pytest.mark.parametrize(
    ("settings", "url", "code"),
    [
        ("", "ftp://shop.example.com", "invalid"),
        ("", "http://shop.example.com/hook", "invalid"),
        ("", "https://user:word@shop.example.com/hook", "invalid"),
        ("      headers: {Host: evil.example.com}", "", "invalid"),
        ("      body: '{\"a\": *|FNAME:|*}'", "", "invalid"),
        ('      body: \'{"a": "*|FNAM|*"}\'', "", "V10"),
        ("      map: [{path: a}]", "", "invalid"),
        ("      map: [{path: a, field: GONE}]", "", "V06"),
    ],
)
def test_what_cannot_work_is_refused_beforehand(
    world: World, crm: Receiver, settings: str, url: str, code: str
) -> None:
    assert code in world.problems(flow(crm, settings, url=url))


def test_the_file_is_written_back_as_it_was_read(world: World, crm: Receiver) -> None:
    world.field("LEVEL", "text")
    settings = """      method: PUT
      sign: crm
      headers: {X-Shop: "Fern & Moss"}
      body: {email: "*|EMAIL|*", plants: [fern, moss]}
      map: [{path: a.b, field: LEVEL}, {path: c, key: code}]"""
    text = flow(crm, settings).replace("      failed: [{add_tag: not told}, end]\n", "")
    written = world.rewritten(text)["steps"][0]["call_webhook"]
    assert written["body"] == {"email": "*|EMAIL|*", "plants": ["fern", "moss"]}
    assert written["map"] == [{"path": "a.b", "field": "LEVEL"}, {"path": "c", "key": "code"}]
    assert (written["method"], written["sign"], written["headers"]) == ("PUT", "crm", {"X-Shop": "Fern & Moss"})


def test_who_is_led_there_again_by_an_edit_does_not_call_again(world: World, crm: Receiver) -> None:
    number = world.flow(flow(crm, after="delay: 1 day"))
    world.person(ANA)
    world.event(ANA, "planted")
    world.settle()
    text = flow(crm, after="delay: 1 day").replace("steps:\n", "steps:\n  - delay: 2 days\n")
    world.flow(text)
    world.later(days=4)
    assert len(crm.heard) == 1
    assert world.path(number, ANA)[-1] == "X00"
