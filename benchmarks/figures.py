"""The form that every row has: what is measured, how far it must come, what was seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Tell = Callable[[str], None]
Size = Literal["toy", "usual", "full"]
"""``toy``: does it run at all? ``full``: the sizes of the table, for a machine with time and disk."""


@dataclass(frozen=True, slots=True)
class Figure:
    """``wanted`` and ``aim`` are bounds of ``measured``, from above or, with ``more``, from below; None: only told."""

    name: str
    measured: float
    unit: str
    wanted: float | None = None
    aim: float | None = None
    more: bool = False
    how: str = ""

    @property
    def verdict(self) -> str:
        if self.wanted is None:
            return ""
        if self.aim is not None and self._within(self.aim):
            return "aim"
        return "yes" if self._within(self.wanted) else "no"

    def bound(self, value: float | None) -> str:
        return "" if value is None else f"{'≥' if self.more else '≤'} {number(value)}"

    def _within(self, bound: float) -> bool:
        return self.measured >= bound if self.more else self.measured <= bound


@dataclass(frozen=True, slots=True)
class Row:
    """``measure`` takes the size and somebody to tell how far it has come. ``how``: what is counted, for a reader."""

    name: str
    title: str
    how: str
    measure: Callable[[Size, Tell], Sequence[Figure]]


def number(value: float) -> str:
    """As many digits as one can read.

    >>> number(12345.6), number(0.12345), number(20.0), number(1.55)
    ('12,346', '0.123', '20', '1.55')
    """
    if value != value:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def told(figure: Figure) -> str:
    bounds = ", ".join(
        f"{word} {figure.bound(bound)}"
        for word, bound in (("wanted", figure.wanted), ("aim", figure.aim))
        if bound is not None
    )
    return f"{figure.name}: {number(figure.measured)} {figure.unit}{f' ({bounds}: {figure.verdict})' if bounds else ''}"


def at(values: Sequence[float], share: float) -> float:
    """A percentile of sorted values; not a number when there are none."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def as_json(figure: Figure) -> dict[str, Any]:
    return {name: getattr(figure, name) for name in Figure.__slots__}
