"""``segment``: in, not_in, with a segment's id: who is in it as it is kept (7.5), whatever its condition."""

from __future__ import annotations

from collections.abc import Iterator

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Catalogue, Fragment, Leaf, Problem
from relance.audience.conditions.subjects.shape import Subject, gone_unless
from relance.audience.conditions.values.constants import an_id
from relance.audience.conditions.values.shape import known, taken
from relance.audience.events import SEGMENT_ENTERED, SEGMENT_LEFT


class Segment(Subject):
    kinds = ("segment",)

    def compile(self, leaf: Leaf, build: Build) -> Fragment:
        known(leaf, ("in", "not_in"))
        segment_id = taken(leaf, an_id)[0]
        place = build.place(segment_id)
        inside = (
            "exists (select from segment_member s where s.bucket = x.bucket and s.contact_id = x.contact_id "
            f"and s.segment_id = {place.id} offset 0)"
        )
        listens = frozenset({(SEGMENT_ENTERED.key, str(segment_id)), (SEGMENT_LEFT.key, str(segment_id))})
        holds = inside if leaf.op == "in" else f"not {inside}"
        return Fragment(holds, (f"'segment:' || {place.text}", inside), listens)

    def missing(self, leaf: Leaf, catalogue: Catalogue) -> Iterator[Problem]:
        there = leaf.value in catalogue.segments
        return gone_unless(there, leaf, lambda: f"there is no segment {leaf.value} in this audience")
