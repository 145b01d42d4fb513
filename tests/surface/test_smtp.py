"""Letters over real SMTP connections: to a mail catcher, and to servers that fail at every moment they can."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from mail_servers import CERTIFICATE, MailServer, Reply

from relance.cli.doctor import _mail
from relance.config import read_config
from relance.kernel.errors import Denied, Unavailable
from relance.messages.transports.catcher import Catcher, CaughtMail
from relance.messages.transports.model import Answer, AnswerKind, Letter
from relance.messages.transports.smtp import SmtpTransport
from relance.messages.transports.smtp_url import SmtpUrl

ACCEPTED, REFUSED, REFUSED_MESSAGE = AnswerKind.ACCEPTED, AnswerKind.REFUSED, AnswerKind.REFUSED_MESSAGE
TRANSIENT, UNKNOWN, SENDER_BLOCKED = AnswerKind.TRANSIENT, AnswerKind.UNKNOWN, AnswerKind.SENDER_BLOCKED
PIPELINED = pytest.mark.parametrize("offers", [("PIPELINING",), ()], ids=["pipelining", "one by one"])


def letter(to: str = "ana@example.com", data: bytes = b"Subject: Ferns\r\n\r\nHello\r\n", key: str = "") -> Letter:
    return Letter(key or to, "hello@fern.example", to, data)


@contextmanager
def transport(url: str, connections: int = 1, timeout: float = 5, **more: float) -> Iterator[SmtpTransport]:
    more = {"final_timeout": timeout} | more
    made = SmtpTransport(url, connections=connections, timeout=timeout, **more)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        made.close()


def kinds(answers: list[Answer]) -> list[AnswerKind]:
    return [answer.kind for answer in answers]


def when(word: str, reply: Reply, *, first: int | None = None) -> Callable[[int, str, str], Reply]:
    """Answer ``reply`` to lines with ``word``, ``first`` times or always."""
    left = [first]

    def says(_number: int, line: str, default: str) -> Reply:
        if not (line == word if word in (".", "greeting", "body") else word in line.upper()) or left[0] == 0:
            return default
        if left[0] is not None:
            left[0] -= 1
        return reply

    return says


# With the mail catcher


@contextmanager
def catcher(keep: Callable[[CaughtMail], None]) -> Iterator[Catcher]:
    made = Catcher(0, keep)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def test_a_batch_reaches_the_catcher_over_reused_connections() -> None:
    caught: list[CaughtMail] = []
    with catcher(caught.append) as server, transport(f"smtp://127.0.0.1:{server.port}", connections=3) as out:
        letters = [letter(f"customer{n}@example.com", key=f"k{n}") for n in range(40)]
        answers = out.hand_over(letters)
        again = out.hand_over([letter("dev@example.com")])
    assert kinds(answers) == [ACCEPTED] * 40
    assert [answer.key for answer in answers] == [f"k{n}" for n in range(40)]
    assert kinds(again) == [ACCEPTED]
    assert sorted(mail.recipients[0] for mail in caught) == sorted(
        [one.recipient for one in letters] + ["dev@example.com"]
    )
    assert caught[0].sender == "hello@fern.example"
    assert caught[0].data == b"Subject: Ferns\r\n\r\nHello\r\n"


def test_dots_and_odd_line_ends_arrive_whole() -> None:
    caught: list[CaughtMail] = []
    with catcher(caught.append) as server, transport(f"smtp://127.0.0.1:{server.port}") as out:
        odd = b".\r\n..\r\nend\n.\nMAIL FROM:<evil@example.com>\r.\rlast"
        assert kinds(out.hand_over([letter(data=b"A: b\r\n\r\n" + odd)])) == [ACCEPTED]
    assert len(caught) == 1, "a lone dot between odd line ends is no end of the message"
    assert caught[0].data == b"A: b\r\n\r\n.\r\n..\r\nend\r\n.\r\nMAIL FROM:<evil@example.com>\r\n.\r\nlast\r\n"


def test_the_catcher_takes_any_login_and_addresses_outside_ascii() -> None:
    caught: list[CaughtMail] = []
    with catcher(caught.append) as server, transport(f"smtp://any:thing@127.0.0.1:{server.port}") as out:
        assert "signed in" in out.check()
        assert kinds(out.hand_over([letter("élodie@exämple.com")])) == [ACCEPTED]
    assert caught[0].recipients == ("élodie@xn--exmple-cua.com",)


def test_what_the_catcher_cannot_keep_is_to_be_sent_again(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: CaughtMail) -> None:
        raise RuntimeError("the database is away")

    with catcher(fail) as server, transport(f"smtp://127.0.0.1:{server.port}") as out:
        (answer,) = out.hand_over([letter()])
    assert (answer.kind, answer.code, answer.enhanced) == (TRANSIENT, 451, "4.3.0")
    assert [record.message for record in caplog.records] == ["catcher.keep_failed"]


def test_the_catcher_refuses_a_message_over_its_limit() -> None:
    with catcher(lambda _: None) as server, transport(f"smtp://127.0.0.1:{server.port}") as out:
        (answer,) = out.hand_over([letter(data=b"x" * 76 * 350_000)])
    assert answer.kind is REFUSED_MESSAGE


def test_a_taken_port_is_said_at_once() -> None:
    started = time.monotonic()
    with catcher(lambda _: None) as server, pytest.raises(Unavailable) as taken:
        Catcher(server.port, lambda _: None).start()
    assert str(server.port) in str(taken.value)
    assert taken.value.mend
    assert time.monotonic() - started < 2


def test_the_catcher_listens_on_this_machine_only_and_stops_with_open_connections() -> None:
    server = Catcher(0, lambda _: None)
    server.start()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        assert client.recv(100).startswith(b"220")
        assert server._server is not None
        assert server._server._listener.getsockname()[0] == "127.0.0.1"
        server.stop()
    server.stop()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


# What a server says


@PIPELINED
@pytest.mark.parametrize(
    ("word", "reply", "kind", "code"),
    [
        ("RCPT TO:<ben@", "550 5.1.1 Unknown user", REFUSED, 550),
        ("RCPT TO:<ben@", "450 4.2.0 Greylisted, try again later", TRANSIENT, 450),
        ("RCPT TO:<ben@", "452 4.2.2 Mailbox full", TRANSIENT, 452),
        ("RCPT TO:<ben@", "550-5.7.1 You are\r\n550 5.7.1 on a list", REFUSED_MESSAGE, 550),
    ],
)
def test_one_refused_recipient_does_not_disturb_the_others(
    offers: tuple[str, ...], word: str, reply: str, kind: AnswerKind, code: int
) -> None:
    refused = [False]

    def says(_number: int, line: str, default: str) -> Reply:
        if line.startswith("RCPT"):
            refused[0] = word in line
            return reply if refused[0] else default
        return "554 5.5.1 No valid recipients" if line == "DATA" and refused[0] else default

    with MailServer(says, offers) as server, transport(server.url()) as out:
        answers = out.hand_over([letter(f"{name}@example.com") for name in ("ana", "ben", "dev")])
        assert kinds(answers) == [ACCEPTED, kind, ACCEPTED]
        assert answers[1].code == code
        assert answers[1].enhanced == reply[4:9]
        assert server.connections == 1
        assert len(server.messages) == 2


@PIPELINED
def test_a_refused_sender_blames_nobody_else(offers: tuple[str, ...]) -> None:
    with MailServer(when("MAIL", "553 5.7.1 Sender not allowed"), offers) as server, transport(server.url()) as out:
        assert kinds(out.hand_over([letter()])) == [SENDER_BLOCKED]
        assert server.messages == [], "even this server, which went on to say 354, got no message"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("554 5.7.1 Looks like spam", REFUSED_MESSAGE),
        ("451 4.3.0 Try again", TRANSIENT),
        ("421 4.3.2 Going down", TRANSIENT),
        ("HTTP/1.1 200 OK", UNKNOWN),
    ],
)
def test_the_reply_to_the_final_dot_decides(reply: str, kind: AnswerKind) -> None:
    with MailServer(when(".", reply)) as server, transport(server.url()) as out:
        assert kinds(out.hand_over([letter()])) == [kind]


def test_a_too_large_message_is_not_even_begun() -> None:
    with MailServer(offers=("SIZE 100",)) as server, transport(server.url()) as out:
        assert kinds(out.hand_over([letter(data=b"x" * 101), letter()])) == [REFUSED_MESSAGE, ACCEPTED]
        assert len(server.recipients) == 1


def test_an_address_outside_ascii_needs_a_server_that_takes_it() -> None:
    with MailServer(offers=()) as server, transport(server.url()) as out:
        answers = out.hand_over([letter("élodie@example.com"), letter("ana@jardinière.example"), letter("no address")])
        assert kinds(answers) == [REFUSED, ACCEPTED, REFUSED]
        assert "SMTPUTF8" in answers[0].text
        assert server.recipients == ["ana@xn--jardinire-63a.example"]


# Lost connections: before the final dot again, after it never again


@PIPELINED
@pytest.mark.parametrize("word", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "body"])
def test_a_connection_lost_before_the_final_dot_is_safe_to_repeat(word: str, offers: tuple[str, ...]) -> None:
    with MailServer(when(word, None), offers) as server, transport(server.url()) as out:
        long = letter(data=b"Lorem ipsum\r\n" * 1_000_000)  # more than the system holds on the way
        assert kinds(out.hand_over([long])) == [TRANSIENT]
        assert server.messages == []


@PIPELINED
def test_a_connection_lost_after_the_final_dot_is_unknown(offers: tuple[str, ...]) -> None:
    with MailServer(when(".", None), offers) as server, transport(server.url()) as out:
        assert kinds(out.hand_over([letter()])) == [UNKNOWN]
        assert len(server.messages) == 1, "and it had arrived: a second try would have doubled it"


def test_a_lost_answer_on_a_reused_connection_is_not_repeated_either() -> None:
    with MailServer(when(".", None, first=0)) as server, transport(server.url()) as out:
        assert kinds(out.hand_over([letter()])) == [ACCEPTED]
        server.says = when(".", None)
        assert kinds(out.hand_over([letter("ben@example.com")])) == [UNKNOWN]
        assert server.recipients == ["ana@example.com", "ben@example.com"]


@pytest.mark.parametrize(("word", "kind"), [("RCPT", TRANSIENT), (".", UNKNOWN)])
def test_a_silent_server_is_judged_by_the_moment(word: str, kind: AnswerKind) -> None:
    with MailServer(when(word, ""), offers=()) as server, transport(server.url(), timeout=0.3) as out:
        (answer,) = out.hand_over([letter()])
        assert answer.kind is kind
        assert "time-out" in answer.text


def test_a_slow_answer_to_the_final_dot_is_waited_for() -> None:
    def says(_number: int, line: str, default: str) -> Reply:
        if line == ".":
            time.sleep(0.6)
        return default

    with MailServer(says) as server, transport(server.url(), timeout=0.3, final_timeout=5) as out:
        assert kinds(out.hand_over([letter()])) == [ACCEPTED]


def test_one_lost_answer_does_not_cost_the_rest_of_the_batch() -> None:
    with MailServer(when(".", None)) as server, transport(server.url()) as out:
        answers = out.hand_over([letter(f"customer{n}@example.com") for n in range(20)])
        assert kinds(answers) == [UNKNOWN] + [TRANSIENT] * 19
        assert len(server.messages) == 1


def test_an_idle_connection_that_the_server_closed_is_replaced_unseen() -> None:
    with MailServer() as server, transport(server.url()) as out:
        assert kinds(out.hand_over([letter()])) == [ACCEPTED]
        server.hang_up()
        assert kinds(out.hand_over([letter("ben@example.com")])) == [ACCEPTED]
        assert server.connections == 2
        assert len(server.messages) == 2


def test_an_announced_goodbye_is_no_refusal() -> None:
    with MailServer() as server, transport(server.url()) as out:
        assert kinds(out.hand_over([letter()])) == [ACCEPTED]
        server.says = when("MAIL", "421 4.4.2 Idle for too long", first=1)
        assert kinds(out.hand_over([letter("ben@example.com")])) == [ACCEPTED]
        assert server.connections == 2


def test_connections_are_kept_and_renewed() -> None:
    with MailServer() as server:
        with transport(server.url(), connections=2, per_connection=10) as out:
            for _ in range(5):
                assert kinds(out.hand_over([letter() for _ in range(8)])) == [ACCEPTED] * 8
        assert len(server.messages) == 40
        assert 4 <= server.connections <= 6
        assert server.lines.count("QUIT") == server.connections


def test_an_old_connection_is_not_trusted() -> None:
    with MailServer() as server, transport(server.url(), idle=0.05) as out:
        out.hand_over([letter()])
        time.sleep(0.1)
        out.hand_over([letter()])
        assert server.connections == 2


def test_callers_share_the_connections() -> None:
    with MailServer() as server, transport(server.url(), connections=2) as out:
        found: list[AnswerKind] = []

        def call(caller: int) -> None:
            batch = [letter(f"customer{caller}-{n}@example.com") for n in range(25)]
            answers = out.hand_over(batch)
            assert [answer.key for answer in answers] == [one.key for one in batch]
            found.extend(kinds(answers))

        threads = [threading.Thread(target=call, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [ACCEPTED] * 100
        assert len(set(server.recipients)) == 100
        assert server.connections <= 2


def test_a_server_that_takes_fewer_connections_gets_all_letters_over_those() -> None:
    def says(number: int, line: str, default: str) -> Reply:
        if line == ".":
            time.sleep(0.02)
        return "421 4.7.0 Too many connections" if line == "greeting" and number > 1 else default

    with MailServer(says) as server, transport(server.url(), connections=4) as out:
        answers = out.hand_over([letter(f"customer{n}@example.com") for n in range(20)])
        assert kinds(answers).count(ACCEPTED) >= 17, "letters of refused connections go over the open one, if in time"
        assert set(kinds(answers)) <= {ACCEPTED, TRANSIENT}
        assert len(server.messages) == kinds(answers).count(ACCEPTED)


# No way in


def test_an_unreachable_server_answers_for_the_whole_batch_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with transport(f"smtp://127.0.0.1:{port}", connections=4) as out:
        answers = out.hand_over([letter(f"customer{n}@example.com") for n in range(500)])
        with pytest.raises(Unavailable, match="cannot be reached"):
            out.check()
    assert set(kinds(answers)) == {TRANSIENT}
    assert answers[0].code is None


def test_a_refused_login_blocks_the_sender_and_stays_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with (
        MailServer(when("AUTH", "535 5.7.8 No: s3cret"), ("AUTH PLAIN",)) as server,
        transport(server.url(login="fern:s3cret@")) as out,
    ):
        answers = out.hand_over([letter(), letter("ben@example.com")])
        with pytest.raises(Denied) as denied:
            out.check()
    assert kinds(answers) == [SENDER_BLOCKED] * 2
    assert (answers[0].code, answers[0].enhanced) == (535, "5.7.8")
    assert "s3cret" not in f"{answers} {denied.value} {caplog.text} {out!r}"
    assert server.recipients == []


def test_a_login_needs_a_server_that_offers_one() -> None:
    for offers in ((), ("AUTH KLINGON",)):
        with MailServer(offers=offers) as server, transport(server.url(login="fern:s3cret@")) as out:
            assert kinds(out.hand_over([letter()])) == [SENDER_BLOCKED]


def test_a_password_does_not_cross_a_network_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.create_connection
    with MailServer(offers=("AUTH PLAIN",)) as server:
        to_server = ("127.0.0.1", server.port)
        monkeypatch.setattr(socket, "create_connection", lambda _address, *rest, **more: real(to_server, *rest, **more))
        with transport("smtp://fern:s3cret@mail.example.com?helo=fern.example") as out:
            (answer,) = out.hand_over([letter()])
        assert answer.kind is SENDER_BLOCKED
        assert "?tls=off" in answer.text
        assert not any(line.startswith("AUTH") for line in server.lines)
        with transport("smtp://fern:s3cret@mail.example.com?helo=fern.example&tls=off") as out:
            assert kinds(out.hand_over([letter()])) == [ACCEPTED]


def test_a_login_over_a_network_wants_a_certificate_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """smtp:// too: whoever can answer in the server's place must not be told the password."""
    monkeypatch.setattr(SmtpUrl, "local", False)
    with MailServer(tls="offered", offers=("AUTH PLAIN",)) as server:
        with transport(server.url(login="fern:s3cret@")) as out:
            (answer,) = out.hand_over([letter()])
            with pytest.raises(Unavailable, match=r"self-signed.*\?ca=FILE"):
                out.check()
        assert answer.kind is TRANSIENT
        assert not any(line.startswith("AUTH") for line in server.lines)
    for query, said in ((f"&ca={CERTIFICATE}", "certificate checked"), ("&verify=off", "certificate not checked")):
        server = MailServer(tls="offered", offers=("AUTH PLAIN",))
        with server, transport(server.url(login="fern:s3cret@", query=query)) as out:
            assert f"{said}; signed in" in out.check()
    with MailServer(tls="offered") as server, transport(server.url()) as out:
        assert "certificate not checked; no login" in out.check(), "nothing is secret"


