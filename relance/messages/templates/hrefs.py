"""The links in the HTML of a message: where they stand, and which of them are tracked. Pure, linear in the text."""

from __future__ import annotations

import html as _html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from relance.messages.links import canonical
from relance.messages.merge import MergeTagError, parse, refs

_MASK = "\x00"
# What an unclosed tag, quote or comment begins goes to the end of the text: so no place is read twice.
_TAG = re.compile(r"\*\|[A-Za-z].*?(?:\|\*|\Z)", re.DOTALL)
_ELEMENT = re.compile(
    r"""<!--(?!\[if|-?>).*?(?:-->|\Z)
      | <(script|style)\b.*?(?:</\1\s*>|\Z)
      | <(?:a|area|v:[a-z]+)(?=[\s/])(?P<inside>(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^"'>])*)(?:>|\Z)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([^\s"'=<>/]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_WEB = re.compile(r"https?://", re.IGNORECASE)
# Their addresses are Relance's own, or change from line to line: not counted, not rewritten.
_OWN = frozenset({"UNSUB", "LIST:UNSUB", "UPDATE_PROFILE", "ARCHIVE", "FORWARD"})


@dataclass(frozen=True, slots=True)
class Href:
    """A tracked link as written. ``start`` and ``end`` enclose the attribute's value, quotes included.

    ``url`` has its entities read; ``personal``: it holds merge tags.
    """

    start: int
    end: int
    url: str
    personal: bool

    @property
    def stored(self) -> str:
        """What names the link: the URL without tracking parameters, a personal one as it is written."""
        return self.url if self.personal else canonical(self.url)


def read_links(html: str) -> list[str]:
    """The counted links of a message, each once, in order, without tracking parameters.

    >>> read_links('<a href="https://fern.example/?utm_source=mail">Ferns</a> <a href="mailto:ana@example.com">Ana</a>')
    ['https://fern.example/']
    """
    return list(dict.fromkeys(href.stored for href in tracked_hrefs(html)))


def tracked_hrefs(html: str) -> Iterator[Href]:
    """The links that count, in order: to the web, and not to Relance itself."""
    masked = _TAG.sub(lambda tag: _MASK * len(tag[0]), html)
    for element in _ELEMENT.finditer(masked):
        if element["inside"] is None:
            continue
        for attribute in _ATTRIBUTE.finditer(masked, *element.span("inside")):
            if attribute[1].lower() == "href":
                if href := _tracked(html, *attribute.span(2)):
                    yield href
                break


def _tracked(html: str, start: int, end: int) -> Href | None:
    written = html[start:end]
    if written[0] in "\"'":
        written = written[1:-1]
    url = _html.unescape(written).strip()
    personal = "*|" in url
    if personal and not _follows(url):
        return None
    if not personal and not _WEB.match(url):
        return None
    try:
        canonical(url)
    except ValueError:
        return None
    return Href(start, end, url, personal)


def _follows(url: str) -> bool:
    """Whether a personal link can be written again when it is clicked."""
    try:
        used = refs(parse(url))
    except MergeTagError:
        return False
    if not used or any(str(ref) in _OWN or ref.scope == "PRODUCT" for ref in used):
        return False
    return bool(_WEB.match(url)) or url.startswith("*|")
