"""Source → SQL that all conditions of one form share, and this one's constants (architecture 7)."""

from __future__ import annotations

import hashlib

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import NEVER, Catalogue, Compiled, Fragment, Group, Json, Listens, Node
from relance.audience.conditions.parse import parse
from relance.audience.conditions.registry import Subjects
from relance.audience.events import CREATED

_JOINS = {"all": " and ", "any": " or ", "none": " or "}
_EMPTY = {"all": "true", "any": "false", "none": "true"}
_SEEN_AT_ONCE = 40
"""Arguments are limited to 100 a function call, and a trail of more values than these helps nobody."""


def compile_condition(source: Json, subjects: Subjects, catalogue: Catalogue) -> Compiled:
    """Raises Invalid for the first thing that is wrong; use ``check`` to find all of them.

    Objects that are merely deleted (tags, groups, messages) compile all the same: nobody has them.
    """
    build, fragments = Build(catalogue), list[Fragment]()
    holds = _node(parse(source), subjects, build, fragments)
    seen = _seen(fragments)
    listens: Listens = frozenset({(CREATED.key, "")}).union(*(fragment.listens for fragment in fragments))
    turns = _turns(fragments)
    return Compiled(holds, seen, build.params, listens, turns != NEVER, shape_id(holds, seen), turns)


def shape_id(shape_sql: str, seen_sql: str) -> int:
    """63 bits that stand for the two texts."""
    digest = hashlib.sha256(f"{shape_sql}\n{seen_sql}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _node(node: Node, subjects: Subjects, build: Build, found: list[Fragment]) -> str:
    if not isinstance(node, Group):
        fragment = subjects.of(node).compile(node, build)
        found.append(fragment)
        return fragment.holds
    parts = [_node(item, subjects, build, found) for item in node.items]
    joined = f"({_JOINS[node.how].join(parts)})" if parts else _EMPTY[node.how]
    return f"not {joined}" if node.how == "none" and parts else joined


def _turns(fragments: list[Fragment]) -> str:
    """The first of the tests' own instants. Those that look alike differ in their constants, so none is left out."""
    turns = [fragment.turns for fragment in fragments if fragment.turns]
    whole = [f"least({', '.join(turns[i : i + _SEEN_AT_ONCE])})" for i in range(0, len(turns), _SEEN_AT_ONCE)]
    return f"least({', '.join(whole)})" if len(whole) > 1 else whole[0] if whole else NEVER


def _seen(fragments: list[Fragment]) -> str:
    pairs = [f"{name}, {value}" for name, value in (fragment.seen for fragment in fragments[:_SEEN_AT_ONCE])]
    return f"jsonb_build_object({', '.join(pairs)})"
