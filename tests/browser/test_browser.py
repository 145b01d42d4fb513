"""The pages in a real browser: sign in by keyboard, accessibility by axe, small screens, no script, both themes.

RELANCE_SCREENSHOTS=folder keeps pictures of every page.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from relance.db.pool import Database
from relance.kernel.clock import Clock
from relance.web import routes
from tests.surface.serve import served
from tests.surface.web_shop import OWNER, PASSWORD, WebShop, open_web_shop

playwright = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
ARGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-dev-shm-usage", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")]

NOTED = ("403 (Forbidden)", "404 (Not Found)", "http://relance.test/t/o/")
"""What a browser notes and is right: a wrong password, a page that is not there, the pixel of another host."""

WIDE = {"width": 1440, "height": 900}
SMALL = {"width": 390, "height": 844}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "iframes": False}


@pytest.fixture
def shop(database: Database, clock: Clock) -> Iterator[WebShop]:
    with open_web_shop(database, clock) as shop:
        yield shop


@pytest.fixture
def url(shop: WebShop) -> Iterator[str]:
    with served(Starlette(routes=routes(shop.context))) as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, url: str) -> Iterator[object]:
    """A page without scripts of its own, as every page here is; what the browser complains about fails the test."""
    context = chromium.new_context(base_url=url, viewport=WIDE, locale="en-GB", java_script_enabled=True)
    page = context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert [text for text in complaints if not any(noted in text for noted in NOTED)] == []


def sign_in(page, shop: WebShop, email: str = OWNER) -> None:
    page.goto(shop.link(email))
    page.get_by_role("button").click()
    page.wait_for_url("**/flows")


def every_page(page, shop: WebShop) -> dict[str, str]:
    """Name → path, of one page of each sort."""
    flow = f"/flows/{shop.welcome}"
    page.goto(flow)
    steps = page.locator(".map a.node").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    page.goto("/mail")
    letter = page.locator("tbody a").first.get_attribute("href")
    chloe = f"/contacts/{shop.contacts['chloe@example.com']}"
    return {
        "flows": "/flows", "flows-none": "/flows?q=cactus", "flow": flow, "draft": f"/flows/{shop.draft}",
        "step": steps[1], "step-choice": steps[2], "why": f"{flow}/why?contact=nobody@example.com",
        "contact": chloe, "decisions": f"{chloe}{flow}", "sent": "/sent", "sent-none": "/sent?show=waiting",
        "mail": "/mail", "letter": letter, "letter-text": f"{letter}?view=text",
        "letter-headers": f"{letter}?view=headers",
        "missing": "/nowhere",
    }  # fmt: skip


def keep(page, name: str) -> None:
    if folder := os.environ.get("RELANCE_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def violations(page) -> list[str]:
    found = axe.Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['help']}: {[node['target'] for node in one['nodes']][:4]}" for one in found]


def test_signing_in_by_keyboard(page, shop: WebShop) -> None:
    page.goto("/flows")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "logo"
    page.keyboard.press("Tab")
    page.keyboard.type(OWNER)
    page.keyboard.press("Tab")
    page.keyboard.type("not this one")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("The address or the password is wrong.").wait_for()
    assert page.get_by_label("Email", exact=True).input_value() == OWNER
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Flows", level=1).wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_pausing_a_flow_and_going_on(page, shop: WebShop) -> None:
    sign_in(page, shop)
    page.get_by_role("link", name="Welcome").click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("status").get_by_text("The flow is paused.").wait_for()
    keep(page, "flow-paused")
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("status").get_by_text("The flow goes on.").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(page, shop: WebShop, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto("/signin")
    found = {"signin": violations(page)}
    keep(page, f"signin-{scheme}")
    sign_in(page, shop)
    for name, path in every_page(page, shop).items():
        page.goto(path)
        keep(page, f"{name}-{scheme}")
        found[name] = violations(page)
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_on_a_small_screen_nothing_is_cut_off(page, shop: WebShop) -> None:
    page.set_viewport_size(SMALL)
    page.goto("/signin")
    keep(page, "signin-390")
    sign_in(page, shop)
    wide, found = {}, {}
    for name, path in every_page(page, shop).items():
        page.goto(path)
        keep(page, f"{name}-390")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > SMALL["width"]:
            wide[name] = width
        found[name] = violations(page)
    assert wide == {}
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_the_menu_of_a_small_screen_opens_without_scripts(chromium, url: str, shop: WebShop) -> None:
    context = chromium.new_context(base_url=url, viewport=SMALL, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, shop)
    assert not page.get_by_role("link", name="Sent mail").is_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Sent mail").wait_for()
    keep(page, "menu-390")
    page.get_by_role("link", name="Sent mail").click()
    page.get_by_role("heading", name="Sent mail").wait_for()
    context.close()


def test_french_pages_fit(page, shop: WebShop) -> None:
    shop.speak(OWNER, "fr")
    sign_in(page, shop)
    for size in (WIDE, SMALL):
        page.set_viewport_size(size)
        for name, path in every_page(page, shop).items():
            page.goto(path)
            keep(page, f"{name}-fr-{size['width']}")
            assert page.evaluate("document.documentElement.lang") == "fr" or name == "missing"
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name


def test_a_letter_cannot_run_anything(page, shop: WebShop) -> None:
    sign_in(page, shop)
    page.goto("/mail")
    page.locator("tbody a").first.click()
    frame = page.frame_locator("iframe")
    frame.locator("body").wait_for()
    assert page.evaluate("document.querySelector('iframe').contentDocument") is None
    assert frame.locator("a").first.get_attribute("href")
