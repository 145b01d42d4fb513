"""Triggers, steps, states and reasons in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from babel.dates import get_day_names

from relance.audience.conditions import human
from relance.audience.conditions.words import WORDS
from relance.flows.definition.model import Step, Trigger
from relance.flows.definition.refs import refs_of
from relance.flows.definition.settings_types import WEEKDAYS
from relance.flows.engine.words import CODES
from relance.flows.steps.registry import step_kind
from relance.flows.triggers.registry import trigger_kind
from relance.kernel.errors import Invalid
from relance.web.flows.find import Names
from relance.web.language import Speaker, mark

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    word: str
    look: str


STATES = {
    "draft": State(mark("Draft"), ""),
    "live": State(mark("Live"), "good"),
    "paused": State(mark("Paused"), "warn"),
    "draining": State(mark("Winding down"), "info"),
    "broken": State(mark("Needs a fix"), "bad"),
    "archived": State(mark("Archived"), ""),
}

ICONS = {
    "tag_added": "tag", "email_signup": "mail", "manual": "hand", "birthday": "cake", "email_opened": "mail-open",
    "email_not_opened": "mail-off", "email_clicked_link": "click", "flow_api": "api", "event_api": "bolt",
    "send_email": "mail", "delay": "clock", "wait_for_trigger": "hourglass", "if_else": "rule", "add_tag": "tag",
    "tag_removed": "tag", "group_joined": "group-in", "group_left": "group-out", "unsubscribed": "mail-off",
    "segment_entered": "group-in", "segment_left": "group-out",
    "field_changed": "field", "field_rule": "field", "date_specific": "calendar-day", "date_added": "calendar-day",
    "date_recurring": "repeat", "schedule": "calendar", "flow_ended": "flows", "goal_reached": "check-circle",
    "update_field": "field", "remove_tag": "tag", "join_group": "group-in", "leave_group": "group-out",
    "unsubscribe": "mail-off", "archive": "box", "split_percent": "split", "wait_until": "calendar",
    "call_webhook": "api", "notify_team": "bell", "set_goal": "check-circle", "start_flow": "play", "stop_flow": "exit",
}  # fmt: skip

LOOKS = {
    "send_email": "send", "delay": "wait", "wait_for_trigger": "wait", "if_else": "rule", "split_percent": "rule",
    "wait_until": "wait",
}  # fmt: skip
"""The step's colour, beside its icon and its word."""

PILLS = ("delay", "add_tag")


@dataclass(frozen=True, slots=True)
class Card:
    """``kind`` is the kind's name, ``title`` what this one is about, ``detail`` a second line."""

    icon: str
    look: str
    kind: str
    title: str
    detail: str = ""
    pill: bool = False


