"""The people's surface over HTTP: sign in, look, change, and what strangers and broken parts are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from time import monotonic

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from web_shop import OWNER, PASSWORD, VIEWER, WebShop, open_web_shop

from relance.db.pool import Database, Stretch
from relance.kernel.clock import Clock
from relance.surface import HEALTH_PATIENCE, healthz
from relance.web import WebContext, routes

HOST = "http://testserver"


@pytest.fixture
def shop(database: Database, clock: Clock) -> Iterator[WebShop]:
    with open_web_shop(database, clock, HOST) as shop:
        yield shop


def browser(shop: WebShop, **headers: str) -> TestClient:
    return TestClient(Starlette(routes=routes(shop.context)), base_url=HOST, headers=headers)


@pytest.fixture
def stranger(shop: WebShop) -> TestClient:
    return browser(shop)


@pytest.fixture
def ana(shop: WebShop) -> TestClient:
    """The owner, signed in."""
    return signed_in(shop, OWNER)


def signed_in(shop: WebShop, email: str) -> TestClient:
    client = browser(shop)
    assert client.post(shop.link(email), follow_redirects=False).status_code == 303
    return client


def text(answer: httpx.Response) -> str:
    """What a reader sees, roughly."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def press(client: TestClient, page: str, **fields: str) -> httpx.Response:
    """Send the form that stands on a page."""
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(page).text)
    assert token is not None
    return client.post(page, data={"form_token": token[1], **fields})


def speak(client: TestClient, page: str, language: str, next: str) -> httpx.Response:
    """Press the button of the other language on a page."""
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(page).text)
    assert token is not None
    return client.post("/language", data={"form_token": token[1], "language": language, "next": next})


