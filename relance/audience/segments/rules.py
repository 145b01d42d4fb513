"""What a segment may be called and may ask, and what it listens to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from relance.audience import events
from relance.audience.conditions import Compiled, parse
from relance.audience.conditions.parse import leaves
from relance.kernel.errors import Invalid

LONGEST = 100
"""Characters of a name."""

WHO_IS_THERE = (
    events.CREATED, events.EMAIL_SUBSCRIBED, events.EMAIL_UNSUBSCRIBED, events.EMAIL_PENDING, events.CLEANED,
    events.ADDRESS_CHANGED, events.ARCHIVED, events.RESTORED, events.ERASED,
)  # fmt: skip
"""With each of these somebody may come into the audience or leave it (G7, G21), whatever the condition says."""

_OF_SEGMENTS = (events.SEGMENT_ENTERED.key, events.SEGMENT_LEFT.key)


def check_name(name: str) -> str:
    """The name with its spaces tidied. Raises Invalid."""
    tidy = " ".join(name.replace("\x00", "").split())
    if not tidy:
        raise Invalid("a segment needs a name.", where="name", mend="Give one.")
    if len(tidy) > LONGEST:
        raise Invalid(f"a segment's name has at most {LONGEST} characters.", where="name", mend="Shorten it.")
    return tidy


def check_outside_runs(compiled: Compiled) -> None:
    """Raises Invalid for a condition about a run: a segment's members are in none."""
    if compiled.reads_run:
        raise Invalid(
            "a segment's condition cannot ask about a run or its event",
            where="condition",
            mend='Ask about the contact; windows are "last 30 days" or "since 2026-03-01".',
        )


def listens(compiled: Compiled) -> list[tuple[str, str]]:
    """(event kind, match key) of what can change the answer. Other segments tell of themselves directly."""
    heard = {(kind, key) for kind, key in compiled.listens if kind not in _OF_SEGMENTS}
    return sorted(heard | {(kind.key, "") for kind in WHO_IS_THERE})


def names_segments(source: Mapping[str, Any]) -> frozenset[int]:
    """The segments that a condition names."""
    return frozenset(leaf.value for leaf in leaves(parse(source)) if leaf.kind == "segment")


def check_no_circle(segment_id: int, named: Iterable[int], uses: Mapping[int, frozenset[int]]) -> None:
    """Raises Invalid when a named segment, or one that it names in turn, is this one. ``uses``: of all others."""
    open_, seen = list(named), set[int]()
    while open_:
        one = open_.pop()
        if one == segment_id:
            raise Invalid(
                "the condition goes round in a circle: it names a segment that names this one",
                where="condition",
                mend="Take one of them out.",
            )
        if one not in seen:
            seen.add(one)
            open_ += uses.get(one, ())


def levels(uses: Mapping[int, frozenset[int]]) -> dict[int, int]:
    """Each segment above all that it names; those that name none stand at 0. There is no circle."""
    found: dict[int, int] = {}

    def level(one: int) -> int:
        if one not in found:
            found[one] = 1 + max((level(named) for named in uses.get(one, ())), default=-1)
        return found[one]

    for one in uses:
        level(one)
    return found


def above(segment_id: int, uses: Mapping[int, frozenset[int]]) -> set[int]:
    """The segments that name this one, and those that name them, and so on."""
    found: set[int] = set()
    open_ = [segment_id]
    while open_:
        below = open_.pop()
        for one, named in uses.items():
            if below in named and one not in found:
                found.add(one)
                open_.append(one)
    return found
