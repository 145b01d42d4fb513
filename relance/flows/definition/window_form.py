"""A send window (spec/flows.md 5.8) as a flow file writes it.

{days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"} | {at: "09:00"} | {days: [sat]} | always
"""

from __future__ import annotations

import re
from typing import Any

from relance.flows.definition.reader import Reader
from relance.flows.definition.settings_types import WEEKDAYS
from relance.flows.definition.source import Items, Scalar, Table, Value
from relance.flows.definition.writer import Written
from relance.kernel.openings import SPAN

ALWAYS = "always"
_MEND = 'Write {days: [mon, fri], hours: "09:00-18:00"}, {at: "09:00"}, or always.'
_PATTERNS = {"hours": (SPAN, 'two times of day, such as "09:00-18:00"'), "at": (r"^([01]\d|2[0-3]):[0-5]\d$", "a time")}


def read_window(reader: Reader, value: Value) -> dict[str, Any]:
    """The stored form of a SendWindow; ``always`` is the one without settings."""
    if isinstance(value, Scalar) and value.raw == ALWAYS:
        return {}
    if not isinstance(value, Table):
        reader.say("invalid", "a window has days and hours", value.spot, _MEND)
        return {}
    reader.only(value, ["days", "hours", "at"], "a window")
    window: dict[str, Any] = {}
    if "days" in value:
        days = value.items["days"]
        listed = days if isinstance(days, Items) else Items((days,), days.spot)
        window["days"] = [reader.one_of(day, "days", WEEKDAYS) for day in listed]
    for name in ("hours", "at"):
        if name in value:
            window |= _times(reader, value.items[name], name)
    return window


def _times(reader: Reader, value: Value, name: str) -> dict[str, str]:
    pattern, what = _PATTERNS[name]
    text = reader.text(value, name)
    if re.match(pattern, text):
        return {name: text}
    reader.say("invalid", f"{name} is {what}", value.spot, _MEND)
    return {}


def write_window(window: dict[str, Any]) -> Written:
    written = {name: value for name, value in window.items() if value}
    return written or ALWAYS
