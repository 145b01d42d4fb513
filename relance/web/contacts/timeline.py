"""Events of a contact in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from relance.web.flows.find import Names
from relance.web.flows.words import reason
from relance.web.language import Speaker, mark

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """``flow_id``: the flow that did it, or that it is about."""

    event_id: UUID
    at: datetime
    icon: str
    look: str
    text: str
    detail: str
    flow_id: int | None
    flow: str


_SOURCES = {
    "form": mark("by a form"), "landing_page": mark("by a landing page"),
    "preference_page": mark("on the page of choices"),
    "app": mark("by the team"), "api": mark("by the API"), "batch": mark("by a batch call"),
    "import": mark("by an import"),
    "store": mark("from the store"), "integration": mark("by an integration"), "flow": mark("by a flow"),
    "sms": mark("by SMS"), "system": "", "merge": mark("by a merge"),
}  # fmt: skip

_STATUSES = {
    "subscribed": mark("subscribed"), "non_subscribed": mark("not subscribed"), "unsubscribed": mark("unsubscribed"),
    "pending": mark("not confirmed yet"), "cleaned": mark("given up after bounces"),
}  # fmt: skip

_LOOKS = {
    "contact.created": ("person-plus", ""), "contact.email_subscribed": ("shield", "good"),
    "contact.email_unsubscribed": ("mail-off", "bad"), "contact.email_pending": ("shield", "wait"),
    "contact.cleaned": ("mail-off", "bad"), "contact.tag_added": ("tag", "act"), "contact.tag_removed": ("tag", ""),
    "contact.group_joined": ("group-in", "act"), "contact.group_left": ("group-out", ""),
    "segment.entered": ("group-in", ""), "segment.left": ("group-out", ""),
    "contact.field_changed": ("field", "act"), "contact.attribute_changed": ("field", ""),
    "contact.address_changed": ("mail", ""), "contact.archived": ("box", ""), "contact.restored": ("box-back", ""),
    "contact.event": ("bolt", "trigger"), "message.sent": ("mail", "send"), "message.delivered": ("check", "send"),
    "message.opened": ("mail-open", ""), "message.clicked": ("click", ""), "message.bounced": ("mail-off", "bad"),
    "message.complained": ("alert", "bad"), "message.skipped": ("mail-off", "wait"),
    "message.failed": ("x-circle", "bad"),
    "run.entered": ("flows", "trigger"), "run.ended": ("exit", ""), "run.goal_reached": ("check-circle", "good"),
    "flow.contact_added": ("hand", "trigger"), "flow.api_called": ("api", "trigger"),
}  # fmt: skip


class Timeline:
    """Says what happened, with the names of one audience."""

    def __init__(self, speaker: Speaker, names: Names, flows: Mapping[int, str]) -> None:
        self.speaker, self.names, self.flows = speaker, names, flows

    def line(self, row: Any) -> Line:
        icon, look = _LOOKS.get(row.kind, ("info", ""))
        payload = row.payload
        text = self._text(row.kind, payload)
        about = payload.get("flow_id") or row.cause_flow
        flow = self.flows.get(about, row.flow or "") if about else ""
        source = _SOURCES.get(row.source, row.source)
        detail = [self._detail(row.kind, payload)]
        if source and not (flow and row.source == "flow"):
            detail.append(self.speaker.say(source))
        return Line(
            row.event_id, row.occurred_at, icon, look, text, " · ".join(part for part in detail if part),
            about if flow else None, flow,
        )  # fmt: skip

    def _text(self, kind: str, p: Json) -> str:
        say, names = self.speaker.say, self.names
        texts: dict[str, Callable[[], str]] = {
            "contact.created": lambda: say("Became a contact"),
            "contact.email_subscribed": lambda: say("Subscribed to email"),
            "contact.email_unsubscribed": lambda: say("Unsubscribed from email"),
            "contact.email_pending": lambda: say("Was asked to confirm"),
            "contact.cleaned": lambda: say("Address given up after bounces"),
            "contact.tag_added": lambda: say("Got the tag “%(tag)s”", tag=names("tag", p["tag_id"])),
            "contact.tag_removed": lambda: say("Lost the tag “%(tag)s”", tag=names("tag", p["tag_id"])),
            "contact.group_joined": lambda: say("Joined the group “%(group)s”", group=names("group", p["group_id"])),
            "contact.group_left": lambda: say("Left the group “%(group)s”", group=names("group", p["group_id"])),
            "segment.entered": lambda: say("Joined the segment “%(name)s”", name=names("segment", p["segment_id"])),
            "segment.left": lambda: say("Left the segment “%(name)s”", name=names("segment", p["segment_id"])),
            "contact.field_changed": lambda: say("“%(field)s” changed", field=names("field", p["field_id"])),
            "contact.attribute_changed": lambda: say("“%(field)s” changed", field=p["attribute"]),
            "contact.address_changed": lambda: say("The address changed"),
            "contact.archived": lambda: say("Was archived"),
            "contact.restored": lambda: say("Was brought back"),
            "contact.event": lambda: say("Event %(name)s", name=p["name"]),
            "message.sent": lambda: say("Was sent “%(message)s”", message=self._message(p)),
            "message.delivered": lambda: say("“%(message)s” arrived", message=self._message(p)),
            "message.opened": lambda: say("Opened “%(message)s”", message=self._message(p)),
            "message.clicked": lambda: say("Clicked in “%(message)s”", message=self._message(p)),
            "message.bounced": lambda: say("“%(message)s” came back", message=self._message(p)),
            "message.complained": lambda: say("Complained about “%(message)s”", message=self._message(p)),
            "message.skipped": lambda: say("Was not sent “%(message)s”", message=self._message(p)),
            "message.failed": lambda: say("“%(message)s” could not be sent", message=self._message(p)),
            "run.entered": lambda: say("Entered the flow"),
            "run.ended": lambda: say("Finished the flow") if p.get("code") == "X00" else say("Left the flow"),
            "run.goal_reached": lambda: say("Reached the goal"),
            "flow.contact_added": lambda: say("Was added by hand"),
            "flow.api_called": lambda: say("A program started the flow"),
        }
        return texts[kind]() if kind in texts else kind

    def _message(self, payload: Json) -> str:
        return self.names("message", payload["message_id"])

    def _detail(self, kind: str, p: Json) -> str:
        say = self.speaker.say
        if kind in ("contact.field_changed", "contact.attribute_changed", "contact.address_changed"):
            return say("from %(old)s to %(new)s", old=value_text(p.get("old")), new=value_text(p.get("new")))
        if kind == "contact.event":
            properties = p.get("properties") or {}
            return " · ".join(f"{name}: {value_text(value)}" for name, value in list(properties.items())[:6])
        if kind in ("message.skipped", "message.failed", "run.ended") and p.get("code"):
            return reason(self.speaker, p["code"]).meaning
        if kind == "message.clicked":
            return str(p.get("url", ""))
        if kind in ("message.opened", "message.clicked") and p.get("machine"):
            return say("by a machine")
        if kind == "message.bounced":
            return " ".join(str(p[name]) for name in ("hardness", "code") if p.get(name))
        return ""


def status_word(speaker: Speaker, status: str | None) -> str:
    return speaker.say(_STATUSES[status]) if status in _STATUSES else speaker.say("no status")


def source_word(speaker: Speaker, source: str) -> str:
    word = _SOURCES.get(source, source)
    return speaker.say(word) if word else ""


def value_text(value: Any) -> str:
    """A stored field value, short."""
    if value in (None, "", {}, []):
        return "—"
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values() if part)
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)
