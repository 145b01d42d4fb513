"""How a value is written at its spot (spec/flows.md 8.3). Each function takes the value's text and gives safe text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import quote

import nh3

from relance.messages.merge.grammar import Mode
from relance.messages.merge.places import Spot

Writer = Callable[[str], str]

_SPECIAL = re.compile(r"[&<>\"']")
_ENTITY = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}
_ENTITIES = str.maketrans(_ENTITY)
_NOT_BARE = re.compile(r"[^A-Za-z0-9_.:/%-]")
# Every character at which some mail software breaks a line, and the other control characters.
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_UNSEEN = re.compile(r"[\x00-\x20\x7f]")
_SCHEME = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
_WHOLE_URL = ":/?#[]@!$&'()*+,;=%-._~"
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9:/?#@!$*+,;=%._~-]*\Z")
_CSS_BREAKERS = re.compile(r"[;:{}()<>\\\"'&@/*\x00-\x1f]+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

_CLEANER = nh3.Cleaner(
    tags={
        *("a", "abbr", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i"),
        *("img", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
    },
    attributes={
        "a": {"href", "title"},
        "img": {"src", "alt", "width", "height"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
    },
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative="deny",
    link_rel=None,
)


def html(text: str) -> str:
    return text.translate(_ENTITIES) if _SPECIAL.search(text) else text


def clean_html(text: str) -> str:
    """HTML of which only the allow-list is left: no scripts, styles, events, forms."""
    return _CLEANER.clean(text)


def url(text: str) -> str:
    """A whole URL, percent-encoded where it must be; '' unless it is http, https, mailto or tel."""
    if _PLAIN_URL.match(text):
        return text
    # Browsers read a scheme through tabs and line breaks, so these go first.
    text = _UNSEEN.sub(lambda found: "%20" if found[0] == " " else "", text.strip())
    return quote(text, safe=_WHOLE_URL, errors="replace") if _SCHEME.match(text) else ""


def url_part(text: str) -> str:
    return quote(text, safe="", errors="replace")


def one_line(text: str) -> str:
    return _BREAKS.sub(" ", text) if _BREAKS.search(text) else text


def json_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def css(text: str) -> str:
    """A URL for url(…), or words without anything that could end the declaration."""
    if whole := url(text):
        return whole.replace("(", "%28").replace(")", "%29").replace("'", "%27").replace(";", "%3B")
    return _CSS_BREAKERS.sub("", text)


def title(text: str) -> str:
    """Each word with a capital, what follows an apostrophe left small.

    >>> title("jean-paul L'HERMITE")
    "Jean-Paul L'hermite"
    """
    return _WORD.sub(lambda word: word[0].capitalize(), text)


def _bare(text: str) -> str:
    return _NOT_BARE.sub(lambda char: f"&#{ord(char[0])};", text)


def _same(text: str) -> str:
    return text


def _nothing(_text: str) -> str:
    return ""


def _style(text: str) -> str:
    return html(css(text))


def _dialled(text: str) -> str:
    return quote(text, safe="@+", errors="replace")


def _link(text: str) -> str:
    return html(url(text))


_AT: dict[Spot, Writer] = {
    Spot.PLAIN: _same,
    Spot.LINE: one_line,
    Spot.STRING: json_string,
    Spot.URL: url,
    Spot.URL_PART: url_part,
    Spot.CONTENT: html,
    Spot.ATTRIBUTE: html,
    Spot.BARE: _bare,
    Spot.LINK: _link,
    Spot.LINK_PART: url_part,
    Spot.DIALLED: _dialled,
    Spot.STYLE: _style,
    Spot.SHEET: css,
    Spot.NOWHERE: _nothing,
}
_CASES: dict[str, Writer] = {"UPPER": str.upper, "LOWER": str.lower, "TITLE": title}
_ENCODED = frozenset(
    {Spot.URL, Spot.URL_PART, Spot.LINK, Spot.LINK_PART, Spot.DIALLED, Spot.STYLE, Spot.SHEET, Spot.NOWHERE}
)


def writer(mode: Mode, spot: Spot) -> Writer:
    """The function that writes a value of ``mode`` at ``spot``. HTML: means something between elements only."""
    at = _AT[spot]
    if mode == "HTML" and spot is Spot.CONTENT:
        return clean_html
    if mode == "URL" and spot not in _ENCODED:
        return lambda text: at(url_part(text))
    if mode in _CASES:
        case = _CASES[mode]
        return lambda text: at(case(text))
    return at
