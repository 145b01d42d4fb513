"""A message in MIME form comes out of any mail reader as it was put in."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relance.kernel.errors import Invalid
from relance.messages.mime import Skeleton, one_line
from relance.messages.text_from_html import text_from_html
from relance.messages.transports.read_mail import read_mail

SHOP = Skeleton.build(from_name="Fern & Moss", from_address="hello@fern.example", reply_to="shop@fern.example")


def fill(skeleton: Skeleton = SHOP, **given: Any) -> bytes:
    values: dict[str, Any] = {
        "subject": "Your fern",
        "to_name": "Ana",
        "to_address": "ana@example.com",
        "html": "<p>Hello</p>",
        "text": "Hello",
        "date": datetime(2025, 3, 3, 12, tzinfo=UTC),
        "message_id": "<d1@fern.example>",
    }
    return skeleton.fill(**values | given)


def parse(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    assert not part.defects
    return str(part.get_content())


def lines_of(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_message_reads_as_written() -> None:
    data = fill(
        subject="Élodie, your fern — 12 €",
        to_name="Élodie, la jardinière",
        html="<p>Voilà</p>",
        text="Voilà",
        delivery="run-7",
        unsubscribe_url="https://fern.example/u/abc?x=1",
        headers=[("X-Shop", "Fern & Moss 🌿")],
    )
    message = parse(data)
    assert message["From"].addresses[0].display_name == "Fern & Moss"
    assert message["From"].addresses[0].addr_spec == "hello@fern.example"
    assert message["Reply-To"] == "shop@fern.example"
    assert message["To"].addresses[0].display_name == "Élodie, la jardinière"
    assert message["Subject"] == "Élodie, your fern — 12 €"
    assert message["Date"].datetime == datetime(2025, 3, 3, 12, tzinfo=UTC)
    assert message["Message-ID"] == "<d1@fern.example>"
    assert message["X-Relance-Delivery"] == "run-7"
    assert message["List-Unsubscribe"] == "<https://fern.example/u/abc?x=1>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["X-Shop"] == "Fern & Moss 🌿"
    assert message["MIME-Version"] == "1.0"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert (body(message, "plain"), body(message, "html")) == ("Voilà", "<p>Voilà</p>")
    assert data.isascii()


@given(st.text(), st.text(), st.text(), st.text())
@example("a" * 200, "b" * 200, "c" * 2000, "d " * 2000)
@example("word " * 60, "Ana Maria " * 20, "From here\nFrom there", ".\r\n..\r\n.")
@example("=?utf-8?B?QQ==?=", '=?utf-8?Q?a?= "x" \\ (y)', "\0", "\ud83c")
@example("two  spaces " * 20, "O'Hara, Ben", "a\rb\r\nc\nd", "\n\n")
@example("", "", "", "")
def test_any_words_survive_the_journey(subject: str, name: str, html: str, text: str) -> None:
    data = fill(subject=subject, to_name=name, html=html, text=text)
    assert data.replace(b"\r\n", b"").translate(None, b"\r\n") == data.replace(b"\r\n", b""), "no lone CR or LF"
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    head = data.partition(b"\r\n\r\n")[0]
    assert max(len(line) for line in head.split(b"\r\n")) <= 78
    assert data.isascii()
    message = parse(data)
    assert len(message.keys()) == 8, "no value has written a header of its own"
    assert message["Subject"] == readable(one_line(subject))
    shown, meant = message["To"].addresses[0].display_name, readable(" ".join(one_line(name).split()))
    if len(meant.encode()) > 40:
        # Python 3.11 reads a space between two encoded words of a name, which RFC 2047 6.2 says is none.
        shown, meant = shown.replace(" ", ""), meant.replace(" ", "")
    assert shown == meant
    assert message["To"].addresses[0].addr_spec == "ana@example.com"
    assert lines_of(body(message, "html")) == readable(lines_of(html))
    assert lines_of(body(message, "plain")) == readable(lines_of(text))


def readable(text: str) -> str:
    """Half of a surrogate pair is no character: it becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def test_a_subject_cannot_write_a_header() -> None:
    message = parse(fill(subject="Sale\r\nBcc: ben@example.com", to_name="Ana\nX-Evil: 1"))
    assert message["Subject"] == "Sale Bcc: ben@example.com"
    assert message["Bcc"] is None
    assert message["X-Evil"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"to_address": "ana@example.com\r\nBcc: ben@example.com"},
        {"to_address": "ana"},
        {"message_id": "a b"},
        {"message_id": ""},
        {"delivery": "run\r\n7"},
        {"unsubscribe_url": "javascript:alert(1)"},
        {"unsubscribe_url": "https://fern.example/>\r\nBcc: x"},
        {"unsubscribe_url": "https://fern.example/" + "x" * 1000},
        {"headers": [("Subject", "another")]},
        {"headers": [("X-A: b\r\nX-C", "d")]},
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        fill(**wrong)


