"""Everything that is wrong with a condition, at once, for people to mend."""

from __future__ import annotations

from collections.abc import Iterator

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Catalogue, Json, Leaf, Limits, Node, Problem
from relance.audience.conditions.parse import depth, leaves, parse
from relance.audience.conditions.registry import Subjects
from relance.kernel.errors import Invalid


def check(source: Json, subjects: Subjects, catalogue: Catalogue, limits: Limits | None = None) -> list[Problem]:
    """Problems in reading order; none: compile_condition will take it."""
    try:
        tree = parse(source)
    except Invalid as error:
        return [_problem(error)]
    problems = list(_limits(tree, limits or Limits()))
    for leaf in leaves(tree):
        problems.extend(_leaf(leaf, subjects, catalogue))
    return problems


def _leaf(leaf: Leaf, subjects: Subjects, catalogue: Catalogue) -> list[Problem]:
    try:
        subject = subjects.of(leaf)
        subject.compile(leaf, Build(catalogue))
        return list(subject.missing(leaf, catalogue))
    except Invalid as error:
        return [_problem(error)]


def _limits(tree: Node, limits: Limits) -> Iterator[Problem]:
    count, deep = sum(1 for _ in leaves(tree)), depth(tree)
    if count > limits.conditions:
        yield Problem("V15", "", f"{count} tests, at most {limits.conditions} are allowed here", "Take some out.")
    if deep > limits.depth:
        yield Problem("V15", "", f"groups are nested {deep} deep, at most {limits.depth} are allowed", "Flatten them.")


def _problem(error: Invalid) -> Problem:
    return Problem(error.code, error.where, error.what, error.mend)