def test_the_doctor_notes_a_password_that_can_be_read_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SmtpUrl, "local", False)
    for query, state in ((f"&ca={CERTIFICATE}", "ok"), ("&verify=off", "note"), ("&tls=off", "note")):
        with MailServer(tls="offered", offers=("AUTH PLAIN",)) as server:
            found = _mail(read_config({"RELANCE_SMTP_URL": server.url(login="fern:s3cret@", query=query)}))
        assert (found.state, bool(found.hint)) == (state, state == "note")


def test_a_closed_transport_says_so() -> None:
    with MailServer() as server, transport(server.url()) as out:
        out.close()
        with pytest.raises(Unavailable):
            out.hand_over([letter()])


# TLS


def test_tls_is_used_when_offered() -> None:
    with MailServer(tls="offered", offers=("AUTH PLAIN",)) as server:
        with transport(server.url(login="fern:s3cret@")) as out:
            said = out.check()
        assert "TLSv1" in said
        assert "certificate not checked; signed in" in said
        assert server.lines[1] == "STARTTLS"


def test_offered_tls_can_be_declined() -> None:
    with MailServer(tls="offered") as server, transport(server.url(query="&tls=off")) as out:
        assert "no TLS" in out.check()


@pytest.mark.parametrize(("scheme", "tls"), [("smtps", "from the start"), ("smtp+starttls", "offered")])
def test_demanded_tls_checks_the_certificate(scheme: str, tls: str) -> None:
    with MailServer(tls=tls) as server, transport(server.url(scheme)) as out:
        (answer,) = out.hand_over([letter()])
        assert answer.kind is TRANSIENT
        assert "self-signed" in answer.text
    for query in (f"&ca={CERTIFICATE}", "&verify=off"):
        with MailServer(tls=tls) as server, transport(server.url(scheme, query=query)) as out:
            assert kinds(out.hand_over([letter(), letter("ben@example.com")])) == [ACCEPTED] * 2


def test_demanded_tls_is_not_given_up() -> None:
    with MailServer() as server, transport(server.url("smtp+starttls")) as out:
        (answer,) = out.hand_over([letter()])
        assert answer.kind is SENDER_BLOCKED
        assert "offers no STARTTLS" in answer.text
        assert server.recipients == []


def test_a_connection_lost_after_the_final_dot_is_unknown_under_tls_too() -> None:
    with MailServer(when(".", None), tls="from the start") as server:
        with transport(server.url("smtps", query="&verify=off")) as out:
            assert kinds(out.hand_over([letter()])) == [UNKNOWN]
        assert len(server.messages) == 1
