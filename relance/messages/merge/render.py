"""Documents compiled to slots, and slots rendered (spec/flows.md 8.3).

A compiled template is a list of texts and functions, so a message costs one join and one call for each tag. Values
are printed, never read again: a contact cannot inject a tag.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from relance.kernel.errors import RelanceError
from relance.messages.merge import escape, texts, words
from relance.messages.merge.compare import Holds, holds
from relance.messages.merge.dates import php_date
from relance.messages.merge.grammar import Document, If, Interested, Loop, Node, Ref, Text, Value, refs
from relance.messages.merge.places import Spot, spots
from relance.messages.merge.values import (
    Data,
    Values,
    address_lines,
    group_key,
    is_address,
    look_up,
    raw_of,
    shown,
)
from relance.messages.merge.words import Place

Expired = Callable[[], bool]
# A slot takes the values, the line of the block it stands in, and the time check.
_Slot = Callable[[Values, Data, Expired | None], str]
_Get = Callable[[Values, Data], object]
_NO_LINE: Data = {}


class CannotRender(RelanceError):
    """The message is not sent to this contact; ``code`` is the S code of spec/flows.md 5.12."""

    code = "S12"


class RenderFailed(CannotRender):
    """S12: something in the data cannot be written, or it took too long."""


class NoLineLeft(CannotRender):
    """S17: a block of cart or order lines has no line."""

    code = "S17"


class CouponEmpty(CannotRender):
    """S22: the run has no code from the pool."""

    code = "S22"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template ready for many contacts. ``tags`` names everything it reads, ``coupons`` the pools among it."""

    slots: tuple[str | _Slot, ...]
    tags: frozenset[str]
    coupons: frozenset[str]

    def render(self, values: Values, expired: Expired | None = None) -> str:
        """The text for one contact. ``expired`` is asked before each line of a block whether time is up (2 s).

        Raises NoLineLeft, CouponEmpty, RenderFailed: all CannotRender.
        """
        try:
            return "".join([s if s.__class__ is str else s(values, _NO_LINE, expired) for s in self.slots])  # type: ignore[operator]
        except CannotRender:
            raise
        except Exception as why:
            raise RenderFailed(texts.FAILED.format(why=f"{type(why).__name__}: {why}")) from why


def compile_template(document: Document, place: Place) -> Compiled:
    """``document`` for ``place``. Raises MergeTagError if a block is torn across the HTML around it."""
    used = refs(document)
    return Compiled(
        slots=tuple(_Compiler(place, spots(document, place)).nodes(document.nodes)),
        tags=frozenset(str(ref) for ref in used),
        coupons=frozenset(ref.name for ref in used if ref.scope == "COUPON"),
    )


class _Compiler:
    def __init__(self, place: Place, spots: Mapping[int, Spot]) -> None:
        self.place, self.spots = place, spots

    def nodes(self, nodes: tuple[Node, ...]) -> list[str | _Slot]:
        slots: list[str | _Slot] = []
        for node in nodes:
            match node:
                case Text(text):
                    slots.append(text)
                case Value():
                    slots.append(self.value(node))
                case If():
                    slots.append(self.condition(node))
                case Interested():
                    slots.append(self.interested(node))
                case Loop():
                    slots.append(self.loop(node))
        return slots

    def body(self, nodes: tuple[Node, ...]) -> _Slot:
        slots = self.nodes(nodes)
        if all(isinstance(slot, str) for slot in slots):
            text = "".join(slots)  # type: ignore[arg-type]
            return lambda _values, _line, _expired: text
        if len(slots) == 1 and not isinstance(slots[0], str):
            return slots[0]

        def run(values: Values, line: Data, expired: Expired | None) -> str:
            return "".join([s if s.__class__ is str else s(values, line, expired) for s in slots])  # type: ignore[operator]

        return run

    def value(self, node: Value) -> _Slot:
        ref, spot = node.ref, self.spots[node.at.offset]
        write = escape.writer(node.mode, spot)
        if node.mode == "HTML" and spot in {Spot.CONTENT, Spot.PLAIN}:
            return _lines_or(ref, node.default, write, spot)
        if ref.scope == "FIELD" and not ref.part:
            return _field(ref.name, node.default, write)
        return _plain(ref, node.default, write)

    def condition(self, node: If) -> _Slot:
        ways: list[tuple[_Get, Holds, bool, _Slot]] = [
            (_getter(b.test.ref), holds(b.test.op, b.test.literal), not b.test.negated, self.body(b.body))
            for b in node.branches
        ]
        otherwise = self.body(node.otherwise)

        def choose(values: Values, line: Data, expired: Expired | None) -> str:
            for get, judge, wanted, body in ways:
                if judge(get(values, line), values) is wanted:
                    return body(values, line, expired)
            return otherwise(values, line, expired)

        return choose

    def interested(self, node: Interested) -> _Slot:
        keys = frozenset(group_key(node.category, group) for group in node.groups)
        body, otherwise = self.body(node.body), self.body(node.otherwise)

        def choose(values: Values, line: Data, expired: Expired | None) -> str:
            way = otherwise if keys.isdisjoint(values.groups) else body
            return way(values, line, expired)

        return choose

    def loop(self, node: Loop) -> _Slot:
        body, most, tag = self.body(node.body), node.most, node.at.tag
        is_cart = node.kind == "ABANDONED_CART"

        def repeat(values: Values, _line: Data, expired: Expired | None) -> str:
            lines: Sequence[Data] = values.cart_lines if is_cart else values.order_lines
            if not lines:
                raise NoLineLeft(texts.NO_LINES.format(tag=tag))
            printed = []
            for line in lines[:most]:
                if expired is not None and expired():
                    raise RenderFailed(texts.TOO_SLOW)
                printed.append(body(values, line, expired))
            return "".join(printed)

        return repeat


