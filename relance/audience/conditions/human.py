"""A condition as a sentence, for screens and trails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from relance.audience.conditions.model import Group, Json, Leaf, Node
from relance.audience.conditions.parse import parse
from relance.audience.conditions.windows import normal
from relance.audience.conditions.words import WORDS, Words


class Names(Protocol):
    """Names of objects: ``name("tag", 12)`` is "vip". Kinds: field, tag, group, segment, flow, message, link."""

    def __call__(self, kind: str, object_id: int, /) -> str: ...


def human(source: Json, names: Names, language: str = "en") -> str:
    """A short plain sentence in English ("en") or French ("fr"), such as "City is Paris and has the tag vip".

    Raises Invalid when the source is malformed. An operator or subject without words of its own is shown as written.
    """
    return _Speaker(names, WORDS.get(language[:2], WORDS["en"])).group(parse(source))


class _Speaker:
    def __init__(self, names: Names, words: Words) -> None:
        self._names, self._words = names, words

    def group(self, group: Group) -> str:
        if not group.items:
            return self._words.empty[group.how]
        joined = self._words.joins[group.how].join(self._item(item, len(group.items)) for item in group.items)
        return self._words.none.format(joined) if group.how == "none" else joined

    def _item(self, node: Node, beside: int) -> str:
        if isinstance(node, Leaf):
            return self.leaf(node)
        inner = self.group(node)
        return f"({inner})" if beside > 1 and len(node.items) > 1 and node.how != "none" else inner

    def leaf(self, leaf: Leaf) -> str:
        text = self._phrase(leaf)
        if tests := leaf.options.get("where"):
            text += f" ({', '.join(self._test(test) for test in tests)})"
        if count := leaf.options.get("count"):
            text += self._words.count.format(count)
        if "window" in leaf.options:
            text += f" {self._window(leaf.options['window'])}"
        return text

    def _phrase(self, leaf: Leaf) -> str:
        words = self._words
        if leaf.kind == "email_activity":
            message = words.any_email if leaf.value == "any" else words.email.format(self._name("message", leaf.value))
            if "link" in leaf.options:
                message = words.link.format(self._name("link", leaf.options["link"]), message)
            return words.activity.get(leaf.op, leaf.op).format(message)
        if leaf.kind == "custom_event":
            return words.happenings.get(leaf.op, leaf.op).format(leaf.key, leaf.value)
        if (leaf.kind, leaf.op) in words.whole:
            return words.whole[leaf.kind, leaf.op].format(self._value(leaf))
        if leaf.kind == "groups":
            return words.groups.get(leaf.op, leaf.op).format(self._value(leaf))
        subject = self._name("field", leaf.key) if leaf.kind == "field" else words.subjects.get(leaf.kind, leaf.subject)
        return self._compare(subject, leaf.kind, leaf.op, leaf.value, self._value(leaf))

    def _compare(self, subject: str, kind: str, op: str, raw: Json, value: str) -> str:
        """On days, greater and less read after and before (7.2)."""
        ops = self._words.operators
        dated = kind in ("created", "opted_in", "changed") or _is_day(raw)
        phrase = (self._words.dated.get(op) if dated else None) or ops.get(op) or f"{op} {{0}}"
        return f"{subject} {phrase.format(value)}".rstrip()

    def _test(self, test: Mapping[str, Json]) -> str:
        value = self._list(test.get("value"), "text", test["op"])
        return self._compare(test["property"], "", test["op"], test.get("value"), value)

    def _value(self, leaf: Leaf) -> str:
        kind = {"tag": "tag", "groups": "group", "segment": "segment", "flow": "flow"}.get(leaf.kind, "text")
        return self._list(leaf.value, kind, leaf.op)

    def _list(self, value: Json, kind: str, op: str) -> str:
        if isinstance(value, list):
            join = self._words.between if op == "between" else ", "
            return join.join(self._one(item, kind, op) for item in value)
        return self._one(value, kind, op)

    def _one(self, value: Json, kind: str, op: str) -> str:
        if kind != "text":
            return self._name(kind, value)
        named = {"month_is": self._words.months, "weekday_is": self._words.weekdays}.get(op)
        if named and isinstance(value, int) and 0 < value <= len(named):
            return named[value - 1]
        return "" if value is None else self._words.statuses.get(str(value), str(value))

    def _name(self, kind: str, key: Json) -> str:
        return self._names(kind, int(key)) if str(key).isdecimal() else str(key)

    def _window(self, window: Json) -> str:
        try:
            form = normal(window)
        except ValueError:
            return str(window)
        if "last" in form:
            return self._words.windows[form["unit"]].format(form["last"])
        if "between" in form:
            return self._words.windows["between"].format(*form["between"])
        return self._words.windows.get(form["since"], self._words.windows["since"]).format(form["since"])


def _is_day(value: Json) -> bool:
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, str) and len(first) == 10 and first[4:5] == first[7:8] == "-"
