"""What an answer of the mail server makes of a delivery (5.9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from relance.messages.rules import ending, refused_as
from relance.messages.transports.model import Answer, AnswerKind

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


def answer(kind: AnswerKind, code: int | None = None, text: str = "words") -> Answer:
    return Answer("a delivery", kind, code, None, text)


@pytest.mark.parametrize(
    ("kind", "state", "code"),
    [
        (AnswerKind.ACCEPTED, "sent", "S00"),
        (AnswerKind.REFUSED, "bounced", "S13"),
        (AnswerKind.REFUSED_MESSAGE, "failed", "S13"),
        (AnswerKind.UNKNOWN, "unknown", "S14"),
    ],
)
def test_final_answers(kind: AnswerKind, state: str, code: str) -> None:
    end = ending(answer(kind, 250, "2.0.0 words"), 1, NOW)
    assert (end.state, end.code, end.due, end.answer) == (state, code, None, "250 2.0.0 words")
    assert end.bounced == (kind is AnswerKind.REFUSED)


@pytest.mark.parametrize(("kind", "code"), [(AnswerKind.TRANSIENT, "S13"), (AnswerKind.SENDER_BLOCKED, "S18")])
def test_what_was_not_taken_is_tried_for_about_a_day_with_growing_pauses(kind: AnswerKind, code: str) -> None:
    now, attempts, pauses = NOW, 1, []
    while (end := ending(answer(kind), attempts, now)).due:
        assert (end.state, end.code) == ("queued", None)
        pauses.append(end.due - now)
        now, attempts = end.due, attempts + 1
    assert (end.state, end.code) == ("failed", code)
    assert timedelta(hours=19) < now - NOW < timedelta(hours=29)
    assert pauses[0] < timedelta(minutes=2)
    assert max(pauses) < timedelta(hours=8)
    assert 9 <= attempts <= 12


def test_a_worker_that_stood_still_for_a_day_does_not_give_up() -> None:
    assert ending(answer(AnswerKind.TRANSIENT), 2, NOW + timedelta(days=2)).state == "queued"


def test_failed_and_skipped_are_told_apart_by_the_code() -> None:
    assert [refused_as(code) for code in ("S12", "S18", "S02", "S17", "S20")] == [
        "failed", "failed", "skipped", "skipped", "skipped",
    ]  # fmt: skip
