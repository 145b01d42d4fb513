"""A slow, obvious model of flows, written from the specification: one contact at a time, lists and sets.

A run is a generator: it yields what it rests on and is told whether what it waited for came. What happened is judged in
its order, then those who may go on do, then messages leave; and again, until nothing is left. What the model says is
compared with what the engine does (test_model.py and its likes).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from tests.scenarios.date_model import WEEKDAYS, on_the_wall

Step = tuple[Any, ...]
PARIS = "Europe/Paris"
AGE = timedelta(days=7)


@dataclass(frozen=True)
class Plan:
    """The flow. Steps are ("delay", n, unit), ("add_tag", name), ("remove_tag", name), ("field", text), ("mail",),
    ("goal", name), ("start",), ("stop", which), ("time", "HH:MM", weekdays), ("date", day), ("day", days after the
    field, exit if past), ("if", ways of (tag, steps), steps), ("split", share, steps, steps),
    ("wait", event, hours, met, timed out).

    ``exits``: "tag", "event" or "". ``goal``: None, or (days, whether it ends the run).
    """

    steps: list[Step]
    re_entry: timedelta | None = None
    from_entry: bool = False
    exits: str = ""
    goal: tuple[int, bool] | None = None
    only_if: bool = False
    leave_unsubscribed: bool = False
    max_age: int = 400
    filtered: bool = False
    name: str = "Random"
    triggers: tuple[tuple[str, str], ...] = (("tag", "start"), ("event", "lesson"))

    def written(self) -> str:
        settings: dict[str, Any] = {"max_run_age": self.max_age}
        if self.exits:
            settings["exit_condition"] = {"tag": "churned"} if self.exits == "tag" else {"event": "left"}
        if self.re_entry is not None:
            wait = f"{int(self.re_entry.total_seconds() // 3600)} hours"
            settings["re_entry"] = {"wait": wait, "from": "entry" if self.from_entry else "exit"}
        if self.goal:
            settings |= {"goal": {"event": "paid", "within": f"{self.goal[0]} days"}, "exit_on_goal": self.goal[1]}
        if self.only_if:
            settings["continue_only_if"] = {"not": {"tag": "cold"}}
        if self.filtered:
            settings["entry_filter"] = {"not": {"tag": "banned"}}
        settings["exit_on_unsubscribe"] = self.leave_unsubscribed
        kinds = {"tag": lambda name: {"tag_added": {"tag": name}}, "event": lambda name: {"event_api": {"name": name}}}
        return yaml.safe_dump(
            {
                "flow": self.name,
                "audience": "Customers",
                "triggers": [kinds[kind](name) for kind, name in self.triggers],
                "steps": written(self.steps),
                "settings": settings,
            },
            sort_keys=False,
        )


def labelled(steps: list[Step], above: str = "") -> Iterator[tuple[str, Step]]:
    """A step's label is its place: 1, then 2 with 2.1.1 in its first way."""
    for number, step in enumerate(steps, 1):
        yield f"{above}{number}", step


def branches(step: Step) -> list[list[Step]]:
    match step:
        case ("if", ways, otherwise):
            return [steps for _, steps in ways] + [otherwise]
        case ("split", _, one, other):
            return [one, other]
        case ("wait", _, _, met, late):
            return [met, late]
    return []


def all_steps(steps: list[Step], above: str = "") -> Iterator[tuple[str, Step]]:
    for label, step in labelled(steps, above):
        yield label, step
        for number, branch in enumerate(branches(step), 1):
            yield from all_steps(branch, f"{label}.{number}.")


def places(steps: list[Step]) -> list[str]:
    """The labels of all steps."""
    return [label for label, _ in all_steps(steps)]


def written(steps: list[Step], above: str = "") -> list[dict[str, Any]]:
    return [{**_written(label, step), "label": f"s{label}"} for label, step in labelled(steps, above)]


