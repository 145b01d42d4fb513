"""A story told twice: to the engine, which lives in PostgreSQL, and to the slow model (flow_model.py)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.scenarios.flow_model import Flow, Person, Plan, places
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"


class Workers:
    """What the workers do when they run: everything is judged, then everybody moves, then messages leave; ``few`` at a
    time."""

    few = 1000

    def settle(self, world: World) -> None:
        while True:
            found = self.all(world, "judge") + self.all(world, "move") + self.all(world, "send")
            if not found and not self.all(world, "care"):
                return

    def all(self, world: World, what: str) -> int:
        done = 0
        while found := self.once(world, what):
            done += found
        return done

    def once(self, world: World, what: str) -> int:
        match what:
            case "judge":
                return world.dispatcher.batch(world.share, self.few)
            case "move":
                return world.advancer.batch(world.share, self.few)
            case "care":
                return world.engine_clock.look(world.share) + world.care.all()
        return world.sender.batch(world.share)


class Story:
    """``down``: the workers do not run; what happens then is found when they come back."""

    def __init__(self, world: World, plans: list[Plan], workers: Workers) -> None:
        self.world, self.workers, self.down = world, workers, False
        world.field("RENEWS", "date")
        with world.database.transaction() as tx:
            tx.connection.execute(
                """update audience set sender = sender || '{"address": {"addr1": "1 Moss Lane", "city": "Kew"}}'"""
            )
        renews = str(self.today + timedelta(days=2))
        for email in (ANA, BEN):
            world.person(email, fields={"RENEWS": renews})
        world.settle()
        self.flows = {plan.name: self._flow(plan) for plan in plans}
        self.people = {
            email: Person(self.flows, world.clock.now(), str(world.contact(email).contact_id), renews=renews)
            for email in (ANA, BEN)
        }

    def _flow(self, plan: Plan) -> Flow:
        flow_id = self.world.flow(plan.written())
        flow = Flow(plan, self.world.clock.now(), flow_id=flow_id)
        self.learn_steps(flow)
        return flow

    def learn_steps(self, flow: Flow) -> None:
        rows = self.world._rows(
            f"select label, step_id from step join flow using (version_id) where flow_id = {flow.flow_id}"
        )
        flow.step_ids = {label.removeprefix("s"): step_id for label, step_id in rows}

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    # ── Time ──
    def travel(self, by: timedelta) -> None:
        """Everybody's moment is met, unless the workers are down."""
        until = self.now + by
        while not self.down:
            due = self.world._due(until)
            if not due or due[0] >= until:
                break
            self.world.clock.set(due[0])
            self.workers.settle(self.world)
        self.world.clock.set(until)
        for one in self.people.values():
            if self.down:
                one.now = until
            else:
                one.travel(until)
        self.settle()

    def settle(self) -> None:
        if self.down:
            return
        self.workers.settle(self.world)
        for one in self.people.values():
            one.settle()
        for flow in self.flows.values():
            if flow.state == "draining" and not any(one.live(flow) for one in self.people.values()):
                flow.state, flow.paused_at = "paused", self.now
                self._forget_missed(flow)

    # ── What happens ──
    def happens(self, act: tuple[Any, ...]) -> None:
        match act:
            case ("hours", n):
                self.travel(timedelta(hours=n))
            case ("down",):
                self.down = not self.down
            case (what, flow, *rest) if flow in self.flows:
                if not self.down:
                    self.team(self.flows[flow], what, rest)
            case (what, email, *rest):
                self.person(email, what, rest)
        self.settle()

    def person(self, email: str, what: str, rest: list[Any]) -> None:
        one, world = self.people[email], self.world
        if one.archived and what != "restore":
            return
        match what, rest:
            case "tag", [name]:
                world.tag(email, name)
                one.tag(name)
            case "untag", [name]:
                world.tag(email, remove=[name])
                one.untag(name)
            case "event", [name, hours_ago, syncing]:
                occurred = self.now - timedelta(hours=hours_ago)
                world.event(email, name, occurred_at=occurred, syncing=syncing)
                one.tell("event", name, occurred=occurred, syncing=syncing)
            case "unsubscribe", []:
                world.unsubscribe(email)
                if one.subscribed:
                    one.tell("unsubscribed")
                one.subscribed = False
            case "renews", [days]:
                written = "" if days is None else str(self.today + timedelta(days=days))
                if written == one.renews:
                    return
                one.renews = written
                world.person(email, email_status=None, fields={"RENEWS": one.renews})
                for run in one.runs:
                    if run.rest and run.rest.kind == "look" and run.rest.label and self._reads_field(run):
                        run.rest.due = self.now
            case "archive", []:
                world.archive(email)
                one.archived = True
                one.tell("archived")
            case "restore", [] if one.archived:
                world.restore(email)
                one.archived = False

    @property
    def today(self) -> date:
        return self.now.astimezone(UTC).date()

    def _reads_field(self, run: Any) -> bool:
        return run.flow.step_at(run.rest.label)[0] == "day"

    # ── What the team does ──
    def team(self, flow: Flow, what: str, rest: list[Any]) -> None:
        world, flow_id = self.world, flow.flow_id
        match what, rest:
            case "pause", [] if flow.state in ("live", "draining"):
                world.pause(flow_id)
                flow.state, flow.paused_at = "paused", self.now
                self._forget_missed(flow)
            case "resume", [late, days, missed] if flow.state in ("paused", "draining"):
                world.resume(flow_id, late=late, days=days, missed=missed)
                self._let_go(flow, late, days)
                flow.state, flow.armed = "live", self.now
                if missed:
                    self._let_missed_in(flow)
            case "drain", [] if flow.state in ("live", "paused"):
                world.drain(flow_id)
                if flow.state == "paused":
                    self._let_go(flow, "skip", 3)
                flow.state = "draining"
            case "end", [] if flow.state in ("paused", "draining"):
                world.archive_flow(flow_id)
                flow.state = "archived"
                for one in self.people.values():
                    for run in one.runs:
                        run.ready = run.flow is flow and not run.ended
            case "pause step", [number]:
                label = self._label(flow, number)
                if flow.state != "archived":
                    world.pause_step(flow_id, f"s{label}")
                    flow.paused_steps.add(label)
            case "resume step", [number] if flow.paused_steps:
                label = sorted(flow.paused_steps)[number % len(flow.paused_steps)]
                world.resume_step(flow_id, f"s{label}")
                flow.paused_steps.discard(label)
                if flow.state != "paused":
                    for one in self.people.values():
                        one.release(flow)
            case "all out", [] if flow.state != "archived":
                world.take_all_out(flow_id)
                for one in self.people.values():
                    if run := one.live(flow):
                        one.end(run, "X08")
            case (("take out" | "allow" | "hand" | "reset"), [email, *more]):
                self._by_hand(flow, what, email, more)

    def _by_hand(self, flow: Flow, what: str, email: str, more: list[Any]) -> None:
        one, world = self.people[email], self.world
        match what:
            case "take out":
                world.take_out(flow.flow_id, email, again=more[0])
                (one.blocked.discard if more[0] else one.blocked.add)(flow.name)
                one.tell("stop", "X07", to=flow.name)
            case "allow":
                world.allow_again(flow.flow_id, email)
                one.blocked.discard(flow.name)
            case "hand" if flow.state == "live":
                world.add_by_hand(flow.flow_id, email)
                one.tell("hand", to=flow.name)
            case "reset":
                world.reset(flow.flow_id, email)
                for run in one.runs:
                    run.forgotten |= run.flow is flow and bool(run.ended)

    def _label(self, flow: Flow, number: int) -> str:
        labels = list(places(flow.plan.steps))
        return labels[number % len(labels)]

    def _let_go(self, flow: Flow, late: str, days: int) -> None:
        for one in self.people.values():
            for run in one.runs:
                if run.flow is flow and run.held == "W04" and run.held_at and not run.ended:
                    overdue = run.held_at < self.now - timedelta(days=days)
                    run.late = late if overdue and late != "all" else ""
            one.release(flow)

    def _let_missed_in(self, flow: Flow) -> None:
        for one in self.people.values():
            for name, number in sorted(one.missed):
                if name == flow.name and number >= 0:
                    one.tell("let in", str(number), to=flow.name)
        self._forget_missed(flow)

    def _forget_missed(self, flow: Flow) -> None:
        for one in self.people.values():
            one.missed = {key: at for key, at in one.missed.items() if key[0] != flow.name}

    # ── What came of it ──
    def compare(self) -> None:
        for email, one in self.people.items():
            for name, flow in self.flows.items():
                lines = self.world.trail(flow.flow_id, self.world.contact(email).contact_id)
                done, meant = told([(line.at, line.code) for line in lines]), told(one.trail.get(name, []))
                assert done == meant, f"{name}, {email}\n  engine {done}\n  model  {meant}"
                assert (state := self.world.state(flow.flow_id)) == flow.state, f"{name} is {state}, not {flow.state}"
            assert self.world.tags_of(email) == one.tags
            assert (self.world.value(email, "LNAME") or "") == one.surname
            assert len(self.world.mails_to(email)) == one.mails, email
            assert sorted(name for name, _ in self.world.goals(email)) == sorted(one.goals)
        self.world.closes()


def told(trail: list[tuple[datetime, str]]) -> list[str]:
    """A trail to compare and to read; E01 and E27 are answers given when somebody asks, not decisions. The gate's
    decisions come first: between them and a run's there is no order within one instant. Held is held: said again, it is
    no news."""
    lines = [(at, code) for at, code in trail if code not in ("E01", "E27")]
    gate = [line for line in lines if line[1][0] == "E"]
    runs = [line for line in lines if line[1][0] != "E"]
    runs = [line for n, line in enumerate(runs) if n == 0 or line[1] != "W05" or runs[n - 1][1] != "W05"]
    return [f"{at:%m-%d %H:%M:%S} {code}" for at, code in [*sorted(gate), *runs]]
