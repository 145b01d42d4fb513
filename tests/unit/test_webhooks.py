"""Calls of webhooks: where they may lead, how long they may take, what answers mean (spec/flows.md 6.2)."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from relance.config import read_config
from relance.flows.webhooks.exchange import Call, exchange
from relance.flows.webhooks.headers import Keyring, NoSecret, headers_of, read_secrets
from relance.flows.webhooks.private_hosts import PrivateHosts, is_public, read_private_hosts, usable
from relance.flows.webhooks.rules import PATIENCE, RETRIES, Answer, break_until, ending, mapped
from relance.kernel import clock
from relance.kernel.errors import Invalid

CERTIFICATE = Path(__file__).parents[1] / "surface" / "localhost.pem"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HERE = read_private_hosts("127.0.0.1")
Serve = Callable[[Callable[[socket.socket], None]], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server that speaks to one caller as it is told. Returns its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def start(speak: Callable[[socket.socket], None]) -> int:
        def once() -> None:
            with listener.accept()[0] as sock:
                sock.recv(65536)
                try:
                    speak(sock)
                except OSError:
                    return

        threading.Thread(target=once, daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    listener.close()


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.0.1", "224.0.0.1",
     "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
     "2002:0a00:0001::1", "64:ff9b::7f00:1", "2001:0:4136:e378:8000:63bf:f5ff:fffe"],
)  # fmt: skip
def test_what_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


def test_what_is_public() -> None:
    assert is_public(ip_address("93.184.216.34"))
    assert is_public(ip_address("2606:2800:220:1:248:1893:25c8:1946"))


def test_the_operator_allows_names_addresses_and_networks() -> None:
    private = read_private_hosts("crm.internal, 127.0.0.1 10.1.0.0/16")
    assert usable("CRM.internal", ["192.168.1.5"], private) == ("192.168.1.5", True)
    assert usable("other", ["10.1.200.3"], private) == ("10.1.200.3", True)
    assert usable("other", ["10.2.0.1", "127.0.0.2"], private) == (None, False)
    assert usable("shop.example.com", ["93.184.216.34"], private) == ("93.184.216.34", False)
    with pytest.raises(Invalid, match="neither a host name nor a network"):
        read_private_hosts("10.0.0.0/99")


def test_a_name_that_changes_its_mind_leads_nowhere_else(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """One look-up, and the call goes to what it found; the second answer would have been a private address."""
    looks, calls = [], []

    def look_up(host: str, *_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        looks.append(host)
        address = "93.184.216.34" if len(looks) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))]

    def connect(address: tuple[str, int], *_: object) -> socket.socket:
        calls.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    answer = exchange(Call("POST", "https://shop.example.com/hook", {}, b"{}"), PrivateHosts())
    assert (looks, calls) == (["shop.example.com"], [("93.184.216.34", 443)])
    assert (answer.status, answer.passing) == (None, True)


@pytest.mark.parametrize("url", ["http://93.184.216.34/", "ftp://93.184.216.34/", "https://a:b@93.184.216.34/"])
def test_what_is_not_called_at_all(url: str) -> None:
    assert exchange(Call("POST", url, {}, b"{}"), PrivateHosts()).refused


def test_an_answer_that_drips_is_cut_off(serve: Serve) -> None:
    def drip(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        done = threading.Event()
        for _ in range(100):
            sock.sendall(b"x")
            done.wait(0.05)

    port = serve(drip)
    began = clock.monotonic()
    answer = exchange(Call("POST", f"http://127.0.0.1:{port}/", {}, b"{}"), HERE, 0.5)
    assert clock.monotonic() - began < 2
    assert (answer.ok, answer.passing) == (False, True)


def test_no_time_is_left_after_a_connection_that_took_it_all(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        done = threading.Event()
        for _ in range(100):
            sock.sendall(b"x")
            done.wait(0.05)

    port, connect = serve(drip), socket.create_connection

    def slowly(address: tuple[str, int], limit: float) -> socket.socket:
        threading.Event().wait(0.7)
        return connect(address, limit)

    monkeypatch.setattr(socket, "create_connection", slowly)
    began = clock.monotonic()
    answer = exchange(Call("POST", f"http://127.0.0.1:{port}/", {}, b"{}"), HERE, 0.5)
    assert clock.monotonic() - began < 2
    assert (answer.words, answer.passing) == ("no answer in 0.5 s", True)


def test_an_encrypted_answer_is_read_and_cut_off_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(CERTIFICATE)
    ours = ssl.create_default_context(cafile=str(CERTIFICATE))
    ours.check_hostname = False
    monkeypatch.setattr(ssl, "create_default_context", lambda: ours)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"https://127.0.0.1:{listener.getsockname()[1]}/"

    def answer(*rest: bytes) -> None:
        with theirs.wrap_socket(listener.accept()[0], server_side=True) as sock:
            sock.recv(65536)
            try:
                for part in (b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n", *rest):
                    sock.sendall(part)
                    threading.Event().wait(0.05)
            except OSError:
                return

    with listener:
        threading.Thread(target=answer, args=[b"x" * 40], daemon=True).start()
        assert exchange(Call("POST", url, {}, b"{}"), HERE, 5).body == b"x" * 40
        threading.Thread(target=answer, args=[b"x"] * 40, daemon=True).start()
        assert exchange(Call("POST", url, {}, b"{}"), HERE, 0.5).words == "no answer in 0.5 s"


def test_silence_is_no_answer(serve: Serve) -> None:
    def wait(_: socket.socket) -> None:
        threading.Event().wait(2)

    port = serve(wait)
    answer = exchange(Call("GET", f"http://127.0.0.1:{port}/", {}, None), HERE, 0.3)
    assert (answer.status, answer.words, answer.passing) == (None, "no answer in 0.3 s", True)


def test_no_more_is_read_than_allowed(serve: Serve) -> None:
    port = serve(lambda sock: sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 400_000))
    answer = exchange(Call("GET", f"http://127.0.0.1:{port}/", {}, None), HERE, 5)
    assert (answer.status, answer.body) == (200, None)


def test_rubbish_is_no_answer(serve: Serve) -> None:
    port = serve(lambda sock: sock.sendall(b"\x00\xff nonsense\r\n\r\n"))
    answer = exchange(Call("GET", f"http://127.0.0.1:{port}/", {}, None), HERE, 5)
    assert (answer.status, answer.passing) == (None, True)


@pytest.mark.parametrize(
    ("status", "ok", "again"),
    [(200, True, False), (204, True, False), (301, False, False), (400, False, False), (404, False, False),
     (408, False, True), (425, False, True), (429, False, True), (500, False, True), (503, False, True),
     (None, False, True)],
)  # fmt: skip
def test_what_an_answer_means(status: int | None, ok: bool, again: bool) -> None:
    end = ending(Answer(status), 1, NOON + PATIENCE, NOON)
    assert (end.ok, end.due is not None) == (ok, again)


def test_five_retries_in_six_hours() -> None:
    now, dues = NOON, []
    for tries in range(1, 10):
        due = ending(Answer(503), tries, NOON + PATIENCE, now).due
        if due is None:
            break
        dues.append(due)
        now = due
    assert len(dues) == len(RETRIES) == 5
    assert dues[-1] == NOON + timedelta(hours=6)


def test_a_server_cannot_ask_for_more_than_six_hours() -> None:
    assert ending(Answer(429, retry_after=90_000), 1, NOON + PATIENCE, NOON).due is None


def test_a_host_is_left_alone_longer_and_longer() -> None:
    assert [break_until(failures, NOON) for failures in (1, 4)] == [None, None]
    minutes = [(break_until(failures, NOON) or NOON) - NOON for failures in (5, 6, 9, 10, 500)]
    assert minutes == [timedelta(minutes=n) for n in (1, 2, 16, 30, 30)]


def test_only_plain_values_are_taken_from_an_answer() -> None:
    document = {"a": {"b": [5, 6]}, "long": "x" * 1001, "yes": True, "blank": "", "none": None}
    wanted = [{"path": path, "key": path.replace(".", "_")} for path in ("a.b.1", "a", "long", "yes", "blank", "none")]
    assert mapped([*wanted, {"path": "a.b.0", "field": 7}], document) == ({"a_b_1": 6, "yes": True}, {7: 5})
    assert mapped(wanted, ["no", "object"]) == ({}, {})


def test_secrets_are_named_and_never_shown() -> None:
    secrets = read_secrets("# the shop's\ncrm = top; erp=other\n")
    assert secrets == {"crm": "top", "erp": "other"}
    with pytest.raises(Invalid) as refused:
        read_secrets("crm top-secret")
    assert "top-secret" not in str(refused.value)
    with pytest.raises(NoSecret, match="there is no secret shop"):
        headers_of({"headers": {"X": "{secret:shop}"}}, Keyring(secrets), "id", 1, b"", True)


def test_logs_do_not_show_them_either() -> None:
    config = read_config({"RELANCE_WEBHOOK_SECRETS": "crm=top of the top;erp=other one"})
    assert {"top of the top", "other one"} <= set(config.secrets)
