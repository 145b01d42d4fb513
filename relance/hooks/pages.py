"""The pages that recipients see: English or French, one file of HTML, no script, nothing to load."""

from __future__ import annotations

from functools import cache
from typing import Final, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from relance.hooks.words import WORDS, Words
from relance.messages.outcomes.unsubscribe import Standing

What = Literal["asked", "left", "returned"]

_HEADERS: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
    "x-content-type-options": "nosniff",
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


def consent(request: Request, now_is: Standing, what: What, address: str) -> Response:
    """The unsubscribe page. ``address``: where its forms post to."""
    audience, contact = now_is.audience, now_is.contact
    lang = _language(request, contact.language or audience.language)
    words = WORDS[lang]
    sender = str(audience.sender.get("company") or audience.sender.get("from_name") or audience.name)
    if not now_is.out:
        title, lead = (words.back, words.back_lead) if what == "returned" else (words.question, words.question_lead)
        button = (address, words.unsubscribe, True) if what != "returned" else None
    else:
        title, lead = (words.done, words.done_lead) if what != "asked" else (words.already, words.already_lead)
        button = (f"{address}/undo", words.undo, False) if now_is.may_return else None
    return _page(
        lang,
        words,
        200,
        sender=sender,
        title=title,
        lead=lead.format(email=contact.email or "", sender=sender),
        button=button,
        note=words.still if now_is.out or what == "asked" else "",
        foot=str(audience.sender.get("address") or ""),
        here=address,
    )


def missing(request: Request) -> Response:
    """404: a link that is not, or no longer, one of ours."""
    lang = _language(request, "")
    return _plain(lang, WORDS[lang].missing, WORDS[lang].missing_lead, 404)


def unavailable(request: Request) -> Response:
    """503: the database is away."""
    lang = _language(request, "")
    return _plain(lang, WORDS[lang].unavailable, WORDS[lang].unavailable_lead, 503)


def _plain(lang: str, title: str, lead: str, status: int) -> Response:
    return _page(lang, WORDS[lang], status, sender="", title=title, lead=lead, button=None, note="", foot="", here="")


def _page(lang: str, words: Words, status: int, **content: object) -> Response:
    other = "fr" if lang == "en" else "en"
    html = _template().render(lang=lang, other=other, other_name=WORDS[other].name, words=words, **content)
    return HTMLResponse(html, status, headers=_HEADERS)


def _language(request: Request, known: str) -> str:
    """What the reader chose, what is known of the contact, else what the browser says."""
    for wish in (request.query_params.get("lang", ""), known, request.headers.get("accept-language", "")):
        if wish.strip():
            return "fr" if wish.strip().lower().startswith("fr") else "en"
    return "en"


@cache
def _template() -> Template:
    loader = PackageLoader("relance.hooks", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("page.html")
