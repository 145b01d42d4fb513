"""What recipients do with a message: open it, follow its links, leave by link or by one click, come back."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cast import ANA
from db.outbox import PUBLIC_URL, SECRET, Outbox, open_outbox
from db.test_send import Post
from serve import served
from starlette.applications import Starlette

from relance import hooks
from relance.audience import contacts
from relance.db.pool import Database
from relance.kernel.clock import Clock
from relance.messages.outcomes.bounce import bounced
from relance.messages.track.token import DeliveryRef, Tokens
from relance.messages.transports.read_mail import MailView, read_mail

FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
APPLE_PROXY = {"user-agent": "Mozilla/5.0"}
LINKS = (
    '<body><a href="https://fern.example/new?utm_source=mail&amp;pot=2">new</a>'
    '<a href="https://fern.example/new?pot=2&amp;utm_source=button">button</a><a href="https://fern.example/old">old</a>'
    '<a href="https://fern.example/me?m=*|EMAIL|*&amp;plant=*|EVENT:plant|*">me</a><a href="*|UNSUB|*">out</a></body>'
)


@pytest.fixture
def outbox(database: Database, clock: Clock) -> Outbox:
    outbox = open_outbox(database)
    outbox.content(LINKS)
    return outbox


@pytest.fixture
def web(outbox: Outbox) -> Iterator[httpx.Client]:
    context = hooks.HookContext(outbox.database, PUBLIC_URL, SECRET, contexts=lambda _tx, _rows: outbox.known)
    with (
        served(Starlette(routes=hooks.routes(context))) as url,
        httpx.Client(base_url=url, headers=FIREFOX, timeout=30) as client,
    ):
        yield client


def sent(outbox: Outbox, **draft: Any) -> tuple[DeliveryRef, MailView]:
    """A message in somebody's letter box."""
    ref = outbox.queue(outbox.person(**draft))
    outbox.known[ref.delivery_id] = {"event": {"plant": "Maidenhair fern"}, "name": "repotted"}
    outbox.send(post := Post())
    return ref, read_mail(post.letters[-1].data)


def links_of(mail: MailView) -> list[str]:
    """Paths of the tracked links, in order."""
    found = re.findall(r'href="([^"]+)"', mail.html or "")
    return [url.removeprefix(PUBLIC_URL) for url in found if "/t/c/" in url]


def pixel_of(mail: MailView) -> str:
    return re.findall(r'src="([^"]+)"', mail.html or "")[0].removeprefix(PUBLIC_URL)


def forged(outbox: Outbox, ref: DeliveryRef) -> list[str]:
    token = outbox.token(ref)
    other = Tokens("another installation's secret").sign(ref)
    return [token[:-1] + ("A" if token[-1] != "A" else "B"), token[:-1], "x", other, token + "A"]


# ── Opens ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_open_counts_once(outbox: Outbox, web: httpx.Client, clock: Clock) -> None:
    ref, mail = sent(outbox)
    first = clock.advance(timedelta(hours=1))
    for _ in range(3):
        answer = web.get(pixel_of(mail))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
        assert "no-store" in answer.headers["cache-control"]
        assert answer.content.startswith(b"GIF89a")
        clock.advance(timedelta(hours=1))
    assert outbox.delivery(ref).opened_at == first
    assert outbox.kinds(ref) == ["message.sent", "message.opened"]
    assert outbox.told(ref)[-1][1]["client"] == FIREFOX["user-agent"]


def test_a_privacy_proxy_is_a_machine_and_the_person_still_counts(
    outbox: Outbox, web: httpx.Client, clock: Clock
) -> None:
    ref, mail = sent(outbox)
    for headers in (APPLE_PROXY, APPLE_PROXY):
        web.get(pixel_of(mail), headers=headers)
    web.head(pixel_of(mail))
    row = outbox.delivery(ref)
    assert (row.opened_at, row.machine_at) == (None, clock.now())
    web.get(pixel_of(mail))
    assert outbox.delivery(ref).opened_at == clock.now()
    assert [payload["machine"] for kind, payload in outbox.told(ref) if kind == "message.opened"] == [True, False]


