"""The run's context: ``event.plan``, ``order.total`` and so on; ``payload.…`` is the event being judged, as recorded.

A run's context is what its triggering event told, frozen at entry: no event changes it.
"""

from __future__ import annotations

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Fragment, Leaf
from relance.audience.conditions.properties import at_path, type_of
from relance.audience.conditions.subjects.shape import Subject


class Context(Subject):
    kinds = ("event", "trigger", "order", "cart", "product", "hook", "webhook", "run", "payload")
    mark = "."
    form = "event.<path>"
    options = ("type",)

    def compile(self, leaf: Leaf, build: Build) -> Fragment:
        type_ = type_of(leaf)
        if leaf.kind == "payload":
            text, json = at_path("x.payload", leaf.key, leaf, build)
        else:
            text, json = at_path("x.context", leaf.subject, leaf, build)
        subject = build.place(leaf.subject)
        holds, turns = type_.compile(leaf, text, build)
        return Fragment(holds, (subject.text, json), turns=turns)
