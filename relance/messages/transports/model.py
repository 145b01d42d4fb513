"""What goes into an SMTP transport and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class AnswerKind(Enum):
    """What became of a letter, in the only distinctions that its sender acts on."""

    ACCEPTED = "accepted"
    """The server took the message over."""
    REFUSED = "refused"
    """For good, because of the address: a hard bounce."""
    REFUSED_MESSAGE = "refused_message"
    """For good, because of the content, its size or a policy: failed, but the address is not to blame."""
    TRANSIENT = "transient"
    """Provably not accepted: safe to try again (spec/flows.md 5.9)."""
    UNKNOWN = "unknown"
    """The answer to the final dot is lost: perhaps accepted, so never to be sent again (S14)."""
    SENDER_BLOCKED = "sender_blocked"
    """The server does not take mail from this sender or login: an operator has to act, no contact is to blame."""


class Stage(Enum):
    """The part of the conversation that a reply belongs to."""

    CONNECT = "connection"
    AUTH = "login"
    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    DATA = "DATA"
    FINAL = "end of message"


@dataclass(frozen=True, slots=True)
class Letter:
    """One finished message to one recipient.

    ``key`` is the caller's name for it and comes back in the answer. ``sender`` and ``recipient`` are the envelope's
    bare addresses, an empty sender is the null sender of RFC 5321 4.5.5. ``data`` is the whole message with its
    header, not dot-stuffed.
    """

    key: str
    sender: str
    recipient: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply: its three digits (-1 when it was none) and its text on one line."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """``code`` is the SMTP code (None: nothing was answered), ``enhanced`` the RFC 3463 status such as ``5.1.1``."""

    key: str
    kind: AnswerKind
    code: int | None
    enhanced: str | None
    text: str
