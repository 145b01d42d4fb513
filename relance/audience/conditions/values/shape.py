"""What a type of values declares."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Json, Leaf
from relance.kernel.errors import Invalid

Takes = Callable[[Json], tuple[Json, ...]]
"""Checks a leaf's value and turns it into constants. Raises ValueError with a sentence for people."""


@dataclass(frozen=True, slots=True)
class Operator:
    """``sql(value, *constants)`` gives SQL that may be NULL: NULL means blank or not of the type.

    ``negative``: true where ``sql`` is false, and on a blank (7.3). ``raw``: takes the value as stored.
    """

    takes: Takes
    sql: Callable[..., str]
    negative: bool = False
    timed: bool = False
    raw: bool = False


def negation(operator: Operator) -> Operator:
    return replace(operator, negative=True)


@dataclass(frozen=True, slots=True)
class ValueType:
    """``reads(raw)`` is SQL for the typed value, NULL when it is none; ``blank(raw)`` is SQL that is never NULL.

    ``strict``: a value that is there but not of the type makes every test false, negatives included (7.4, numbers).
    """

    name: str
    operators: Mapping[str, Operator]
    blank: Callable[[str], str]
    reads: Callable[[str], str] = lambda raw: raw
    strict: bool = False

    def without(self, *names: str) -> ValueType:
        return replace(self, operators={key: op for key, op in self.operators.items() if key not in names})

    def compile(self, leaf: Leaf, raw: str, build: Build) -> tuple[str, bool]:
        """(SQL that is true or false, whether it depends on time). Raises Invalid."""
        operator = pick(leaf, self.operators)
        constants = [build.place(constant) for constant in taken(leaf, operator.takes)]
        sql = operator.sql(raw if operator.raw else self.reads(raw), *constants)
        if not operator.negative:
            holds = f"({sql}) is true"
        elif self.strict:
            holds = f"(({sql}) is false or {self.blank(raw)})"
        else:
            holds = f"({sql}) is not true"
        return holds, operator.timed


def pick(leaf: Leaf, operators: Mapping[str, Operator]) -> Operator:
    known(leaf, operators)
    return operators[leaf.op]


def known(leaf: Leaf, operators: Iterable[str]) -> None:
    """Raises Invalid unless the leaf's operator is one of these."""
    names = list(operators)
    if leaf.op not in names:
        near = difflib.get_close_matches(leaf.op, names, 1)
        mend = f"Did you mean {near[0]}? " if near else ""
        raise Invalid(
            f"{leaf.subject} has no operator {leaf.op!r}", where=leaf.path, mend=f"{mend}It has: {', '.join(names)}."
        )


def taken(leaf: Leaf, takes: Takes) -> tuple[Json, ...]:
    try:
        return takes(leaf.value)
    except ValueError as error:
        raise Invalid(f"{leaf.subject} {leaf.op}: {error}", where=leaf.path) from None
