"""What a subject declares: its name, what its tests must refer to, and how a test becomes SQL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import ClassVar

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Catalogue, Fragment, Leaf, Listens, Problem
from relance.audience.conditions.values.shape import ValueType
from relance.kernel.errors import Invalid


class Subject(ABC):
    """``kinds``: the first part of the subject's text, up to a colon or a point. ``mark``: what stands after it, ":"
    before a key, "." before a path, "" when there is neither."""

    kinds: tuple[str, ...]
    mark: str = ""
    options: ClassVar[tuple[str, ...]] = ()
    form: ClassVar[str] = ""

    @abstractmethod
    def compile(self, leaf: Leaf, build: Build) -> Fragment:
        """Raises Invalid when operator, value or options do not fit."""

    def missing(self, leaf: Leaf, catalogue: Catalogue) -> Iterator[Problem]:  # noqa: ARG002
        """Objects that the test names and that are not there (V06). Asked only about tests that compile."""
        return iter(())


class Attribute(Subject):
    """A column of the contact's row with one type of values."""

    def __init__(self, kind: str, type_: ValueType, value: str, listens: Listens, seen: str = "") -> None:
        self.kinds = (kind,)
        self._type, self._value, self._listens, self._seen = type_, value, listens, seen or value

    def compile(self, leaf: Leaf, build: Build) -> Fragment:
        holds, turns = self._type.compile(leaf, self._value, build)
        return Fragment(holds, (f"'{self.kinds[0]}'", self._seen), self._listens, turns)


def object_id(leaf: Leaf, text: str) -> int:
    """The id in a subject. Raises Invalid."""
    if not text.isdecimal() or not text.isascii() or not 0 < int(text[:20]) < 2**63:
        raise Invalid(f"{leaf.subject}: {text!r} is no id", where=leaf.path, mend="Subjects name objects by their id.")
    return int(text)


def gone(leaf: Leaf, what: str, mend: str = "Choose another one, or take the test out.") -> Problem:
    return Problem("V06", leaf.path, what, mend)


def gone_unless(there: bool, leaf: Leaf, what: Callable[[], str]) -> Iterator[Problem]:
    if not there:
        yield gone(leaf, what())
