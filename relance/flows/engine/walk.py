"""The way of a batch of runs: from where each was claimed to where it rests or ends, and what is written down of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import NewEvent
from relance.flows import events
from relance.flows.steps.registry import step_kind
from relance.flows.steps.shape import Arrivals, Judge, Mover, PublishedStep, Verdict, by_zone, hears_nothing
from relance.kernel.ids import time_uuid

queries = load_queries(__package__, "walk.sql")

_encode = msgspec.json.Encoder().encode
_NOWHERE: frozenset[int] = frozenset()

BEFORE = "before"
"""Stands for the outcome of a run that was held as it arrived."""

LET_GO = {"held": "", "skipping": "skipping", "ending": "ending"}
"""States of runs that come out of a pause: held for as long as a run may last, or late, with what becomes of a message
that they are about to be sent (steps/act/send_email.py)."""

QUEUED = {"queued" + (late and f" {late}"): late for late in LET_GO.values()}
"""States of runs that were overdue and wait for their turn (W11), with the same."""

OVERDUE = timedelta(minutes=1)
"""What is later than this after a pause, a repair or an outage waits for its turn, in flows with a release rate."""


class Walk:
    """One batch on its way: who arrives next, what was decided, what to count.

    Runs go in groups: those that are at one step and whose way so far allows no difference are moved, told and counted
    together. Every method that takes several movers takes such a group, of one flow, version and step.
    """

    def __init__(
        self,
        tx: Transaction,
        now: datetime,
        steps: Mapping[tuple[int, int], PublishedStep],
        numbers: Mapping[int, int],
        judge: Judge,
        back: datetime,
    ) -> None:
        self.tx, self.now, self.steps, self.numbers, self.judge = tx, now, steps, numbers, judge
        self.back = back
        self.movers: list[Mover] = []
        self.done: Mapping[UUID, frozenset[int]] = {}
        self.arriving: dict[tuple[int, int], list[Mover]] = {}
        self.stopped: dict[int, dict[int, str]] = {}
        self.halted: set[UUID] = set()
        self.flows: Mapping[int, Any] = {}
        self.timed: list[tuple[Mover, int]] = []
        self.books = Books()

    def set_out(self, movers: list[Mover], flows: Mapping[int, Any]) -> None:
        """Everybody's first move: hold, end, leave the step whose rest is over, or arrive at the first one."""
        self.movers = movers
        self.done = _steps_done(self.tx, movers, flows)
        self.stopped = {flow.flow_id: _stopped(flow) for flow in flows.values()}
        self.flows = flows
        self._equip(movers, flows)
        self._look_at_the_time(movers)
        overdue: dict[int, list[Mover]] = {}
        for alike in _alike(movers):
            flow = flows[alike[0].flow_id]
            going = self._end_old(alike, flow)
            if going and flow.state != "paused" and flow.release_rate is not None:
                going = self._take_overdue(going, overdue)
            if going:
                self._set_out(going, flow)
        if overdue:
            self._queue(overdue, flows)

    def _equip(self, movers: list[Mover], flows: Mapping[int, Any]) -> None:
        """What each needs to know of its flow and account on the way."""
        zones = _contact_zones(self.tx, movers, flows)
        known = {
            flow.flow_id: (flow.account_zone, flow.account_settings, timedelta(days=flow.max_age))
            for flow in flows.values()
        }
        for mover in movers:
            mover.zone, mover.account, age = known[mover.flow_id]
            mover.expires = mover.entered_at + age
            if zones:
                mover.zone = zones.get(mover.contact_id, mover.zone)

    def _look_at_the_time(self, movers: list[Mover]) -> None:
        """Time alone may have made an exit condition true, or what somebody waits for (spec 5.6, 6.1)."""
        groups = list(_alike(movers))
        leaving = [(mover, key) for alike in groups if (key := self._timed_exit(alike[0])) for mover in alike]
        waiting = [(mover, key) for alike in groups if (key := self._awaited(alike[0])) for mover in alike]
        gone = self._true(leaving) if leaving else {}
        for mover in gone:
            mover.outcome = "X01"
        if waiting := [(mover, key) for mover, key in waiting if mover not in gone and self.now < mover.expires]:
            for mover, seen in self._true(waiting).items():
                kind = step_kind(self.steps[self._version(mover), mover.step_id].kind)
                mover.outcome, code = kind.when_true if kind else ("next", "")
                self._decide([mover], code, seen)

    def _timed_exit(self, mover: Mover) -> int | None:
        """For whom it is not too late to leave."""
        key: int | None = self.flows[mover.flow_id].timed_exit
        return None if mover.outcome is not None and mover.outcome.startswith("X") else key

    def _awaited(self, mover: Mover) -> int | None:
        """What somebody rests for, if time alone may bring it."""
        step = self.steps.get((self._version(mover), mover.step_id))
        kind = step_kind(step.kind) if step else None
        resting = mover.outcome is None and mover.arrived_at is not None and mover.state not in ("arriving", "sending")
        return kind.awaited(step.args) if step and kind and resting else None

    def _version(self, mover: Mover) -> int:
        """In which they go on."""
        flow = self.flows[mover.flow_id]
        version: int = flow.follow_id if self._lags(mover, flow) else mover.version_id
        return version

    def _true(self, asked: list[tuple[Mover, int]]) -> dict[Mover, Mapping[str, Any] | None]:
        answers = self.judge.ask(self.tx, self.now, asked, None)
        return {mover: seen for (mover, _), (true, seen) in zip(asked, answers, strict=True) if true}

    def _until_they_turn(self) -> None:
        """Nobody rests beyond the instant at which time may make true what they leave by."""
        for (mover, _), turn in zip(self.timed, self.judge.turns(self.tx, self.now, self.timed), strict=True):
            if turn is not None and mover.due is not None and turn < mover.due:
                mover.due = turn

    def _end_old(self, movers: list[Mover], flow: Any) -> list[Mover]:
        """Those for whom nothing more comes end; the others are returned."""
        old = [mover for mover in movers if self.now >= mover.expires]
        if old:
            self._end(old, "X12")
            movers = [mover for mover in movers if self.now < mover.expires]
        outcome = movers[0].outcome if movers else None
        if flow.state == "archived":
            self._end(movers, "X13")
        elif outcome is not None and outcome.startswith("X"):
            self._end(movers, outcome)
        else:
            return movers
        return []

    def _take_overdue(self, movers: list[Mover], overdue: dict[int, list[Mover]]) -> list[Mover]:
        """Puts those who wait for a turn into ``overdue``, by flow, and returns the others."""
        late = [mover for mover in movers if self._is_overdue(mover)]
        if not late:
            return movers
        _let_go(late)
        overdue.setdefault(late[0].flow_id, []).extend(late)
        gone = {mover.run_id for mover in late}
        return [mover for mover in movers if mover.run_id not in gone]

    def _set_out(self, movers: list[Mover], flow: Any) -> None:
        _let_go(movers)
        first = movers[0]
        if flow.state == "paused":
            self._halt(movers)
        elif self._lags(first, flow) and not self._change_version(movers, flow.follow_id, flow.placed):
            self._end(movers, "X14")
        elif first.outcome == BEFORE:
            # Held as they arrived, and let go: only now they act.
            for mover in movers:
                mover.arrived_at, mover.outcome = self.now, None
            self._come(movers)
        elif first.state == "arriving":
            self._arrive(movers, first.step_id)
        elif over := self._rested(movers):
            if code := self._held_after(over[0]):
                self._hold(over, code)
            elif self._arrives_anew(over[0]):
                self._come(over)
            else:
                self._leave(over)

    def _is_overdue(self, mover: Mover) -> bool:
        """Let go after a pause or a repair, or due while nobody looked. A turn is kept, unless nobody looked then."""
        if mover.due is None or mover.state == "sending":
            return False
        return mover.due <= (self.now if mover.state in LET_GO else self.back) - OVERDUE

    def _queue(self, overdue: Mapping[int, list[Mover]], flows: Mapping[int, Any]) -> None:
        """Everybody gets the next turn of their flow, in the order of their due times."""
        # Rounded up: never faster.
        gaps = {key: timedelta(microseconds=-(-60_000_000 // flows[key].release_rate)) for key in overdue}
        rows = self.tx.rows(
            queries.take_turns,
            now=self.now,
            flows=list(overdue),
            needed=[gaps[flow_id] * len(movers) for flow_id, movers in overdue.items()],
        )
        for row in rows:
            gap, movers = gaps[row.flow_id], sorted(overdue[row.flow_id], key=_due)
            for place, mover in enumerate(movers):
                turn = row.next_turn - gap * (len(movers) - place)
                mover.state = "queued" + (mover.late and f" {mover.late}")
                mover.due = _at_latest(mover, turn)
                self._decide([mover], "W11", {"until": turn.isoformat()})

    def _lags(self, mover: Mover, flow: Any) -> bool:
        """In a version before the last one that people go on in. Who is to finish theirs does."""
        return mover.version_id != flow.follow_id and bool(self.numbers[mover.version_id] < flow.follow_number)

    def _change_version(self, movers: list[Mover], version_id: int, placed: Mapping[str, int | None]) -> bool:
        """Go on in a later version at the same step; from a deleted one, where the publication said, or at the next
        surviving step of the old path (spec 5.5). False: there is none."""
        first = movers[0]
        step_id: int | None = first.step_id
        while step_id is not None and (version_id, step_id) not in self.steps:
            if str(step_id) in placed:
                step_id = placed[str(step_id)]
                continue
            old = self.steps[first.version_id, step_id].outcomes
            outcome = first.outcome if step_id == first.step_id and first.outcome in old else next(iter(old), None)
            step_id = old[outcome] if outcome is not None else None
        if step_id is not None and step_id != first.step_id:
            if first.arrived_at is not None:
                self._count(movers, "passed")
            for mover in movers:
                mover.step_id, mover.state, mover.outcome = step_id, "arriving", None
        for mover in movers:
            mover.version_id = version_id
        return step_id is not None

    def _halt(self, movers: list[Mover]) -> None:
        """The flow is paused. Who was woken where the moment may have moved looks whether it has come; who has still to
        wait does, the others hold."""
        first = movers[0]
        step = self.steps.get((first.version_id, first.step_id))
        if step is not None and _rests(step.kind) and self._arrives_anew(first):
            self.halted.update(mover.run_id for mover in movers)
            self._come(movers)
        elif over := self._rested(movers):
            self._hold(over, "W04")

    def _arrives_anew(self, mover: Mover) -> bool:
        """At a step that looks at the world each time it is woken. It has arrived once: that is not counted again. One
        whose message or call is on its way does not act twice."""
        kind = step_kind(self.steps[mover.version_id, mover.step_id].kind)
        rested = mover.state == "waiting" and mover.outcome is None and mover.arrived_at is not None
        return kind is not None and kind.arrives_anew and rested

    def _rested(self, movers: list[Mover]) -> list[Mover]:
        """Those whose rest is over. Who was woken before it is goes on resting: a changed step counts from the arrival
        (spec 5.5)."""
        first = movers[0]
        step = self.steps[first.version_id, first.step_id]
        kind = step_kind(step.kind)
        if kind is None or kind.rest is None or first.outcome is not None or first.arrived_at is None:
            return movers
        over: list[Mover] = []
        for zone, people in by_zone(movers).items():
            end = kind.rest(step.args, first.arrived_at, zone)
            if end is not None and end <= self.now:
                for mover in people:  # They may have been woken before it, to look again: nobody could leave then.
                    mover.ready = max(mover.ready, end)
                over += people
                continue
            for mover in people:
                mover.state, mover.due = "waiting", _at_latest(mover, end)
            self._note_rest(people)
        return over

    def wave(self) -> None:
        """Everybody who has just arrived somewhere acts there: one call per kind of step."""
        arriving, self.arriving = self.arriving, {}
        kinds: dict[str, list[tuple[PublishedStep, list[Mover]]]] = {}
        for place, movers in arriving.items():
            step = self.steps[place]
            if code := self._held_before(movers[0], step.kind):
                self._hold(movers, code)
                for mover in movers:
                    mover.outcome = BEFORE
            else:
                kinds.setdefault(step.kind, []).append((step, movers))
        for key, groups in kinds.items():
            kind = step_kind(key)
            if kind is None:
                raise LookupError(f"a published step has the unknown kind {key!r}")
            here = Arrivals(self.tx, self.now, groups, self.steps, self.judge)
            kind.arrive(here)
            for verdict in here.verdicts:
                self._take(verdict)

    def _held_before(self, mover: Mover, kind_key: str) -> str | None:
        """Why somebody who arrives may not act: the step is broken (W09), or paused alone (W05). A rest begins all the
        same at a paused step, where its end is held."""
        code = self.stopped[mover.flow_id].get(mover.step_id)
        return None if code == "W05" and _rests(kind_key) else code

    def _held_after(self, mover: Mover) -> str | None:
        """Why somebody whose rest is over may not go on. What a step has done is done: there people go on."""
        code = self.stopped[mover.flow_id].get(mover.step_id)
        return code if code and _rests(self.steps[mover.version_id, mover.step_id].kind) else None

    def _hold(self, movers: list[Mover], code: str) -> None:
        """Until they are let go, or too old. Who could have gone on long before, as somebody held until now, is told
        with that instant: lateness counts from it (5.8)."""
        since: dict[datetime | None, list[Mover]] = {}
        for mover in movers:
            mover.state, mover.due = "held", mover.expires
            since.setdefault(mover.ready if mover.ready < self.now - OVERDUE else None, []).append(mover)
        for moment, alike in since.items():
            self._decide(alike, code, None if moment is None else {"could_leave": moment.isoformat()})

    def _take(self, verdict: Verdict) -> None:
        movers = list(verdict.movers)
        if self.halted and (verdict.outcome or verdict.end_code):
            if halted := [mover for mover in movers if mover.run_id in self.halted]:
                self._hold(halted, "W04")
            movers = [mover for mover in movers if mover.run_id not in self.halted]
            if not movers:
                return
        if verdict.code:
            self._decide(movers, verdict.code, verdict.seen)
        if verdict.end_code is not None:
            self._end(movers, verdict.end_code)
        elif verdict.outcome is None:
            self._rest(movers, verdict.state, verdict.due)
        else:
            self._follow(movers, verdict.outcome)

    def _rest(self, movers: list[Mover], state: str, due: datetime | None) -> None:
        for mover in movers:
            mover.state, mover.outcome = state, None
            mover.due = _at_latest(mover, due) if state == "waiting" else due
        if state == "waiting":
            self._note_rest(movers)

    def _note_rest(self, movers: list[Mover]) -> None:
        for key in (self._timed_exit(movers[0]), self._awaited(movers[0])):
            if key is not None:
                self.timed += [(mover, key) for mover in movers]

    def _leave(self, movers: list[Mover]) -> None:
        """Go on from a rest: by the outcome that an event gave, or by the one that time gives."""
        first = movers[0]
        if first.outcome is not None:
            self._follow(movers, first.outcome)
            return
        kind = step_kind(self.steps[first.version_id, first.step_id].kind)
        outcome, code = kind.when_due if kind else ("next", "")
        if code:
            self._decide(movers, code, None)
        self._follow(movers, outcome)

    def _follow(self, movers: list[Mover], outcome: str) -> None:
        self._count(movers, "passed")
        first = movers[0]
        following = self.steps[first.version_id, first.step_id].outcomes.get(outcome)
        if following is None:
            self._end(movers, "X00")
        else:
            self._arrive(movers, following)

    def _arrive(self, movers: list[Mover], step_id: int) -> None:
        if self.done:
            for mover in movers:
                self._arrive_but_once(mover, step_id)
        else:
            self._arrive_at(movers, step_id)

    def _arrive_but_once(self, mover: Mover, step_id: int) -> None:
        """No step acts twice in a run, however the flow was edited (spec 5.5). Where ways part, it is asked anew."""
        done = self.done.get(mover.run_id, _NOWHERE)
        while step_id in done and len(outcomes := self.steps[mover.version_id, step_id].outcomes) == 1:
            following = next(iter(outcomes.values()))
            if following is None:
                self._end([mover], "X00")
                return
            step_id = following
        self._arrive_at([mover], step_id)

    def _arrive_at(self, movers: list[Mover], step_id: int) -> None:
        for mover in movers:
            mover.step_id, mover.arrived_at, mover.outcome, mover.due = step_id, self.now, None, None
        self._count(movers, "arrived")
        self._come(movers)

    def _come(self, movers: list[Mover]) -> None:
        """They act at their step in the next wave."""
        self.arriving.setdefault((movers[0].version_id, movers[0].step_id), []).extend(movers)

    def _end(self, movers: list[Mover], code: str) -> None:
        for mover in movers:
            mover.state, mover.outcome, mover.due, mover.end_code = "ended", None, None, code
        self._decide(movers, code, None)

    def _decide(self, movers: list[Mover], code: str, seen: Mapping[str, Any] | None) -> None:
        if movers:
            line = self.books.enter(movers, code)
            told = ((line, None if seen is None else _encode(seen).decode()),)
            for mover in movers:
                mover.told += told

    def _count(self, movers: list[Mover], code: str) -> None:
        self.books.enter(movers, code)

    def settle(self) -> None:
        """Write it all down: runs, trail, figures, and the ends as events."""
        if self.timed:
            self._until_they_turn()
        movers, books = self.movers, self.books
        decided = [mover for mover in movers if mover.told]
        told: dict[tuple[tuple[int, str | None], ...], int] = {}
        landings: dict[tuple[Any, ...], int] = {}
        landed = [
            landings.setdefault(
                (m.state, m.outcome, m.step_id, m.due, m.arrived_at, m.end_code, m.version_id), len(landings) + 1
            )
            for m in movers
        ]
        states, outcomes, steps, dues, arrivals, end_codes, versions = map(list, zip(*landings, strict=True))
        places = list(books.places)
        self.tx.run(
            queries.settle,
            now=self.now,
            base=time_uuid(self.now),
            buckets=[mover.bucket for mover in movers],
            contacts=[mover.contact_id for mover in movers],
            runs=[mover.run_id for mover in movers],
            landings=landed,
            states=states,
            outcomes=outcomes,
            steps=steps,
            dues=dues,
            arrivals=arrivals,
            ends=[self.now if state == "ended" else None for state in states],
            end_codes=end_codes,
            versions=versions,
            decided_runs=[mover.place for mover in decided],
            decided_told=[told.setdefault(mover.told, len(told) + 1) for mover in decided],
            told_accounts=[books.accounts[lines[0][0] - 1] for lines in told],
            told_flows=[books.flows[lines[0][0] - 1] for lines in told],
            told_versions=[places[lines[0][0] - 1][0] for lines in told],
            told_codes=["{" + ",".join(places[line - 1][2] for line, _ in lines) + "}" for lines in told],
            told_steps=["{" + ",".join(str(places[line - 1][1]) for line, _ in lines) + "}" for lines in told],
            told_seen=[_all_seen(lines) for lines in told],
            book_accounts=books.accounts,
            book_flows=books.flows,
            book_versions=[version for version, _, _ in places],
            book_steps=[step for _, step, _ in places],
            book_codes=[code for _, _, code in places],
            book_counts=books.counts,
        )
        append(self.tx, self.now, [_ended(mover) for mover in movers if mover.state == "ended"])
        if any(due is not None and due <= self.now for due in dues):
            self.tx.wake("advance")


def _alike(movers: list[Mover]) -> Iterable[list[Mover]]:
    """Groups of those for whom nothing but the contact, the entry and the due time differs."""
    groups: dict[tuple[Any, ...], list[Mover]] = {}
    for m in movers:
        key = (m.flow_id, m.version_id, m.step_id, m.state, m.outcome, m.arrived_at)
        groups.setdefault(key, []).append(m)
    return groups.values()


def _all_seen(lines: tuple[tuple[int, str | None], ...]) -> str | None:
    """As JSON: one element for each code; None when nothing was seen at all."""
    if all(seen is None for _, seen in lines):
        return None
    return f"[{','.join('null' if seen is None else seen for _, seen in lines)}]"


def _due(mover: Mover) -> datetime:
    assert mover.due is not None  # noqa: S101
    return mover.due


def _let_go(movers: list[Mover]) -> None:
    """What was going on when they were held, as overdue.sql has it for those who are not late."""
    first = movers[0]
    late = LET_GO.get(first.state, QUEUED.get(first.state))
    if late is None:
        return
    if first.arrived_at is None or first.outcome == BEFORE:
        state = "arriving"
    else:
        state = "waiting" if first.outcome is None else "leaving"
    for mover in movers:
        mover.state, mover.late = state, late


def _stopped(flow: Any) -> dict[int, str]:
    """Steps where nobody acts → why."""
    return dict.fromkeys(flow.paused_steps, "W05") | dict.fromkeys(flow.broken_points, "W09")


def _rests(kind_key: str) -> bool:
    """Whether people stay at such a step until time or an event lets them go."""
    kind = step_kind(kind_key)
    if kind is None or kind.family != "rule":
        return False
    return kind.rest is not None or kind.arrives_anew or kind.listen is not hears_nothing


class Books:
    """What a batch adds to the figures: a line for each (version, step, code), numbered from 1."""

    __slots__ = ("accounts", "counts", "flows", "places")

    def __init__(self) -> None:
        self.places: dict[tuple[int, int, str], int] = {}
        self.accounts: list[int] = []
        self.flows: list[int] = []
        self.counts: list[int] = []

    def enter(self, movers: list[Mover], code: str) -> int:
        """Count so many more, and return the number of the line."""
        mover = movers[0]
        key = (mover.version_id, mover.step_id, code)
        number = self.places.get(key)
        if number is None:
            number = self.places[key] = len(self.places) + 1
            self.accounts.append(mover.account_id)
            self.flows.append(mover.flow_id)
            self.counts.append(0)
        self.counts[number - 1] += len(movers)
        return number


def _at_latest(mover: Mover, due: datetime | None) -> datetime:
    """No rest outlasts the run's age: a wait without limit ends there too (X12)."""
    return mover.expires if due is None else min(due, mover.expires)


def _steps_done(tx: Transaction, movers: list[Mover], flows: Mapping[int, Any]) -> dict[UUID, frozenset[int]]:
    edited = [mover for mover in movers if (at := flows[mover.flow_id].published_at) and at > mover.entered_at]
    if not edited:
        return {}
    rows = tx.rows(
        queries.steps_done,
        buckets=[mover.bucket for mover in edited],
        contacts=[mover.contact_id for mover in edited],
        runs=[mover.run_id for mover in edited],
        since=min(mover.entered_at for mover in edited),
    )
    return {row.run_id: frozenset(row.steps) for row in rows}


def _contact_zones(tx: Transaction, movers: list[Mover], flows: Mapping[int, Any]) -> dict[UUID, str]:
    wanted = [mover for mover in movers if flows[mover.flow_id].zone == "contact"]
    if not wanted:
        return {}
    rows = tx.rows(
        queries.zones_of_contacts,
        buckets=[mover.bucket for mover in wanted],
        contacts=[mover.contact_id for mover in wanted],
    )
    return {row.contact_id: row.zone for row in rows}


def _ended(mover: Mover) -> NewEvent:
    how = "completed" if mover.end_code == "X00" else "exited"
    payload = events.RunEnded(flow_id=mover.flow_id, run_id=mover.run_id, how=how, code=mover.end_code or "")
    return Arrivals.fact(mover, events.RUN_ENDED, payload, source="system")
