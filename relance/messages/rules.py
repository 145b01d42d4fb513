"""What an answer of the transport makes of a delivery (spec/flows.md 5.9, 5.12): pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from relance.messages.transports.model import Answer, AnswerKind
from relance.messages.transports.rules import PAUSES, next_try

FAILED_CODES: Final = frozenset({"S12", "S13", "S14", "S18"})
"""Told as message.failed; the other S codes as message.skipped (section 10)."""

_LONGEST_ANSWER: Final = 500


@dataclass(frozen=True, slots=True)
class Ending:
    """``code`` None and a ``due``: it is tried again then. ``bounced``: the address refused for good."""

    state: str
    code: str | None
    answer: str
    due: datetime | None = None
    bounced: bool = False


def ending(answer: Answer, attempts: int, now: datetime) -> Ending:
    """``attempts`` counts the tries made, this one included."""
    said = said_by(answer)
    match answer.kind:
        case AnswerKind.ACCEPTED:
            return Ending("sent", "S00", said)
        case AnswerKind.REFUSED:
            return Ending("bounced", "S13", said, bounced=True)
        case AnswerKind.REFUSED_MESSAGE:
            return Ending("failed", "S13", said)
        case AnswerKind.UNKNOWN:
            return Ending("unknown", "S14", said)
    again = next_try(attempts, first_try(attempts, now), now, answer.key)
    if again is not None:
        return Ending("queued", None, said, due=again)
    return Ending("failed", "S18" if answer.kind is AnswerKind.SENDER_BLOCKED else "S13", said)


def first_try(attempts: int, now: datetime) -> datetime:
    """About when the first of ``attempts`` tries was made: the row keeps their number, and the pauses are known.

    Counted so, hours in which nothing could be tried (a worker that stood still) do not use up the 24.
    """
    pauses = [PAUSES[min(n, len(PAUSES) - 1)] for n in range(max(attempts - 1, 0))]
    return now - sum(pauses, timedelta())


def said_by(answer: Answer) -> str:
    """The transport's last words, on one line, with the SMTP code."""
    text = f"{answer.code} {answer.text}" if answer.code else answer.text
    return text.strip()[:_LONGEST_ANSWER]


def refused_as(code: str) -> str:
    """The state of a delivery that does not leave."""
    return "failed" if code in FAILED_CODES else "skipped"