# Value slots


def _field(tag: str, default: str | None, write: escape.Writer) -> _Slot:
    """The commonest slot, so the shortest way."""
    instead = None if default is None else write(default)

    def slot(values: Values, _line: Data, _expired: Expired | None) -> str:
        value = values.fields.get(tag)
        text = value if value.__class__ is str else shown(value, values)
        if text and not text.isspace():
            return write(text)
        return write(values.defaults.get(tag, "")) if instead is None else instead

    return slot


def _plain(ref: Ref, default: str | None, write: escape.Writer) -> _Slot:
    get, instead = _getter(ref), write(default or "")
    needed = ref.scope == "COUPON" or str(ref) in {"UNSUB", "LIST:UNSUB"}

    def slot(values: Values, line: Data, _expired: Expired | None) -> str:
        text = shown(get(values, line), values)
        if text and not text.isspace():
            return write(text)
        if needed:
            raise _missing(ref)
        return instead

    return slot


def _lines_or(ref: Ref, default: str | None, write: escape.Writer, spot: Spot) -> _Slot:
    """HTML: prints an address on its lines, and other values as the HTML that they are."""
    plain, get = _plain(ref, default, write), _getter(ref)
    line_break = "<br>" if spot is Spot.CONTENT else "\n"
    one = escape.html if spot is Spot.CONTENT else str

    def slot(values: Values, line: Data, expired: Expired | None) -> str:
        value = raw_of(get(values, line))
        if is_address(value) and (lines := address_lines(value)):  # type: ignore[arg-type]
            return line_break.join([one(part) for part in lines])
        if ref.scope == "FIELD" and default is None and not shown(value, values).strip():
            return write(values.defaults.get(ref.name, ""))
        return plain(values, line, expired)

    return slot


def _missing(ref: Ref) -> CannotRender:
    """No message leaves without its way out, or without a code that it promises."""
    return CouponEmpty(texts.NO_CODE.format(name=ref.name)) if ref.scope == "COUPON" else RenderFailed(texts.NO_LINK)


# Where each ref's value comes from


def _getter(ref: Ref) -> _Get:
    name, part = ref.name, ref.part
    match ref.scope:
        case "FIELD":
            return _field_part(name, part) if part else lambda values, _line: values.fields.get(name)
        case "SYSTEM":
            return _system(name)
        case "DATE":
            return lambda values, _line: php_date(name, values.now.astimezone(values.zone), values.language)
        case "AUTOMATION":
            index = 0 if name == "CURRENT_EMAIL" else 1
            return lambda values, _line: values.position[index]
        case "CART":
            return lambda values, _line: values.cart.get(name)
        case "PRODUCT":
            return lambda _values, line: line.get(name)
        case "EVENT":
            return _event(name)
        case "WEBHOOK":
            return lambda values, _line: look_up(values.webhook, name)
        case "COUPON":
            return lambda values, _line: values.coupons.get(name)
        case "TRIGGER":
            return lambda values, _line: values.trigger.get(name, _NO_LINE).get(part)
    key = "UNSUB" if name == "UNSUB" else str(ref)
    return lambda values, _line: values.system.get(key)


def _field_part(tag: str, part: str) -> _Get:
    def get(values: Values, _line: Data) -> object:
        address = raw_of(values.fields.get(tag))
        return address.get(part) if isinstance(address, Mapping) else None

    return get


def _system(word: str) -> _Get:
    if word in words.ORDER_WORDS:
        return lambda values, _line: values.order.get(word)
    if word == "CURRENT_YEAR":
        return lambda values, _line: values.now.astimezone(values.zone).year
    if word == "MC_LANGUAGE":
        return lambda values, _line: values.language
    if word == "REWARDS":
        return lambda _values, _line: None
    return lambda values, _line: values.system.get(word)


def _event(name: str) -> _Get:
    def newest(values: Values, _line: Data) -> object:
        return values.events[0].name if values.events else None

    def moment(values: Values, _line: Data) -> object:
        return values.events[0].at if values.events else None

    def prop(values: Values, _line: Data) -> object:
        for event in values.events:
            if (found := look_up(event.properties, name)) not in (None, ""):
                return found
        return None

    return {"NAME": newest, "DATE": moment}.get(name, prop)
