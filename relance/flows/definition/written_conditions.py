"""Conditions as a flow file writes them ↔ the stored language (spec section 7, audience/conditions).

{tag: vip}                                  {not: {tag: vip}}        {all: […]}  {any: […]}  {none: […]}
{field: CITY, is: Paris}                    {field: CITY, blank: true}
{group: Plant care}                         {group: "Interests / Plant care"}
{segment: Big spenders}                     {not: {segment: Big spenders}}
{flow_completed: Welcome}                   also started, inside, exited; not_started, not_completed, not_inside
{email_opened: Hello}                       {email_clicked: Hello, link: "https://…", within: 7 days}
{event: paid, where: {plan: pro}, within: 30 days, at_least: 2}
{email_status: subscribed}  {vip: true}     {created: {within: 30}}  {event.plan: pro}
{on: "field:CITY", op: is, value: Paris}    the full form, with names where the stored one has ids
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from relance.flows.definition import durations
from relance.flows.definition.names import Names, near
from relance.flows.definition.reader import MISSING, Reader
from relance.flows.definition.source import Items, Scalar, Table, Value, plain
from relance.messages.links import link_id

Condition = dict[str, Any]

HOW = ("all", "any", "none")
ATTRIBUTES = (
    "email", "email_status", "sms_status", "created", "opted_in", "changed", "source", "language", "rating",
)  # fmt: skip
FLAGS = {"vip": ("yes", "no"), "no_open_tracking": ("is_yes", "is_no")}
ACTIVITY = {
    "email_sent": "was_sent",
    "email_not_sent": "not_sent",
    "email_opened": "opened",
    "email_not_opened": "not_opened",
    "email_clicked": "clicked",
    "email_not_clicked": "not_clicked",
}
FLOWS = {
    "flow_started": "started",
    "flow_not_started": "not_started",
    "flow_completed": "completed",
    "flow_not_completed": "not_completed",
    "flow_inside": "inside",
    "flow_not_inside": "not_inside",
    "flow_exited": "exited",
}
COUNTS = {"at_least": "count_at_least", "at_most": "count_at_most", "exactly": "count_is"}
OPTIONS = ("where", "window", "link", "count", "type")
ALIASES = {"before": "less", "after": "greater", "equals": "is"}

_CONTEXT = re.compile(r"(event|trigger|order|cart|product|hook|webhook|run)\..+")
_WITHIN = re.compile(r"last ([0-9]+) (hour|day|week)s?")
_MEND = "Write for example {tag: vip} or {field: CITY, is: Paris}."


def read_condition(reader: Reader, value: Value) -> Condition:
    """The stored form. A list means that all of it must hold. What is wrong is noted in the reader."""
    match value:
        case Items(items):
            return {"all": [read_condition(reader, item) for item in items]}
        case Table() if value.items:
            return _table(reader, value)
    reader.say("invalid", "a condition is expected here", value.spot, _MEND)
    return {"all": []}


def _table(reader: Reader, value: Table) -> Condition:
    if "on" in value:
        return _full(reader, value)
    for how in HOW:
        if how in value:
            reader.only(value, [how], "a group of conditions")
            return _group(reader, how, value.items[how])
    if "not" in value:
        reader.only(value, ["not"], "not")
        return {"none": [read_condition(reader, value.items["not"])]}
    for key, read in _SHORT.items():
        if key in value:
            return read(reader, value)
    for key in value.items:
        if key in ACTIVITY:
            return _activity(reader, value, key)
        if key in FLOWS:
            reader.only(value, [key], key)
            return {"on": "flow", "op": FLOWS[key], "value": reader.flow(value.items[key])}
        if key in ATTRIBUTES or key in FLAGS or _CONTEXT.fullmatch(key):
            return _attribute(reader, value, key)
    first = next(iter(value.items))
    known = [*_SHORT, *ACTIVITY, *FLOWS, *ATTRIBUTES, *FLAGS, *HOW, "not", "on"]
    reader.say(
        "invalid", f"there is no condition {first!r}", value.spots.get(first, value.spot), near(first, known) or _MEND
    )
    return {"all": []}


def _group(reader: Reader, how: str, value: Value) -> Condition:
    if not isinstance(value, Items):
        value = Items((value,), value.spot)
    return {how: [read_condition(reader, item) for item in value]}


def _tag(reader: Reader, value: Table) -> Condition:
    reader.only(value, ["tag"], "a tag's condition")
    return {"on": "tag", "op": "has", "value": reader.tag(value.items["tag"])}


def _field(reader: Reader, value: Table) -> Condition:
    field_id = reader.field(value.items["field"])
    return {"on": f"field:{field_id}", **_operator(reader, value.without("field"), value, "a field's condition")}


def _group_of(reader: Reader, value: Table) -> Condition:
    reader.only(value, ["group"], "a group's condition")
    group = reader.group(value.items["group"])
    category = reader.names.groups[group].category_id if group else MISSING
    return {"on": f"groups:{category}", "op": "any_of", "value": [group]}


def _segment(reader: Reader, value: Table) -> Condition:
    reader.only(value, ["segment"], "a segment's condition")
    return {"on": "segment", "op": "in", "value": reader.segment(value.items["segment"])}


def _event(reader: Reader, value: Table) -> Condition:
    reader.only(value, ["event", "where", "within", *COUNTS], "an event's condition")
    leaf: Condition = {"on": f"custom_event:{reader.text(value.items['event'], 'event')}", "op": "happened"}
    for word, op in COUNTS.items():
        if word in value:
            leaf["op"], leaf["value"] = op, reader.whole(value.items[word], word)
    if "where" in value:
        leaf["where"] = read_where(reader, value.items["where"])
    return {**leaf, **_window(reader, value)}


def read_where(reader: Reader, value: Value) -> list[dict[str, Any]]:
    """Tests of properties: ``{plan: pro}`` or ``[{property: plan, op: is, value: pro}]``."""
    if isinstance(value, Table) and "property" not in value:
        return [
            {"property": name, **_compared(reader, item, f"the property {name}")} for name, item in value.items.items()
        ]
    tests = []
    for item in value if isinstance(value, Items) else [value]:
        if not isinstance(item, Table) or "property" not in item:
            reader.say("invalid", "where holds tests of properties", item.spot, "Write for example {plan: pro}.")
            continue
        test: dict[str, Any] = {"property": reader.text(item.items["property"], "property")}
        if "op" in item:
            reader.only(item, ["property", "op", "value"], "a test of a property")
            test["op"] = reader.text(item.items["op"], "op")
            if "value" in item:
                test["value"] = plain(item.items["value"])
        else:
            test |= _operator(reader, item.without("property"), item, "a test of a property")
        tests.append(test)
    return tests


def _activity(reader: Reader, value: Table, key: str) -> Condition:
    reader.only(value, [key, "link", "within", "at_least"], key)
    named = value.items[key]
    anything = isinstance(named, Scalar) and named.raw == "any"
    message: Any = "any" if anything else reader.email(named)
    leaf: Condition = {"on": "email_activity", "op": ACTIVITY[key], "value": message}
    if "link" in value and isinstance(message, int):
        leaf["link"] = link_id(message, reader.text(value.items["link"], "link"))
    if "at_least" in value:
        leaf["count"] = reader.whole(value.items["at_least"], "at_least")
    return {**leaf, **_window(reader, value)}


def _attribute(reader: Reader, value: Table, key: str) -> Condition:
    reader.only(value, [key], f"the condition {key}")
    if key in FLAGS:
        return {"on": key, "op": FLAGS[key][0 if reader.boolean(value.items[key], key) else 1]}
    return {"on": key, **_compared(reader, value.items[key], key)}


def _compared(reader: Reader, value: Value, of: str) -> Condition:
    if isinstance(value, Table):
        return _operator(reader, value, value, of)
    if isinstance(value, Scalar) and isinstance(value.value, bool):
        return {"op": "is_yes" if value.value else "is_no"}
    return {"op": "in" if isinstance(value, Items) else "is", "value": plain(value)}


def _operator(reader: Reader, value: Table, whole: Table, of: str) -> Condition:
    """``{is: Paris}``: one operator and its value; operators without value are written ``{blank: true}``."""
    if len(value.items) != 1:
        reader.say("invalid", f"{of} has one operator, not {len(value.items)}", whole.spot, _MEND)
        return {"op": "is"}
    (word, item), *_ = value.items.items()
    op = ALIASES.get(word, word)
    if isinstance(item, Scalar) and isinstance(item.value, bool):
        if op == "is":
            return {"op": "is_yes" if item.value else "is_no"}
        if not item.value:
            reader.say("invalid", f"{word} is written as {word}: true", item.spot, "Use not: for the contrary.")
        return {"op": op}
    return {"op": op, "value": plain(item)}


def _window(reader: Reader, value: Table) -> Condition:
    """``within: 30 days``, ``within: since entry``."""
    if "within" not in value:
        return {}
    item = value.items["within"]
    text = reader.text(item, "within").strip()
    if text.startswith("since ") or _WITHIN.fullmatch(text):
        return {"window": text}
    length = durations.parse_length(text)
    if length is None or length[1] not in ("hour", "day", "week"):
        reader.say("invalid", "within is a length of time in hours, days or weeks", item.spot, 'Or "since entry".')
        return {}
    return {"window": f"last {durations.write_length(*length)}"}


# The full form


def _full(reader: Reader, value: Table) -> Condition:
    reader.only(value, ["on", "op", "value", *OPTIONS], "a test")
    subject = reader.text(value.items["on"], "on")
    leaf: Condition = {"on": subject, "op": reader.text(value.items["op"], "op") if "op" in value else ""}
    if "value" in value:
        leaf["value"] = plain(value.items["value"])
    leaf |= {option: plain(value.items[option]) for option in OPTIONS if option in value}
    kind, colon, key = subject.partition(":")
    if kind == "field" and colon and not key.isdecimal():
        leaf["on"] = f"field:{reader.field(Scalar(key, key, value.items['on'].spot))}"
    elif kind == "groups" and colon:
        _named_groups(reader, value, leaf, key)
    elif subject == "tag" and _named(value.get("value")):
        leaf["value"] = reader.tag(value.items["value"])
    elif subject == "segment" and _named(value.get("value")):
        leaf["value"] = reader.segment(value.items["value"])
    elif subject == "flow" and _named(value.get("value")):
        leaf["value"] = reader.flow(value.items["value"])
    elif subject == "email_activity" and _named(value.get("value")) and leaf["value"] != "any":
        leaf["value"] = reader.email(value.items["value"])
    if isinstance(leaf.get("link"), str) and isinstance(leaf.get("value"), int):
        leaf["link"] = link_id(leaf["value"], leaf["link"])
    return leaf


def _named(value: Value | None) -> bool:
    return isinstance(value, Scalar) and not isinstance(value.value, int)


def _named_groups(reader: Reader, value: Table, leaf: Condition, category: str) -> None:
    if not category.isdecimal():
        leaf["on"] = f"groups:{reader.names.category(category) or MISSING}"
    listed = value.get("value")
    if isinstance(listed, Items):
        names = [item for item in listed if _named(item)]
        if names:
            leaf["value"] = [reader.group(_inside(item, category)) for item in names if isinstance(item, Scalar)]


def _inside(item: Scalar, category: str) -> Scalar:
    name = item.raw if category.isdecimal() else f"{category} / {item.raw}"
    return Scalar(name, name, item.spot)


_SHORT: dict[str, Callable[[Reader, Table], Condition]] = {
    "tag": _tag,
    "field": _field,
    "group": _group_of,
    "segment": _segment,
    "event": _event,
}


# Stored → written


def write_condition(source: Condition, names: Names) -> Any:
    """The short form where there is one, else the full form with names."""
    for how in HOW:
        if how in source:
            return _write_group(how, source[how], names)
    kind, _, key = source["on"].partition(":")
    if kind == "tag" and source["op"] in ("has", "has_not"):
        has = {"tag": names.tag_name(source["value"])}
        return has if source["op"] == "has" else {"not": has}
    if kind == "segment" and source["op"] in ("in", "not_in"):
        inside = {"segment": names.segments.get(source["value"], "")}
        return inside if source["op"] == "in" else {"not": inside}
    if kind == "flow" and source["op"] in FLOWS.values():
        return {f"flow_{source['op']}": names.flows.get(source["value"], "")}
    if kind == "field" and not _extra(source):
        return {"field": _field_tag(names, key), **_write_operator(source)}
    if kind == "groups" and source["op"] == "any_of" and len(source.get("value") or []) == 1:
        return {"group": group_name(names, source["value"][0])}
    if kind == "custom_event" and not _extra(source, "where", "window"):
        return _write_event(source, key)
    if kind == "email_activity" and source["op"] in ACTIVITY.values():
        return _write_activity(source, names)
    if not _extra(source) and kind in FLAGS and source["op"] in FLAGS[kind]:
        return {kind: source["op"] == FLAGS[kind][0]}
    if not _extra(source) and (kind in ATTRIBUTES or _CONTEXT.fullmatch(source["on"])):
        return {source["on"]: source["value"] if _is_value(source) else _write_operator(source)}
    return _write_full(source, names, kind, key)


def _is_value(source: Condition) -> bool:
    return source["op"] == "is" and isinstance(source.get("value"), str | int | float)


def _extra(source: Condition, *allowed: str) -> bool:
    return any(option in source and option not in allowed for option in OPTIONS)


def _write_group(how: str, items: list[Condition], names: Names) -> Any:
    if how == "none" and len(items) == 1:
        return {"not": write_condition(items[0], names)}
    written = [write_condition(item, names) for item in items]
    return written[0] if how == "all" and len(written) == 1 else {how: written}


def _write_operator(source: Condition) -> Condition:
    if source.get("value") is None:
        return {source["op"]: True}
    return {source["op"]: source["value"]}


def _write_window(source: Condition) -> Condition:
    window = source.get("window")
    if window is None:
        return {}
    if isinstance(window, str):
        return {"within": window.removeprefix("last ")}
    if "last" in window:
        return {"within": f"{window['last']} {window['unit']}"}
    return {"within": f"since {window['since']}"} if "since" in window else {}


def _write_event(source: Condition, name: str) -> Condition:
    if "between" in (source.get("window") or {}):
        return dict(source)
    written: Condition = {"event": name}
    words = {op: word for word, op in COUNTS.items()}
    if source["op"] in words:
        written[words[source["op"]]] = source["value"]
    elif source["op"] != "happened":
        return {"not": _write_event({**source, "op": "happened"}, name)}
    if "where" in source:
        written["where"] = write_where(source["where"])
    return {**written, **_write_window(source)}


def write_where(tests: list[dict[str, Any]]) -> Any:
    """The short form when each property is only asked for a value."""
    names = {test["property"] for test in tests}
    if len(names) == len(tests) and "property" not in names and all(_is_value(test) for test in tests):
        return {test["property"]: test["value"] for test in tests}
    return [dict(test) for test in tests]


def _write_activity(source: Condition, names: Names) -> Any:
    if isinstance(source.get("window"), dict) and "between" in source["window"]:
        return {**source, "value": _message_name(names, source["value"])}
    word = {op: word for word, op in ACTIVITY.items()}[source["op"]]
    written: Condition = {word: _message_name(names, source["value"])}
    if "link" in source:
        known = names.messages.get(source["value"])
        written["link"] = (known.links.get(source["link"]) if known else None) or source["link"]
    if "count" in source:
        written["at_least"] = source["count"]
    return {**written, **_write_window(source)}


def _message_name(names: Names, value: Any) -> str:
    return "any" if value == "any" else names.message_name(value)


def _field_tag(names: Names, key: str) -> str:
    known = names.fields.get(int(key)) if key.isdecimal() else None
    return known.tag if known else ""


def group_name(names: Names, group_id: int) -> str:
    """The bare name where it says enough, else "Category / Group"."""
    known = names.groups.get(group_id)
    if known is None:
        return ""
    return known.name if len(names.group(known.name)) == 1 else f"{known.category} / {known.name}"


def _write_full(source: Condition, names: Names, kind: str, key: str) -> Condition:
    written = dict(source)
    if kind == "field":
        written["on"] = f"field:{_field_tag(names, key)}"
    if kind == "groups":
        listed = [names.groups[group] for group in source.get("value") or [] if group in names.groups]
        if listed:
            written["on"] = f"groups:{listed[0].category}"
            written["value"] = [known.name for known in listed]
    if kind == "email_activity":
        written["value"] = _message_name(names, source.get("value"))
    return written
