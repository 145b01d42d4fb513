"""Who receives what by email: the table of section 9, cell by cell."""

from __future__ import annotations

import pytest

from relance.messages.consent import CLASSES, refusal

TABLE = """
                marketing  transactional  reply  system
subscribed      yes        yes            yes    S20
non_subscribed  S01        yes            yes    S20
unsubscribed    S02        yes            yes    S20
pending         S04        S04            S04    yes
cleaned         S03        S03            S03    S03
"""
HEAD, *LINES = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [(row[0], name, cell) for row in LINES for name, cell in zip(HEAD, row[1:], strict=True)]


@pytest.mark.parametrize(("status", "message_class", "cell"), CELLS)
def test_the_table(status: str, message_class: str, cell: str) -> None:
    assert refusal(message_class, "ana@example.com", status) == (None if cell == "yes" else cell)


@pytest.mark.parametrize("message_class", CLASSES)
@pytest.mark.parametrize("status", [row[0] for row in LINES])
def test_nothing_leaves_to_an_archived_contact(message_class: str, status: str) -> None:
    assert refusal(message_class, "ana@example.com", status, archived=True) == "S20"


@pytest.mark.parametrize("message_class", CLASSES)
def test_nothing_leaves_without_an_address(message_class: str) -> None:
    assert refusal(message_class, None, None) == "S05"
    assert refusal(message_class, "", "subscribed") == "S05"
    assert refusal(message_class, "ana@example.com", None) == "S05"


def test_every_class_has_its_column() -> None:
    assert tuple(HEAD) == CLASSES
