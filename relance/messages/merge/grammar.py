"""Merge tags, read into a frozen tree (spec/flows.md 8.2). Knows the fixed words, not the audience's fields.

``parse`` either returns a Document or raises MergeTagError: no text makes it fail otherwise. ``*|`` that no ``|*``
follows is plain text unless a letter follows it (style sheets write ``*|*``).
"""

from __future__ import annotations

import html as _html
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from relance.kernel.errors import RelanceError
from relance.messages.merge import texts, words

MOST_LINES = 50
USUAL_LINES = 20
DEEPEST = 32

Mode = Literal["", "HTML", "URL", "UPPER", "LOWER", "TITLE"]
Op = Literal["", "=", "!=", ">=", "<=", ">", "<"]


@dataclass(frozen=True, slots=True)
class At:
    """Where a tag stands: offset from 0, line and column from 1, and the tag as it was written."""

    offset: int
    line: int
    column: int
    tag: str


class MergeTagError(RelanceError):
    """V10: an unknown or malformed tag. ``nearest`` is the known name that was probably meant, or ''."""

    code = "V10"

    def __init__(self, what: str, at: At, nearest: str = "") -> None:
        place = texts.PLACE.format(line=at.line, column=at.column)
        super().__init__(what, where=place, mend=texts.DID_YOU_MEAN.format(name=nearest) if nearest else "")
        self.line, self.column, self.tag, self.nearest = at.line, at.column, at.tag, nearest


@dataclass(frozen=True, slots=True)
class Ref:
    """What a tag names. ``scope`` is FIELD, SYSTEM, DATE, TRIGGER or one of words.SCOPES.

    ``part`` is an address field's part or a trigger object's property; a DATE's ``name`` is its format.
    """

    scope: str
    name: str
    part: str = ""

    def __str__(self) -> str:
        scope = "" if self.scope in {"FIELD", "SYSTEM"} else self.scope
        return ":".join(filter(None, (scope, self.name, self.part)))


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """``default`` is None when the tag has none; '' is a default of its own."""

    ref: Ref
    mode: Mode
    default: str | None
    at: At


@dataclass(frozen=True, slots=True)
class Test:
    """No ``op`` asks whether there is a value. ``negated`` is IFNOT."""

    ref: Ref
    op: Op
    literal: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Branch:
    test: Test
    body: tuple[Node, ...]
    at: At


@dataclass(frozen=True, slots=True)
class If:
    """The first branch whose test holds, else ``otherwise``."""

    branches: tuple[Branch, ...]
    otherwise: tuple[Node, ...]
    at: At


@dataclass(frozen=True, slots=True)
class Interested:
    """``body`` if the contact is in any of ``groups`` of ``category`` (names as written), else ``otherwise``."""

    category: str
    groups: tuple[str, ...]
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]
    at: At


@dataclass(frozen=True, slots=True)
class Loop:
    """``kind`` is ABANDONED_CART or ORDER_LINES; ``most`` lines are shown."""

    kind: str
    most: int
    body: tuple[Node, ...]
    at: At


Node = Text | Value | If | Interested | Loop


@dataclass(frozen=True, slots=True)
class Document:
    nodes: tuple[Node, ...]


def parse(text: str, *, address_fields: Collection[str] = ("ADDRESS",), html: bool = False) -> Document:
    """Read ``text``. ``address_fields`` are the tags whose ``:city`` names a part and not a default.

    With ``html`` the entities that editors write inside tags (``*|IF:AGE &gt; 18|*``) are read as their characters.
    Raises MergeTagError.
    """
    return _Parser(text, frozenset(address_fields), html).document()