# ── Signing in and out ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_password_opens_and_leads_to_the_page_that_was_wanted(stranger: TestClient) -> None:
    asked = stranger.get("/sent?show=waiting", follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/signin?next=%2Fsent%3Fshow%3Dwaiting")
    form = {"email": OWNER, "password": PASSWORD, "next": "/sent?show=waiting", "stay": "yes"}
    answer = stranger.post("/signin", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sent?show=waiting")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=2592000" in cookie
    assert stranger.get("/flows").status_code == 200


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(stranger: TestClient) -> None:
    wrong = stranger.post("/signin", data={"email": OWNER, "password": "guess"})
    unknown = stranger.post("/signin", data={"email": "nobody@fern.example", "password": "guess"})
    assert (wrong.status_code, unknown.status_code) == (403, 403)
    assert wrong.text.replace(OWNER, "") == unknown.text.replace("nobody@fern.example", "")
    assert "The address or the password is wrong." in text(wrong)


def test_a_link_opened_by_a_scanner_still_works_for_its_person_and_only_once(
    shop: WebShop, stranger: TestClient
) -> None:
    link = shop.link()
    for _ in range(3):
        assert stranger.get(link).status_code == 200
    assert stranger.get("/flows", follow_redirects=False).status_code == 303
    assert stranger.post(link, follow_redirects=False).headers["location"] == "/flows"
    assert stranger.get("/flows").status_code == 200
    again = browser(shop).post(link)
    assert again.status_code == 403
    assert "has been used" in text(again)


def test_a_letter_with_a_link_goes_only_to_people_of_the_shop_and_the_page_does_not_tell(
    shop: WebShop, stranger: TestClient
) -> None:
    mine = stranger.post("/signin", data={"email": OWNER, "how": "link"})
    other = stranger.post("/signin", data={"email": "nobody@fern.example", "how": "link"})
    assert mine.text.replace(OWNER, "") == other.text.replace("nobody@fern.example", "")
    letters = [mail for mail in shop.world.mails if mail.subject == "Your sign-in link for Relance"]
    assert [mail.to for mail in letters] == [OWNER]
    link = re.search(r"http://testserver(/signin/link/\S+)", letters[0].view.text or "")
    assert link is not None
    assert stranger.post(link[1], follow_redirects=False).status_code == 303


def test_somebody_who_guesses_passwords_is_asked_to_wait(stranger: TestClient) -> None:
    codes = [
        stranger.post("/signin", data={"email": "guess@fern.example", "password": str(n)}).status_code
        for n in range(12)
    ]
    assert codes == [403] * 10 + [429] * 2


def test_after_signing_out_the_cookie_opens_nothing(ana: TestClient) -> None:
    kept = ana.cookies["relance_session"]
    token = re.search(r'name="form_token" value="([^"]+)"', ana.get("/flows").text)
    assert token is not None
    ana.post("/signout", data={"form_token": token[1]})
    assert ana.get("/flows", headers={"Cookie": f"relance_session={kept}"}, follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(stranger: TestClient, target: str) -> None:
    answer = stranger.post(
        "/signin", data={"email": OWNER, "password": PASSWORD, "next": target}, follow_redirects=False
    )
    assert answer.headers["location"] == "/flows"


def test_behind_https_the_cookie_is_only_sent_over_https(shop: WebShop) -> None:
    context = WebContext(
        database=shop.context.database, kinds=shop.context.kinds, public_url="https://relance.fern.example", secret="s"
    )
    client = TestClient(Starlette(routes=routes(context)), base_url="https://relance.fern.example")
    assert "; Secure" in client.post(shop.link(), follow_redirects=False).headers["set-cookie"]


# ── Flows ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_shows_each_flow_with_its_numbers(ana: TestClient) -> None:
    page = text(ana.get("/flows"))
    assert "Welcome Signs up for email (Imports left out) Live 4 1 3" in page
    assert "Thank you <again> Added by hand Draft Not turned on yet" in page
    assert "All 2" in page
    assert "Archived 0" in page


def test_tabs_and_search_narrow_the_list(ana: TestClient) -> None:
    assert "Welcome" not in text(ana.get("/flows?state=draft"))
    assert "Thank you" not in text(ana.get("/flows?q=WELC"))
    assert "No flow fits" in text(ana.get("/flows?q=100%25"))
    assert "No flow fits" in text(ana.get("/flows?state=paused"))


def test_the_map_reads_as_an_outline_with_counts(ana: TestClient, shop: WebShop) -> None:
    page = text(ana.get(f"/flows/{shop.welcome}"))
    steps = [
        "This starts the flow 4 entered Signs up for email Imports left out · 4 entered",
        "1 · Send email Welcome",
        "0 here now · 4 passed",
        "2 · Wait 1 day 1 here now · 3 passed",
        "3 · If / else Which way?",
        "4 · Add tag “engaged” 0 here now · 1 passed",
        "Everyone else 2",
        "5 · Send email Plant guide",
        "2 left here",
    ]
    places = [page.find(step) for step in steps]
    assert -1 not in places, [step for step, place in zip(steps, places, strict=True) if place < 0]
    assert places == sorted(places)


def test_a_flow_is_paused_and_goes_on(ana: TestClient, shop: WebShop) -> None:
    here = f"/flows/{shop.welcome}"
    assert "The flow is paused." in text(press(ana, here, act="pause"))
    shop.world.person("dev@example.com")
    shop.world.settle()
    assert "The flow was paused missed_while_paused 1" in text(ana.get(here))
    assert "dev@example.com" in text(ana.get(f"{here}/reasons/E02"))
    told = text(press(ana, here, act="resume"))
    assert "The flow goes on." in told, told[:900]
    assert "Live" in text(ana.get(here))


GUARDED = """
flow: Guarded
audience: Customers
triggers: [manual]
steps: [{delay: 1 day}]
settings: {holdout: 10, goal: {event: bought, within: 7 days}}
"""


def test_a_hold_out_tells_what_the_flow_brings_about(ana: TestClient, shop: WebShop) -> None:
    flow = shop.world.flow(GUARDED)
    assert "Of those who entered – " in text(ana.get(f"/flows/{flow}"))
    shop.world.counted(flow, days_ago=1, E00=50, converted=2, held=40)
    shop.world.counted(flow, days_ago=9, E00=900, converted=88, held=99, held_converted=4)
    page = text(ana.get(f"/flows/{flow}"))
    assert "10.0% held out" in page
    assert "Of those who entered 90 of 902 · 10.0% Of those held out 4 of 99 · 4.0%" in page
    assert "Too few people to tell" in page
    shop.world.counted(flow, days_ago=10, held=1)
    assert "+6.0 points by the flow; with 95 per cent certainty -0.1 to +9.2." in text(ana.get(f"/flows/{flow}"))
    shop.speak(OWNER, "fr")
    assert "+6,0 points grâce au flux" in text(ana.get(f"/flows/{flow}"))


def test_a_draft_is_turned_on(ana: TestClient, shop: WebShop) -> None:
    page = text(press(ana, f"/flows/{shop.draft}", act="turn_on"))
    assert "The flow is on." in page
    assert "v1" in page


def test_what_keeps_a_flow_from_going_live_is_told_in_its_place(ana: TestClient, shop: WebShop) -> None:
    empty = shop.world.flow("flow: Nothing yet\naudience: Customers\ntriggers: [manual]\nsteps: []\n", on=False)
    answer = press(ana, f"/flows/{empty}", act="turn_on")
    assert answer.status_code == 400
    assert "Nothing was changed." in text(answer)
    assert "V09" in text(answer)
    assert "Draft" in text(ana.get(f"/flows/{empty}"))


def test_a_button_that_no_longer_fits_is_refused_in_its_place(ana: TestClient, shop: WebShop) -> None:
    answer = press(ana, f"/flows/{shop.draft}", act="pause")
    assert answer.status_code == 409
    assert "a flow that is draft cannot become paused" in text(answer).lower()


def test_a_viewer_sees_no_buttons_and_changes_nothing(shop: WebShop) -> None:
    dev = signed_in(shop, VIEWER)
    assert 'name="act"' not in dev.get(f"/flows/{shop.welcome}").text
    token = re.search(r'name="form_token" value="([^"]+)"', dev.get("/flows").text)
    assert token is not None
    answer = dev.post(f"/flows/{shop.welcome}", data={"form_token": token[1], "act": "pause"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["another site", "no site", "the browser says so"],
)
def test_a_form_of_another_site_changes_nothing(ana: TestClient, shop: WebShop, headers: dict[str, str]) -> None:
    token = re.search(r'name="form_token" value="([^"]+)"', ana.get("/flows").text)
    assert token is not None
    fields = {"form_token": token[1], "act": "pause"}
    assert ana.post(f"/flows/{shop.welcome}", data=fields, headers=headers).status_code == 403
    assert ana.post(f"/flows/{shop.welcome}", data={"act": "pause"}).status_code == 403
    assert ana.post(f"/flows/{shop.welcome}", data={"act": "pause", "form_token": "é"}).status_code == 403
    assert "Live" in text(ana.get(f"/flows/{shop.welcome}"))


# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def step_links(page: httpx.Response) -> list[str]:
    return re.findall(r'href="(/flows/\d+/steps/\d+)"', page.text)


def test_a_step_names_the_people_in_it_and_why_they_rest(ana: TestClient, shop: WebShop) -> None:
    hello, delay, choice, *_ = step_links(ana.get(f"/flows/{shop.welcome}"))
    page = text(ana.get(delay))
    assert "elodie@example.com 5 May 2026, 13:00 delay A delay runs until 6 May 2026, 13:00:02" in page
    assert "ben@example.com 4 May 2026, 11:00 delay" in page
    assert "Nobody rests at this step now." in text(ana.get(hello))
    assert "ben@example.com" in text(ana.get(choice))
    assert "way_taken A way matched" in text(ana.get(choice))


def test_from_an_address_to_every_decision_in_order(ana: TestClient, shop: WebShop) -> None:
    page = text(ana.get(f"/flows/{shop.welcome}/why?contact=BEN@example.com"))
    places = [
        page.find(code) for code in ("E00 entered", "W10 sending", "S00 sent", "W01 delay", "B01 way_taken", "X00")
    ]
    assert -1 not in places
    assert places == sorted(places)
    nobody = ana.get(f"/flows/{shop.welcome}/why?contact=nobody@example.com")
    assert nobody.status_code == 404
    assert "Nobody in this flow’s audience has this address." in text(nobody)


def test_a_person_s_page_tells_what_is_known_and_what_happened(ana: TestClient, shop: WebShop) -> None:
    page = text(ana.get(f"/contacts/{shop.contacts['chloe@example.com']}"))
    assert "Email: subscribed" in page
    assert "First Name Chloé" in page
    assert "Got the tag “vip”" in page
    assert "Event order_placed" in page
    assert "Was sent “Welcome”" in page
    assert "Tuesday 5 May 2026" in page
    assert page.find("Got the tag") < page.find("Became a contact")


def test_an_entry_is_told_once_also_where_a_segment_asks_about_it(shop: WebShop, ana: TestClient) -> None:
    shop.world.segment("Newcomers", "{flow_inside: Welcome}")
    who = shop.world.person("dev@example.com", fields={"FNAME": "Dev"})
    shop.world.settle()
    assert "run.entered" in shop.world.told("dev@example.com")
    page = text(ana.get(f"/contacts/{who}"))
    assert page.count("Entered the flow") == page.count("Was sent “Welcome”") > 0


def test_what_comes_from_outside_is_shown_as_text(ana: TestClient, shop: WebShop) -> None:
    chloe = ana.get(f"/contacts/{shop.contacts['chloe@example.com']}").text
    assert "<script>" not in chloe
    assert "&lt;script&gt;" in chloe
    assert "Thank you &lt;again&gt;" in ana.get("/flows").text


# ── Mail ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sent_mail_tells_what_became_of_each_message(ana: TestClient, shop: WebShop) -> None:
    page = text(ana.get("/sent"))
    assert page.count("Plant guide") == 2
    assert "ben@example.com Welcome Welcome Sent Clicked 4 May 2026, 11:00" in page
    only = text(ana.get("/sent?address=Chloe@example.com"))
    assert "chloe@example.com" in only
    assert "ben@example.com" not in only
    assert "Nothing to this address" in text(ana.get("/sent?address=nobody@example.com"))
    assert "No messages here" in text(ana.get("/sent?show=waiting"))


def test_long_lists_are_paged_without_losing_a_row(
    ana: TestClient, shop: WebShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relance.web.sent.page.A_PAGE", 2)
    monkeypatch.setattr("relance.web.mail.page.A_PAGE", 2)
    for first, row in (("/sent", r'href="/contacts/([0-9a-f-]+)/flows'), ("/mail", r'href="/mail/([0-9a-f-]{36})"')):
        found, page = [], ana.get(first)
        found += re.findall(row, page.text)
        while older := re.search(rf'href="({first}\?[^"]*before=[^"]+)"', page.text):
            page = ana.get(unescape(older[1]))
            found += re.findall(row, page.text)
        assert len(found) == len(shop.world.mails) == 6


def test_a_caught_letter_is_shown_locked_in(ana: TestClient) -> None:
    letters = re.findall(r'href="(/mail/[0-9a-f-]{36})"', ana.get("/mail").text)
    page = ana.get(letters[0])
    assert 'sandbox="allow-popups' in page.text
    assert "allow-scripts" not in page.text
    html = ana.get(f"{letters[0]}/html")
    assert "sandbox" in html.headers["content-security-policy"]
    assert "default-src 'none'" in html.headers["content-security-policy"]
    assert '<base target="_blank">' in html.text
    source = ana.get(f"{letters[0]}/source")
    assert source.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Subject:" in source.text
    assert "List-Unsubscribe" in text(ana.get(f"{letters[0]}?view=headers"))


def test_caught_mail_is_for_owners_and_admins(shop: WebShop) -> None:
    dev = signed_in(shop, VIEWER)
    assert dev.get("/mail").status_code == 403
    assert "Mail catcher" not in text(dev.get("/flows"))


def test_an_empty_catcher_looks_again(ana: TestClient, shop: WebShop) -> None:
    with shop.world.database.transaction() as tx:
        tx.connection.execute("delete from caught_mail")
    assert ana.get("/mail").headers["refresh"] == "5"


# ── Language, errors, headers ───────────────────────────────────────────────────────────────────────────────────────


def test_french_people_read_french(shop: WebShop) -> None:
    shop.speak(OWNER, "fr")
    ana = signed_in(shop, OWNER)
    page = ana.get(f"/flows/{shop.welcome}")
    assert '<html lang="fr">' in page.text
    seen = unescape(page.text)
    assert "Mettre en pause" in seen
    assert "Attendre 1 jour" in seen
    assert "Pourquoi\u202f?" in seen
    assert "« engaged »" not in seen
    assert "«\u202fengaged\u202f»" in seen
    people = unescape(ana.get(f"/contacts/{shop.contacts['chloe@example.com']}").text)
    assert "mardi 5 mai 2026" in people


def test_french_people_are_told_in_french_what_keeps_a_flow_from_going_live(shop: WebShop) -> None:
    empty = shop.world.flow("flow: Nothing yet\naudience: Customers\ntriggers: [manual]\nsteps: []\n", on=False)
    lost = shop.world.flow(
        "flow: Lost\naudience: Customers\ntriggers: [{tag_added: {tag: soon_gone}}]\nsteps: [{delay: 1 day}]\n",
        on=False,
    )
    shop.world.delete_tag("soon_gone")
    shop.speak(OWNER, "fr")
    ana = signed_in(shop, OWNER)
    assert "V09 : Le flux n’a pas d’étape. Ajoutez-en une" in text(press(ana, f"/flows/{empty}", act="turn_on"))
    seen = text(press(ana, f"/flows/{lost}", act="turn_on"))
    assert "V06 : déclencheur 1 (tag_added) : Le tag nommé n’existe pas. Choisissez-en un autre." in seen
    refused = text(press(ana, f"/flows/{shop.draft}", act="pause"))
    assert "Un flux à l’état « brouillon » ne peut pas passer à « en pause »." in refused


def test_at_the_first_sign_in_pages_take_the_language_of_the_sign_in_page(shop: WebShop) -> None:
    french = browser(shop, **{"Accept-Language": "fr"})
    french.post(shop.link(OWNER))
    assert '<html lang="fr">' in french.get("/flows").text
    english = browser(shop, **{"Accept-Language": "en"})
    english.post(shop.link(OWNER))
    assert '<html lang="fr">' in english.get("/flows").text, "a later sign-in changes nothing"
    chosen = browser(shop, **{"Accept-Language": "en"})
    chosen.post(f"{shop.link(VIEWER)}?lang=fr")
    assert '<html lang="fr">' in chosen.get("/flows").text


def test_a_person_changes_their_language_where_they_are(ana: TestClient, shop: WebShop) -> None:
    page = f"/flows/{shop.welcome}?tab=x"
    assert '<button class="item" type="submit" name="language" value="fr" lang="fr">' in ana.get(page).text
    changed = speak(ana, page, "fr", next=page)
    assert (str(changed.url), '<html lang="fr">' in changed.text) == (HOST + page, True)
    assert 'value="en" lang="en"' in changed.text
    elsewhere = speak(ana, page, "en", next="//evil.test/")
    assert '<html lang="en">' in ana.get("/flows").text
    assert str(elsewhere.url) == HOST + "/flows"
    speak(ana, page, "xx", next=page)
    assert '<html lang="en">' in ana.get("/flows").text


def test_a_viewer_chooses_a_language_too(shop: WebShop) -> None:
    viewer = signed_in(shop, VIEWER)
    assert '<html lang="fr">' in speak(viewer, "/flows", "fr", next="/flows").text


def test_the_sign_in_page_speaks_the_browser_s_language(shop: WebShop) -> None:
    assert "Se connecter" in browser(shop, **{"Accept-Language": "de, fr-CA;q=0.8, en;q=0.5"}).get("/signin").text
    assert "Password" in browser(shop, **{"Accept-Language": "de"}).get("/signin").text
    assert "Mot de passe" in browser(shop).get("/signin?lang=fr").text


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere", "/flows/1", "/flows/x", "/flows/99999999999999999999", "/contacts/x", "/mail/x",
        "/contacts/00000000-0000-8000-8000-000000000000", "/sent?before=yesterday", "/mail?before=2026-05-04_x",
        "/flows?q=a%00b", "/flows/1%00",
    ],
)  # fmt: skip
def test_what_does_not_exist_is_a_friendly_page(ana: TestClient, path: str) -> None:
    answer = ana.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in text(answer)


def test_another_account_s_things_are_not_there(shop: WebShop) -> None:
    from relance.accounts import people

    with shop.world.database.transaction() as tx:
        people.open_account(tx, shop.world.clock.now(), "Cactus & Co", "eve@cactus.example")
    eve = signed_in(shop, "eve@cactus.example")
    ana = signed_in(shop, OWNER)
    step = step_links(ana.get(f"/flows/{shop.welcome}"))[0]
    person = f"/contacts/{shop.contacts['ana@example.com']}"
    for path in (
        f"/flows/{shop.welcome}",
        step,
        person,
        f"{person}/flows/{shop.welcome}",
        f"/flows/{shop.welcome}/reasons/E15",
    ):
        assert eve.get(path).status_code == 404, path
    assert "No flows yet" in text(eve.get("/flows"))
    asked = re.sub(r'value="[^"]*ana@example.com"', "", eve.get("/sent?address=ana@example.com").text)
    assert "ana@example.com" not in asked
    assert "example.com" not in eve.get("/sent").text


def test_while_the_database_is_away_a_page_says_so(shop: WebShop) -> None:
    with Database("host=127.0.0.1 port=1 connect_timeout=1", Stretch(smallest=0, largest=1, patience=0.2)) as away:
        context = WebContext(database=away, kinds=shop.context.kinds, public_url=HOST, secret="s")
        client = TestClient(Starlette(routes=routes(context)), base_url=HOST)
        client.cookies.set("relance_session", "any")
        answer = client.get("/flows")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "The database does not answer" in text(answer)


def test_while_the_database_is_away_healthz_says_so_soon() -> None:
    with Database("postgresql://fern@127.0.0.1:1/moss") as away:
        asked = monotonic()
        answer = TestClient(Starlette(routes=[Route("/healthz", healthz(away))])).get("/healthz")
    assert (answer.status_code, answer.json()["database"]) == (503, "the database does not answer")
    assert monotonic() - asked < HEALTH_PATIENCE + 3


def test_a_mistake_of_ours_shows_a_reference_and_no_details(
    ana: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret details")

    monkeypatch.setattr("relance.web.flows.listing._row", broken)
    answer = ana.get("/flows")
    assert answer.status_code == 500
    reference = re.search(r"Reference ([0-9a-f-]{36})", text(answer))
    assert reference is not None
    assert [record.__dict__["page"] for record in caplog.records if record.message == "page.failed"] == [reference[1]]
    assert "secret details" not in answer.text


def test_no_page_runs_scripts_or_has_styles_of_its_own(ana: TestClient, shop: WebShop) -> None:
    flow = f"/flows/{shop.welcome}"
    person = f"/contacts/{shop.contacts['ben@example.com']}"
    for path in ("/flows", flow, *step_links(ana.get(flow)), person, f"{person}{flow}", "/sent", "/mail"):
        answer = ana.get(path)
        assert answer.status_code == 200, path
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"<script|<style| style=| on\w+=", answer.text), path
        assert answer.text.count("<h1") == 1, path
        assert "%(" not in answer.text, path


def test_stylesheets_may_be_kept_for_ever(stranger: TestClient) -> None:
    sheets = re.findall(r'href="(/static/[^"]+\.css\?v=\w+)"', stranger.get("/signin").text)
    assert len(sheets) == 2
    for sheet in sheets:
        answer = stranger.get(sheet)
        assert answer.headers["content-type"].startswith("text/css")
        assert "immutable" in answer.headers["cache-control"]
    assert stranger.get("/static/../pages.py").status_code == 404


def test_a_large_or_strange_form_is_refused(ana: TestClient, shop: WebShop) -> None:
    here = f"/flows/{shop.welcome}"
    assert ana.post(here, content=b"a=" + b"b" * 100_000).status_code == 400
    assert ana.post(here, json={"act": "pause"}).status_code == 400
    assert (
        ana.post(here, content=b"\xff=1", headers={"Content-Type": "application/x-www-form-urlencoded"}).status_code
        == 400
    )
    assert ana.put(here).status_code == 404