def test_an_account_may_count_machines(outbox: Outbox, web: httpx.Client) -> None:
    with outbox.database.transaction() as tx:
        tx.connection.execute("""update account set settings = '{"count_machine_activity": true}'""")
    ref, mail = sent(outbox)
    web.get(pixel_of(mail), headers=APPLE_PROXY)
    row = outbox.delivery(ref)
    assert (row.opened_at is not None, row.machine_at) == (True, None)


def test_a_forged_pixel_is_a_picture_and_nothing_else(outbox: Outbox, web: httpx.Client) -> None:
    ref, _ = sent(outbox)
    for token in forged(outbox, ref):
        assert web.get(f"/t/o/{token}.gif").status_code == 200
    assert outbox.kinds(ref) == ["message.sent"]


# ── Clicks ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_click_leads_where_the_message_said_and_counts_as_the_open(
    outbox: Outbox, web: httpx.Client, clock: Clock
) -> None:
    ref, mail = sent(outbox)
    new, button, old, _ = links_of(mail)
    answer = web.get(new)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://fern.example/new?utm_source=mail&pot=2")
    row = outbox.delivery(ref)
    assert (row.opened_at, row.clicked_at) == (clock.now(), clock.now())
    assert web.get(button).headers["location"] == "https://fern.example/new?pot=2&utm_source=button"
    assert web.get(old).headers["location"] == "https://fern.example/old"
    web.get(old)
    clicks = [payload for kind, payload in outbox.told(ref) if kind == "message.clicked"]
    assert [click["url"] for click in clicks] == ["https://fern.example/new?pot=2", "https://fern.example/old"]
    assert "message.opened" not in outbox.kinds(ref)


def test_a_plain_http_client_is_a_person_and_a_look_without_content_is_not(outbox: Outbox, web: httpx.Client) -> None:
    ref, mail = sent(outbox)
    assert web.head(links_of(mail)[0]).status_code == 302
    assert outbox.delivery(ref).clicked_at is None
    assert outbox.delivery(ref).machine_at is not None
    web.get(links_of(mail)[0], headers={"user-agent": "python-requests/2.32.3"})
    assert outbox.delivery(ref).clicked_at is not None
    assert [payload["machine"] for kind, payload in outbox.told(ref) if kind == "message.clicked"] == [True, False]


def test_a_personal_link_is_written_when_it_is_clicked(outbox: Outbox, web: httpx.Client) -> None:
    ref, mail = sent(outbox)
    answer = web.get(links_of(mail)[3])
    assert answer.headers["location"] == "https://fern.example/me?m=ana%40example.com&plant=Maidenhair%20fern"
    assert outbox.told(ref)[-1][1]["url"] == "https://fern.example/me?m=*|EMAIL|*&plant=*|EVENT:plant|*"


def test_a_link_works_after_the_message_was_edited(outbox: Outbox, web: httpx.Client) -> None:
    _, mail = sent(outbox)
    outbox.content("<p>Nothing left</p>")
    assert web.get(links_of(mail)[2]).headers["location"] == "https://fern.example/old"


def test_no_address_leads_elsewhere(outbox: Outbox, web: httpx.Client) -> None:
    ref, mail = sent(outbox)
    token, path = outbox.token(ref), links_of(mail)[0]
    for where in ("/zzzz", "/https:%2F%2Fevil.example", "/0?url=https://evil.example", "/é"):
        answer = web.get(f"/t/c/{token}{where}")
        assert (answer.status_code, "location" in answer.headers) == (404, False)
    answer = web.get(f"{path}?url=https://evil.example")
    assert answer.headers["location"].startswith("https://fern.example/")


def test_a_forged_link_is_a_friendly_page(outbox: Outbox, web: httpx.Client) -> None:
    ref, mail = sent(outbox)
    slug = links_of(mail)[0].rpartition("/")[2]
    for token in forged(outbox, ref):
        answer = web.get(f"/t/c/{token}/{slug}", headers={"accept-language": "fr-FR,fr;q=0.9"})
        assert (answer.status_code, "Ce lien ne fonctionne pas" in answer.text) == (404, True)
    assert outbox.kinds(ref) == ["message.sent"]


