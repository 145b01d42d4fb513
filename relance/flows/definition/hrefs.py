"""The links that an HTML text holds, as written."""

from __future__ import annotations

import html as _html
import re

_HREF = re.compile(r"""<a\s[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


def links_in(html: str) -> list[str]:
    """Web addresses of links, in order, each once. Merge tags are no web addresses.

    >>> links_in('<a href="https://fern.example/">a</a> <a href="*|UNSUB|*">b</a>')
    ['https://fern.example/']
    """
    found = (
        _html.unescape(next(part for part in match.groups() if part is not None)) for match in _HREF.finditer(html)
    )
    return list(dict.fromkeys(url.strip() for url in found if url.strip().lower().startswith(("http://", "https://"))))
