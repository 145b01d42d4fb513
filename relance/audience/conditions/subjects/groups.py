"""``groups:<category id>``: any_of, all_of, none_of, with a list of group ids of that category."""

from __future__ import annotations

from collections.abc import Iterator

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Catalogue, Fragment, Leaf, Problem
from relance.audience.conditions.subjects.shape import Subject, gone, object_id
from relance.audience.conditions.values.constants import an_id, some_of
from relance.audience.conditions.values.shape import known, taken
from relance.audience.events import GROUP_JOINED, GROUP_LEFT


class Groups(Subject):
    kinds = ("groups",)
    mark = ":"
    form = "groups:<category id>"

    def compile(self, leaf: Leaf, build: Build) -> Fragment:
        known(leaf, ("any_of", "all_of", "none_of"))
        object_id(leaf, leaf.key)
        (groups,) = taken(leaf, some_of(an_id))
        place = build.place(groups)
        among = (
            "from contact_group g where g.bucket = x.bucket and g.contact_id = x.contact_id "
            f"and {place.json} @> to_jsonb(g.group_id)"
        )
        holds = {
            "any_of": f"exists (select {among} offset 0)",
            "none_of": f"not exists (select {among} offset 0)",
            "all_of": f"(select count(*) {among}) = jsonb_array_length({place.json})",
        }[leaf.op]
        category = build.place(leaf.key)
        seen = f"(select jsonb_agg(g.group_id order by g.group_id) {among})"
        listens = frozenset((kind.key, str(group)) for kind in (GROUP_JOINED, GROUP_LEFT) for group in groups)
        return Fragment(holds, (f"'groups:' || {category.text}", seen), listens)

    def missing(self, leaf: Leaf, catalogue: Catalogue) -> Iterator[Problem]:
        category = object_id(leaf, leaf.key)
        for group in leaf.value:
            if catalogue.groups.get(group) != category:
                yield gone(leaf, f"there is no group {group} in the category {category}")
