"""``field:<id>``: a field of the audience, with the operators of its type."""

from __future__ import annotations

from collections.abc import Iterator

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Catalogue, FieldShape, Fragment, Json, Leaf, Problem
from relance.audience.conditions.subjects.shape import Subject, gone, object_id
from relance.audience.conditions.values.date import BIRTHDAY, DATE
from relance.audience.conditions.values.number import STORED_NUMBER
from relance.audience.conditions.values.text import ADDRESS, CHOICE, TEXT, YES_NO
from relance.audience.events import FIELD_CHANGED
from relance.kernel.errors import Invalid
from relance.kernel.text import fold

TYPES = {
    "text": TEXT, "url": TEXT, "phone": TEXT, "image": TEXT, "zip": TEXT, "choice": CHOICE, "number": STORED_NUMBER,
    "date": DATE, "birthday": BIRTHDAY, "address": ADDRESS, "yes_no": YES_NO,
}  # fmt: skip
"""Field type (schema.sql) → type of values."""


class Field(Subject):
    kinds = ("field",)
    mark = ":"
    form = "field:<id>"

    def compile(self, leaf: Leaf, build: Build) -> Fragment:
        field_id, shape = _field(leaf, build.catalogue)
        place = build.place(str(field_id))
        arrow = "->" if shape.type in ("address", "number") else "->>"
        holds, turns = TYPES[shape.type].compile(leaf, f"(c.fields {arrow} {place.text})", build)
        listens = frozenset({(FIELD_CHANGED.key, str(field_id))})
        return Fragment(holds, (f"'field:' || {place.text}", f"c.fields -> {place.text}"), listens, turns)

    def missing(self, leaf: Leaf, catalogue: Catalogue) -> Iterator[Problem]:
        choices = {fold(choice) for choice in catalogue.fields[object_id(leaf, leaf.key)].choices}
        if choices and leaf.op in ("is", "is_not", "in", "not_in"):
            for value in _texts(leaf.value):
                if fold(value) not in choices:
                    yield gone(leaf, f"the field has no option {value!r}", "Choose one of its options.")


def _field(leaf: Leaf, catalogue: Catalogue) -> tuple[int, FieldShape]:
    field_id = object_id(leaf, leaf.key)
    shape = catalogue.fields.get(field_id)
    if shape is None:
        what, mend = f"there is no field {field_id} in this audience", "Choose another one, or take the test out."
        raise Invalid(what, where=leaf.path, mend=mend, code="V06")
    return field_id, shape


def _texts(value: Json) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [value for value in values if isinstance(value, str)]
