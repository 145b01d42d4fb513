"""Where in the text each tag prints (spec/flows.md 8.3, escaping), decided once, when a message is compiled.

A small machine reads the HTML between the tags, after the tokenizer of the HTML standard (section 13.2.5) in what
matters here: elements, attributes and their quotes, comments, raw text. All ways of a block must end in the same
place, or what follows would have no known place: that is V10.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from relance.messages.merge import texts
from relance.messages.merge.grammar import At, Document, If, Interested, Loop, MergeTagError, Node, Text, Value, walk
from relance.messages.merge.words import Place


class Spot(Enum):
    """How a value is escaped where it prints."""

    PLAIN = auto()  # as it is
    LINE = auto()  # one line
    STRING = auto()  # inside a JSON string
    URL = auto()  # a whole URL, or its beginning
    URL_PART = auto()
    CONTENT = auto()  # HTML between elements
    ATTRIBUTE = auto()  # in quotes
    BARE = auto()  # an attribute without quotes
    LINK = auto()  # URL inside an HTML attribute
    LINK_PART = auto()
    DIALLED = auto()  # after mailto: or tel:, where @ and + keep their meaning
    STYLE = auto()  # a style attribute
    SHEET = auto()  # a style element
    NOWHERE = auto()  # script, event attribute, name: nothing is printed


_LINKS = frozenset(
    ("href", "src", "srcset", "action", "formaction", "background", "poster", "cite", "data", "longdesc", "xlink:href")
)
_RAW = frozenset({"script", "style", "title", "textarea"})
_SPACE = frozenset(" \t\n\r\f")
_HEAD = 24  # characters of an attribute's value that are kept: enough to know its scheme
_PRINTED = "\0"  # stands in a value's head for what a tag prints
_UNKNOWN = "?"
_HARMFUL = re.compile(r"(?:javascript|vbscript|data|file):", re.IGNORECASE)
_DIALLED = re.compile(r"(?:mailto|tel):", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x01-\x20]+")
_LETTER = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class _State:
    """``mode`` is where the machine stands; ``head`` the beginning (value) or the end (comment, raw) of what it saw."""

    mode: str = "content"
    element: str = ""
    attribute: str = ""
    quote: str = ""
    head: str = ""


_CONTENT = _State()


def spots(document: Document, place: Place) -> dict[int, Spot]:
    """The spot of every value, by the offset of its tag. Raises MergeTagError for a torn block (HTML only)."""
    if place in _SAME:
        return dict.fromkeys((n.at.offset for n in _values(document.nodes)), _SAME[place])
    found: dict[int, Spot] = {}
    _nodes(document.nodes, _CONTENT if place is Place.HTML else _State("url"), found)
    return found


_SAME = {Place.TEXT: Spot.PLAIN, Place.HEADER: Spot.LINE, Place.JSON: Spot.STRING}


def _values(nodes: tuple[Node, ...]) -> list[Value]:
    return [node for node in walk(nodes) if isinstance(node, Value)]


def _nodes(nodes: tuple[Node, ...], state: _State, found: dict[int, Spot]) -> _State:
    for node in nodes:
        match node:
            case Text(text):
                state = _read(text, state)
            case Value():
                state = _begun(state)
                found[node.at.offset] = _spot(state)
                state = _printed(state)
            case If(branches, otherwise, at):
                ends = [_nodes(branch.body, state, found) for branch in branches]
                ends.append(_nodes(otherwise, state, found))
                state = _join(ends, at)
            case Interested(_, _, body, otherwise, at):
                state = _join([_nodes(body, state, found), _nodes(otherwise, state, found)], at)
            case Loop(_, _, body, at):
                again = _join([state, _nodes(body, state, found)], at)
                # The second line starts where the first one ended: read it from there too, that place is the safer.
                state = _join([again, _nodes(body, again, found)], at)
    return state


def _join(ends: list[_State], at: At) -> _State:
    joined = ends[0]
    for end in ends[1:]:
        joined = _merge(joined, end, at)
    return joined


def _merge(one: _State, other: _State, at: At) -> _State:
    if one == other:
        return one
    inside = {"attributes", "name", "after_name"}
    if one.element == other.element:
        if one.mode in inside and other.mode in inside:
            return _State("name", one.element, _UNKNOWN)
        if replace(one, head="") == replace(other, head="") and one.mode in {"value", "url"}:
            return replace(one, head=_worse(one.head, other.head))
        if replace(one, head="") == replace(other, head="") and one.mode in {"comment", "raw"}:
            return replace(one, head="")
    raise MergeTagError(texts.TORN.format(tag=at.tag), at)


def _worse(one: str, other: str) -> str:
    """The head that is safer to go on from: a harmful scheme wins, else no longer the beginning."""
    for head in (one, other):
        if _harmful(head):
            return head
    return _PRINTED


def _harmful(head: str) -> bool:
    return _HARMFUL.match(_UNSEEN.sub("", head)) is not None


def _begun(state: _State) -> _State:
    """A tag right after ``=`` is the beginning of a value without quotes."""
    return _State("value", state.element, state.attribute) if state.mode == "before_value" else state


def _printed(state: _State) -> _State:
    if state.mode in {"value", "url"}:
        return replace(state, head=(state.head + _PRINTED)[:_HEAD])
    return replace(state, head="") if state.mode in {"comment", "raw"} else state


def _spot(state: _State) -> Spot:
    match state.mode:
        case "url":
            return Spot.URL_PART if state.head.strip() else Spot.URL
        case "content" | "comment":
            return Spot.CONTENT
        case "raw":
            return {"script": Spot.NOWHERE, "style": Spot.SHEET}.get(state.element, Spot.ATTRIBUTE)
        case "value":
            return _in_attribute(state)
    return Spot.NOWHERE


def _in_attribute(state: _State) -> Spot:
    name = state.attribute
    if name.startswith("on") or name == "srcdoc" or _UNKNOWN in name:
        return Spot.NOWHERE
    if name in _LINKS:
        if _harmful(state.head):
            return Spot.NOWHERE
        if _DIALLED.match(state.head.strip()):
            return Spot.DIALLED
        return Spot.LINK_PART if state.head.strip() else Spot.LINK
    if name == "style" and state.quote:
        return Spot.STYLE
    return Spot.ATTRIBUTE if state.quote else Spot.BARE


# The machine. Each step takes one character and gives the next state.


def _read(text: str, state: _State) -> _State:
    if state.mode == "url":
        return replace(state, head=(state.head + text)[:_HEAD])
    at, size = 0, len(text)
    while at < size:
        if awaited := _awaited(state):
            at = text.find(awaited, at)
            if at < 0:
                return state
        state = _STEPS[state.mode](state, text[at])
        at += 1
    return state


def _awaited(state: _State) -> str:
    """The only character that can change this state, if there is one: the way to it is not walked."""
    if state.mode == "content" or (state.mode == "raw" and not state.head):
        return "<"
    return state.quote if state.mode == "value" and len(state.head) >= _HEAD else ""


def _content(_state: _State, _char: str) -> _State:
    return _State("open")


def _open(state: _State, char: str) -> _State:
    if char == "!":
        return _State("bang")
    if char == "/" or _LETTER.match(char):
        return _State("element", char.lower())
    if char == "<":
        return state
    return _State("declaration") if char == "?" else _CONTENT


def _bang(state: _State, char: str) -> _State:
    if char == "-":
        return _State("comment", head="<!--") if state.head else _State("bang", head="-")
    return _CONTENT if char == ">" else _State("declaration")


def _declaration(state: _State, char: str) -> _State:
    return _CONTENT if char == ">" else state


def _comment(state: _State, char: str) -> _State:
    if char == ">" and state.head.endswith(("--", "--!")):
        return _CONTENT
    head = (state.head + char)[-8:]
    # Outlook reads what stands between <!--[if mso]> and <![endif]--> as HTML, so here it is HTML.
    if head.lower().endswith("<!--[if"):
        return _State("declaration")
    return replace(state, head=head)


def _element(state: _State, char: str) -> _State:
    if char == ">":
        return _leave(state)
    if char in _SPACE or (char == "/" and state.element != ""):
        return replace(state, mode="attributes")
    return state if len(state.element) >= _HEAD else replace(state, element=state.element + char.lower())


def _leave(state: _State) -> _State:
    return _State("raw", state.element) if state.element in _RAW else _CONTENT


def _attributes(state: _State, char: str) -> _State:
    if char == ">":
        return _leave(state)
    if char in _SPACE or char == "/":
        return _State("attributes", state.element)
    return _State("name", state.element, char.lower())


def _name(state: _State, char: str) -> _State:
    if char == ">":
        return _leave(state)
    if char == "=":
        return replace(state, mode="before_value")
    if char == "/":
        return _State("attributes", state.element)
    if char in _SPACE:
        return replace(state, mode="after_name")
    return state if len(state.attribute) >= _HEAD else replace(state, attribute=state.attribute + char.lower())


def _after_name(state: _State, char: str) -> _State:
    if char in _SPACE:
        return state
    return replace(state, mode="before_value") if char == "=" else _attributes(state, char)


def _before_value(state: _State, char: str) -> _State:
    if char in _SPACE:
        return state
    if char == ">":
        return _leave(state)
    if char in "\"'":
        return replace(state, mode="value", quote=char)
    return replace(state, mode="value", head=char)


def _value(state: _State, char: str) -> _State:
    if state.quote:
        if char == state.quote:
            return _State("attributes", state.element)
    elif char == ">":
        return _leave(state)
    elif char in _SPACE:
        return _State("attributes", state.element)
    return state if len(state.head) >= _HEAD else replace(state, head=state.head + char)


def _raw(state: _State, char: str) -> _State:
    closing = f"</{state.element}"
    if (char in _SPACE or char in "/>") and state.head == closing:
        return _CONTENT if char == ">" else _State("attributes", f"/{state.element}")
    head = state.head + char.lower()
    return replace(state, head=head if closing.startswith(head) else "<" if char == "<" else "")


_STEPS = {
    "content": _content,
    "open": _open,
    "bang": _bang,
    "declaration": _declaration,
    "comment": _comment,
    "element": _element,
    "attributes": _attributes,
    "name": _name,
    "after_name": _after_name,
    "before_value": _before_value,
    "value": _value,
    "raw": _raw,
}