def _written(label: str, step: Step) -> dict[str, Any]:
    """A step as a flow file has it."""
    below = [written(branch, f"{label}.{number}.") for number, branch in enumerate(branches(step), 1)]
    match step:
        case ("delay", n, unit):
            return {"delay": f"{n} {unit}s"}
        case ("mail",):
            return {"send_email": {"email": f"News {label}", "subject": "News", "html": "<p>News.</p>"}}
        case ("field", text):
            return {"update_field": {"field": "LNAME", "set": text}}
        case ("goal", name):
            return {"set_goal": {"name": name}}
        case ("start",):
            return {"start_flow": "Other"}
        case ("stop", which):
            return {"stop_flow": "Other" if which == "named" else "all others"}
        case ("time", at, weekdays):
            return {"wait_until": {"time": at, **({"weekdays": list(weekdays)} if weekdays else {})}}
        case ("date", day):
            return {"wait_until": {"date": day}}
        case ("day", after, exits):
            moved = {f"days_{'after' if after > 0 else 'before'}": abs(after)} if after else {}
            return {"wait_until": {"field": "RENEWS", **moved, "if_past": "exit" if exits else "go_on"}}
        case ("if", ways, _):
            written_ways = [{"when": {"tag": tag}, "then": then} for (tag, _), then in zip(ways, below, strict=False)]
            return {"if_else": {"ways": written_ways, "else": below[-1]}}
        case ("split", share, _, _):
            ways = [{"share": part, "then": then} for part, then in zip((share, 100 - share), below, strict=True)]
            return {"split_percent": {"by": "contact", "ways": ways}}
        case ("wait", event, hours, _, _):
            limit = {"event_api": {"name": event}, "up_to": f"{hours} hours"}
            return {"wait_for_trigger": {**limit, "met": below[0], "timed_out": below[1]}}
        case (kind, tag):
            return {kind: tag}
    raise AssertionError(step)


@dataclass
class Flow:
    """A flow as the team handles it. The ids are the engine's: a percentage split draws lots with them."""

    plan: Plan
    armed: datetime
    state: str = "live"
    paused_at: datetime | None = None
    paused_steps: set[str] = field(default_factory=set)
    flow_id: int = 0
    step_ids: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.plan.name

    def step_at(self, label: str) -> Step:
        return dict(all_steps(self.plan.steps))[label]


@dataclass
class Fact:
    """Something that happened to somebody. ``by``: the flow whose run caused it; ``to``: the flow that it is for."""

    kind: str
    name: str
    recorded: datetime
    occurred: datetime
    syncing: bool = False
    by: str = ""
    to: str = ""
    depth: int = 0
    run: Run | None = None


@dataclass
class Rest:
    """What a run rests on: a moment, or an event that may come before it. ``kind``: rest, look (a date that may move),
    before (a paused step), sending."""

    label: str
    due: datetime | None = None
    event: str | None = None
    kind: str = "rest"


Walk = Generator[Rest, bool, None]


@dataclass
class Run:
    flow: Flow
    entered: datetime
    depth: int
    walk: Walk | None = None
    rest: Rest | None = None
    arrived: datetime | None = None
    ready: bool = False
    came: bool = False
    held: str = ""
    held_at: datetime | None = None
    late: str = ""
    leaving: str = ""
    ended: datetime | None = None
    forgotten: bool = False
    goal: bool = False
    marked: set[str] = field(default_factory=set)

    @property
    def expires(self) -> datetime:
        return self.entered + timedelta(days=self.flow.plan.max_age)

    @property
    def due(self) -> datetime | None:
        if self.ended or (self.rest and self.rest.kind == "sending" and not self.ready):
            return None
        if self.held or self.rest is None or self.rest.due is None:
            return self.expires
        return min(self.rest.due, self.expires)


