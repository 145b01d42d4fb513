"""A slow, obvious model of one flow, written from the specification: one contact at a time, lists and sets.

A run is a generator: it yields what it waits for, (the moment, the event that may come earlier), and is told whether
the event came. What the model says is compared with what the engine does (test_model.py).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import yaml

Step = tuple[Any, ...]
Rest = Generator[tuple[datetime, str | None], bool, None]


@dataclass(frozen=True)
class Plan:
    """The flow: steps are ("delay", hours), ("add_tag", name), ("remove_tag", name), ("mail",),
    ("if", tag, steps, steps), ("wait", event, hours, steps, steps)."""

    steps: list[Step]
    re_entry: timedelta | None
    exits: bool

    def written(self) -> str:
        settings: dict[str, Any] = {"exit_condition": {"tag": "churned"}} if self.exits else {}
        if self.re_entry is not None:
            settings["re_entry"] = f"{int(self.re_entry.total_seconds() // 3600)} hours"
        return yaml.safe_dump(
            {
                "flow": "Random",
                "audience": "Customers",
                "triggers": [{"tag_added": {"tag": "start"}}, {"event_api": {"name": "lesson"}}],
                "steps": [written(step) for step in self.steps],
                "settings": settings,
            },
            sort_keys=False,
        )


def written(step: Step) -> dict[str, Any]:
    """A step as a flow file has it."""
    match step:
        case ("delay", hours):
            return {"delay": f"{hours} hours"}
        case ("mail",):
            return {"send_email": {"email": "News", "subject": "News", "html": "<p>News.</p>"}}
        case ("if", tag, then, otherwise):
            ways = {"then": [written(one) for one in then], "else": [written(one) for one in otherwise]}
            return {"if_else": {"when": {"tag": tag}, **ways}}
        case ("wait", event, hours, met, late):
            ways = {"met": [written(one) for one in met], "timed_out": [written(one) for one in late]}
            return {"wait_for_trigger": {"event_api": {"name": event}, "up_to": f"{hours} hours", **ways}}
        case (kind, tag):
            return {kind: tag}
    raise AssertionError(step)


@dataclass
class Person:
    """One contact and everything the flow knows of them."""

    plan: Plan
    now: datetime
    tags: set[str] = field(default_factory=set)
    trail: list[tuple[datetime, str]] = field(default_factory=list)
    mails: int = 0
    subscribed: bool = True
    run: Rest | None = None
    rest: tuple[datetime, str | None] | None = None
    ended: datetime | None = None

    def note(self, code: str) -> None:
        self.trail.append((self.now, code))

    # ── What happens to them ──
    def add_tag(self, name: str, by_flow: bool = False) -> bool:
        if name in self.tags:
            return False
        self.tags.add(name)
        if name == "churned" and self.plan.exits and self.run:
            self.end("X01")
        if name == "start":
            self.gate(by_flow)
        return True

    def event(self, name: str) -> None:
        """One event may both release a wait and knock at the gate, where the run is still live."""
        waited_for = self.rest is not None and self.rest[1] == name
        if name == "lesson":
            self.gate(False)
        if waited_for:
            self.go_on(True)

    def travel(self, until: datetime) -> None:
        while self.rest and self.rest[0] <= until:
            self.now = max(self.now, self.rest[0])
            self.go_on(False)
        self.now = until

    # ── The gate (G16), in its order ──
    def gate(self, by_flow: bool) -> None:
        if by_flow:
            self.note("E20")
        elif self.plan.exits and "churned" in self.tags:
            self.note("E16")
        elif self.run:
            self.note("E17")
        elif self.ended and self.plan.re_entry is None:
            self.note("E18")
        elif self.ended and self.plan.re_entry and self.now < self.ended + self.plan.re_entry:
            self.note("E19")
        else:
            self.note("E00")
            self.run = self.walk(self.plan.steps)
            self.go_on(None)

    # ── A run (6.1, 6.2) ──
    def go_on(self, met: bool | None) -> None:
        assert self.run is not None
        self.rest = None
        try:
            self.rest = next(self.run) if met is None else self.run.send(met)
        except StopIteration:
            self.end("X00")

    def end(self, code: str) -> None:
        self.note(code)
        self.run, self.rest, self.ended = None, None, self.now

    def walk(self, steps: list[Step]) -> Rest:
        for step in steps:
            match step:
                case ("delay", hours):
                    self.note("W01")
                    yield self.now + timedelta(hours=hours), None
                case ("wait", event, hours, met, late):
                    self.note("W06")
                    came = yield self.now + timedelta(hours=hours), event
                    self.note("B04" if came else "B05")
                    yield from self.walk(met if came else late)
                case ("if", tag, then, otherwise):
                    self.note("B01" if tag in self.tags else "B02")
                    yield from self.walk(then if tag in self.tags else otherwise)
                case ("mail",):
                    self.note("W10")
                    self.note("S00" if self.subscribed else "S02")
                    self.mails += self.subscribed
                case ("add_tag", tag):
                    self.note("B11" if self.add_tag(tag, by_flow=True) else "B12")
                case ("remove_tag", tag):
                    self.note("B11" if tag in self.tags else "B12")
                    self.tags.discard(tag)
