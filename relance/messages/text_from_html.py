"""The plain-text alternative of an HTML message that has none."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

_HIDDEN: Final = frozenset({"style", "script", "head", "title", "template", "svg"})
_VOID: Final = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_PARAGRAPHS: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"})
_BLOCKS: Final = _PARAGRAPHS | frozenset(
    {"div", "tr", "li", "section", "article", "header", "footer", "center", "dl", "dt", "dd", "address", "form"}
)
_NOT_SHOWN = re.compile(r"display\s*:\s*none", re.I)
_SPACES = re.compile(r"[ \t\r\n\f\u00a0\u200c\u034f]+")


def text_from_html(html: str) -> str:
    """Readable lines: links as ``text (url)``, pictures by their alternative text, list items with a dash.

    Left out: styles, scripts, comments and elements hidden by their own style. Merge tags stay as they are. Takes a
    millisecond or more: derive the text once per template version, not per contact.

    >>> text_from_html('<p>Hello Ana,</p><p>see <a href="https://fern.example/">our ferns</a>.</p>')
    'Hello Ana,\\n\\nsee our ferns (https://fern.example/).'
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [_SPACES.sub(" ", line).strip() for line in "".join(reader.out).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._hidden: list[str] = []
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._hidden or tag in _HIDDEN or _NOT_SHOWN.search(given.get("style", "")):
            # Only the tag that hides is counted, so that an unclosed tag inside cannot hide the rest.
            if tag not in _VOID and (not self._hidden or tag == self._hidden[0]):
                self._hidden.append(tag)
            return
        if tag in _BLOCKS:
            self._break(tag)
        if tag == "br":
            self.out.append("\n")
        elif tag == "hr":
            self.out.append("\n---\n")
        elif tag == "li":
            self.out.append("- ")
        elif tag in ("td", "th"):
            self.out.append(" ")
        elif tag == "img":
            self.out.append(given.get("alt", ""))
        elif tag == "a":
            self._links.append((given.get("href", "").strip(), len(self.out)))

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag == self._hidden[0]:
                self._hidden.pop()
            return
        if tag == "a" and self._links:
            self._close_link(*self._links.pop())
        if tag in _BLOCKS:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.out.append(_SPACES.sub(" ", data))

    def parse_marked_section(self, i: int, report: bool = True) -> int:  # noqa: ARG002
        """Skip ``<![ … >`` as browsers do: some Python versions raise AssertionError on an unknown one."""
        end = self.rawdata.find(">", i)
        return end + 1 if end >= 0 else -1

    def _break(self, tag: str) -> None:
        self.out.append("\n\n" if tag in _PARAGRAPHS else "" if self._at_line_start() else "\n")

    def _at_line_start(self) -> bool:
        said = next((part for part in reversed(self.out) if part.strip(" ")), "\n")
        return said.endswith("\n")

    def _close_link(self, url: str, start: int) -> None:
        shown = "".join(self.out[start:]).strip()
        bare = re.sub(r"^(mailto:|tel:)", "", url)
        if not url or url.startswith("#") or bare == shown:
            return
        self.out.append(f" ({bare})" if shown else bare)
