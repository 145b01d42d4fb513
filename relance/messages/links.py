"""Links of a message: the same URL is the same link, wherever it stands and however it is tagged (spec 2.4)."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_TRACKING = ("utm_", "mc_", "_hs")
_TRACKING_NAMES = frozenset({"gclid", "fbclid", "msclkid", "dclid", "yclid", "igshid"})


def canonical(url: str) -> str:
    """The URL without tracking parameters and fragment, host in lower case. Anything that is no URL stays as it is."""
    parts = urlsplit(url.strip())
    if not parts.scheme or not parts.netloc:
        return url.strip()
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not name.startswith(_TRACKING) and name not in _TRACKING_NAMES
    ]
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", urlencode(query), ""))


def analytics(source: str, campaign: str) -> str:
    """What tells a site's statistics where a visitor comes from.

    >>> analytics("Customers", "Spring sale")
    'utm_source=Customers&utm_medium=email&utm_campaign=Spring+sale'
    """
    return urlencode({"utm_source": source, "utm_medium": "email", "utm_campaign": campaign})


def with_analytics(url: str, added: str) -> str:
    """The URL with these parameters at the end of its query, which stays as it is. Those that it has are left alone.

    >>> with_analytics("https://fern.example/a?b=1#c", "utm_source=x&utm_medium=email")
    'https://fern.example/a?b=1&utm_source=x&utm_medium=email#c'
    """
    with suppress(ValueError):
        parts = urlsplit(url)
        if added and parts.scheme in ("http", "https"):
            known = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
            new = urlencode([(name, value) for name, value in parse_qsl(added) if name not in known])
            return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, new) if part)))
    return url


def link_id(message_id: int, url: str) -> int:
    """The link's id, derived from message and URL: 40 bits, so a JSON number keeps it."""
    digest = hashlib.md5(f"{message_id}:{canonical(url)}".encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:5], "big")