def walk(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Every node, depth first, in the order of the text."""
    for node in nodes:
        yield node
        match node:
            case If(branches, otherwise):
                for branch in branches:
                    yield from walk(branch.body)
                yield from walk(otherwise)
            case Interested(_, _, body, otherwise):
                yield from walk(body)
                yield from walk(otherwise)
            case Loop(_, _, body):
                yield from walk(body)


def refs(document: Document) -> frozenset[Ref]:
    """Everything that the document reads: values and tests (not groups, not loops)."""
    found = set()
    for node in walk(document.nodes):
        if isinstance(node, Value):
            found.add(node.ref)
        elif isinstance(node, If):
            found.update(branch.test.ref for branch in node.branches)
    return frozenset(found)


_TAG = re.compile(r"\*\|([^|]*)\|\*")
_FIELD = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*\Z")
_OP = re.compile(r"!=|>=|<=|=|>|<")
_COUNT = re.compile(r"[0-9]{1,2}\Z")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_QUOTES = {'"': '"', "“": "”"}
_SHOWN = 80  # characters of a malformed tag worth repeating


@dataclass(slots=True)
class _Open:
    """A block that is being read. ``nodes`` collects the way that is open now."""

    word: str
    at: At
    test: Test | None = None
    branches: list[Branch] = field(default_factory=list)
    body: tuple[Node, ...] = ()
    nodes: list[Node] = field(default_factory=list)
    branch_at: At | None = None
    in_else: bool = False
    category: str = ""
    groups: tuple[str, ...] = ()
    most: int = USUAL_LINES


class _Parser:
    def __init__(self, text: str, address_fields: frozenset[str], html: bool) -> None:
        self.text, self.address_fields, self.html = text, address_fields, html
        self.stack: list[_Open] = [_Open("", At(0, 1, 1, ""))]
        self.seen, self.line, self.line_start = 0, 1, 0

    def document(self) -> Document:
        text, done, look = self.text, 0, 0
        while (start := text.find("*|", look)) >= 0:
            found = _TAG.match(text, start)
            if found is None:
                if text[start + 2 : start + 3].isalpha():
                    raise self.error(texts.NOT_CLOSED, self.place(start, text[start : start + 20].split("\n")[0]))
                look = start + 1
                continue
            self.add_text(text[done:start])
            inner = found[1]
            if self.html and "&" in inner:
                inner = _ENTITY.sub(lambda entity: _html.unescape(entity[0]), inner)
            self.tag(inner, self.place(start, found[0][:_SHOWN]))
            done = look = found.end()
        self.add_text(text[done:])
        last = self.stack[-1]
        if last.word:
            word = "IF" if last.word == "IFNOT" else last.word
            raise self.error(texts.NEVER_CLOSED, last.at, word=word)
        return Document(tuple(last.nodes))

    def place(self, offset: int, tag: str) -> At:
        self.line += self.text.count("\n", self.seen, offset)
        newline = self.text.rfind("\n", self.seen, offset)
        if newline >= 0:
            self.line_start = newline + 1
        self.seen = offset
        return At(offset, self.line, offset - self.line_start + 1, tag)

    def error(self, sentence: str, at: At, nearest: str = "", **facts: object) -> MergeTagError:
        return MergeTagError(sentence.format(tag=at.tag, **facts), at, nearest)

    def unknown(self, inner: str, at: At) -> MergeTagError:
        return self.error(texts.UNKNOWN, at, words.nearest(inner, [*words.USUAL_FIELDS, *words.FIXED_TAGS]))

    def add_text(self, text: str) -> None:
        if text:
            self.stack[-1].nodes.append(Text(text))

    def tag(self, inner: str, at: At) -> None:
        if not inner.strip():
            raise self.error(texts.EMPTY, at)
        word, colon, rest = inner.partition(":")
        if word not in words.BLOCKS:
            self.stack[-1].nodes.append(self.value(inner, at))
        elif not colon:
            raise self.error(texts.MALFORMED, at, "END:IF" if word == "END" else f"{word}:")
        elif word == "END":
            self.end(rest, at)
        elif word == "ELSE":
            self.otherwise(rest, at)
        elif word == "ELSEIF":
            self.elseif(rest, at)
        else:
            self.begin(word, rest, at)

    # Blocks

    def begin(self, word: str, rest: str, at: At) -> None:
        if len(self.stack) > DEEPEST:
            raise self.error(texts.TOO_DEEP, at, depth=DEEPEST)
        block = _Open(word, at, branch_at=at)
        if word in {"IF", "IFNOT"}:
            block.test = self.test(rest, at, negated=word == "IFNOT")
        elif word == "INTERESTED":
            category, _, names = rest.partition(":")
            block.category = category.strip()
            block.groups = tuple(name.strip() for name in names.split(","))
            if not block.category or not all(block.groups):
                raise self.error(texts.BAD_GROUPS, at)
        else:
            if any(open_.word in words.LOOPS for open_ in self.stack):
                raise self.error(texts.LOOP_IN_LOOP, at)
            block.most = self.count(rest, at)
        self.stack.append(block)

    def count(self, rest: str, at: At) -> int:
        if not rest:
            return USUAL_LINES
        if not _COUNT.match(rest) or not 1 <= int(rest) <= MOST_LINES:
            raise self.error(texts.BAD_COUNT, at)
        return int(rest)

    def elseif(self, rest: str, at: At) -> None:
        block = self.stack[-1]
        if block.word not in {"IF", "IFNOT"}:
            raise self.error(texts.STRAY, at)
        if block.in_else:
            raise self.error(texts.AFTER_ELSE, at)
        self.close_way(block)
        block.test, block.branch_at = self.test(rest, at), at

    def otherwise(self, rest: str, at: At) -> None:
        block = self.stack[-1]
        if rest:
            raise self.error(texts.MALFORMED, at, "ELSE:")
        if block.word not in {"IF", "IFNOT", "INTERESTED"}:
            raise self.error(texts.STRAY, at)
        if block.in_else:
            raise self.error(texts.AFTER_ELSE, at)
        self.close_way(block)
        block.in_else = True

    def close_way(self, block: _Open) -> None:
        """The nodes read so far are the body of the way that ends here."""
        if block.word == "INTERESTED":
            block.body = tuple(block.nodes)
        elif block.test is not None and block.branch_at is not None:
            block.branches.append(Branch(block.test, tuple(block.nodes), block.branch_at))
        block.nodes = []

    def end(self, rest: str, at: At) -> None:
        if rest not in {"IF", "INTERESTED"} | words.LOOPS:
            close = words.nearest(f"END:{rest}", [f"END:{w}" for w in ("IF", "INTERESTED", *sorted(words.LOOPS))])
            raise self.error(texts.MALFORMED, at, close)
        block = self.stack[-1]
        if not block.word:
            raise self.error(texts.STRAY, at)
        if rest != ("IF" if block.word == "IFNOT" else block.word):
            place = texts.PLACE.format(line=block.at.line, column=block.at.column)
            raise self.error(texts.WRONG_END, at, open=block.at.tag, place=place)
        self.stack.pop()
        otherwise: tuple[Node, ...] = ()
        if block.in_else:
            otherwise = tuple(block.nodes)
        elif rest in {"IF", "INTERESTED"}:
            self.close_way(block)
        node: Node
        if rest == "IF":
            node = If(tuple(block.branches), otherwise, block.at)
        elif rest == "INTERESTED":
            node = Interested(block.category, block.groups, block.body, otherwise, block.at)
        else:
            node = Loop(block.word, block.most, tuple(block.nodes), block.at)
        self.stack[-1].nodes.append(node)

    # Values and tests

    def value(self, inner: str, at: At) -> Value:
        mode: Mode = ""
        word, colon, rest = inner.partition(":")
        if colon and word in words.MODES:
            mode, inner = word, rest  # type: ignore[assignment]
            if inner.partition(":")[0] in words.MODES:
                raise self.error(texts.TWO_MODES, at)
        ref, default = self.ref(inner, at)
        return Value(ref, mode, default, at)

    def ref(self, inner: str, at: At) -> tuple[Ref, str | None]:
        """The ref and the default that follows it, if any."""
        word, colon, rest = inner.partition(":")
        tail = rest if colon else None
        if word == "DATE" and colon:
            if not rest:
                raise self.error(texts.NEEDS_FORMAT, at)
            return Ref("DATE", rest), None
        if word in words.SYSTEM:
            return Ref("SYSTEM", word), tail
        if word == "TRIGGER":
            return self.trigger(inner, rest, at)
        if word in words.SCOPES:
            return self.scoped(inner, word, rest, at)
        if word in words.MODES or word in words.BLOCKS or not _FIELD.match(word):
            raise self.unknown(inner, at)
        if tail is not None and word in self.address_fields:
            part, colon, after = tail.partition(":")
            if part.lower() in words.ADDRESS_PARTS:
                return Ref("FIELD", word, part.lower()), after if colon else None
        return Ref("FIELD", word), tail

    def scoped(self, inner: str, scope: str, rest: str, at: At) -> tuple[Ref, str | None]:
        name, colon, after = rest.partition(":")
        known = words.SCOPE_NAMES.get(scope)
        if known is not None and name not in known:
            close = words.nearest(f"{scope}:{name}", words.FIXED_TAGS)
            raise self.error(texts.UNKNOWN_NAME, at, close, scope=scope, name=name or "''")
        if not _NAME.match(name):
            raise self.unknown(inner, at)
        if scope == "PRODUCT" and not any(block.word in words.LOOPS for block in self.stack):
            raise self.error(texts.OUTSIDE_LOOP, at)
        if scope == "COUPON" and colon:
            raise self.error(texts.NO_COUPON_DEFAULT, at)
        return Ref(scope, name), after if colon else None

    def trigger(self, inner: str, rest: str, at: At) -> tuple[Ref, str | None]:
        thing, _, after = rest.partition(":")
        prop, colon, default = after.partition(":")
        if thing not in words.TRIGGER_OBJECTS or prop not in words.TRIGGER_PROPERTIES:
            raise self.unknown(inner, at)
        return Ref("TRIGGER", thing, prop), default if colon else None

    def test(self, written: str, at: At, *, negated: bool = False) -> Test:
        found = _OP.search(written)
        left = (written[: found.start()] if found else written).strip()
        if not left:
            raise self.error(texts.BAD_TEST, at)
        ref, tail = self.ref(left, at)
        if tail is not None:
            raise self.error(texts.BAD_TEST, at)
        if found is None:
            return Test(ref, "", "", negated)
        literal = written[found.end() :].strip()
        if literal[:1] in _QUOTES and literal:
            closing = _QUOTES[literal[0]]
            if len(literal) < 2 or not literal.endswith(closing) or closing in literal[1:-1]:
                raise self.error(texts.BAD_TEST, at)
            literal = literal[1:-1]
        return Test(ref, found[0], literal, negated)  # type: ignore[arg-type]