class Words:
    """Says what a flow of one audience is made of."""

    def __init__(self, speaker: Speaker, names: Names) -> None:
        self.speaker, self.names = speaker, names

    def trigger(self, trigger: Trigger) -> Card:
        kind = trigger_kind(trigger.kind)
        label = self.speaker.label(kind.label) if kind else trigger.kind
        details = [self._trigger_detail(trigger.kind, trigger.settings)]
        if trigger.filter:
            details.append(self.speaker.say("only if %(rule)s", rule=self.condition(trigger.filter)))
        detail = " · ".join(text for text in details if text)
        return Card(ICONS.get(trigger.kind, "bolt"), "trigger", label, label, detail)

    def _trigger_detail(self, key: str, settings: Json) -> str:
        phrase = _TRIGGERS.get(key)
        return phrase(self, settings) if phrase else self.refs(trigger_kind(key), settings)

    def imports(self, settings: Json) -> str:
        return "" if settings.get("include_imports") else self.speaker.say("Imports left out")

    def named_event(self, settings: Json) -> str:
        tests = " · ".join(self.test(test) for test in settings.get("where", ()))
        return f"{settings['name']} ({tests})" if tests else str(settings["name"])

    def unopened(self, settings: Json) -> str:
        period = self.seconds(settings.get("period", 5 * 86_400))
        email = self.names("message", settings["email"])
        return self.speaker.say("“%(email)s”, for %(time)s", email=email, time=period)

    def moment(self, settings: Json) -> str:
        say, at = self.speaker.say, settings.get("time", "09:00")
        n, unit = settings.get("offset", 0), settings.get("unit", "day")
        match settings.get("direction", "on"):
            case "before":
                return say("%(time)s before, at %(at)s", time=self.length(n, unit), at=at)
            case "after":
                return say("%(time)s after, at %(at)s", time=self.length(n, unit), at=at)
        return say("On the day, at %(at)s", at=at)

    def dated(self, settings: Json) -> str:
        return f"{self.names('field', settings['field'])} · {self.moment(settings)}"

    def schedule(self, settings: Json) -> str:
        """Days and the time."""
        return " · ".join(part for part in (self.days(settings.get("on", ())), settings.get("time", "09:00")) if part)

    def new_value(self, settings: Json) -> str:
        value = settings["value"]
        told = ", ".join(str(part) for part in value.values()) if isinstance(value, dict) else value
        return f"{self.names('field', settings['field'])} = {told}"

    def rule(self, settings: Json) -> str:
        signs = {
            "from_to": f": {settings.get('old')} → {settings.get('new')}",
            "filled": ": ∅ → …",
            "becomes_blank": ": … → ∅",
            "crosses_above": f" > {settings.get('n')}",
            "crosses_below": f" < {settings.get('n')}",
        }
        return f"{self.names('field', settings['field'])}{signs.get(settings.get('rule', ''), '')}"

    def goal(self, settings: Json) -> str:
        flow = self.names("flow", settings["flow"]) if settings.get("flow") else ""
        return " · ".join(part for part in (flow, settings.get("name", "")) if part)

    def step(self, step: Step) -> Card:
        kind = step_kind(step.kind)
        label = self.speaker.label(kind.label) if kind else step.kind
        title, detail = self._step_words(step, label)
        look = LOOKS.get(step.kind, "act")
        return Card(ICONS.get(step.kind, "bolt"), look, label, step.label or title, detail, step.kind in PILLS)

    def _step_words(self, step: Step, label: str) -> tuple[str, str]:
        phrase = _STEPS.get(step.kind)
        return phrase(self, step.settings) if phrase else (label, self.refs(step_kind(step.kind), step.settings))

    def email(self, settings: Json) -> tuple[str, str]:
        content = settings.get("content", {})
        parts = [content.get("subject", ""), self.window(settings.get("window"))]
        if settings.get("skip_if_late"):
            parts.append(self.speaker.say("Skipped when %(time)s late", time=self.seconds(settings["skip_if_late"])))
        return content.get("name", ""), " · ".join(part for part in parts if part)

    def window(self, window: Json | None) -> str:
        """The send window of a step's own."""
        if window is None:
            return ""
        days = self.days(window.get("days") or ())
        when = (window.get("hours") or window.get("at") or "").replace("-", "–")
        told = " ".join(part for part in (days, when) if part)
        return self.speaker.say("Sent %(window)s", window=told) if told else self.speaker.say("Sent at any time")

    def days(self, days: Sequence[Any]) -> str:
        """Weekdays by their short names; days of a month by their numbers (31 is the last one)."""
        names = get_day_names("abbreviated", locale=self.speaker.language)
        told = [names[WEEKDAYS.index(one)] if one in WEEKDAYS else one for one in days]
        return ", ".join(str(31 if one == "last" else one) for one in told)

    def delay(self, settings: Json) -> tuple[str, str]:
        return self.speaker.say("Wait %(time)s", time=self.length(settings["n"], settings["unit"])), ""

    def tag(self, settings: Json) -> tuple[str, str]:
        return self.speaker.say("Add tag “%(tag)s”", tag=self.names("tag", settings["tag"])), ""

    def choice(self, _: Json) -> tuple[str, str]:
        return self.speaker.say("Which way?"), ""

    def split(self, settings: Json) -> tuple[str, str]:
        """By what the best way is found, if it is looked for."""
        metric = (settings.get("winner") or {}).get("metric")
        told = {
            "open": mark("The best way by opens, once it is certain"),
            "click": mark("The best way by clicks, once it is certain"),
            "conversion": mark("The best way by conversions, once it is certain"),
        }
        return self.kind("split_percent"), self.speaker.say(told[metric]) if metric else ""

    def wait(self, settings: Json) -> tuple[str, str]:
        return self._awaited(settings), self._limit(settings)

    def field(self, settings: Json) -> tuple[str, str]:
        field = self.names("field", settings["field"])
        value = settings.get("value")
        return self.speaker.say("Change “%(field)s”", field=field), "" if value is None else str(value)

    def call(self, settings: Json) -> tuple[str, str]:
        host = urlsplit(str(settings.get("url", ""))).hostname or ""
        return self.speaker.say("Call %(host)s", host=host), str(settings.get("method", "POST"))

    def notice(self, settings: Json) -> tuple[str, str]:
        return self.speaker.say("Tell a colleague"), str(settings.get("text", ""))

    def _awaited(self, settings: Json) -> str:
        event = settings.get("event")
        if not event:
            return self.condition(settings.get("condition") or {})
        kind = trigger_kind(event["kind"])
        label = self.speaker.label(kind.label) if kind else event["kind"]
        detail = self._trigger_detail(event["kind"], event.get("settings", {}))
        return self.speaker.say("%(what)s: %(which)s", what=label, which=detail) if detail else label

    def _limit(self, settings: Json) -> str:
        if settings.get("up_to"):
            return self.speaker.say("Up to %(time)s, then goes on", time=self.seconds(settings["up_to"]))
        return ""

    def kind(self, key: str) -> str:
        """The name of a step kind."""
        known = step_kind(key)
        return self.speaker.label(known.label) if known else key

    def way(self, step: Step, outcome: str) -> str:
        """The heading of a branch."""
        say = self.speaker.say
        if outcome.startswith("way_"):
            way = step.settings["ways"][int(outcome.removeprefix("way_")) - 1]
            share = self._share(way)
            if share:
                return f"{way['label']} · {share}" if way.get("label") else share
            return way.get("label") or self.condition(way["condition"])
        named = {
            "else": say("Everyone else"), "met": say("It came"), "timed_out": say("Time was up"),
            "ok": say("It was answered"), "failed": say("It failed"),
            "next": say("The moment came"), "no_date": say("No date"),
        }  # fmt: skip
        return named.get(outcome, outcome)

    def _share(self, way: Json) -> str:
        if "share" not in way:
            return ""
        return f"{way['share']} %" if self.speaker.language == "fr" else f"{way['share']}%"

    def condition(self, source: Json) -> str:
        try:
            return self.speaker.fine(human(dict(source), self.names, self.speaker.language))
        except Invalid:
            return self.speaker.say("a condition")

    def seconds(self, seconds: int) -> str:
        for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
            if seconds % size == 0:
                return self.length(seconds // size, unit)
        return self.length(seconds, "second")

    def length(self, n: int, unit: str) -> str:
        return self.speaker.length(n, unit)

    def refs(self, kind: Any, settings: Json) -> str:
        if kind is None:
            return ""
        parts = []
        for ref, _, value in refs_of(kind.settings, dict(settings)):
            if ref == "duration":
                parts.append(self.seconds(value))
            elif ref == "condition":
                parts.append(self.condition(value))
            elif ref == "link":
                parts.append(str(value))
            else:
                name = self.names(ref, value)
                quoted = ref in ("tag", "message", "email")
                parts.append(self.speaker.say("“%(name)s”", name=name) if quoted else name)
        return " · ".join(parts)

    def test(self, test: Json) -> str:
        """A comparison with a property of an event."""
        phrase = WORDS[self.speaker.language].operators.get(test["op"], test["op"] + " {0}")
        return f"{test['property']} {phrase.format(test.get('value', ''))}".rstrip()


_TRIGGERS: dict[str, Callable[[Words, Json], str]] = {
    "email_signup": Words.imports,
    "event_api": Words.named_event,
    "birthday": Words.moment,
    "date_specific": Words.dated,
    "date_recurring": Words.dated,
    "date_added": Words.moment,
    "schedule": Words.schedule,
    "field_changed": Words.new_value,
    "field_rule": Words.rule,
    "goal_reached": Words.goal,
    "email_not_opened": Words.unopened,
}
"""Kinds that have a phrase of their own; of the others, what they refer to is told."""

_STEPS: dict[str, Callable[[Words, Json], tuple[str, str]]] = {
    "send_email": Words.email,
    "delay": Words.delay,
    "add_tag": Words.tag,
    "if_else": Words.choice,
    "split_percent": Words.split,
    "wait_for_trigger": Words.wait,
    "update_field": Words.field,
    "call_webhook": Words.call,
    "notify_team": Words.notice,
}
"""The same for steps: a title and a second line."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A decision code (spec 5.12) for people: ``name`` is the stable word, ``look`` its colour."""

    code: str
    name: str
    meaning: str
    look: str
    icon: str


_LOOKS = {"E": ("warn", "minus-circle"), "W": ("", "clock"), "B": ("", "arrow-right"), "S": ("warn", "mail-off"),
          "X": ("", "exit")}  # fmt: skip


def reason(speaker: Speaker, code: str) -> Reason:
    name, label = CODES.get(code, (code, None))
    look, icon = _LOOKS.get(code[:1], ("", "info"))
    look, icon = {"E00": ("good", "flows"), "S00": ("good", "send"), "X00": ("good", "check-circle"),
                  "S12": ("bad", "x-circle"), "S13": ("bad", "x-circle"), "S18": ("bad", "x-circle")}.get(
        code, (look, icon))  # fmt: skip
    meaning = speaker.label(label) if label else ""
    return Reason(code, name, meaning[:1].upper() + meaning[1:], look, icon)


_SEEN = {
    "until": mark("until"),
    "key": mark("entry key"),
    "way": mark("way"),
    "winner": mark("best way"),
    "event": mark("event"),
    "occurred_at": mark("happened"),
    "filter": mark("filter"),
    "guard": mark("refused by"),
    "exit": mark("exit condition"),
    "window": mark("send window"),
    "zone": mark("time zone"),
    "quiet_hours": mark("quiet hours"),
    "zone_of_contact": mark("time zone of the contact"),
    "cap": mark("frequency cap"),
    "counted": mark("sent within it"),
    "last_sent": mark("last sent"),
    "could_leave": mark("could have left"),
    "too_late_after": mark("too late after"),
}


def seen_values(speaker: Speaker, seen: Any, names: Names) -> list[tuple[str, str]]:
    """What a decision looked at, as (name, value), flat. Ids of fields, emails and flows are told by name."""
    if seen in (None, {}, []):
        return []
    if not isinstance(seen, dict):
        return [(speaker.say("value"), _shown(speaker, seen))]
    found: list[tuple[str, str]] = []
    for key, value in seen.items():
        name = speaker.say(_SEEN[key]) if key in _SEEN else _subject(str(key), names)
        if isinstance(value, dict) and value:
            found += [(f"{name} · {inner}", text) for inner, text in seen_values(speaker, value, names)]
        elif value not in (None, {}):
            found.append((name, _shown(speaker, value)))
    return found[:40]


def _subject(key: str, names: Names) -> str:
    """A condition's subject (spec 7.1): field:12 is the field's name."""
    kind, _, known = key.partition(":")
    if not known.isdecimal():
        return key
    named = {"field": "{}", "email_activity": "“{}”", "flow": "“{}”"}.get(kind)
    return named.format(names({"email_activity": "message"}.get(kind, kind), int(known))) if named else key


def _shown(speaker: Speaker, value: Any) -> str:
    if isinstance(value, str):
        moment = _instant(value)
        return speaker.precise(moment) if moment else value
    if isinstance(value, bool):
        return speaker.say("yes") if value else speaker.say("no")
    return msgspec.json.encode(value).decode()


def _instant(text: str) -> datetime | None:
    if len(text) < 19 or text[10:11] not in "T ":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
