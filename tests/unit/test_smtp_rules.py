"""What a mail server's words mean, when to try again, and how its address is written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.kernel.errors import Invalid
from relance.messages.addresses import wire_address
from relance.messages.transports.model import AnswerKind, Reply, Stage
from relance.messages.transports.rules import classify, enhanced_status, next_try
from relance.messages.transports.smtp import SmtpTransport
from relance.messages.transports.smtp_url import parse_smtp_url

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
GO_ON = None


@pytest.mark.parametrize(
    ("stage", "code", "text", "meaning"),
    [
        (Stage.SENDER, 250, "2.1.0 Ok", GO_ON),
        (Stage.RECIPIENT, 251, "User not local; will forward", GO_ON),
        (Stage.DATA, 354, "End data with <CR><LF>.<CR><LF>", GO_ON),
        (Stage.FINAL, 250, "2.0.0 queued as 4F2", AnswerKind.ACCEPTED),
        # the address is to blame
        (Stage.RECIPIENT, 550, "5.1.1 Unknown user", AnswerKind.REFUSED),
        (Stage.RECIPIENT, 550, "No such user here", AnswerKind.REFUSED),
        (Stage.RECIPIENT, 553, "mailbox name not allowed", AnswerKind.REFUSED),
        (Stage.RECIPIENT, 556, "5.1.10 Domain takes no mail", AnswerKind.REFUSED),
        (Stage.RECIPIENT, 550, "5.2.1 Mailbox disabled", AnswerKind.REFUSED),
        (Stage.RECIPIENT, 550, "5.4.1 Recipient address rejected: Access denied", AnswerKind.REFUSED),
        (Stage.FINAL, 550, "5.1.1 Unknown user, found out late", AnswerKind.REFUSED),
        # the message or a policy is to blame
        (Stage.RECIPIENT, 550, "5.7.1 Blocked by our policy", AnswerKind.REFUSED_MESSAGE),
        (Stage.RECIPIENT, 552, "5.2.2 Mailbox full", AnswerKind.REFUSED_MESSAGE),
        (Stage.RECIPIENT, 554, "Transaction failed", AnswerKind.REFUSED_MESSAGE),
        (Stage.FINAL, 554, "5.7.1 Looks like spam", AnswerKind.REFUSED_MESSAGE),
        (Stage.FINAL, 550, "Looks like spam", AnswerKind.REFUSED_MESSAGE),
        (Stage.SENDER, 552, "5.3.4 Too big", AnswerKind.REFUSED_MESSAGE),
        # the sender or the login is to blame
        (Stage.SENDER, 550, "5.7.1 Sender not allowed", AnswerKind.SENDER_BLOCKED),
        (Stage.SENDER, 530, "Authentication required", AnswerKind.SENDER_BLOCKED),
        (Stage.RECIPIENT, 530, "5.7.0 Authentication required", AnswerKind.SENDER_BLOCKED),
        (Stage.RECIPIENT, 550, "5.1.8 Sender's domain does not exist", AnswerKind.SENDER_BLOCKED),
        (Stage.AUTH, 535, "5.7.8 Wrong password", AnswerKind.SENDER_BLOCKED),
        (Stage.CONNECT, 554, "We do not talk to you", AnswerKind.SENDER_BLOCKED),
        # later
        (Stage.CONNECT, 421, "Too busy", AnswerKind.TRANSIENT),
        (Stage.AUTH, 454, "4.7.0 Temporary failure", AnswerKind.TRANSIENT),
        (Stage.RECIPIENT, 450, "4.2.0 Greylisted", AnswerKind.TRANSIENT),
        (Stage.RECIPIENT, 452, "4.2.2 Mailbox full", AnswerKind.TRANSIENT),
        (Stage.RECIPIENT, 552, "Too many recipients", AnswerKind.TRANSIENT),
        (Stage.FINAL, 451, "4.3.0 Try again", AnswerKind.TRANSIENT),
        # no reply that SMTP knows
        (Stage.DATA, 250, "Ok?", AnswerKind.TRANSIENT),
        (Stage.RECIPIENT, -1, "HTTP/1.1 200 OK", AnswerKind.TRANSIENT),
        (Stage.FINAL, -1, "HTTP/1.1 200 OK", AnswerKind.UNKNOWN),
        (Stage.FINAL, 354, "Go on?", AnswerKind.UNKNOWN),
    ],
)
def test_a_reply_means_one_thing(stage: Stage, code: int, text: str, meaning: AnswerKind | None) -> None:
    assert classify(Reply(code, text), stage) is meaning


@pytest.mark.parametrize("stage", Stage)
def test_silence_is_unknown_only_after_the_final_dot(stage: Stage) -> None:
    assert classify(None, stage) is (AnswerKind.UNKNOWN if stage is Stage.FINAL else AnswerKind.TRANSIENT)


@given(st.integers(-1, 999), st.text(max_size=30), st.sampled_from(list(Stage)))
def test_only_a_positive_final_reply_accepts(code: int, text: str, stage: Stage) -> None:
    kind = classify(Reply(code, text), stage)
    assert (kind is AnswerKind.ACCEPTED) == (stage is Stage.FINAL and 200 <= code < 300)
    assert kind is not AnswerKind.UNKNOWN or stage is Stage.FINAL


def test_an_enhanced_status_must_agree_with_the_code() -> None:
    assert enhanced_status(Reply(550, "5.1.1 Unknown user")) == "5.1.1"
    assert enhanced_status(Reply(550, "4.1.1 Unknown user")) is None
    assert enhanced_status(Reply(550, "5.1.1.example.com says no")) is None


def test_pauses_grow_for_a_day_and_then_the_letter_is_given_up() -> None:
    tries, moment = [], NOON
    while (following := next_try(len(tries) + 1, NOON, moment, "letter-1")) is not None:
        assert following > moment
        tries.append(following)
        moment = following
    assert tries[-1] == NOON + timedelta(hours=24), "the last try is a day after the first"
    assert 8 <= len(tries) <= 16
    assert tries[0] - NOON < timedelta(minutes=2)
    assert next_try(3, NOON, NOON + timedelta(hours=30)) is None, "after an outage of the worker"


@given(st.text(), st.integers(1, 50), st.integers(0, 86_399))
def test_letters_refused_together_come_back_spread_but_always_alike(key: str, attempts: int, after: int) -> None:
    now = NOON + timedelta(seconds=after)
    following = next_try(attempts, NOON, now, key)
    assert following == next_try(attempts, NOON, now, key)
    assert following is not None
    assert now < following <= NOON + timedelta(hours=24)


def test_jitter_spreads_a_crowd() -> None:
    moments = {next_try(3, NOON, NOON, f"letter-{n}") for n in range(100)}
    assert len(moments) > 90


def test_a_url_says_everything_once() -> None:
    url = parse_smtp_url("smtp+starttls://fern:p%40ss%2Fword@mail.example.com?helo=fern.example.com&verify=off")
    assert (url.host, url.port, url.user, url.password) == ("mail.example.com", 587, "fern", "p@ss/word")
    assert (url.helo, url.verify, url.tls) == ("fern.example.com", False, True)
    assert parse_smtp_url("smtps://mail.example.com").port == 465
    assert parse_smtp_url("smtp://[::1]:2525?tls=off").tls is False


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com:25",
        "http://fern:s3cret@mail.example.com",
        "smtp://",
        "smtp://fern:s3cret@mail.example.com:port",
        "smtp://fern:s3cret@mail.example.com:0",
        "smtp://fern:s3cret@mail.example.com:70000",
        "smtp://fern:s3cret/x@mail.example.com",
        "smtp://fern:12/s3cret@mail.example.com",
        "smtp://fern:12?s3cret=x@mail.example.com",
        "smtp://fern:s3cret#x@mail.example.com",
        "smtp://fern@mail.example.com",
        "smtp://fern:s3crét@mail.example.com",
        "smtps://fern:s3cret@mail.example.com?tls=off",
        "smtp://fern:s3cret@mail.example.com?helo=a%0d%0ab",
        "smtp://fern:s3cret@mail.example.com?tls=maybe",
        "smtps://fern:s3cret@mail.example.com?ca=/nowhere/ca.pem",
    ],
)
def test_a_wrong_url_is_explained_without_quoting_it(url: str) -> None:
    with pytest.raises(Invalid) as wrong:
        SmtpTransport(url)
    assert wrong.value.mend
    assert "s3cr" not in str(wrong.value)


@pytest.mark.parametrize(
    ("url", "insists", "checks", "risks"),
    [
        ("smtp://mail.example.com", False, False, False),
        ("smtp://fern:s3cret@mail.example.com:587", True, True, False),
        ("smtp://fern:s3cret@mail.example.com:587?verify=off", True, False, True),
        ("smtp://fern:s3cret@mail.example.com:587?tls=off", False, False, True),
        ("smtp://fern:s3cret@127.0.0.2", False, False, False),
        ("smtp://fern:s3cret@localhost", False, False, False),
        ("smtp+starttls://fern:s3cret@mail.example.com", True, True, False),
        ("smtps://fern:s3cret@mail.example.com?verify=off", True, False, True),
    ],
)
def test_a_password_goes_to_a_server_that_has_shown_who_it_is(
    url: str, insists: bool, checks: bool, risks: bool
) -> None:
    read = parse_smtp_url(url)
    assert (read.insists, read.checks, read.risks_login) == (insists, checks, risks)


def test_a_transport_does_not_show_its_login() -> None:
    transport = SmtpTransport("smtps://fern:s3cret@mail.example.com")
    shown = repr(transport) + repr(transport._url) + str(transport._url)
    transport.close()
    assert "mail.example.com:465" in shown
    assert "s3cret" not in shown
    assert "fern" not in shown


def test_an_echoed_password_is_struck_out() -> None:
    url = parse_smtp_url("smtp://fern:s3cret@mail.example.com")
    assert url.scrub("no: s3cret czNjcmV0 AGZlcm4AczNjcmV0") == "no: … … …"


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("ana@example.com", "ana@example.com"),
        (" ana@example.com ", "ana@example.com"),
        ("élodie@example.com", "élodie@example.com"),
        ("chloe@jardinière.example", "chloe@xn--jardinire-63a.example"),
        ('"ana f"@example.com', '"ana f"@example.com'),
        ("ana@[192.0.2.1]", "ana@[192.0.2.1]"),
        ("ana", None),
        ("@example.com", None),
        ("ana@", None),
        ("ana@example.com> SIZE=1", None),
        ("ana@example.com\r\nRSET", None),
        ("ana\r\nDATA@example.com", None),
        ("ben@example.com,ana@example.com", None),
        ("ana b@example.com", None),
        ("ana\ud800@example.com", None),
        ("a" * 320 + "@example.com", None),
    ],
)
def test_an_address_cannot_write_a_second_command(address: str, wire: str | None) -> None:
    assert wire_address(address) == wire
