"""Windows: the stretch of time that counted events must lie in (spec 7.2).

Written as text (``last 7 days``, ``since entry``, ``since step``, ``since 2026-03-01``) or as JSON
(``{"last": 7, "unit": "days"}``, ``{"since": "entry"}``, ``{"between": ["2026-03-01", "2026-03-31"]}``). Hours
are exact; days and weeks are calendar units of the account's zone, today included (section 11): the last 7 days are
today and the six before. Both days of ``between`` belong to it. Outside a run nothing is since entry or since step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Json, Leaf
from relance.audience.conditions.values.constants import day, two, whole
from relance.audience.conditions.values.date import TODAY
from relance.audience.conditions.values.shape import dawn
from relance.kernel.errors import Invalid

UNITS = ("hours", "days", "weeks")
_LAST = re.compile(r"last ([0-9]{1,5}) (hour|day|week)s?")
_MEND = 'Write for example "last 7 days", "since entry" or "since 2026-03-01".'


@dataclass(frozen=True, slots=True)
class Window:
    """SQL of the first instant and of the first one after the end; "" for an open end.

    ``leaves``: when what happened at an instant of a sliding window falls out of it; None: the window stands still.
    """

    start: str = ""
    end: str = ""
    leaves: Callable[[str], str] | None = None

    def holds(self, moment: str) -> str:
        """ " and …" for a column; nothing for a window without ends."""
        start = f" and {moment} >= {self.start}" if self.start else ""
        end = f" and {moment} < {self.end}" if self.end else ""
        return start + end

    def of_events(self, alias: str) -> str:
        """The same for the ledger: an event is recorded at most five minutes before it occurred (G18), so the months
        before the window need not be opened."""
        months = f" and {alias}.recorded_at >= {self.start} - interval '5 minutes'" if self.start else ""
        return self.holds(f"{alias}.occurred_at") + months


def normal(window: Json) -> Json:
    """The JSON form of either form. Raises ValueError."""
    if isinstance(window, str):
        if match := _LAST.fullmatch(window.strip()):
            return {"last": int(match[1]), "unit": f"{match[2]}s"}
        if window.startswith("since "):
            return {"since": window.removeprefix("since ").strip()}
        raise ValueError("is no window.")
    if not isinstance(window, Mapping):
        raise ValueError("is no window.")
    if set(window) == {"last", "unit"} and window["unit"] in UNITS:
        return {"last": whole(1, 10000, "a number")(window["last"])[0], "unit": window["unit"]}
    if set(window) == {"since"}:
        since = window["since"]
        return {"since": since if since in ("entry", "step") else day(since)[0]}
    if set(window) == {"between"}:
        return {"between": list(two(day, str)(window["between"]))}
    raise ValueError("is no window.")


def window_of(leaf: Leaf, build: Build) -> Window:
    """The leaf's window. Raises Invalid."""
    if "window" not in leaf.options:
        return Window()
    try:
        window = normal(normal(leaf.options["window"]))  # the text form first, then its parts
    except ValueError as error:
        raise Invalid(f"the window {leaf.options['window']!r}: {error}", where=leaf.path, mend=_MEND) from None
    if "last" in window:
        return _last(build.place(window["last"]).whole, window["unit"])
    if "between" in window:
        first, last = (build.place(moment).day for moment in window["between"])
        return Window(_midnight(first), _midnight(f"{last} + 1"))
    runs = {"entry": "x.entered_at", "step": "x.arrived_at"}
    return Window(runs.get(window["since"]) or _midnight(build.place(window["since"]).day))


def _last(n: str, unit: str) -> Window:
    if unit == "hours":
        hours = f"make_interval(hours => {n})"
        return Window(f"(x.now - {hours})", leaves=lambda at: f"({at} + {hours} + interval '1 microsecond')")
    days = n if unit == "days" else f"{n} * 7"
    start = _midnight(f"{TODAY} - ({days} - 1)")
    return Window(start, leaves=lambda at: dawn(f"({at} at time zone x.zone)::date + {days}"))


def _midnight(day_sql: str) -> str:
    return f"(({day_sql})::timestamp at time zone x.zone)"