def test_addresses_outside_ascii() -> None:
    assert parse(fill(to_address="chloe@jardinière.example"))["To"].addresses[0].domain == "xn--jardinire-63a.example"
    assert "élodie@example.com".encode() in fill(to_address="élodie@example.com")
    with pytest.raises(Invalid):
        Skeleton.build(from_name="Fern & Moss", from_address="hello")


def test_plain_ascii_travels_as_it_is() -> None:
    assert b"Content-Transfer-Encoding: 7bit\r\n\r\n<p>Hello</p>\r\n--" in fill()


def test_a_body_cannot_open_a_part_of_its_own() -> None:
    trick = f"\r\n--{SHOP.boundary}\r\nContent-Type: text/html\r\n\r\n<b>trick</b>\r\n"
    message = parse(fill(text=trick))
    assert len(list(message.iter_parts())) == 2
    assert body(message, "plain") == trick


def test_text_from_html_keeps_what_a_reader_needs() -> None:
    html = """<html><head><title>Ferns</title><style>p {color: red}</style></head><body>
    <!--[if mso]><p>Outlook</p><![endif]-->
    <![if !mso]><!-- --><![endif]>
    <div style="display:none">Preview<br><div>more</div></div>
    <h1>Hello   *|FNAME|*,</h1>
    <p>See <a href="https://fern.example/a?b=1&amp;c=2">our <b>ferns</b></a> &amp; mosses.<br>Bye</p>
    <ul><li>Fern</li><li>Moss</li></ul>
    <table><tr><td>Pot</td><td>12 €</td></tr><tr><td>Soil</td><td>3 €</td></tr></table>
    <a href="https://fern.example/"><img src="x.png" alt="Our shop"></a>
    <p><a href="https://fern.example/">https://fern.example/</a> <a href="#top">Top</a>
    <a href="mailto:hello@fern.example">Write</a> <a href="*|UNSUB|*">Leave</a></p>
    </body></html>"""
    assert text_from_html(html) == "\n".join(
        [
            "Hello *|FNAME|*,",
            "",
            "See our ferns (https://fern.example/a?b=1&c=2) & mosses.",
            "Bye",
            "",
            "- Fern",
            "- Moss",
            "",
            "Pot 12 €",
            "Soil 3 €",
            "",
            "Our shop (https://fern.example/)",
            "",
            "https://fern.example/ Top Write (hello@fern.example) Leave (*|UNSUB|*)",
        ]
    )


@given(st.text(alphabet="<>/abpli =\"'&;!-[]#\n", max_size=80))
@example("<![;")
@example("<![ a")
def test_text_from_html_takes_any_rubbish(html: str) -> None:
    assert isinstance(text_from_html(html), str)


def test_a_caught_mail_is_shown() -> None:
    view = read_mail(fill(subject="Für Élodie", html="<p>é</p>", text="é"))
    assert (view.subject, view.html, view.text) == ("Für Élodie", "<p>é</p>", "é")
    assert (view.sender, view.to) == ("Fern & Moss <hello@fern.example>", "Ana <ana@example.com>")
    assert view.date == datetime(2025, 3, 3, 12, tzinfo=UTC)
    assert [name for name, _ in view.headers][:2] == ["Subject", "To"]


_ODD_LINES = st.sampled_from(
    [
        b"To: =?utf-8?B?//8=?= <",
        b"From: \xff\xfe <a@",
        b"Date: Thirty",
        b"Content-Type: text/html; charset=klingon",
        b"Content-Type: multipart/mixed; boundary=x",
        b"Content-Transfer-Encoding: base64",
        b"--x",
        b"",
        b"Subject: =?bad?Q?=ZZ?=",
        b"Content-Type: message/rfc822",
    ]
)


@given(st.one_of(st.binary(max_size=200), st.lists(_ODD_LINES, max_size=12).map(b"\r\n".join)))
def test_a_damaged_mail_is_shown_as_far_as_possible(data: bytes) -> None:
    view = read_mail(data)
    (view.subject + view.sender + view.to + (view.html or "") + (view.text or "")).encode()
