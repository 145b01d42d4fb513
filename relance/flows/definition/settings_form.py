"""A flow's own settings (spec 5.1) as a flow file writes them.

re_entry: false | true | 2 days | {wait: 2 days, from: entry}
exit_condition: {tag: churned} | {event: paid} | {event_api: {…}} | any condition
goal: {event: paid, within: 30 days}        entry_filter: CONDITION
continue_only_if: CONDITION        exit_on_unsubscribe: false
exit_on_goal: true    zone: account | contact    max_run_age: 400    quiet_alert: 14
priority: 5        window: {days: [mon, fri], hours: "09:00-18:00"}
holdout: 10    one_run_per: contact | occurrence    release_rate: 6000
objective: Loyalty    analytics: false | true | Spring sale
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from relance.flows.definition import durations
from relance.flows.definition.forms import read_listener, write_listener
from relance.flows.definition.model import FlowSettings
from relance.flows.definition.reader import YES_NO_WORDS, Reader
from relance.flows.definition.settings_types import SendWindow
from relance.flows.definition.source import Scalar, Table, Value
from relance.flows.definition.window_form import read_window, write_window
from relance.flows.definition.writer import Writer, Written
from relance.flows.definition.written_conditions import read_condition, write_condition
from relance.flows.triggers.registry import TRIGGERS

SHORTEST_WAIT = 300
"""Seconds between two runs of one contact, at least (G4)."""

LONGEST_LABEL = 100
"""Characters."""

MOST_HELD_OUT = 50
"""Per cent."""

FASTEST_RELEASE = 1_000_000
"""Runs a minute."""


def read_settings(reader: Reader, table: Table | None) -> dict[str, Any]:
    """The stored form of FlowSettings."""
    if table is None:
        return {}
    reader.where = "settings"
    reader.only(table, list(_READ), "a flow's settings")
    stored: dict[str, Any] = {}
    for key, read in _READ.items():
        value = table.get(key)
        if value is not None and not (isinstance(value, Scalar) and value.value is None):
            stored |= read(reader, value)
    return stored


def _re_entry(reader: Reader, value: Value) -> dict[str, Any]:
    if isinstance(value, Table):
        reader.only(value, ["wait", "from"], "re_entry")
        stored: dict[str, Any] = {"re_entry": True}
        if "wait" in value:
            stored["re_entry_wait"] = reader.seconds(value.items["wait"], "wait")
        if "from" in value:
            stored["re_entry_from"] = reader.one_of(value.items["from"], "from", ("exit", "entry"))
        return stored
    if isinstance(value, Scalar) and isinstance(value.value, str):
        length = durations.parse_seconds(value.raw)
        if length is not None:
            return {"re_entry": True, "re_entry_wait": length}
        reader.say("invalid", "re_entry is false, true or a length of time", value.spot, durations.MEND)
        return {}
    return {"re_entry": reader.boolean(value, "re_entry")}


def _exit(reader: Reader, value: Value) -> dict[str, Any]:
    word = _heard(value)
    if isinstance(value, Table) and word:
        known = ["where", word] if word == "event" else [word]
        reader.only(value, known, "an exit on an event")
        return {"exit_condition": {"event": _listener(reader, value, word)}}
    if isinstance(value, Table) and "condition" in value:
        reader.only(value, ["condition"], "exit_condition")
        value = value.items["condition"]
    return {"exit_condition": {"condition": read_condition(reader, value)}}


def _goal(reader: Reader, value: Value) -> dict[str, Any]:
    word = _heard(value)
    if not isinstance(value, Table) or not word:
        reader.say("invalid", "a goal is an event", value.spot, "Write goal: {event: paid, within: 30 days}.")
        return {}
    reader.only(value, [word, "within", *(["where"] if word == "event" else [])], "a goal")
    goal: dict[str, Any] = {"event": _listener(reader, value, word)}
    if "within" in value:
        days = reader.days(value.items["within"], "within")
        if not 1 <= days <= 90:
            reader.say("V15", "a goal counts for 1 to 90 days", value.items["within"].spot)
        goal["within"] = days
    return {"goal": goal}


def _heard(value: Value) -> str:
    """Which word of the table names an event: a kind of trigger, or the short ``event``."""
    if not isinstance(value, Table):
        return ""
    heard = {kind.key for kind in TRIGGERS} | {"event"}
    return next((word for word in value.items if word in heard), "")


def _listener(reader: Reader, value: Table, word: str) -> dict[str, Any]:
    if word == "event" and "where" in value:
        inner = Table({"name": value.items["event"], "where": value.items["where"]}, value.spots, value.spot)
        value = Table({"event": inner}, value.spots, value.spot)
    return read_listener(reader, value, word)


def _entry_filter(reader: Reader, value: Value) -> dict[str, Any]:
    return {"entry_filter": read_condition(reader, value)}


def _max_run_age(reader: Reader, value: Value) -> dict[str, Any]:
    days = reader.days(value, "max_run_age")
    if not 1 <= days <= 1200:
        reader.say("V15", "a run is at most 1 to 1,200 days old", value.spot)
    return {"max_run_age": days}


def _quiet_alert(reader: Reader, value: Value) -> dict[str, Any]:
    days = reader.days(value, "quiet_alert")
    if not 0 <= days <= 365:
        reader.say("V15", "it is 0 to 365 days", value.spot, "0 means never.")
    return {"quiet_alert": days}


def _priority(reader: Reader, value: Value) -> dict[str, Any]:
    priority = reader.whole(value, "priority")
    if not 1 <= priority <= 9:
        reader.say("V15", "it is 1 to 9", value.spot, "1 sends first.")
    return {"priority": priority}


def _window(reader: Reader, value: Value) -> dict[str, Any]:
    window = read_window(reader, value)
    return {"window": window} if window else {}


def _holdout(reader: Reader, value: Value) -> dict[str, Any]:
    percent = reader.whole(value, "holdout")
    if not 0 <= percent <= MOST_HELD_OUT:
        reader.say("V15", "a hold-out is 0 to 50 per cent", value.spot)
    return {"holdout": percent}


def _release_rate(reader: Reader, value: Value) -> dict[str, Any]:
    rate = reader.whole(value, "release_rate")
    if not 1 <= rate <= FASTEST_RELEASE:
        reader.say("V15", "a release rate is 1 to 1,000,000 runs a minute", value.spot)
    return {"release_rate": rate}


def _objective(reader: Reader, value: Value) -> dict[str, Any]:
    return {"objective": _short(reader, value, "objective")}


def _analytics(reader: Reader, value: Value) -> dict[str, Any]:
    """A text is the campaign's name."""
    if isinstance(value, Scalar) and isinstance(value.value, str) and value.raw.lower() not in YES_NO_WORDS:
        return {"analytics": True, "campaign": _short(reader, value, "analytics")}
    return {"analytics": reader.boolean(value, "analytics")}


