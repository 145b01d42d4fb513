"""What contacts did in flows, for conditions (spec/flows.md 7.2 "flow").

    {"on": "flow", "op": "started", "value": <flow id>}

Operators started, not_started, completed, not_completed, inside, not_inside, exited. Completed is to come to an end of
the flow (X00), exited to leave it in any other way; who has been through it several times may have done both. What a
flow was made to forget, to let somebody in again, has happened even so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Catalogue, Fragment, Leaf, Objects, Problem
from relance.audience.conditions.subjects.shape import Subject, gone_unless
from relance.audience.conditions.values.constants import an_id
from relance.audience.conditions.values.shape import known, taken
from relance.db.pool import Transaction
from relance.flows import store
from relance.flows.events import RUN_ENDED, RUN_ENTERED

OPERATORS = ("started", "not_started", "completed", "not_completed", "inside", "not_inside", "exited")


class FlowSubject(Subject):
    kinds = ("flow",)

    def compile(self, leaf: Leaf, build: Build) -> Fragment:
        known(leaf, OPERATORS)
        flow_id = taken(leaf, an_id)[0]
        place = build.place(flow_id)
        what = leaf.op.removeprefix("not_")
        table, more, heard = _ROWS[what]
        done = (
            f"exists (select from {table} p where p.bucket = x.bucket and p.contact_id = x.contact_id "
            f"and p.flow_id = {place.id}{more} offset 0)"
        )
        listens = frozenset((kind.key, str(flow_id)) for kind in heard)
        holds = done if what == leaf.op else f"not {done}"
        return Fragment(holds, (f"'flow:' || {place.text}", done), listens)

    def missing(self, leaf: Leaf, catalogue: Catalogue) -> Iterator[Problem]:
        there = leaf.value in catalogue.flows
        return gone_unless(there, leaf, lambda: f"there is no flow {leaf.value} in this audience")


_ROWS = {
    "started": ("entry", "", (RUN_ENTERED,)),
    "inside": ("run", " and p.ended_at is null", (RUN_ENTERED, RUN_ENDED)),
    "completed": ("run", " and p.end_code = 'X00'", (RUN_ENDED,)),
    "exited": ("run", " and p.end_code <> 'X00'", (RUN_ENDED,)),
}

SUBJECTS = (FlowSubject(),)


def add_flows(tx: Transaction, objects: Objects, audience_id: int) -> Objects:
    """A catalogue with the audience's flows added."""
    rows = tx.rows(store.queries.flows_of_audience, audience_id=audience_id)
    return replace(objects, flows=frozenset(row.flow_id for row in rows))
