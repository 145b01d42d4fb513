"""Source → tree → source. Looks at the form only; what subjects and operators mean is for check and compile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from relance.audience.conditions.model import Group, Json, Leaf, Node
from relance.kernel.errors import Invalid

HOW = ("all", "any", "none")
DEEPEST = 8
"""The highest that limits.depth can be set to (spec section 12)."""

_SUBJECT = re.compile(r"([a-z_]+)(?:([:.])(.+))?", re.DOTALL)
_OPTIONS = ("where", "window", "link", "count", "type")
_EXAMPLE = 'A condition looks like {"all": [{"on": "vip", "op": "yes"}]}.'


def parse(source: Json) -> Group:
    """The tree of a source. Raises Invalid when it is not of the form that model.py describes."""
    node = _node(source, "", 1)
    return node if isinstance(node, Group) else Group("all", (_moved(node, "all[0]"),))


def _moved(leaf: Leaf, path: str) -> Leaf:
    return Leaf(leaf.kind, leaf.mark, leaf.key, leaf.op, leaf.value, leaf.options, path)


def _node(source: Json, path: str, depth: int) -> Node:
    if not isinstance(source, Mapping):
        raise Invalid(f"a condition is an object, not {_name(source)}", where=path, mend=_EXAMPLE)
    if "on" in source:
        return _leaf(source, path)
    how = [key for key in source if key in HOW]
    if len(source) != 1 or not how:
        found = ", ".join(sorted(map(str, source))) or "nothing"
        raise Invalid(
            f"expected one of all, any, none, or a test with on and op; found {found}", where=path, mend=_EXAMPLE
        )
    return _group(how[0], source[how[0]], path, depth)


def _group(how: str, items: Json, path: str, depth: int) -> Group:
    if depth > DEEPEST:
        raise Invalid(f"groups are nested more than {DEEPEST} deep", where=path, mend="Flatten them.", code="V15")
    if not isinstance(items, list | tuple):
        raise Invalid(f"{how} takes a list", where=path, mend=_EXAMPLE)
    start = f"{path}.{how}" if path else how
    return Group(how, tuple(_node(item, f"{start}[{i}]", depth + 1) for i, item in enumerate(items)), path)


def _leaf(source: Mapping[str, Json], path: str) -> Leaf:
    if unknown := sorted(set(map(str, source)) - {"on", "op", "value", *_OPTIONS}):
        raise Invalid(f"a test has no member {unknown[0]!r}", where=path, mend=f"It may have {', '.join(_OPTIONS)}.")
    subject, op = source["on"], source.get("op")
    match = _SUBJECT.fullmatch(subject) if isinstance(subject, str) else None
    if not match:
        raise Invalid(f"{subject!r} is no subject", where=path, mend='Write for example "email" or "field:12".')
    if not isinstance(op, str):
        raise Invalid("the test has no operator", where=path, mend='Write "op", for example "op": "is".')
    options = {key: source[key] for key in _OPTIONS if source.get(key) is not None}
    return Leaf(match[1], match[2] or "", match[3] or "", op, source.get("value"), options, path)


def _name(value: Json) -> str:
    words = {list: "a list", str: "text", bool: "a yes or no", int: "a number", float: "a number"}
    return words.get(type(value), "nothing")


def source_of(node: Node) -> dict[str, Json]:
    """The source of a tree: ``parse(source_of(node)) == node``."""
    if isinstance(node, Group):
        return {node.how: [source_of(item) for item in node.items]}
    value = {} if node.value is None else {"value": node.value}
    return {"on": node.subject, "op": node.op, **value, **node.options}


def canonical(source: Json) -> bytes:
    """The same bytes for the same condition, however its members were ordered."""
    return msgspec.json.encode(source_of(parse(source)), order="deterministic")


def leaves(node: Node) -> Iterator[Leaf]:
    """The tests of a tree, in reading order."""
    if isinstance(node, Leaf):
        yield node
    else:
        for item in node.items:
            yield from leaves(item)


def depth(node: Node) -> int:
    """1 for a group of tests, 2 when it holds a group, and so on."""
    return 0 if isinstance(node, Leaf) else 1 + max((depth(item) for item in node.items), default=0)