def _short(reader: Reader, value: Value, name: str) -> str:
    text = reader.text(value, name).strip()
    if len(text) > LONGEST_LABEL:
        reader.say("V15", f"{name} has at most 100 characters", value.spot, "Shorten it.")
    return text


_READ: dict[str, Callable[[Reader, Value], dict[str, Any]]] = {
    "re_entry": _re_entry,
    "exit_condition": _exit,
    "goal": _goal,
    "exit_on_goal": lambda reader, value: {"exit_on_goal": reader.boolean(value, "exit_on_goal")},
    "entry_filter": _entry_filter,
    "continue_only_if": lambda reader, value: {"continue_only_if": read_condition(reader, value)},
    "exit_on_unsubscribe": lambda reader, value: {"exit_on_unsubscribe": reader.boolean(value, "exit_on_unsubscribe")},
    "zone": lambda reader, value: {"zone": reader.one_of(value, "zone", ("account", "contact"))},
    "priority": _priority,
    "window": _window,
    "max_run_age": _max_run_age,
    "quiet_alert": _quiet_alert,
    "holdout": _holdout,
    "objective": _objective,
    "analytics": _analytics,
    "release_rate": _release_rate,
    "one_run_per": lambda reader, value: {
        "one_run_per": reader.one_of(value, "one_run_per", ("contact", "occurrence"))
    },
}


_PLAIN = (
    "objective",
    "exit_on_unsubscribe",
    "zone",
    "priority",
    "max_run_age",
    "quiet_alert",
    "holdout",
    "release_rate",
    "one_run_per",
)
"""Written as they are stored, unless they are as usual."""


def write_settings(writer: Writer, settings: FlowSettings) -> dict[str, Written]:
    written: dict[str, Written] = {"re_entry": _write_re_entry(settings)}
    if settings.entry_filter:
        written["entry_filter"] = write_condition(settings.entry_filter, writer.names)
    leaving = settings.exit_condition
    if leaving and leaving.event:
        written["exit_condition"] = write_listener(
            writer, {"kind": leaving.event.kind, "settings": leaving.event.settings}
        )
    elif leaving and leaving.condition:
        written["exit_condition"] = _write_exit(writer, leaving.condition)
    if settings.goal:
        event = {"kind": settings.goal.event.kind, "settings": settings.goal.event.settings}
        written["goal"] = {
            **write_listener(writer, event),
            "within": durations.write_length(settings.goal.within, "day"),
        }
        if not settings.exit_on_goal:
            written["exit_on_goal"] = False
    if settings.continue_only_if:
        written["continue_only_if"] = write_condition(settings.continue_only_if, writer.names)
    usual = FlowSettings()
    for key in _PLAIN:
        if (value := getattr(settings, key)) != getattr(usual, key):
            written[key] = value
    if settings.window and not settings.window.is_always:
        written["window"] = write_window(_plain(settings.window))
    if settings.analytics:
        written["analytics"] = settings.campaign or True
    return written


def _plain(window: SendWindow) -> dict[str, Any]:
    return {"days": list(window.days), "hours": window.hours, "at": window.at}


def _write_exit(writer: Writer, condition: dict[str, Any]) -> Written:
    """A condition whose short form looks like an event is marked as a condition."""
    written = write_condition(condition, writer.names)
    heard = {kind.key for kind in TRIGGERS} | {"event"}
    return {"condition": written} if heard & set(written) else written


def _write_re_entry(settings: FlowSettings) -> Written:
    if not settings.re_entry:
        return False
    wait = durations.write_seconds(settings.re_entry_wait)
    if settings.re_entry_from != "exit":
        return {"wait": wait, "from": settings.re_entry_from}
    return True if settings.re_entry_wait == SHORTEST_WAIT else wait
