"""``tag``: has, has_not, with a tag's id."""

from __future__ import annotations

from collections.abc import Iterator

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Catalogue, Fragment, Leaf, Problem
from relance.audience.conditions.subjects.shape import Subject, gone_unless
from relance.audience.conditions.values.constants import an_id
from relance.audience.conditions.values.shape import known, taken
from relance.audience.events import TAG_ADDED, TAG_REMOVED


class Tag(Subject):
    kinds = ("tag",)

    def compile(self, leaf: Leaf, build: Build) -> Fragment:
        known(leaf, ("has", "has_not"))
        tag_id = taken(leaf, an_id)[0]
        place = build.place(tag_id)
        # offset 0 keeps the planner from reading the whole table into a hash for what is one look-up per contact.
        has = (
            "exists (select from contact_tag t where t.bucket = x.bucket and t.contact_id = x.contact_id "
            f"and t.tag_id = {place.id} offset 0)"
        )
        listens = frozenset({(TAG_ADDED.key, str(tag_id)), (TAG_REMOVED.key, str(tag_id))})
        return Fragment(has if leaf.op == "has" else f"not {has}", (f"'tag:' || {place.text}", has), listens)

    def missing(self, leaf: Leaf, catalogue: Catalogue) -> Iterator[Problem]:
        return gone_unless(leaf.value in catalogue.tags, leaf, lambda: f"there is no tag {leaf.value} in this audience")