@dataclass
class Person:
    """One contact and everything that the flows know of them."""

    flows: dict[str, Flow]
    now: datetime
    contact_id: str = ""
    tags: set[str] = field(default_factory=set)
    surname: str = ""
    renews: str = ""
    subscribed: bool = True
    archived: bool = False
    mails: int = 0
    goals: list[str] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    runs: list[Run] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    missed: dict[tuple[str, int], datetime] = field(default_factory=dict)
    trail: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)

    def note(self, flow: Flow, code: str) -> None:
        self.trail.setdefault(flow.name, []).append((self.now, code))

    def live(self, flow: Flow) -> Run | None:
        return next((run for run in self.runs if run.flow is flow and not run.ended), None)

    # ── What happens to them ──
    def tell(self, kind: str, name: str = "", *, run: Run | None = None, **more: Any) -> None:
        if run:
            more |= {"by": run.flow.name, "depth": run.depth + 1}
        self.facts.append(Fact(kind, name, self.now, more.pop("occurred", self.now), **more))

    def tag(self, name: str, run: Run | None = None) -> bool:
        if name in self.tags:
            return False
        self.tags.add(name)
        self.tell("tag", name, run=run)
        return True

    def untag(self, name: str, run: Run | None = None) -> bool:
        if name not in self.tags:
            return False
        self.tags.discard(name)
        self.tell("untag", name, run=run)
        return True

    # ── Time ──
    def travel(self, until: datetime) -> None:
        """The workers run: whoever's rest is over goes on at that very moment."""
        while (moment := min((run.due for run in self.runs if run.due), default=until)) < until:
            self.now = max(self.now, moment)
            self.settle()
        self.now = until
        self.settle()

    def settle(self) -> None:
        for run in self.runs:
            if run.due and run.due <= self.now:
                run.ready = True
        while self.facts or any(run.ready for run in self.runs):
            while self.facts:
                self.judge(self.facts.pop(0))
            for run in [run for run in self.runs if run.ready]:
                self.go_on(run)
            for run in [run for run in self.runs if run.rest and run.rest.kind == "sending" and not run.ready]:
                self.send(run)

    # ── The gate (G16), in its order ──
    def gate(self, flow: Flow, trigger: int, fact: Fact) -> None:
        by_hand = fact.kind == "hand"
        past = [run for run in self.runs if run.flow is flow and not run.forgotten]
        plan = flow.plan
        if flow.state == "archived":
            return
        if flow.state == "paused":
            stale = fact.recorded - fact.occurred > AGE
            if not (fact.syncing or stale or fact.by == flow.name or fact.depth >= 5):
                self.missed[flow.name, trigger] = self.now
            code = "E02"
        elif flow.state == "draining":
            code = "E03"
        elif fact.syncing:
            code = "E05"
        elif fact.occurred < flow.armed and not by_hand:
            code = "E06"
        elif fact.recorded - fact.occurred > AGE:
            code = "E07"
        elif fact.by == flow.name or fact.depth >= 5:
            code = "E20"
        else:
            code = self._refused(flow, fact.kind) or self._comes_again(plan, past, by_hand)
        self.note(flow, code)
        if code == "E00":
            if by_hand:
                self.blocked.discard(flow.name)
            run = Run(flow, fact.recorded, fact.depth, ready=True)
            run.walk = self.walk(run, plan.steps, "")
            self.runs.append(run)

    def _refused(self, flow: Flow, kind: str) -> str:
        """From the contact's status on."""
        plan, by_hand = flow.plan, kind == "hand"
        if self.archived:
            return "E11"
        if flow.name in self.blocked and not by_hand:
            return "E14"
        if plan.filtered and "banned" in self.tags and not by_hand:
            return "E15"
        if plan.exits == "tag" and "churned" in self.tags:
            return "E16"
        return "E17" if self.live(flow) else ""

    def _comes_again(self, plan: Plan, past: list[Run], by_hand: bool) -> str:
        if by_hand or not past:
            return "E00"
        if plan.re_entry is None:
            return "E18"
        since = past[-1].entered if plan.from_entry else past[-1].ended
        assert since is not None
        return "E19" if self.now < since + plan.re_entry else "E00"

    # ── A fact is judged ──
    def judge(self, fact: Fact) -> None:
        for flow in self.flows.values():
            run = self.live(flow)
            self._gates(flow, fact)
            self._goal(flow, fact)
            if fact.kind == "released" and fact.run and fact.run.flow is flow:
                self.note(flow, fact.name)
                if not fact.run.ended:
                    fact.run.ready = fact.run.came = True
            if run and not run.ended:
                if code := self._leaves(run, fact):
                    self.end(run, code)
                elif self._came(run, fact):
                    self.note(flow, "B04")
                    run.came = True
                    run.ready = not run.held

    def _gates(self, flow: Flow, fact: Fact) -> None:
        if fact.kind in ("hand", "start") and fact.to == flow.name:
            self.gate(flow, -1, fact)
        if fact.kind == "let in" and fact.to == flow.name:
            self.gate(flow, int(fact.name), fact)
        for number, (kind, name) in enumerate(flow.plan.triggers):
            if (fact.kind, fact.name) == (kind, name):
                self.gate(flow, number, fact)

    def _goal(self, flow: Flow, fact: Fact) -> None:
        """Also after the run has ended."""
        if flow.plan.goal is None or (fact.kind, fact.name) != ("event", "paid") or flow.state == "archived":
            return
        for run in [run for run in self.runs if run.flow is flow and not run.goal]:
            if run.entered < fact.occurred <= run.entered + timedelta(days=flow.plan.goal[0]):
                run.goal = True
                self.goals.append("")
                if flow.plan.goal[1] and not run.ended:
                    self.end(run, "X02")

    def _leaves(self, run: Run, fact: Fact) -> str:
        plan = run.flow.plan
        stopped = fact.kind == "stop" and fact.by != run.flow.name and fact.to in ("", run.flow.name)
        if fact.kind == "archived":
            return "X10"
        if stopped and run.entered <= fact.occurred:
            return fact.name
        if plan.exits == "tag" and fact.kind in ("tag", "untag") and fact.name == "churned" and "churned" in self.tags:
            return "X01"
        if plan.exits == "event" and (fact.kind, fact.name) == ("event", "left") and fact.occurred > run.entered:
            return "X01"
        if plan.leave_unsubscribed and fact.kind == "unsubscribed" and fact.occurred > run.entered:
            return "X09" if run.rest and mail_ahead(plan.steps, run.rest.label) else ""
        return ""

    def _came(self, run: Run, fact: Fact) -> bool:
        """What it waited for has come: after its arrival, before its limit, and before it has moved on."""
        rest = run.rest
        if fact.kind != "event" or rest is None or rest.event != fact.name or run.came or run.arrived is None:
            return False
        return run.arrived < fact.occurred and (rest.due is None or fact.occurred <= rest.due)

    # ── A run (6.1, 6.2) ──
    def go_on(self, run: Run) -> None:
        run.ready = False
        if self.now >= run.expires:
            self.end(run, "X12")
        elif run.flow.state == "archived":
            self.end(run, "X13")
        elif run.leaving:
            self.end(run, run.leaving)
        elif code := self._stays(run):
            if run.held != code:
                self.note(run.flow, code)
            run.held_at = self.now if run.held != code else run.held_at
            run.held = code
        else:
            run.held = ""
            try:
                assert run.walk is not None
                came, run.came = run.came, False
                run.rest = next(run.walk) if run.rest is None else run.walk.send(came)
            except StopIteration:
                if not run.ended:
                    self.end(run, "X00")

    def _stays(self, run: Run) -> str:
        if run.flow.state == "paused":
            return "W04"
        if run.rest and run.rest.kind in ("rest", "look") and run.rest.label in run.flow.paused_steps:
            return "W05"
        return ""

    def end(self, run: Run, code: str) -> None:
        self.note(run.flow, code)
        run.ended, run.ready, run.rest = self.now, False, None

    def release(self, flow: Flow) -> None:
        """Who was held in a flow goes on."""
        for run in self.runs:
            if run.flow is flow and run.held and not run.ended:
                run.ready = True

    def send(self, run: Run) -> None:
        """The message is handed over, or is not."""
        assert run.rest is not None
        plan = run.flow.plan
        if run.late == "skip":
            self.tell("released", "S15", run=run)
            self.facts[-1].run = run
            run.rest.kind, run.late = "sent", ""
            return
        if plan.exits == "tag" and "churned" in self.tags:
            self._withdraw(run, "X01")
        elif plan.only_if and "cold" in self.tags:
            self._withdraw(run, "X03")
        elif not self.subscribed:
            self._released(run, "S02")
            run.leaving = "X09" if plan.leave_unsubscribed else ""
        else:
            self.mails += 1
            self._released(run, "S00")

    def _released(self, run: Run, code: str) -> None:
        assert run.rest is not None
        run.rest.kind = "sent"
        self.facts.append(Fact("released", code, self.now, self.now, run=run))

    def _withdraw(self, run: Run, code: str) -> None:
        self.note(run.flow, "S20")
        self.end(run, code)

    def walk(self, run: Run, steps: list[Step], above: str) -> Walk:
        for label, step in labelled(steps, above):
            if step[0] not in RESTS:
                while label in run.flow.paused_steps:
                    if run.held != "W05":
                        self.note(run.flow, "W05")
                    run.held = "W05"
                    yield Rest(label, kind="before")
            run.held, run.arrived = "", self.now
            yield from self._act(run, label, step)
            if run.ended:
                return

    def _act(self, run: Run, label: str, step: Step) -> Walk:
        below = [(branch, f"{label}.{number}.") for number, branch in enumerate(branches(step), 1)]
        note: Callable[[str], None] = lambda code: self.note(run.flow, code)  # noqa: E731
        match step:
            case ("delay", n, unit):
                note("W01")
                run.late = ""
                yield Rest(label, over(self.now, n, unit))
            case ("time" | "date" | "day", *_):
                yield from self._until(run, label, step)
            case ("wait", event, hours, _, _):
                note("W06")
                run.late = ""
                came = yield Rest(label, self.now + timedelta(hours=hours), event)
                if not came:
                    note("B05")
                yield from self.walk(run, *below[0 if came else 1])
            case ("if", ways, _):
                way = next((number for number, (tag, _) in enumerate(ways) if tag in self.tags), len(ways))
                note("B01" if way < len(ways) else "B02")
                yield from self.walk(run, *below[way])
            case ("split", share, _, _):
                note("B03")
                text = f"{run.flow.flow_id}:{run.flow.step_ids[label]}:{self.contact_id}"
                part = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % 10_000
                yield from self.walk(run, *below[0 if part < share * 100 else 1])
            case ("mail",):
                if run.late == "end":
                    self.end(run, "X08")
                    return
                if run.late != "skip":
                    note("W10")
                yield Rest(label, kind="sending")
            case ("add_tag", tag):
                note("B11" if self.tag(tag, run) else "B12")
            case ("remove_tag", tag):
                note("B11" if self.untag(tag, run) else "B12")
            case ("field", text):
                note("B12" if self.surname == text else "B11")
                self.surname = text
            case ("goal", name):
                note("B12" if name in run.marked else "B11")
                self.goals += [] if name in run.marked else [name]
                run.marked.add(name)
            case ("start",):
                self._start(run, self.flows["Other"])
            case ("stop", which):
                others = [one for one in self.runs if one.flow is not run.flow and not one.ended]
                note("B11" if others else "B12")
                if others:
                    self.tell("stop", "X16", run=run, to="Other" if which == "named" else "")

    def _start(self, run: Run, other: Flow) -> None:
        """The other flow's gate decides; what it will say stands in this run's trail too."""
        state = {"paused": "E02", "draining": "E03", "archived": "E03"}.get(other.state, "")
        past = [one for one in self.runs if one.flow is other and not one.forgotten]
        code = state or ("E20" if run.depth + 1 >= 5 else "") or self._refused(other, "start")
        code = code or self._comes_again(other.plan, past, False)
        self.note(run.flow, "B11" if code == "E00" else "B14")
        self.tell("start", run=run, to=other.name)

    def _until(self, run: Run, label: str, step: Step) -> Walk:
        """A field edited meanwhile moves the moment; it is reckoned from the arrival."""
        arrived, asked = self.now, False
        while True:
            moment = self.moment(step, arrived)
            if moment is None:
                self.note(run.flow, "B07")
                return
            if moment < arrived:
                self.note(run.flow, "B08")
                if step[0] == "day" and step[2]:
                    self.end(run, "X17")
                return
            if moment <= self.now:
                if not asked or arrived == self.now:
                    self.note(run.flow, "B06")
                return
            self.note(run.flow, "W07")
            run.late = ""
            asked = True
            yield Rest(label, moment, kind="look")

    def moment(self, step: Step, arrived: datetime) -> datetime | None:
        match step:
            case ("time", at, weekdays):
                today = arrived.astimezone(ZoneInfo(PARIS)).date()
                for n in range(9):
                    day = today + timedelta(days=n)
                    fits = not weekdays or WEEKDAYS[day.weekday()] in weekdays
                    if fits and (moment := on_the_wall(day, at, PARIS)) >= arrived:
                        return moment
            case ("date", day):
                return on_the_wall(date.fromisoformat(day), "09:00", PARIS)
            case ("day", after, _):
                if self.renews:
                    return on_the_wall(date.fromisoformat(self.renews) + timedelta(days=after), "09:00", PARIS)
        return None


