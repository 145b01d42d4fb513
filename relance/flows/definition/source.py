"""Text → values that know their line, for messages that say where.

YAML as in its version 1.2: only true and false are yes or no, so ``yes``, ``no``, ``on`` and ``off`` are words,
``09:00`` is a time of day and ``2026-03-14`` a text. Refused, because they surprise: keys that stand twice, anchors and
aliases, several documents, explicit types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from relance.flows.definition.problems import FlowRefused, problem

LARGEST = 4 * 1024 * 1024
"""Bytes of a flow file."""
DEEPEST = 60

_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Spot:
    """Line and column, from 1; 0 when there is no file."""

    line: int = 0
    column: int = 0


NOWHERE = Spot()


@dataclass(frozen=True, slots=True)
class Scalar:
    """``raw`` is the text as it was written: a name may look like a number."""

    value: Plain
    raw: str
    spot: Spot = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[Value, ...]
    spot: Spot = field(default=NOWHERE, compare=False)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Table:
    items: dict[str, Value]
    spots: dict[str, Spot] = field(default_factory=dict, compare=False)
    spot: Spot = field(default=NOWHERE, compare=False)

    def get(self, key: str) -> Value | None:
        return self.items.get(key)

    def without(self, *keys: str) -> Table:
        left = {key: value for key, value in self.items.items() if key not in keys}
        return Table(left, self.spots, self.spot)

    def __contains__(self, key: object) -> bool:
        return key in self.items


Value = Scalar | Items | Table


def plain(value: Value) -> object:
    """Without places: as JSON has it."""
    match value:
        case Scalar():
            return value.value
        case Items():
            return [plain(item) for item in value.items]
        case Table():
            return {key: plain(item) for key, item in value.items.items()}


def read_source(data: bytes | str) -> Value:
    """Raises FlowRefused, with line and column, for anything that is not one plain YAML document."""
    text = _text(data)
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _refused_by_yaml(error) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise refuse("the file holds a character that cannot be printed", Spot(line, 1), "Take it out.") from None
    except RecursionError:
        raise refuse("lists and tables are nested too deep", NOWHERE, "Flatten them.") from None
    finally:
        if loader is not None:
            loader.dispose()
    if node is None:
        raise refuse("the file is empty", Spot(1, 1), "A flow file begins with `flow: NAME`.")
    return _value(node, 1)


def refuse(what: str, spot: Spot, mend: str = "") -> FlowRefused:
    return FlowRefused([problem("invalid", what, mend=mend, line=spot.line, column=spot.column)])


def _text(data: bytes | str) -> str:
    if len(data) > LARGEST:
        raise refuse(f"the file is larger than {LARGEST // 1024 // 1024} MiB", NOWHERE, "Keep HTML in its own files.")
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refuse("the file is not UTF-8 text", Spot(line, 1), "Save it as UTF-8.") from None


def _refused_by_yaml(error: yaml.MarkedYAMLError) -> FlowRefused:
    mark = error.problem_mark or error.context_mark
    spot = Spot(mark.line + 1, mark.column + 1) if mark else NOWHERE
    said = error.problem or error.context or "cannot be read"
    if "expected a single document" in str(error):
        return refuse("the file holds several documents", spot, "Write one flow per file.")
    if "found character '\\t'" in said:
        return refuse("a tab stands where only spaces may", spot, "Indent with spaces.")
    if "mapping values are not allowed" in said:
        return refuse("a colon stands where none may", spot, 'Put texts that hold ": " in quotes.')
    return refuse(f"this is no YAML: {said}", spot, "Look at the indentation and quotes around here.")


def _value(node: Node, depth: int) -> Value:
    if depth > DEEPEST:
        raise refuse("lists and tables are nested too deep", _spot(node), "Flatten them.")
    if isinstance(node, ScalarNode):
        return Scalar(_scalar(node), _writable(node), _spot(node))
    if isinstance(node, SequenceNode):
        return Items(tuple(_value(item, depth + 1) for item in node.value), _spot(node))
    assert isinstance(node, MappingNode)  # noqa: S101
    return _table(node, depth)


def _table(node: MappingNode, depth: int) -> Table:
    items: dict[str, Value] = {}
    spots: dict[str, Spot] = {}
    for key, item in node.value:
        if not isinstance(key, ScalarNode):
            raise refuse("a key must be a plain word", _spot(key))
        _writable(key)
        if key.value in items:
            first = spots[key.value].line
            raise refuse(f"{key.value!r} stands twice (first on line {first})", _spot(key), "Keep one of the two.")
        spots[key.value] = _spot(key)
        items[key.value] = _value(item, depth + 1)
    return Table(items, spots, _spot(node))


def _scalar(node: ScalarNode) -> Plain:
    text: str = node.value
    match node.tag.rpartition(":")[2]:
        case "bool":
            return text.lower() == "true"
        case "null":
            return None
        case "int" if len(text) < 20:
            return int(text)
        case "float":
            return float(text)
        case _:
            return text


def _writable(node: ScalarNode) -> str:
    """Escapes ("\\0", "\\ud800") reach what neither PostgreSQL nor UTF-8 has."""
    text: str = node.value
    if found := _UNWRITABLE.search(text):
        raise refuse(f"the text holds U+{ord(found[0]):04X}, which cannot be kept", _spot(node), "Take it out.")
    return text


def _spot(node: Node) -> Spot:
    mark = node.start_mark
    return Spot(mark.line + 1, mark.column + 1)


class _Resolver(yaml.resolver.BaseResolver):
    """The core schema of YAML 1.2, without octal, hexadecimal and infinite numbers."""


_Resolver.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Resolver.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Resolver.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Resolver.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    list("-+0123456789."),
)


class _Loader(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser, yaml.composer.Composer, _Resolver):
    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)
        yaml.composer.Composer.__init__(self)
        _Resolver.__init__(self)

    def compose_node(self, parent: Node | None, index: object) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise refuse(
                "anchors and aliases (& and *) are not read",
                Spot(event.start_mark.line + 1, event.start_mark.column + 1),
                'Write the value out; put texts that begin with * or & in quotes, as in "*|FNAME|*".',
            )
        if getattr(event, "tag", None):
            raise refuse(
                f"the type {event.tag!r} is not read",
                Spot(event.start_mark.line + 1, event.start_mark.column + 1),
                "Leave it out; put texts that begin with ! in quotes.",
            )
        return super().compose_node(parent, index)  # type: ignore[arg-type]

    def scan_plain(self) -> yaml.ScalarToken:
        """A question mark may stand inside a text between brackets (YAML 1.2): ``{subject: Need a hand?, html: …}``."""
        token = self._plain()
        while self.flow_level and self.peek() == "?" and token.end_mark.line == self.line:
            text = token.value + " " * (self.index - token.end_mark.index) + "?"
            self.forward()
            spaces = 0
            while self.peek(spaces) == " ":
                spaces += 1
            if self.peek(spaces) in ",[]{}#:?\0\r\n":
                token = yaml.ScalarToken(text, True, token.start_mark, self.get_mark())
                continue
            self.forward(spaces)
            rest = self._plain()
            token = yaml.ScalarToken(f"{text}{' ' * spaces}{rest.value}", True, token.start_mark, rest.end_mark)
        return token

    def _plain(self) -> yaml.ScalarToken:
        return super().scan_plain()
