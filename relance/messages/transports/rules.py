"""Decisions about SMTP replies and retries: pure functions."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import Final

from relance.messages.transports.model import AnswerKind, Reply, Stage

RETRY_FOR: Final = timedelta(hours=24)
PAUSES: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30, 60, 120, 240, 360))

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\S)")

# RCPT TO without an RFC 3463 status: these codes speak about the mailbox (RFC 5321 4.2.3, RFC 7504 for 556).
_ABOUT_ADDRESS = frozenset({501, 550, 551, 553, 556})
_ABOUT_LOGIN = frozenset({530, 534, 535, 538})
# Bad sender address, its syntax, its domain (1.7, 1.8); authentication missing, wrong or too weak (RFC 4954, 3463).
_SENDER_STATUS = frozenset({(1, 7), (1, 8), (7, 8), (7, 9), (7, 11)})
# Mailbox disabled; no such host or route. Exchange answers 5.4.1 for a mailbox that it does not know.
_DEAD_STATUS = frozenset({(2, 1), (4, 1), (4, 4)})


def enhanced_status(reply: Reply) -> str | None:
    """The RFC 3463 status at the head of a reply, if it is there and agrees with the code (RFC 2034).

    >>> enhanced_status(Reply(550, "5.1.1 Unknown user"))
    '5.1.1'
    """
    found = _ENHANCED.match(reply.text)
    return found[0] if found and found[1] == str(reply.code)[0] else None


def classify(reply: Reply | None, stage: Stage) -> AnswerKind | None:
    """What a reply at a stage means for the letter; None: the conversation goes on.

    ``reply`` None stands for no reply at all: connection lost or time-out. What is not an SMTP reply counts as none.
    """
    family = reply.code // 100 if reply else 0
    if family == 2 and stage is not Stage.DATA:
        return AnswerKind.ACCEPTED if stage is Stage.FINAL else None
    if family == 3 and stage is Stage.DATA:
        return None
    if family == 4:
        return AnswerKind.TRANSIENT
    if family == 5 and reply:
        return _refusal(reply, stage)
    return AnswerKind.UNKNOWN if stage is Stage.FINAL else AnswerKind.TRANSIENT


def _refusal(reply: Reply, stage: Stage) -> AnswerKind:
    status = enhanced_status(reply)
    _, subject, detail = (int(part) for part in status.split(".")) if status else (5, 0, 0)
    if stage in (Stage.CONNECT, Stage.AUTH) or reply.code in _ABOUT_LOGIN or (subject, detail) in _SENDER_STATUS:
        return AnswerKind.SENDER_BLOCKED
    if stage is Stage.SENDER:
        # MAIL FROM carries SIZE=, so a message that is too big is refused here (RFC 1870).
        too_big = reply.code == 552 or (subject, detail) in ((2, 3), (3, 4))
        return AnswerKind.REFUSED_MESSAGE if too_big else AnswerKind.SENDER_BLOCKED
    if subject == 1 or (subject, detail) in _DEAD_STATUS:
        return AnswerKind.REFUSED
    if stage is Stage.RECIPIENT and not status:
        if reply.code in _ABOUT_ADDRESS:
            return AnswerKind.REFUSED
        if reply.code == 552:
            return AnswerKind.TRANSIENT  # RFC 5321 4.5.3.1.10: read as 452 at this place
    return AnswerKind.REFUSED_MESSAGE


def next_try(attempts: int, first: datetime, now: datetime, key: str = "") -> datetime | None:
    """When to try a letter again after a transient refusal; None: give up (S13, spec/flows.md 5.9).

    ``attempts`` counts the tries made so far (1 after the first), ``first`` is the instant of the first one. Pauses
    grow from a minute to six hours, with the last try 24 h after the first. ``key`` spreads letters refused together
    by up to a fifth of the pause, the same way every time.
    """
    last = first + RETRY_FOR
    if now >= last:
        return None
    pause = PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]
    digest = hashlib.md5(f"{key}:{attempts}".encode(), usedforsecurity=False).digest()
    spread = int.from_bytes(digest[:2], "big") / 0xFFFF - 0.5
    return min(now + pause * (1 + 0.4 * spread), last)
