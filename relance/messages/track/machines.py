"""Was it a person or a machine that opened or clicked (M4)? A table and a few rules, all conservative: pure.

When in doubt it is a person: a missed machine costs one entry too many, a wrongly suspected person is never reached.
So proxies that fetch when a person opens the message (Gmail's, Yahoo's) are people, and so is any plain HTTP client.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

MACHINES: Final = (
    # (pattern in the user agent, what it is)
    (r"^Mozilla/5\.0$", "Apple Mail Privacy Protection: fetches every picture when the message arrives"),
    (r"barracuda|mimecast|proofpoint|cloudmark|messagelabs|symantec|sophos|fireeye|trendmicro|forcepoint|ironport",
     "mail security gateway: follows links before delivery"),
    (r"safelinks|microsoft office existence discovery|bingpreview", "Microsoft link check and preview"),
    (r"slackbot|twitterbot|telegrambot|discordbot|linkedinbot|facebookexternalhit|whatsapp/|skypeuripreview",
     "preview of a link shared in a chat"),
    (r"googlebot|bingbot|applebot|yandexbot|duckduckbot|baiduspider|ahrefsbot|semrushbot|petalbot",
     "search engine"),
    (r"\b(?:crawler|spider|urlscan|link ?checker|uptimerobot|pingdom)\b", "crawler or monitor"),
)  # fmt: skip
"""User agents that are machines, with the reason."""

_ANY = re.compile("|".join(f"(?:{pattern})" for pattern, _ in MACHINES), re.IGNORECASE)
_PREFETCH = ("purpose", "sec-purpose", "x-purpose", "x-moz")
_TOO_FAST: Final = timedelta(seconds=2)


def is_machine(
    method: str, headers: Mapping[str, str], *, sent_at: datetime | None = None, now: datetime | None = None
) -> bool:
    """Whether a request for a pixel or a link was made by a machine. ``headers`` have lower-case names.

    A request that asks for no content (HEAD), says that it fetches ahead, has a user agent of the table, or has none at
    all and comes within two seconds of the hand-over.
    """
    agent = headers.get("user-agent", "").strip()
    if method == "HEAD" or _ANY.search(agent):
        return True
    if any(re.search("prefetch|preview|prerender", headers.get(name, ""), re.IGNORECASE) for name in _PREFETCH):
        return True
    return not agent and sent_at is not None and now is not None and now - sent_at < _TOO_FAST
