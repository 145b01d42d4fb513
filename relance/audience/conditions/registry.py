"""The subjects there are, gathered by the composition root from the layers that own them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from relance.audience.conditions.model import Leaf
from relance.audience.conditions.subjects.shape import Subject
from relance.kernel.errors import Invalid


class Subjects:
    """Subjects by the first part of their text. One declared twice is a mistake of ours."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self._subjects: dict[str, Subject] = {}
        for subject in subjects:
            for kind in subject.kinds:
                if kind in self._subjects:
                    raise ValueError(f"the subject {kind} is declared twice")
                self._subjects[kind] = subject

    def __iter__(self) -> Iterator[Subject]:
        return iter(dict.fromkeys(self._subjects.values()))

    def of(self, leaf: Leaf) -> Subject:
        """Raises Invalid, naming the nearest one, when there is no such subject."""
        subject = self._subjects.get(leaf.kind)
        if subject is None:
            near = difflib.get_close_matches(leaf.kind, self._subjects, 1)
            mend = f"Did you mean {near[0]}?" if near else f"Subjects: {', '.join(self._subjects)}."
            raise Invalid(f"there is no subject {leaf.subject!r}", where=leaf.path, mend=mend)
        if leaf.mark != subject.mark:
            raise Invalid(
                f"{leaf.subject!r} is no subject", where=leaf.path, mend=f"Write {subject.form or subject.kinds[0]}."
            )
        if extra := [option for option in leaf.options if option not in subject.options]:
            raise Invalid(f"{leaf.subject} takes no {extra[0]}", where=leaf.path, mend="Leave it out.")
        return subject
