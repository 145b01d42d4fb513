"""What a flow brings about: how many reach its goal, beside those who were held out (spec/flows.md 5.10). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

FEW = 100
"""People on either side below whom nothing is told of the difference."""

_Z = 1.959964
"""95 % of a normal distribution lie within so many deviations."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Of ``people``, whose time to reach the goal is over or who have reached it, ``converted`` have."""

    people: int = 0
    converted: int = 0

    @property
    def share(self) -> float | None:
        return self.converted / self.people if self.people else None


@dataclass(frozen=True, slots=True)
class Lift:
    """``difference`` of two shares, and the interval in which it lies with 95 %."""

    difference: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether it is not by chance alone that there is a difference."""
        return self.low > 0 or self.high < 0


def lift(entered: Rate, held_out: Rate) -> Lift | None:
    """How much more of those who entered reach the goal. None: too few to tell."""
    few = entered.people < FEW or held_out.people < FEW
    return None if few else compare(entered, held_out)


def best(rates: Mapping[int, Rate]) -> int | None:
    """Which of several is better than every other one with 95 % certainty. None: none is. All have people."""
    first = max(rates, key=lambda one: rates[one].converted / rates[one].people)
    others = [rate for one, rate in rates.items() if one != first]
    return first if others and all(compare(rates[first], other).low > 0 for other in others) else None


def compare(rate: Rate, than: Rate) -> Lift:
    """The interval is Newcombe's, of two Wilson scores: it holds where few convert, too, and never leaves -1 to 1."""
    one, other = rate.converted / rate.people, than.converted / than.people
    (low, high), (other_low, other_high) = wilson(rate), wilson(than)
    difference = one - other
    return Lift(
        difference,
        max(-1.0, difference - sqrt((one - low) ** 2 + (other_high - other) ** 2)),
        min(1.0, difference + sqrt((high - one) ** 2 + (other - other_low) ** 2)),
    )


def wilson(rate: Rate) -> tuple[float, float]:
    """The interval in which a share lies with 95 %."""
    n, share = rate.people, rate.converted / rate.people
    middle = share + _Z**2 / (2 * n)
    width = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    return (middle - width) / (1 + _Z**2 / n), (middle + width) / (1 + _Z**2 / n)