# ── The message on a page ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_message_can_be_seen_in_the_browser(outbox: Outbox, web: httpx.Client) -> None:
    outbox.content("<body><p>Hello *|FNAME|* and *|EVENT:plant|*</p><script>alert(1)</script></body>")
    ref, _ = sent(outbox)
    answer = web.get(f"/t/v/{outbox.token(ref)}")
    assert "Hello Ana and Maidenhair fern" in answer.text
    assert "/t/o/" not in answer.text
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "allow-scripts" not in answer.headers["content-security-policy"]
    assert web.get(f"/t/v/{forged(outbox, ref)[0]}").status_code == 404
    assert outbox.kinds(ref) == ["message.sent"]


# ── Leaving and coming back ─────────────────────────────────────────────────────────────────────────────────────────


def test_looking_at_the_page_unsubscribes_nobody(outbox: Outbox, web: httpx.Client) -> None:
    ref, mail = sent(outbox)
    address = f"/u/{outbox.token(ref)}"
    assert address in (mail.html or "")
    for answer in (web.get(address), web.get(address, headers=APPLE_PROXY), web.head(address)):
        assert answer.status_code == 200
    page = web.get(address).text
    assert "Unsubscribe?" in page
    assert f'<form method="post" action="{PUBLIC_URL}{address}' in page
    assert "<script" not in page
    assert (outbox.status(), outbox.kinds(ref)) == ("subscribed", ["message.sent"])


@pytest.mark.parametrize("form", ["urlencoded", "multipart", "nothing"])
def test_one_click_from_the_mail_program(outbox: Outbox, web: httpx.Client, form: str) -> None:
    """RFC 8058: the header's address, posted to without cookies, by either form type; no redirect, no question."""
    ref, mail = sent(outbox)
    headers = dict(mail.headers)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>").removeprefix(PUBLIC_URL)
    body: dict[str, Any] = {
        "urlencoded": {"data": {"List-Unsubscribe": "One-Click"}},
        "multipart": {"files": {"List-Unsubscribe": (None, "One-Click")}},
        "nothing": {},
    }[form]
    for _ in range(2):
        answer = web.post(address, **body)
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
        assert "You are unsubscribed" in answer.text
    assert outbox.status() == "unsubscribed"
    ((_, payload),) = [told for told in outbox.told(ref) if told[0] == "contact.email_unsubscribed"]
    assert (payload["by"], payload["previous"]) == ("self", "subscribed")
    again = outbox.queue(outbox_contact(outbox))
    outbox.send(post := Post())
    assert (post.letters, outbox.delivery(again).code) == ([], "S02")


def outbox_contact(outbox: Outbox, email: str = ANA) -> contacts.Contact:
    with outbox.database.transaction() as tx:
        return outbox.shop.find(tx, email)


def test_a_large_body_is_not_read(outbox: Outbox, web: httpx.Client) -> None:
    ref, _ = sent(outbox)
    with contextlib.suppress(httpx.WriteError):  # the server may hang up on what it does not want to read
        assert web.post(f"/u/{outbox.token(ref)}", content=b"x" * 3_000_000).status_code == 200
    assert outbox.status() == "unsubscribed"


def test_undo_brings_back_who_was_subscribed(outbox: Outbox, web: httpx.Client) -> None:
    ref, _ = sent(outbox)
    address = f"/u/{outbox.token(ref)}"
    page = web.post(address).text
    assert f'action="{PUBLIC_URL}{address}/undo' in page
    answer = web.post(f"{address}/undo")
    assert (answer.status_code, "You are subscribed again" in answer.text) == (200, True)
    assert outbox.status() == "subscribed"
    assert web.post(f"{address}/undo").status_code == 200
    assert outbox.kinds().count("contact.email_subscribed") == 2  # the sign-up, and the return


def test_undo_makes_no_subscriber_of_somebody_who_never_was(outbox: Outbox, web: httpx.Client) -> None:
    ref = outbox.queue(outbox.person(email_status="non_subscribed"), "transactional")
    outbox.send(Post())
    address = f"/u/{outbox.token(ref)}"
    assert "/undo" not in web.post(address).text
    web.post(f"{address}/undo")
    assert outbox.status() == "unsubscribed"


