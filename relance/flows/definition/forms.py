"""How each kind is written in a flow file, where that is shorter than its settings one by one.

A form separates a step's branches from its settings, reads the settings and writes them back. Kinds that are not named
here take the general form: a table of their settings, or the bare value of the only one they need.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from relance.flows.definition import durations
from relance.flows.definition.reader import Reader, fields_of
from relance.flows.definition.settings_types import Settings
from relance.flows.definition.source import Items, Scalar, Spot, Table, Value, plain
from relance.flows.definition.window_form import read_window, write_window
from relance.flows.definition.writer import Writer, Written
from relance.flows.definition.written_conditions import read_condition, read_where, write_condition, write_where
from relance.flows.triggers.contact.field_values import as_stored
from relance.flows.triggers.registry import TRIGGERS, trigger_kind
from relance.kernel.text import fold

END = "end"
GO_TO = "go_to"
"""Two words that stand like steps: the run ends here; it goes on with the step of that id."""

Say = Callable[[str, Spot, str], None]
Stored = dict[str, Any]
Branches = dict[str, Value]


def _no_branches(body: Value | None, _: Say) -> tuple[Value | None, Branches]:
    return body, {}


def _general(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    return reader.settings(type_, body, key)


def _general_back(writer: Writer, type_: type[Settings], settings: Stored) -> Written:
    return writer.settings(type_, settings)


def _joined(_: Stored, body: Written, branches: dict[str, list[Written]]) -> Written:
    """A step without branches of its own."""
    assert not branches  # noqa: S101
    return body


@dataclass(frozen=True, slots=True)
class Form:
    """``branches`` takes the branches out of what is written, ``join`` puts them back."""

    branches: Callable[[Value | None, Say], tuple[Value | None, Branches]] = _no_branches
    read: Callable[[Reader, type[Settings], Value | None, str], Stored] = _general
    write: Callable[[Writer, type[Settings], Stored], Written] = _general_back
    join: Callable[[Stored, Written, dict[str, list[Written]]], Written] = _joined


def form_of(key: str) -> Form:
    return FORMS.get(key, GENERAL)


# Triggers


def _read_event_api(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    if not isinstance(body, Table) or "where" not in body:
        return reader.settings(type_, body, key)
    settings = reader.settings(type_, body.without("where"), key)
    return {**settings, "where": read_where(reader, body.items["where"])}


def _write_event_api(_: Writer, __: type[Settings], settings: Stored) -> Written:
    if not settings.get("where"):
        return settings.get("name")
    return {"name": settings.get("name"), "where": write_where(settings["where"])}


_SHIFTS = {f"{unit}s_{direction}": (unit, direction) for unit in ("day", "week") for direction in ("before", "after")}


def _read_moment(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    """D1 as ``days_before: 3`` and ``at: "09:00"``."""
    if not isinstance(body, Table):
        return reader.settings(type_, body, key)
    shifts = [word for word in _SHIFTS if word in body]
    settings = reader.settings(type_, body.without("at", *shifts), key)
    if len(shifts) > 1:
        reader.say("invalid", f"{' and '.join(shifts)} cannot both be", body.spot, "Keep one of them.")
    for word in shifts[:1]:
        unit, direction = _SHIFTS[word]
        settings |= {"offset": reader.whole(body.items[word], word), "unit": unit, "direction": direction}
    if "at" in body:
        settings["time"] = reader.text(body.items["at"], "at")
    return settings


def _write_moment(writer: Writer, type_: type[Settings], settings: Stored) -> Written:
    moved = {"offset", "unit", "direction", "time"}
    written = writer.settings(type_, {key: value for key, value in settings.items() if key not in moved}, table=True)
    usual = next(one.default for one in fields_of(type_) if one.encode_name == "direction")
    direction = settings.get("direction", usual)
    if direction != "on" and settings.get("offset"):
        written[f"{settings.get('unit', 'day')}s_{direction}"] = settings["offset"]
    return {**written, "at": settings.get("time", "09:00")}


def _read_schedule(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    """``{every: day}``, ``{every: week, on: [mon, fri], at: "08:30"}``, ``{every: month, on: last}``."""
    if not isinstance(body, Table):
        return reader.settings(type_, body, key)
    settings = reader.settings(type_, body.without("at", "on"), key)
    if "at" in body:
        settings["time"] = reader.text(body.items["at"], "at")
    if "on" in body:
        days = plain(body.items["on"])
        settings["on"] = days if isinstance(days, list) else [days]
    return settings


def _write_schedule(writer: Writer, type_: type[Settings], settings: Stored) -> Written:
    written = writer.settings(type_, {key: value for key, value in settings.items() if key != "time"}, table=True)
    if len(settings.get("on") or []) == 1:
        written["on"] = settings["on"][0]
    return {**written, "at": settings.get("time", "09:00")}


def _read_field_changed(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    """``{field: CITY, value: Paris}``, the value in the form of the field."""
    settings = reader.settings(type_, body, key)
    return _with_stored(reader, settings, body if isinstance(body, Table) else None, {"value": "value"})


_RULES = ("filled", "becomes_blank", "crosses_above", "crosses_below")
_FROM_TO = {"from": "old", "to": "new"}


def _read_field_rule(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    """``{field: CITY, from: Lyon, to: Paris}``, ``{field: CITY, filled: true}``, ``{field: POINTS, crosses_above: 9}``;
    the field alone for any change."""
    if not isinstance(body, Table):
        return reader.settings(type_, body, key)
    words = [word for word in (*_RULES, *_FROM_TO) if word in body]
    settings = reader.settings(type_, body.without(*words), key)
    rules = [word for word in words if word in _RULES] + ["from_to"] * any(word in _FROM_TO for word in words)
    if len(rules) > 1 or (rules and "rule" in body):
        reader.say("invalid", "a field rule is one rule", body.spot, "Make two triggers of it.")
    for rule in rules[:1]:
        settings["rule"] = rule
        if rule.startswith("crosses"):
            settings["n"] = reader.number(body.items[rule], rule)
        elif rule != "from_to" and not reader.boolean(body.items[rule], rule):
            reader.say("invalid", f"{rule} can only be true", body.items[rule].spot, "Take it out.")
    for word, name in _FROM_TO.items():
        if word in body:
            settings[name] = plain(body.items[word])
    return _with_stored(reader, settings, body, {**_FROM_TO, "old": "old", "new": "new"})


def _with_stored(reader: Reader, settings: Stored, body: Table | None, values: dict[str, str]) -> Stored:
    """With values as the field that the settings name would store them."""
    known = reader.names.fields.get(settings.get("field", 0))
    for word, name in values.items():
        if known is None or body is None or word not in body:
            continue
        given = body.items[word]
        raw = given.raw if isinstance(given, Scalar) and given.value is not None else plain(given)
        try:
            settings[name] = as_stored(known, raw)
        except ValueError as error:
            reader.say("invalid", f"{word} does not fit {known.tag}", given.spot, str(error))
    return settings


def _write_field_rule(writer: Writer, type_: type[Settings], settings: Stored) -> Written:
    rule = settings.get("rule", "any_change")
    if rule == "any_change":
        return writer.settings(type_, settings)
    field = writer.settings(type_, {"field": settings.get("field", 0)}, table=True)
    if rule == "from_to":
        return {**field, "from": settings.get("old"), "to": settings.get("new")}
    return {**field, rule: settings.get("n") if rule.startswith("crosses") else True}


# Steps


def _read_delay(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    if isinstance(body, Table):
        return reader.settings(type_, body, key)
    found = durations.parse_length(body.raw) if isinstance(body, Scalar) else None
    if found is None:
        reader.say("invalid", "a delay is a length of time", body.spot if body else Spot(), durations.MEND)
        return {}
    return {"n": found[0], "unit": found[1]}


def _write_delay(_: Writer, __: type[Settings], settings: Stored) -> Written:
    return durations.write_length(settings["n"], settings["unit"])


def _branches_of_if_else(body: Value | None, say: Say) -> tuple[Value | None, Branches]:
    """``{when, then, else}`` for one way, ``{ways: [{when, label, then}], else}`` for several."""
    if not isinstance(body, Table):
        return body, {}
    found: Branches = {}
    otherwise: Branches = {"else": body.items["else"]} if "else" in body else {}
    if "ways" not in body:
        if "then" in body:
            found["way_1"] = body.items["then"]
        return body.without("then", "else"), found | otherwise
    for key in ("when", "then", "label"):
        if key in body:
            say(f"{key} stands beside ways", body.spots[key], "Move it into one of the ways.")
    ways = body.items["ways"]
    if not isinstance(ways, Items):
        return body.without("else"), otherwise
    kept, found = _ways_apart(ways)
    return Table({"ways": kept}, body.spots, body.spot), found | otherwise


def _ways_apart(ways: Items) -> tuple[Items, Branches]:
    """The ways without their steps, and the steps."""
    found: Branches = {}
    kept: list[Value] = []
    for number, way in enumerate(ways, 1):
        if isinstance(way, Table) and "then" in way:
            found[f"way_{number}"] = way.items["then"]
        kept.append(way.without("then") if isinstance(way, Table) else way)
    return Items(tuple(kept), ways.spot), found


def _read_if_else(reader: Reader, _: type[Settings], body: Value | None, key: str) -> Stored:
    spot = body.spot if body else Spot()
    if not isinstance(body, Table):
        reader.say("invalid", "if_else takes a table", spot, "Write {when: CONDITION, then: [STEPS], else: [STEPS]}.")
        return {"ways": []}
    if "ways" not in body:
        reader.only(body, ["when", "label", "then", "else"], key)
        return {"ways": [_read_way(reader, body)]}
    reader.only(body, ["ways", "else"], key)
    ways = body.items["ways"]
    if not isinstance(ways, Items) or not ways.items:
        reader.say("invalid", "ways is a list", ways.spot, "Each way is {when: CONDITION, then: [STEPS]}.")
        return {"ways": []}
    return {"ways": [_read_way(reader, way) for way in ways]}


def _read_way(reader: Reader, way: Value) -> Stored:
    if not isinstance(way, Table) or "when" not in way:
        reader.say("invalid", "a way needs a condition", way.spot, "Write when: {tag: vip}.")
        return {"condition": {"all": []}}
    reader.only(way, ["when", "label", "then", "else"], "a way")
    read: Stored = {"condition": read_condition(reader, way.items["when"])}
    if "label" in way:
        read["label"] = reader.text(way.items["label"], "label")
    return read


def _write_if_else(writer: Writer, _: type[Settings], settings: Stored) -> Written:
    ways = []
    for way in settings["ways"]:
        label = {"label": way["label"]} if way.get("label") else {}
        ways.append({"when": write_condition(way["condition"], writer.names), **label})
    return ways[0] if len(ways) == 1 else {"ways": ways}


def _join_if_else(_: Stored, body: Written, branches: dict[str, list[Written]]) -> Written:
    otherwise = {"else": branches["else"]} if "else" in branches else {}
    if "ways" not in body:
        then = {"then": branches["way_1"]} if "way_1" in branches else {}
        return {**body, **then, **otherwise}
    return {"ways": _ways_joined(body["ways"], branches), **otherwise}


def _ways_joined(ways: list[dict[str, Written]], branches: dict[str, list[Written]]) -> list[dict[str, Written]]:
    joined = []
    for number, way in enumerate(ways, 1):
        then = {"then": branches[f"way_{number}"]} if f"way_{number}" in branches else {}
        joined.append({**way, **then})
    return joined


def _branches_of_split(body: Value | None, _: Say) -> tuple[Value | None, Branches]:
    """``{ways: [{share: 50, label, then}, …], by: contact}``"""
    ways = body.items.get("ways") if isinstance(body, Table) else None
    if not isinstance(body, Table) or not isinstance(ways, Items):
        return body, {}
    kept, found = _ways_apart(ways)
    return Table({**body.items, "ways": kept}, body.spots, body.spot), found


def _join_split(_: Stored, body: Written, branches: dict[str, list[Written]]) -> Written:
    table = body if isinstance(body, dict) else {"ways": body}
    return {**table, "ways": _ways_joined(table["ways"], branches)}


def _branches_of_wait(body: Value | None, _: Say) -> tuple[Value | None, Branches]:
    if not isinstance(body, Table):
        return body, {}
    return body.without("met", "timed_out"), {key: body.items[key] for key in ("met", "timed_out") if key in body}


def _read_wait(reader: Reader, _: type[Settings], body: Value | None, key: str) -> Stored:
    """``{event_api: {name: paid}, up_to: 7 days}`` or ``{until: CONDITION}``."""
    if not isinstance(body, Table):
        spot = body.spot if body else Spot()
        reader.say("invalid", f"{key} takes a table", spot, "Write {event_api: {name: paid}, up_to: 7 days}.")
        return {}
    heard = [kind.key for kind in TRIGGERS]
    reader.only(body, ["until", "event", "up_to", "look_back", *heard], key)
    settings: Stored = {}
    if "up_to" in body:
        settings["up_to"] = reader.seconds(body.items["up_to"], "up_to")
    if "look_back" in body:
        settings["look_back"] = reader.days(body.items["look_back"], "look_back")
    named = [word for word in body.items if word in heard or word in ("until", "event")]
    if len(named) != 1:
        mend = "Write until: CONDITION, or one event such as event_api: paid."
        reader.say("invalid", f"{key} waits for one thing, not {len(named)}", body.spot, mend)
        return settings
    if named[0] == "until":
        return {**settings, "condition": read_condition(reader, body.items["until"])}
    return {**settings, "event": read_listener(reader, body, named[0])}


def read_listener(reader: Reader, table: Table, word: str) -> Stored:
    """An event written as an event-woken trigger: ``event_api: {name: paid}``, or short ``event: paid``."""
    key = "event_api" if word == "event" else word
    kind = trigger_kind(key)
    spot = table.spots.get(word, table.spot)
    if kind is None or kind.wakes == "clock" or kind.by_hand:
        reader.say("V22", f"{word} cannot be waited for", spot, "Use a trigger that an event wakes.")
        return {"kind": key, "settings": {}}
    body = table.items[word]
    return {"kind": key, "settings": form_of(key).read(reader, kind.settings, body, word)}


def write_listener(writer: Writer, listener: Stored) -> dict[str, Written]:
    kind = trigger_kind(listener["kind"])
    settings = listener.get("settings", {})
    return {listener["kind"]: form_of(listener["kind"]).write(writer, kind.settings, settings) if kind else settings}


def _write_wait(writer: Writer, _: type[Settings], settings: Stored) -> Written:
    written: dict[str, Written] = {}
    if settings.get("event"):
        written |= write_listener(writer, settings["event"])
    if settings.get("condition"):
        written["until"] = write_condition(settings["condition"], writer.names)
    if settings.get("up_to"):
        written["up_to"] = durations.write_seconds(settings["up_to"])
    if settings.get("look_back"):
        written["look_back"] = durations.write_length(settings["look_back"], "day")
    return written


def _join_wait(_: Stored, body: Written, branches: dict[str, list[Written]]) -> Written:
    return {**body, **branches}


def _branches_of_until(body: Value | None, _: Say) -> tuple[Value | None, Branches]:
    if not isinstance(body, Table) or "no_date" not in body:
        return body, {}
    return body.without("no_date"), {"no_date": body.items["no_date"]}


def _write_until(writer: Writer, type_: type[Settings], settings: Stored) -> Written:
    """``{field: RENEWS, days_before: 3, at: "09:00"}``, ``{time: "09:00", weekdays: [mon]}``"""
    moved = {"offset", "unit", "direction", "time"}
    written = writer.settings(type_, {key: value for key, value in settings.items() if key not in moved}, table=True)
    direction = settings.get("direction", "on")
    if direction != "on" and settings.get("offset"):
        written[f"{settings.get('unit', 'day')}s_{direction}"] = settings["offset"]
    if settings.get("time"):
        written["at" if {"date", "field", "event_date"} & set(written) else "time"] = settings["time"]
    return written


def _read_start(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    """V21 before V06: a flow of another audience is there, and cannot be started."""
    named = body.get("flow") if isinstance(body, Table) else body
    name = fold(named.raw) if isinstance(named, Scalar) else ""
    if named is not None and name and name == fold(reader.names.own_name):
        reader.say("V21", "a flow cannot start itself", named.spot, "Let people re-enter.")
    elif named is not None and name in reader.names.elsewhere:
        reader.say("V21", "that flow belongs to another audience", named.spot, "Choose a flow of this one.")
    else:
        return reader.settings(type_, body, key)
    left = body.without("flow") if isinstance(body, Table) else None
    return {**reader.settings(type_, left, key), "flow": 0}


_STOPS = {"this": "this", "all others": "others"}


def _read_stop(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    """``stop_flow: this``, ``stop_flow: all others``, or the name of a flow."""
    if isinstance(body, Scalar) and body.raw in _STOPS:
        return {"which": _STOPS[body.raw]}
    if isinstance(body, Scalar) and body.raw.strip():
        return {"flow": reader.flow(body)}
    return reader.settings(type_, body, key)


def _write_stop(writer: Writer, _: type[Settings], settings: Stored) -> Written:
    words = {which: word for word, which in _STOPS.items()}
    if settings.get("which") in words:
        return words[settings["which"]]
    name = writer.names.flows.get(settings.get("flow") or 0, "")
    return {"flow": name} if name in _STOPS else name


CONTENT = ("subject", "preview", "html", "text", "from_name", "from_email", "reply_to")


def _read_email(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    """``{email: Hello, subject: …, html: welcome.html}``: html and text are written out, or name a file."""
    named = body.get("email") if isinstance(body, Table) else body
    name = reader.text(named, "email").strip() if named else ""
    spot = body.spot if body else Spot()
    if not isinstance(body, Table) or not name:
        mend = "Write {email: NAME, subject: …, html: FILE}."
        reader.say("invalid", "an email needs a name, a subject and its HTML", spot, mend)
        return {}
    if len(name) > 100:
        reader.say("invalid", "the name of an email has at most 100 characters", spot, "Shorten it.")
    general = {"message_class": "class"}
    options = ("once_per_contact", "track_opens", "track_clicks", "skip_if_late")
    reader.only(body, ["email", *CONTENT, "class", "window", *options], key)
    content: Stored = {"name": name}
    for part in CONTENT:
        if part in body:
            content[part] = _content(reader, body.items[part], part)
    settings: Stored = {"message": reader.names.own_message(name), "content": content}
    for stored in (*options, "message_class"):
        written = general.get(stored, stored)
        if written in body:
            settings |= reader.settings(type_, Table({stored: body.items[written]}, body.spots, body.spot), key)
    if "window" in body:
        settings["window"] = read_window(reader, body.items["window"])
    return settings


def _content(reader: Reader, value: Value, part: str) -> str:
    text = reader.text(value, part)
    if not isinstance(value, Scalar) or "\n" in text.strip():
        return text
    if (part == "html" and text.strip() and "<" not in text) or (part == "text" and text.endswith(".txt")):
        return reader.file(value)
    return text


def _write_email(_: Writer, __: type[Settings], settings: Stored) -> Written:
    content = settings.get("content", {})
    written: dict[str, Written] = {"email": content.get("name", "")}
    written |= {part: content[part] for part in CONTENT if content.get(part)}
    if settings.get("message_class", "marketing") != "marketing":
        written["class"] = settings["message_class"]
    for option, default in (("once_per_contact", False), ("track_opens", True), ("track_clicks", True)):
        if settings.get(option, default) is not default:
            written[option] = not default
    if settings.get("window") is not None:
        written["window"] = write_window(settings["window"])
    if settings.get("skip_if_late"):
        written["skip_if_late"] = durations.write_seconds(settings["skip_if_late"])
    return written


MODES = ("set", "add", "subtract", "append", "clear", "now")


def _read_update(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    """``{field: POINTS, add: 5}``, ``{field: VISITED, now: true}``, or with mode and value."""
    if not isinstance(body, Table):
        return reader.settings(type_, body, key)
    modes = [mode for mode in MODES if mode in body]
    if not modes:
        return reader.settings(type_, body, key)
    settings = reader.settings(type_, body.without(*modes), key)
    if len(modes) > 1:
        reader.say("invalid", f"{' and '.join(modes)} cannot both be", body.spot, "Keep one of them.")
    value = body.items[modes[0]]
    settings["mode"] = modes[0]
    if modes[0] in ("clear", "now"):
        reader.boolean(value, modes[0])
    else:
        settings["value"] = reader.text(value, modes[0])
    return settings


def _write_update(writer: Writer, _: type[Settings], settings: Stored) -> Written:
    known = writer.names.fields.get(settings.get("field", 0))
    mode = settings.get("mode", "set")
    return {"field": known.tag if known else "", mode: True if mode in ("clear", "now") else settings.get("value", "")}


def _branches_of_call(body: Value | None, _: Say) -> tuple[Value | None, Branches]:
    if not isinstance(body, Table):
        return body, {}
    return body.without("ok", "failed"), {key: body.items[key] for key in ("ok", "failed") if key in body}


def _read_call(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    """``call_webhook: URL``, or with its settings; ``body`` as a table, or as JSON text."""
    said = body.get("body") if isinstance(body, Table) else None
    if not isinstance(body, Table) or said is None or isinstance(said, Scalar):
        return reader.settings(type_, body, key)
    return {**reader.settings(type_, body.without("body"), key), "body": _as_json(plain(said))}


def _as_json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, default=str)


def _write_call(writer: Writer, type_: type[Settings], settings: Stored) -> Written:
    written = writer.settings(type_, settings, table=True)
    try:
        document = json.loads(written.get("body", ""))
    except ValueError:
        return written
    if isinstance(document, dict | list) and _as_json(document) == written["body"]:
        written["body"] = document
    return written


def _read_notice(reader: Reader, type_: type[Settings], body: Value | None, key: str) -> Stored:
    """``{to: ADDRESS, text: …}``, or a list of addresses."""
    if isinstance(body, Table) and isinstance(to := body.get("to"), Scalar):
        body = Table({**body.items, "to": Items((to,), to.spot)}, body.spots, body.spot)
    return reader.settings(type_, body, key)


def _write_notice(writer: Writer, type_: type[Settings], settings: Stored) -> Written:
    written = writer.settings(type_, settings, table=True)
    if len(written.get("to") or []) == 1:
        written["to"] = written["to"][0]
    return written


GENERAL = Form()
FORMS: dict[str, Form] = {
    "event_api": Form(read=_read_event_api, write=_write_event_api),
    "field_changed": Form(read=_read_field_changed),
    "field_rule": Form(read=_read_field_rule, write=_write_field_rule),
    "birthday": Form(read=_read_moment, write=_write_moment),
    "date_specific": Form(read=_read_moment, write=_write_moment),
    "date_recurring": Form(read=_read_moment, write=_write_moment),
    "date_added": Form(read=_read_moment, write=_write_moment),
    "schedule": Form(read=_read_schedule, write=_write_schedule),
    "delay": Form(read=_read_delay, write=_write_delay),
    "if_else": Form(_branches_of_if_else, _read_if_else, _write_if_else, _join_if_else),
    "split_percent": Form(branches=_branches_of_split, join=_join_split),
    "wait_for_trigger": Form(_branches_of_wait, _read_wait, _write_wait, _join_wait),
    "start_flow": Form(read=_read_start),
    "stop_flow": Form(read=_read_stop, write=_write_stop),
    "wait_until": Form(_branches_of_until, _read_moment, _write_until, _join_wait),
    "send_email": Form(read=_read_email, write=_write_email),
    "update_field": Form(read=_read_update, write=_write_update),
    "notify_team": Form(read=_read_notice, write=_write_notice),
    "call_webhook": Form(_branches_of_call, _read_call, _write_call, _join_wait),
}
