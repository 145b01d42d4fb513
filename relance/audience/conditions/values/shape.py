"""What a type of values declares."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Json, Leaf
from relance.kernel.errors import Invalid

Takes = Callable[[Json], tuple[Json, ...]]
"""Checks a leaf's value and turns it into constants. Raises ValueError with a sentence for people."""


@dataclass(frozen=True, slots=True)
class Operator:
    """``sql(value, *constants)`` gives SQL that may be NULL: NULL means blank or not of the type.

    ``negative``: true where ``sql`` is false, and on a blank (7.3). ``raw``: takes the value as stored. ``turns(value,
    *constants)`` gives SQL of the days that begin with another answer, which may be NULL.
    """

    takes: Takes
    sql: Callable[..., str]
    negative: bool = False
    turns: Callable[..., Sequence[str]] | None = None
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

    def compile(self, leaf: Leaf, raw: str, build: Build) -> tuple[str, str]:
        """(SQL that is true or false, SQL of when it turns by itself as of Fragment.turns). Raises Invalid."""
        operator = pick(leaf, self.operators)
        constants = [build.place(constant) for constant in taken(leaf, operator.takes)]
        value = raw if operator.raw else self.reads(raw)
        sql = operator.sql(value, *constants)
        if not operator.negative:
            holds = f"({sql}) is true"
        elif self.strict:
            holds = f"(({sql}) is false or {self.blank(raw)})"
        else:
            holds = f"({sql}) is not true"
        return holds, next_dawn(operator.turns(value, *constants)) if operator.turns else ""


def dawn(day_sql: str) -> str:
    """The first instant of a day of the account's zone. Counted from the second before, which every day has once, so
    that a clock put forward or back at midnight does not matter."""
    return f"((({day_sql})::timestamp - interval '1 second') at time zone x.zone + interval '1 second')"


def next_dawn(days: Sequence[str]) -> str:
    """The first of these days' beginnings that is still to come."""
    dawns = ", ".join(f"({dawn(day)})" for day in days)
    return f"(select min(v.at) from (values {dawns}) as v(at) where v.at > x.now)"


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
