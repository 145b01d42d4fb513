"""Compiled shapes in memory, and the upkeep of stored conditions when a new version compiles differently."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from relance.audience.conditions import store
from relance.audience.conditions.compile import compile_condition
from relance.audience.conditions.model import Compiled, FieldShape, Objects
from relance.audience.conditions.registry import Subjects
from relance.audience.conditions.shapes import compose, compose_seen, compose_turns
from relance.db.pool import Transaction
from relance.db.sql import Query
from relance.kernel.errors import Invalid

_FEW = 48
"""Up to so many shapes one statement serves all questions; beyond, a statement names the shapes it is asked for."""


class CompiledCache:
    """One per process. ``shapes`` are those learnt so far, for shapes.compose."""

    def __init__(self, subjects: Subjects) -> None:
        self.subjects = subjects
        self.shapes: dict[int, Compiled] = {}
        self._shape_of: dict[int, int] = {}
        self._statements: dict[tuple[str, frozenset[int]], Query] = {}

    def refresh(self, tx: Transaction) -> dict[int, Compiled]:
        """Learn every shape in use; call it when the catalogue's epoch has changed, before shapes.compose."""
        self._learn_shapes(tx, store.examples(tx, list(self.shapes)))
        return self.shapes

    def learn(self, tx: Transaction, ids: Collection[int]) -> None:
        """Have the shapes of these conditions. An id without a row is left out."""
        unknown = [key for key in ids if key not in self._shape_of]
        if not unknown:
            return
        rows = store.find(tx, unknown)
        self._shape_of.update((row.condition_id, row.shape) for row in rows)
        self._learn_shapes(tx, [row for row in rows if row.shape not in self.shapes])

    def arms(self, tx: Transaction, used: Sequence[tuple[int, int]], alias: str = "k") -> tuple[str, str]:
        """(SQL of the answer, SQL of the values seen) for the row ``alias`` of the table condition.

        ``used``: (shape, a condition of that shape) for each shape to serve.
        """
        self.learn(tx, [key for _, key in used])
        shapes = {shape: self.shapes[shape] for _, key in used if (shape := self._shape_of.get(key)) is not None}
        return compose(shapes, alias), compose_seen(shapes, alias)

    def readers(self, ids: Collection[int]) -> set[int]:
        """Those that look at the run's context or the event: the others need not be sent one."""
        shapes = ((key, self.shapes.get(self._shape_of.get(key, 0))) for key in ids)
        return {key for key, one in shapes if one is not None and one.reads_context}

    def looks_at_run(self, ids: Collection[int]) -> bool:
        """Whether any of them asks when the run began, when it came to its step, or what it has learnt."""
        shapes = (self.shapes.get(self._shape_of.get(key, 0)) for key in ids)
        return any(one is not None and one.reads_run for one in shapes)

    def forget(self, ids: Iterable[int]) -> None:
        """Look these conditions up again: another process has rewritten them."""
        for key in ids:
            self._shape_of.pop(key, None)

    def statement(self, ids: Collection[int], query: Query) -> Query:
        """A statement that asks about a row ``x``, for these conditions: ``{holds}``, ``{seen}``, ``{turns}``."""
        shapes = self.shapes
        if len(shapes) > _FEW:
            wanted = {self._shape_of[key] for key in ids if key in self._shape_of}
            shapes = {shape: one for shape, one in shapes.items() if shape in wanted}
        key = (query.text, frozenset(shapes))
        if key not in self._statements:
            if len(self._statements) > 200:
                self._statements.clear()
            self._statements[key] = query.compose(
                holds=compose(shapes, "x", "null::boolean"),
                seen=compose_seen(shapes, "x"),
                turns=compose_turns(shapes, "x"),
            )
        return self._statements[key]

    def _learn_shapes(self, tx: Transaction, rows: list[Any]) -> None:
        compiler = _Compiler(tx, self.subjects)
        for row in rows:
            if row.shape in self.shapes:
                continue
            compiled = compiler.compile(row)
            if compiled is not None and compiled.shape == row.shape:
                self.shapes[row.shape] = compiled
            else:
                self._rewrite(tx, compiler, row.shape)

    def _rewrite(self, tx: Transaction, compiler: _Compiler, shape: int) -> None:
        """Give the conditions of a shape that this version does not make the shapes that it makes. Those that do not
        compile any more (their field is gone, their flow broken) keep theirs, and it answers no."""
        for row in store.of_shape(tx, shape):
            compiled = compiler.compile(row)
            if compiled is None:
                continue
            self.shapes.setdefault(compiled.shape, compiled)
            if compiled.shape != shape:
                store.rewrite(tx, row.condition_id, compiled)
                self._shape_of[row.condition_id] = compiled.shape
        self.shapes.setdefault(shape, Compiled("false", "'{}'::jsonb", [], frozenset(), False, shape))


class _Compiler:
    """Compiles rows of the table; reads each audience's fields once."""

    def __init__(self, tx: Transaction, subjects: Subjects) -> None:
        self._tx, self._subjects = tx, subjects
        self._fields: dict[int, dict[int, FieldShape]] = {}

    def compile(self, row: Any) -> Compiled | None:
        if row.audience_id not in self._fields:
            self._fields[row.audience_id] = store.read_fields(self._tx, row.audience_id)
        try:
            return compile_condition(row.source, self._subjects, Objects(fields=self._fields[row.audience_id]))
        except Invalid:
            return None