RESTS = ("delay", "wait", "time", "date", "day")


def over(arrived: datetime, n: int, unit: str) -> datetime:
    """Hours are exact; days keep the time on the wall."""
    if unit == "hour":
        return arrived + timedelta(hours=n)
    local = arrived.astimezone(ZoneInfo(PARIS))
    day, exact = local.date() + timedelta(days=n), local.time()
    minute = on_the_wall(day, f"{exact:%H:%M}", PARIS)
    gone = minute.astimezone(ZoneInfo(PARIS)).time() != time(exact.hour, exact.minute)
    return minute if gone else minute + timedelta(seconds=exact.second, microseconds=exact.microsecond)


def mail_ahead(steps: list[Step], label: str, above: str = "") -> bool:
    """Whether a mail may still come, from the step of that label on."""
    found = False
    for here, step in labelled(steps, above):
        below = [(branch, f"{here}.{number}.") for number, branch in enumerate(branches(step), 1)]
        if here == label:
            found = True
            if step[0] == "mail" or any(_any_mail(branch) for branch, _ in below):
                return True
        elif found:
            if step[0] == "mail" or any(_any_mail(branch) for branch, _ in below):
                return True
        elif label.startswith(f"{here}."):
            found = True
            for branch, prefix in below:
                if label.startswith(prefix) and mail_ahead(branch, label, prefix):
                    return True
    return False


def _any_mail(steps: list[Step]) -> bool:
    return any(step[0] == "mail" or any(_any_mail(branch) for branch in branches(step)) for step in steps)
