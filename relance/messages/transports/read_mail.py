"""Read a message for showing it on a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class MailView:
    """``date`` is the header's (aware or naive, as written), ``headers`` are decoded and in the message's order.

    Everything in it was written by the sender: escape it, and show ``html`` in a sandboxed frame only.
    """

    subject: str
    sender: str
    to: str
    date: datetime | None
    html: str | None
    text: str | None
    headers: list[tuple[str, str]]


def read_mail(data: bytes) -> MailView:
    """Never raises: what cannot be read comes out raw or empty, as any mail may be damaged.

    >>> read_mail(b"Subject: Ferns\\r\\n\\r\\nGreen").text
    'Green'
    """
    message = message_from_bytes(data, _class(), policy=policy.default)
    headers = [(name, _readable(name, raw)) for name, raw in message.raw_items()]
    first = {name.lower(): value for name, value in reversed(headers)}
    return MailView(
        subject=first.get("subject", ""),
        sender=first.get("from", ""),
        to=first.get("to", ""),
        date=_date(first.get("date", "")),
        html=_body(message, "html"),
        text=_body(message, "plain"),
        headers=headers,
    )


def _class() -> type[EmailMessage]:
    return EmailMessage


def _readable(name: str, raw: object) -> str:
    try:
        value = str(policy.default.header_fetch_parse(name, str(raw)))
    except Exception:  # the standard parser trips over some damaged headers
        value = str(raw)
    return value.encode("utf-8", "replace").decode()


def _date(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _body(message: EmailMessage, kind: str) -> str | None:
    try:
        part = message.get_body(preferencelist=(kind,))
        if part is None:
            return None
        raw = part.get_payload(decode=True)
        charset = part.get_content_charset("utf-8")
    except Exception:
        return None
    data = raw if isinstance(raw, bytes) else str(raw or "").encode("utf-8", "replace")
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("utf-8", "replace")
