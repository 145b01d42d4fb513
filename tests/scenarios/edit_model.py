"""A slow, obvious model of a flow that is edited while people are inside (spec/flows.md 5.5): versions are graphs, a run
stands at the id of a step and follows one version at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import yaml

Step = tuple[Any, ...]
"""(id, kind, …): ("a1", "delay", hours), ("a1", "add_tag"), ("a1", "mail"), ("a1", "wait", event, hours),
("a1", "if", steps, steps)."""


def written(steps: list[Step]) -> str:
    return yaml.safe_dump(
        {
            "flow": "Edited",
            "audience": "Customers",
            "triggers": [{"event_api": {"name": "asked"}}],
            "steps": [_written(step) for step in steps],
            "settings": {"re_entry": "1 hours"},
        },
        sort_keys=False,
    )


def _written(step: Step) -> dict[str, Any]:
    step_id, kind, *rest = step
    match kind, rest:
        case "delay", [hours]:
            found: dict[str, Any] = {"delay": f"{hours} hours"}
        case "add_tag", []:
            found = {"add_tag": f"tag {step_id}"}
        case "mail", []:
            found = {"send_email": {"email": f"Mail {step_id}", "subject": "News", "html": "<p>News.</p>"}}
        case "wait", [event, hours]:
            found = {"wait_for_trigger": {"event_api": {"name": event}, "up_to": f"{hours} hours"}}
        case _:
            then, otherwise = ([_written(one) for one in way] for way in rest)
            found = {"if_else": {"when": {"tag": "vip"}, "then": then, "else": otherwise}}
    return {**found, "id": step_id}


@dataclass(frozen=True)
class Node:
    """A step with where its outcomes lead; None: the end."""

    step: Step
    ways: dict[str, str | None]


Graph = dict[str, Node]


def graph(steps: list[Step], after: str | None = None) -> Graph:
    found: Graph = {}
    for step, following in zip(steps, [*(one[0] for one in steps[1:]), after], strict=True):
        match step:
            case (step_id, "if", then, otherwise):
                found |= graph(then, following) | graph(otherwise, following)
                first = {"yes": then, "no": otherwise}
                found[step_id] = Node(step, {name: way[0][0] if way else following for name, way in first.items()})
            case (step_id, "wait", *_):
                found[step_id] = Node(step, {"met": following, "timed out": following})
            case (step_id, *_):
                found[step_id] = Node(step, {"next": following})
    return found


@dataclass
class Run:
    version: Graph
    number: int
    at: str | None
    arrived: datetime
    done: set[str] = field(default_factory=set)
    resting: bool = False
    ended: datetime | None = None


@dataclass
class Person:
    """One contact. ``placed``: what publications said of deleted steps, the oldest first."""

    now: datetime
    tags: set[str] = field(default_factory=set)
    trail: list[tuple[datetime, str]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)

    def note(self, code: str) -> None:
        self.trail.append((self.now, code))

    @property
    def live(self) -> Run | None:
        return self.runs[-1] if self.runs and not self.runs[-1].ended else None

    # ── What happens ──
    def event(self, name: str, version: Graph, number: int) -> None:
        run = self.live
        if name == "asked":
            self.gate(version, number)
        if run and run.resting and run.at is not None:
            step = run.version[run.at].step
            if step[1] == "wait" and step[2] == name and run.arrived < self.now <= self.due(run):
                self.note("B04")
                self.leave(run, "met")

    def gate(self, version: Graph, number: int) -> None:
        ended = self.runs[-1].ended if self.runs else None
        if self.live:
            self.note("E17")
        elif ended and self.now < ended + timedelta(hours=1):
            self.note("E19")
        else:
            self.note("E00")
            run = Run(version, number, None, self.now)
            self.runs.append(run)
            self.arrive(run, next(iter(version)) if version else None)

    def travel(self, until: datetime) -> None:
        while (run := self.live) and self.due(run) <= until:
            self.now = max(self.now, self.due(run))
            self.time_is_up(run)
        self.now = until

    def due(self, run: Run) -> datetime:
        assert run.at is not None
        return run.arrived + timedelta(hours=run.version[run.at].step[-1])

    def time_is_up(self, run: Run) -> None:
        assert run.at is not None
        if run.version[run.at].step[1] == "wait":
            self.note("B05")
            self.leave(run, "timed out")
        else:
            self.leave(run, "next")

    # ── A run ──
    def leave(self, run: Run, way: str) -> None:
        assert run.at is not None
        self.arrive(run, run.version[run.at].ways[way])

    def arrive(self, run: Run, at: str | None) -> None:
        """No step acts twice in a run; where ways part, it is asked anew."""
        while at is not None and at in run.done and len(run.version[at].ways) == 1:
            at = run.version[at].ways["next"]
        run.at, run.arrived, run.resting = at, self.now, False
        if at is None:
            self.end(run, "X00")
            return
        run.done.add(at)
        match run.version[at].step:
            case (_, "delay" | "wait" as kind, *_):
                self.note("W01" if kind == "delay" else "W06")
                run.resting = True
            case (step_id, "add_tag"):
                tag = f"tag {step_id}"
                self.note("B12" if tag in self.tags else "B11")
                self.tags.add(tag)
                self.leave(run, "next")
            case (step_id, "mail"):
                self.note("W10")
                self.note("S00")
                self.mails.append(step_id)
                self.leave(run, "next")
            case _:
                self.note("B01" if "vip" in self.tags else "B02")
                self.leave(run, "yes" if "vip" in self.tags else "no")

    def end(self, run: Run, code: str) -> None:
        self.note(code)
        run.ended = self.now

    # ── A publication ──
    def published(self, version: Graph, number: int, placed: dict[str, str | None]) -> None:
        """They go on in the new version, at the same step; from a deleted one where the publication said, else at the
        next surviving step of their old path, else they leave."""
        run = self.live
        if run is None:
            return
        old, at = run.version, run.at
        while at is not None and at not in version:
            at = placed[at] if at in placed else next(iter(old[at].ways.values()))
        stays, run.version, run.number = at == run.at, version, number
        if at is None:
            self.end(run, "X14")
        elif not stays:
            self.arrive(run, at)
        elif self.due(run) <= self.now:
            self.time_is_up(run)