def test_undo_does_not_lift_what_others_decided(outbox: Outbox, web: httpx.Client) -> None:
    ref, _ = sent(outbox)
    outbox.person(email_status="unsubscribed")
    page = web.get(f"/u/{outbox.token(ref)}").text
    assert "already unsubscribed" in page
    web.post(f"/u/{outbox.token(ref)}/undo")
    assert outbox.status() == "unsubscribed"


def test_the_page_speaks_the_contact_s_language_and_lets_one_choose(outbox: Outbox, web: httpx.Client) -> None:
    ref, _ = sent(outbox, language="fr")
    address = f"/u/{outbox.token(ref)}"
    assert "Vous désabonner ?" in web.get(address).text
    assert "Unsubscribe?" in web.get(address, params={"lang": "en"}).text
    assert "Vous êtes désabonné(e)" in web.post(address).text


def test_names_are_shown_as_text(outbox: Outbox, web: httpx.Client) -> None:
    with outbox.database.transaction() as tx:
        tx.connection.execute("""update audience set sender = sender || '{"company": "<script>Fern</script>"}'""")
    ref, _ = sent(outbox)
    page = web.get(f"/u/{outbox.token(ref)}").text
    assert "&lt;script&gt;Fern" in page
    assert "<script>" not in page


def test_a_forged_unsubscribe_address_does_nothing(outbox: Outbox, web: httpx.Client) -> None:
    ref, _ = sent(outbox)
    for token in forged(outbox, ref):
        assert web.get(f"/u/{token}").status_code == 404
        assert web.post(f"/u/{token}").status_code == 404
        assert web.post(f"/u/{token}/undo").status_code == 404
    assert outbox.status() == "subscribed"


def test_an_erased_contact_s_links_are_quiet(outbox: Outbox, web: httpx.Client, clock: Clock) -> None:
    ref, mail = sent(outbox)
    with outbox.database.transaction() as tx:
        ana = outbox.shop.find(tx)
        contacts.erase(tx, clock.now(), outbox.shop.customers, ana, contacts.Actor("api", "api"))
    assert web.get(f"/u/{outbox.token(ref)}").status_code == 404
    assert web.get(links_of(mail)[2]).status_code in (302, 404)
    assert web.get(pixel_of(mail)).status_code == 200


# ── Bounces that come later ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_later_hard_bounce_is_told_once_and_cleans(outbox: Outbox, clock: Clock) -> None:
    ref, _ = sent(outbox)
    with outbox.database.transaction() as tx:
        assert bounced(tx, clock.now(), ref, "soft", "4.2.2")
        assert not bounced(tx, clock.now(), ref, "soft", "4.2.2")
    assert outbox.status() == "subscribed"
    with outbox.database.transaction() as tx:
        assert bounced(tx, clock.now(), ref, "hard", "5.1.1")
        assert not bounced(tx, clock.now(), ref, "hard", "5.1.1")
    assert outbox.status() == "cleaned"
    hardness = [payload["hardness"] for kind, payload in outbox.told(ref) if kind == "message.bounced"]
    assert hardness == ["soft", "hard"]


@pytest.mark.parametrize(
    ("trusted", "said", "kept"),
    [
        ((), "203.0.113.9", "127.0.0.1"),
        (("127.0.0.1",), "203.0.113.9", "203.0.113.9"),
        (("127.0.0.0/8", "10.1.0.0/16"), "198.51.100.1, 203.0.113.9, 10.1.4.4", "203.0.113.9"),
        (("10.1.0.0/16",), "203.0.113.9", "127.0.0.1"),
    ],
    ids=["nobody is believed", "the proxy is", "and one behind it", "this one is not"],
)
def test_who_has_left_is_recorded_with_their_own_address(
    outbox: Outbox, trusted: tuple[str, ...], said: str, kept: str
) -> None:
    """Whatever somebody claims before the first proxy that is trusted counts for nothing."""
    ref, _ = sent(outbox, email=ANA)
    context = hooks.HookContext(outbox.database, PUBLIC_URL, SECRET)
    with served(Starlette(routes=hooks.routes(context)), trusted) as url:
        assert httpx.post(f"{url}/u/{outbox.token(ref)}", headers={"x-forwarded-for": said}).status_code == 200
    with outbox.database.transaction() as tx:
        found = tx.connection.execute("select address from consent_record where new = 'unsubscribed'").fetchall()
    assert [row.address for row in found] == [kept]
