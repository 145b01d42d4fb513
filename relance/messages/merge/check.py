"""What is wrong with a document for one audience and one flow: V10, V11, V12 and warnings (spec/flows.md 3 and 8.3)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from relance.kernel.text import fold
from relance.messages.merge import texts, words
from relance.messages.merge.compare import to_day, to_number
from relance.messages.merge.grammar import (
    At,
    Document,
    If,
    Interested,
    Loop,
    MergeTagError,
    Node,
    Ref,
    Test,
    Text,
    Value,
    parse,
)
from relance.messages.merge.places import Spot, spots
from relance.messages.merge.words import FieldType, Place

Code = Literal["V10", "V11", "V12", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """V10 refuses the save, V11 and V12 the turn-on, a warning nothing. Line and column count from 1; 0 = no place."""

    code: Code
    line: int
    column: int
    tag: str
    message: str


@dataclass(frozen=True, slots=True)
class KnownField:
    type: FieldType
    has_default: bool = False


_EMAIL = KnownField("text", has_default=True)


@dataclass(frozen=True, slots=True)
class Known:
    """What the audience and the flow offer to tags.

    ``fields`` by tag (EMAIL is always known); ``groups``: category name to its group names; ``objects``: which of
    words.TRIGGER_OBJECTS *every* trigger of the flow carries; ``event``: every trigger comes with an event that has
    properties; ``webhook_keys``: keys that a webhook step maps; ``survey``: the message sends a survey.
    """

    fields: Mapping[str, KnownField] = field(default_factory=dict)
    groups: Mapping[str, Collection[str]] = field(default_factory=dict)
    objects: frozenset[str] = frozenset()
    event: bool = False
    webhook_keys: frozenset[str] = frozenset()
    coupon_pools: frozenset[str] = frozenset()
    survey: bool = False

    @property
    def address_fields(self) -> frozenset[str]:
        """For ``parse``: the fields whose parts may be named."""
        return frozenset(tag for tag, known in self.fields.items() if known.type == "address")

    def field(self, tag: str) -> KnownField | None:
        return self.fields.get(tag) or (_EMAIL if tag == "EMAIL" else None)


def review(text: str, *, place: Place, known: Known) -> list[Problem]:
    """Everything wrong with ``text``: ``parse`` and ``check`` together, for an editor. Raises nothing."""
    try:
        document = parse(text, address_fields=known.address_fields, html=place is Place.HTML)
    except MergeTagError as error:
        return [_from_error(error)]
    return check(document, place=place, known=known)


def check(document: Document, *, place: Place, known: Known) -> list[Problem]:
    """Problems in the order of the text. ``document`` was parsed with ``known.address_fields``."""
    try:
        where = spots(document, place)
    except MergeTagError as error:
        return [_from_error(error)]
    return list(_Check(known, where).nodes(document.nodes, frozenset()))


def missing_footer(document: Document) -> list[Problem]:
    """V12 for the HTML of a marketing email: an unsubscribe link and a postal address on every way through it."""
    shown = frozenset(_always(document.nodes))
    problems = []
    if not shown & {"UNSUB", "LIST:UNSUB"}:
        problems.append(Problem("V12", 0, 0, "UNSUB", texts.NO_UNSUBSCRIBE))
    if "LIST:ADDRESS" not in shown:
        problems.append(Problem("V12", 0, 0, "LIST:ADDRESS", texts.NO_ADDRESS))
    return problems


def known_tags(known: Known) -> list[str]:
    """Every tag that an editor may offer, without ``*|`` and ``|*``: fields first, then what this flow has."""
    tags = ["EMAIL", *(tag for tag in known.fields if tag != "EMAIL")]
    tags += [f"{tag}:{part}" for tag in sorted(known.address_fields) for part in words.ADDRESS_PARTS]
    tags += [word for word in words.PLAIN_WORDS if word != "REWARDS"] + ["DATE:d/m/Y"]
    for scope in ("LIST", "MC", "AUTOMATION", "FLOW"):
        tags += [f"{scope}:{name}" for name in words.SCOPE_NAMES[scope]]
    if "CART" in known.objects:
        tags += [f"CART:{name}" for name in words.SCOPE_NAMES["CART"]] + ["ABANDONED_CART:", "END:ABANDONED_CART"]
    if "ORDER" in known.objects:
        tags += [*words.ORDER_WORDS, "ORDER_LINES:", "END:ORDER_LINES"]
    if known.objects & {"CART", "ORDER"}:
        tags += [f"PRODUCT:{name}" for name in words.SCOPE_NAMES["PRODUCT"]]
    for thing in words.TRIGGER_OBJECTS:
        if thing in known.objects:
            tags += [f"TRIGGER:{thing}:{prop}" for prop in words.TRIGGER_PROPERTIES]
    tags += ["EVENT:NAME", "EVENT:DATE"] if known.event else []
    tags += ["SURVEY:URL"] if known.survey else []
    tags += [f"WEBHOOK:{key}" for key in sorted(known.webhook_keys)]
    tags += [f"COUPON:{pool}" for pool in sorted(known.coupon_pools)]
    tags += [f"INTERESTED:{category}:{group}" for category, names in known.groups.items() for group in names]
    return tags


def _from_error(error: MergeTagError) -> Problem:
    return Problem("V10", error.line, error.column, error.tag, f"{error.what} {error.mend}".strip())


def _always(nodes: tuple[Node, ...]) -> Iterator[str]:
    """The refs that print whichever way the tests go. A block of lines without a line sends nothing, so it counts."""
    for node in nodes:
        match node:
            case Value(ref):
                yield str(ref)
            case Loop(_, _, body):
                yield from _always(body)
            case If(branches, otherwise):
                ways = [frozenset(_always(branch.body)) for branch in branches]
                yield from frozenset(_always(otherwise)).intersection(*ways)
            case Interested(_, _, body, otherwise):
                yield from frozenset(_always(body)) & frozenset(_always(otherwise))


class _Check:
    def __init__(self, known: Known, where: Mapping[int, Spot]) -> None:
        self.known, self.where = known, where
        self.names = known_tags(known)

    def nodes(self, nodes: tuple[Node, ...], filled: frozenset[Ref]) -> Iterator[Problem]:
        """``filled``: refs that have a value here, because a test around asked for it."""
        for node in nodes:
            match node:
                case Text():
                    pass
                case Value():
                    yield from self.value(node, filled)
                case If():
                    yield from self.condition(node, filled)
                case Interested():
                    yield from self.interested(node)
                    yield from self.nodes(node.body, filled)
                    yield from self.nodes(node.otherwise, filled)
                case Loop():
                    if problem := self.source("CART" if node.kind == "ABANDONED_CART" else "ORDER", node.at):
                        yield problem
                    yield from self.nodes(node.body, filled)

    def condition(self, node: If, filled: frozenset[Ref]) -> Iterator[Problem]:
        below = filled
        for branch in node.branches:
            yield from self.test(branch.test, branch.at)
            test = branch.test
            yes = test.op != "!=" and not test.negated
            no = test.negated and not test.op
            yield from self.nodes(branch.body, below | {test.ref} if yes else below)
            below = below | {test.ref} if no else below
        yield from self.nodes(node.otherwise, below)

    # Values

    def value(self, node: Value, filled: frozenset[Ref]) -> Iterator[Problem]:
        ref, at = node.ref, node.at
        problem = self.unknown(ref, at) or self.no_source(ref, at, asks=node.default is not None)
        if problem:
            yield problem
            return
        field = self.known.field(ref.name) if ref.scope == "FIELD" else None
        if field and node.default is None and not field.has_default and ref not in filled:
            yield _problem("warning", texts.NO_DEFAULT, at, ref=ref)
        if str(ref) == "REWARDS":
            yield _problem("warning", texts.REWARDS_EMPTY, at)
        elif self.where.get(at.offset) is Spot.NOWHERE:
            yield _problem("warning", texts.PRINTS_NOTHING, at)

    def unknown(self, ref: Ref, at: At) -> Problem | None:
        if ref.scope != "FIELD" or self.known.field(ref.name):
            return None
        return self.near(texts.UNKNOWN, at, ref.name, [*self.names, *words.FIXED_TAGS])

    def no_source(self, ref: Ref, at: At, *, asks: bool) -> Problem | None:
        """V11. ``asks``: the tag has a default or is a test, so it can do without a value."""
        known, scope, name = self.known, ref.scope, ref.name
        if scope == "CART" or (scope == "SYSTEM" and name in words.ORDER_WORDS):
            return self.source("CART" if scope == "CART" else "ORDER", at)
        if scope == "COUPON" and name not in known.coupon_pools:
            return _problem("V11", texts.NO_POOL, at, name=name)
        if scope == "SURVEY" and not known.survey:
            return _problem("V11", texts.NO_SURVEY, at)
        if asks:
            return None
        if scope == "EVENT" and not known.event:
            return _problem("V11", texts.NO_EVENT, at)
        if scope == "TRIGGER" and name not in known.objects:
            return _problem("V11", texts.NO_OBJECT, at, name=name)
        if scope == "WEBHOOK" and name not in known.webhook_keys:
            return _problem("V11", texts.NO_WEBHOOK, at)
        return None

    def source(self, thing: str, at: At) -> Problem | None:
        if thing in self.known.objects:
            return None
        return _problem("V11", texts.NO_CART if thing == "CART" else texts.NO_ORDER, at)

    # Tests

    def test(self, test: Test, at: At) -> Iterator[Problem]:
        problem = self.unknown(test.ref, at) or self.no_source(test.ref, at, asks=True)
        if problem:
            yield problem
            return
        kind = self.kind(test.ref)
        ordered = test.op not in {"", "=", "!="}
        if ordered and kind not in {"number", "date", "any"}:
            yield _problem("V10", texts.NOT_ORDERED, at, ref=test.ref)
        elif not test.op:
            if kind == "yes_no" and not test.negated:
                yield _problem("warning", texts.ASKS_FILLED, at, ref=test.ref)
        elif test.op == "=" and not test.literal.strip():
            yield _problem("warning", texts.NEVER_TRUE, at, ref=test.ref)
        elif sentence := _misfit(kind, test, ordered=ordered):
            yield _problem("V10" if ordered else "warning", sentence, at, literal=test.literal or "''")

    def kind(self, ref: Ref) -> str:
        """A field's type, or number, date, text; ``any`` for values whose type is known at rendering only."""
        if ref.scope == "FIELD":
            field = self.known.field(ref.name)
            return "text" if ref.part or not field else field.type
        if str(ref) in words.NUMBERS:
            return "number"
        if str(ref) in words.DATES:
            return "date"
        if str(ref) == "EVENT:NAME":
            return "text"
        return "any" if ref.scope in {"EVENT", "WEBHOOK", "DATE"} else "text"

    def interested(self, node: Interested) -> Iterator[Problem]:
        groups = {fold(category): names for category, names in self.known.groups.items()}
        if (names := groups.get(fold(node.category))) is None:
            yield self.near(texts.NO_CATEGORY, node.at, node.category, list(self.known.groups), name=node.category)
            return
        folded = {fold(name) for name in names}
        for group in node.groups:
            if fold(group) not in folded:
                yield self.near(texts.NO_GROUP, node.at, group, list(names), category=node.category, name=group)

    def near(self, sentence: str, at: At, written: str, names: list[str], **facts: object) -> Problem:
        close = words.nearest(written, names)
        mend = f" {texts.DID_YOU_MEAN.format(name=close)}" if close else ""
        return Problem("V10", at.line, at.column, at.tag, sentence.format(tag=at.tag, **facts) + mend)


def _misfit(kind: str, test: Test, *, ordered: bool) -> str:
    """What keeps the literal of ``test`` from ever matching a value of ``kind``, or ''."""
    if kind == "number" and to_number(test.literal) is None:
        return texts.NOT_A_NUMBER
    if kind == "date" and to_day(test.literal) is None:
        return texts.NOT_A_DATE
    if kind == "any" and ordered and to_number(test.literal) is None and to_day(test.literal) is None:
        return texts.NOT_A_NUMBER
    if kind == "birthday" and (to_day(f"2000-{test.literal.replace('/', '-')}") is None):
        return texts.NOT_A_DAY
    return ""


def _problem(code: Code, sentence: str, at: At, **facts: object) -> Problem:
    return Problem(code, at.line, at.column, at.tag, sentence.format(tag=at.tag, **facts))
