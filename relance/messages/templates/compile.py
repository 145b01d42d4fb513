"""A message version made ready for many contacts: everything that is the same for all of them is done once.

Links become ``public URL/t/c/<token>/<slug>`` here, with a random mark in the place of the token; the pixel and the
token's places are filled by one replacement a message.
"""

from __future__ import annotations

import html as _html
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from relance.kernel import clock
from relance.messages.links import link_id, with_analytics
from relance.messages.merge import Compiled, Place, RenderFailed, Values, compile_template, parse
from relance.messages.mime import Skeleton
from relance.messages.templates.hrefs import tracked_hrefs
from relance.messages.templates.model import Content
from relance.messages.text_from_html import text_from_html
from relance.messages.track.addresses import Addresses, slug

RENDER_SECONDS = 2.0
LARGEST = 2 * 1024 * 1024
"""Bytes of a rendered email (spec section 12, highest)."""

_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_BODY_ENDS = re.compile(r"</body\s*>", re.IGNORECASE)
_HIDDEN = "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all"
_PAD = "&#847;&zwnj;&nbsp;" * 30  # so that the programs' own preview does not go on into the text


@dataclass(frozen=True, slots=True)
class Links:
    """``urls``: by slug, as written; ``personal``: by slug, compiled, for those with merge tags."""

    urls: Mapping[str, str]
    personal: Mapping[str, Compiled]


@dataclass(frozen=True, slots=True)
class Written:
    """A message for one contact, before it becomes MIME. ``html`` is without the pixel when opens are not tracked."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class CompiledMessage:
    """One version of one message. Thread-safe."""

    message_id: int
    version: int
    content: Content
    subject: Compiled
    preview: Compiled
    html: Compiled
    text: Compiled
    links: Links
    uses_position: bool
    uses_groups: bool
    _addresses: Addresses
    _token_mark: str
    _pixel_mark: str
    _skeletons: dict[tuple[str, str, str], Skeleton] = field(default_factory=dict)

    def write(self, values: Values, system: dict[str, Any], token: str, *, pixel: bool = True) -> Written:
        """For one contact. ``system`` is the dict behind ``values.system``: the subject and the preview join it.

        Raises CannotRender (S12, S17, S22).
        """
        started = clock.monotonic()

        def expired() -> bool:
            return clock.monotonic() - started > RENDER_SECONDS

        system["MC:SUBJECT"] = subject = self.subject.render(values, expired)
        system["MC_PREVIEW_TEXT"] = self.preview.render(values, expired)
        html = self.html.render(values, expired)
        text = self.text.render(values, expired)
        if expired() or len(html) + len(text) > LARGEST:
            raise RenderFailed("The message is too large, or writing it took too long.")
        shown = f'<img src="{self._addresses.pixel(token)}" width="1" height="1" alt="" border="0">' if pixel else ""
        html = html.replace(self._pixel_mark, shown).replace(self._token_mark, token)
        return Written(subject, html, text)

    def skeleton(self, from_name: str, from_address: str, reply_to: str) -> Skeleton:
        """The MIME skeleton with this sender. Raises Invalid when an address cannot stand in a header."""
        key = (from_name, from_address, reply_to)
        if key not in self._skeletons:
            built = Skeleton.build(from_name=from_name, from_address=from_address, reply_to=reply_to)
            self._skeletons[key] = built
        return self._skeletons[key]

    def url(self, name: str, values: Values | None) -> str | None:
        """Where the link of that slug leads, as written, with what the message adds for analytics; None: no such link,
        or not without ``values``."""
        if template := self.links.personal.get(name):
            url = template.render(values) if values else None
        else:
            url = self.links.urls.get(name)
        return with_analytics(url, self.content.analytics) if url else url


def compile_message(
    message_id: int, version: int, content: Content, *, public_url: str, address_fields: Collection[str]
) -> CompiledMessage:
    """Raises MergeTagError when a text of it cannot be read."""
    mark = secrets.token_hex(16)
    token_mark, pixel_mark = f"t{mark}", f"p{mark}"
    addresses = Addresses(public_url)

    def template(text: str, place: Place) -> Compiled:
        document = parse(text, address_fields=address_fields, html=place is Place.HTML)
        return compile_template(document, place)

    html, links = (
        _with_links(message_id, content, addresses, token_mark) if content.track_clicks else (content.html, {})
    )
    html = _with_preview(html, content.preview)
    if content.track_opens:
        html = _before_end(html, pixel_mark)
    plain = content.text if content.text.strip() else text_from_html(content.html)
    personal = {name: template(url, Place.URL) for name, url in links.items() if "*|" in url}
    parts = (content.subject, content.preview, content.html, plain)
    return CompiledMessage(
        message_id,
        version,
        content,
        subject=template(content.subject, Place.HEADER),
        preview=template(content.preview, Place.TEXT),
        html=template(html, Place.HTML),
        text=template(plain, Place.TEXT),
        links=Links(links, personal),
        uses_position=any("AUTOMATION:" in part for part in parts),
        uses_groups=any("INTERESTED:" in part for part in parts),
        _addresses=addresses,
        _token_mark=token_mark,
        _pixel_mark=pixel_mark,
    )


def _with_links(message_id: int, content: Content, addresses: Addresses, token_mark: str) -> tuple[str, dict[str, str]]:
    """The HTML with tracked addresses, and slug → URL as written."""
    parts, at = [], 0
    names: dict[str, str] = {}
    forms: dict[int, int] = {}
    for href in tracked_hrefs(content.html):
        name = names.get(href.url)
        if name is None:
            link = link_id(message_id, href.url)
            name = names[href.url] = slug(link, forms.get(link, 0))
            forms[link] = forms.get(link, 0) + 1
        parts += [content.html[at : href.start], f'"{_html.escape(addresses.link(token_mark, name))}"']
        at = href.end
    return "".join([*parts, content.html[at:]]), {name: url for url, name in names.items()}


def _with_preview(html: str, preview: str) -> str:
    """The preview text hidden at the top, unless the message shows it by its own tag."""
    if not preview.strip() or "*|MC_PREVIEW_TEXT|*" in html:
        return html
    body = _BODY.search(html)
    at = body.end() if body else 0
    hidden = f'<div style="{_HIDDEN}">{_html.escape(preview, quote=False)}{_PAD}</div>'
    return f"{html[:at]}{hidden}{html[at:]}"


def _before_end(html: str, piece: str) -> str:
    ends = list(_BODY_ENDS.finditer(html))
    at = ends[-1].start() if ends else len(html)
    return f"{html[:at]}{piece}{html[at:]}"
