"""A flow of the signed-in account, ready for showing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.flows.definition.model import Definition, read_definition
from relance.kernel.errors import NotFound
from relance.web.visit import Visit

queries = load_queries(__package__)


@dataclass(frozen=True)
class ShownFlow:
    """``row``: see find_flow. ``definition`` is the published one, or the draft of a flow never published."""

    row: Any

    @property
    def flow_id(self) -> int:
        return int(self.row.flow_id)

    @cached_property
    def definition(self) -> Definition:
        document = self.row.definition or self.row.draft
        return read_definition(document) if document else Definition()

    def number_of(self, step_id: int) -> int | None:
        """A step's place in reading order, from 1."""
        for place, step in enumerate(self.definition.steps, 1):
            if step.id == step_id:
                return place
        return None


def find_flow(visit: Visit, tx: Transaction, flow_id: int) -> ShownFlow:
    """Raises NotFound, also for another account's flow."""
    row = tx.row(queries.find_flow, flow_id=flow_id, account_id=visit.account_id)
    if row is None:
        raise NotFound("there is no such flow", where=str(flow_id))
    return ShownFlow(row)


class Names:
    """What ids are called in one audience: ``names("tag", 12)`` is "vip". Read when first asked."""

    def __init__(self, tx: Transaction, audience_id: int) -> None:
        self._tx, self._audience_id = tx, audience_id

    @cached_property
    def _all(self) -> dict[tuple[str, int], str]:
        rows = self._tx.rows(queries.names_of_audience, audience_id=self._audience_id)
        return {(row.kind, row.id): row.name for row in rows}

    def __call__(self, kind: str, object_id: int, /) -> str:
        kind = {"email": "message"}.get(kind, kind)
        return self._all.get((kind, int(object_id)), "?")
