"""What a message holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Content:
    """``text`` "" is derived from the HTML; an empty sender is the audience's. All but names and addresses may hold
    merge tags. ``analytics``: the query that is added to counted links when they are followed, "" for none."""

    subject: str
    html: str
    text: str = ""
    preview: str = ""
    from_name: str = ""
    from_email: str = ""
    reply_to: str = ""
    track_opens: bool = True
    track_clicks: bool = True
    analytics: str = ""
