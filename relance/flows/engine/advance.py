"""The advancer only moves runs: it claims those that are due and walks them, set by set, until each rests or ends.

One statement per step *kind* present and per wave, whatever the number of runs or flows; steps that need no waiting
are crossed in the same transaction; at the end one update a run. It never calls the network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from relance.db.front import Front
from relance.db.pool import Database, Transaction
from relance.db.share import Share
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import NewEvent
from relance.flows import events
from relance.flows.engine.set_aside import Isolation, set_run_aside
from relance.flows.engine.tasks import do_tasks, is_asked
from relance.flows.steps.registry import step_kind
from relance.flows.steps.shape import Arrivals, Judge, Mover, PublishedStep, Verdict, hears_nothing
from relance.kernel import clock
from relance.kernel.ids import time_uuid

queries = load_queries(__package__, "advance.sql")

_encode = msgspec.json.Encoder().encode
_NOWHERE: frozenset[int] = frozenset()
_ACCOUNT, _DUE, _LANE, _SLOT, _PART = 3, 11, 15, -2, -1
"""Places in a row of claim_runs."""


AT_ONCE = 1000
"""Runs a batch, about: each queue's part is rounded up."""

BEFORE = "before"
"""Stands for the outcome of a run that was held as it arrived."""

LET_GO = {"held": "", "skipping": "skipping", "ending": "ending"}
"""States of runs that come out of a pause: held for as long as a run may last, or late, with what becomes of a message
that they are about to be sent (steps/act/send_email.py)."""

QUEUED = {"queued" + (late and f" {late}"): late for late in LET_GO.values()}
"""States of runs that were overdue and wait for their turn (W11), with the same."""

OVERDUE = timedelta(minutes=1)
"""What is later than this after a pause, a repair or an outage waits for its turn, in flows with a release rate."""


class Advancer:
    """``batch`` moves up to ``limit`` runs of a share in one transaction and returns how many it claimed."""

    def __init__(self, database: Database, judge: Judge) -> None:
        self._database = database
        self._judge = judge
        self._steps: dict[tuple[int, int], PublishedStep] = {}
        self._numbers: dict[int, int] = {}
        self._versions: set[int] = set()
        self._isolation = Isolation("run")
        self._in_hand: list[Mover] = []
        self._asked = False
        self._front = Front()
        self._looked = self._back = datetime.min.replace(tzinfo=UTC)

    def batch(self, share: Share, limit: int = AT_ONCE) -> int:
        """What changes of flows ask for comes first. A run that cannot be moved is set aside."""
        self._asked = False
        moved = self._isolation.attempt(limit, lambda few: self._batch(share, few), lambda _: self._set_aside(share))
        if not self._asked:
            return moved
        done = do_tasks(self._database, share)
        self._front.forget()  # Who was held is due since then.
        self._looked = clock.now()
        return done + self.batch(share, limit)

    def _batch(self, share: Share, limit: int) -> int:
        with self._database.transaction() as tx:
            self._asked = is_asked(tx, share)
            self._note_look(clock.now())
            if self._asked:
                return 0
            rows = self._claim(tx, share, limit)
            self._in_hand = movers = [Mover(place, row[:-2]) for place, row in enumerate(rows, 1)]
            if movers:
                share.fence(tx)
                # After the claim: an event judged before it lies before every arrival of this batch.
                self._move(tx, clock.now(), movers)
                if _is_cut(rows):
                    tx.wake("advance")
            return len(movers)

    def _claim(self, tx: Transaction, share: Share, limit: int) -> list[tuple[Any, ...]]:
        now = clock.now()
        since = self._front.since(now)
        rows = tx.tuples(
            queries.claim_runs, slot=share.buckets, slots=list(share.slots), now=now, since=since, limit=limit
        )
        self._front.found(now, min((row[_DUE] for row in rows), default=None))
        return rows

    def _note_look(self, now: datetime) -> None:
        """Nobody has looked for a while: what became due meanwhile is overdue. A backlog of work is not."""
        if now - self._looked > OVERDUE:
            self._back = now
        self._looked = now

    def _set_aside(self, share: Share) -> None:
        with self._database.transaction() as tx:
            share.fence(tx)
            set_run_aside(tx, self._in_hand[0])

    def _move(self, tx: Transaction, now: datetime, movers: list[Mover]) -> None:
        flows = _flows(tx, movers)
        self._learn_steps(tx, {mover.version_id for mover in movers} | {flow.follow_id for flow in flows.values()})
        walk = Walk(tx, now, self._steps, self._numbers, self._judge, self._back)
        walk.set_out(movers, flows)
        while walk.arriving:
            walk.wave()
        walk.settle()

    def _learn_steps(self, tx: Transaction, versions: set[int]) -> None:
        if unknown := versions - self._versions:
            for row in tx.rows(queries.steps_of_versions, versions=list(unknown)):
                step = PublishedStep(row.version_id, row.step_id, row.kind, row.args, row.outcomes)
                self._steps[step.version_id, step.step_id] = step
                self._numbers[step.version_id] = row.number
            self._versions |= unknown


class Walk:
    """One batch on its way: who arrives next, what was decided, what to count."""

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
        self.arriving: list[Mover] = []
        self.stopped: dict[int, dict[int, str]] = {}
        self.halted: set[UUID] = set()
        self.rests: dict[tuple[int, int, datetime, str], datetime | None] = {}
        self.books = Books()

    def set_out(self, movers: list[Mover], flows: Mapping[int, Any]) -> None:
        """Everybody's first move: hold, end, leave the step whose rest is over, or arrive at the first one."""
        contact_zones = _contact_zones(self.tx, movers, flows)
        self.done = _steps_done(self.tx, movers, flows)
        self.movers = movers
        self.stopped = {flow.flow_id: _stopped(flow) for flow in flows.values()}
        overdue: dict[int, list[Mover]] = {}
        for mover in movers:
            flow = flows[mover.flow_id]
            mover.zone = contact_zones.get(mover.contact_id, flow.account_zone) if contact_zones else flow.account_zone
            mover.account = flow.account_settings
            mover.expires = mover.entered_at + timedelta(days=flow.max_age)
            waits_for_turn = flow.release_rate is not None and self._is_overdue(mover)
            _let_go(mover)
            if end_code := self._ends_here(mover, flow):
                self._end(mover, end_code)
            elif flow.state == "paused":
                self._halt(mover)
            elif waits_for_turn:
                overdue.setdefault(mover.flow_id, []).append(mover)
            elif self._lags(mover, flow) and not self._change_version(mover, flow.follow_id, flow.placed):
                self._end(mover, "X14")
            elif mover.outcome == BEFORE:
                # Held as it arrived, and let go: only now it acts.
                mover.arrived_at, mover.outcome = self.now, None
                self.arriving.append(mover)
            elif mover.state == "arriving":
                self._arrive(mover, mover.step_id)
            elif self._rests_on(mover):
                continue
            elif code := self._held_after(mover):
                self._hold(mover, code)
            elif self._arrives_anew(mover):
                self.arriving.append(mover)
            else:
                self._leave(mover)
        if overdue:
            self._queue(overdue, flows)

    def _ends_here(self, mover: Mover, flow: Any) -> str | None:
        """Why nothing more comes for this run."""
        if self.now >= mover.expires:
            return "X12"
        if flow.state == "archived":
            return "X13"
        return mover.outcome if mover.outcome is not None and mover.outcome.startswith("X") else None

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
                self._decide(mover, "W11", {"until": turn.isoformat()})

    def _lags(self, mover: Mover, flow: Any) -> bool:
        """In a version before the last one that people go on in. Who is to finish theirs does."""
        return mover.version_id != flow.follow_id and bool(self.numbers[mover.version_id] < flow.follow_number)

    def _change_version(self, mover: Mover, version_id: int, placed: Mapping[str, int | None]) -> bool:
        """Go on in a later version at the same step; from a deleted one, where the publication said, or at the next
        surviving step of the old path (spec 5.5). False: there is none."""
        step_id: int | None = mover.step_id
        while step_id is not None and (version_id, step_id) not in self.steps:
            if str(step_id) in placed:
                step_id = placed[str(step_id)]
                continue
            old = self.steps[mover.version_id, step_id].outcomes
            outcome = mover.outcome if step_id == mover.step_id and mover.outcome in old else next(iter(old), None)
            step_id = old[outcome] if outcome is not None else None
        if step_id is not None and step_id != mover.step_id and mover.arrived_at is not None:
            self._count(mover, "passed")
        mover.version_id = version_id
        if step_id is None:
            return False
        if step_id != mover.step_id:
            mover.step_id, mover.state, mover.outcome = step_id, "arriving", None
        return True

    def _halt(self, mover: Mover) -> None:
        """The flow is paused. Who was woken where the moment may have moved looks whether it has come; who has still to
        wait does, the others hold."""
        step = self.steps.get((mover.version_id, mover.step_id))
        if step is not None and _rests(step.kind) and self._arrives_anew(mover):
            self.halted.add(mover.run_id)
            self.arriving.append(mover)
        else:
            self._hold(mover, "W04")

    def _arrives_anew(self, mover: Mover) -> bool:
        """At a step that looks at the world each time it is woken. It has arrived once: that is not counted again. One
        whose message or call is on its way does not act twice."""
        kind = step_kind(self.steps[mover.version_id, mover.step_id].kind)
        rested = mover.state == "waiting" and mover.outcome is None and mover.arrived_at is not None
        return kind is not None and kind.arrives_anew and rested

    def _rests_on(self, mover: Mover) -> bool:
        """Woken before its rest is over? A changed step counts from the arrival (spec 5.5)."""
        step = self.steps[mover.version_id, mover.step_id]
        kind = step_kind(step.kind)
        if kind is None or kind.rest is None or mover.outcome is not None or mover.arrived_at is None:
            return False
        key = (mover.version_id, mover.step_id, mover.arrived_at, mover.zone)
        if key not in self.rests:
            self.rests[key] = kind.rest(step.args, mover.arrived_at, mover.zone)
        over = self.rests[key]
        if over is not None and over <= self.now:
            return False
        mover.state, mover.due = "waiting", _at_latest(mover, over)
        return True

    def wave(self) -> None:
        """Everybody who has just arrived somewhere acts there: one call per kind of step."""
        kinds: dict[str, list[Mover]] = {}
        for mover in self.arriving:
            kind_key = self.steps[mover.version_id, mover.step_id].kind
            if code := self._held_before(mover, kind_key):
                self._hold(mover, code)
                mover.outcome = BEFORE
            else:
                kinds.setdefault(kind_key, []).append(mover)
        self.arriving = []
        for key, movers in kinds.items():
            kind = step_kind(key)
            if kind is None:
                raise LookupError(f"a published step has the unknown kind {key!r}")
            here = Arrivals(self.tx, self.now, movers, self.steps, self.judge)
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

    def _hold(self, mover: Mover, code: str) -> None:
        """Until it is let go, or too old."""
        mover.state, mover.due = "held", mover.expires
        self._decide(mover, code, None)

    def _take(self, verdict: Verdict) -> None:
        mover = verdict.mover
        if mover.run_id in self.halted and (verdict.outcome or verdict.end_code):
            self._hold(mover, "W04")
            return
        if verdict.code:
            self._decide(mover, verdict.code, verdict.seen)
        if verdict.end_code is not None:
            self._end(mover, verdict.end_code)
        elif verdict.outcome is None:
            due = _at_latest(mover, verdict.due) if verdict.state == "waiting" else verdict.due
            mover.state, mover.outcome, mover.due = verdict.state, None, due
        else:
            self._follow(mover, verdict.outcome)

    def _leave(self, mover: Mover) -> None:
        """Go on from a rest: by the outcome that an event gave, or by the one that time gives."""
        if mover.outcome is not None:
            self._follow(mover, mover.outcome)
            return
        kind = step_kind(self.steps[mover.version_id, mover.step_id].kind)
        outcome, code = kind.when_due if kind else ("next", "")
        if code:
            self._decide(mover, code, None)
        self._follow(mover, outcome)

    def _follow(self, mover: Mover, outcome: str) -> None:
        self._count(mover, "passed")
        following = self.steps[mover.version_id, mover.step_id].outcomes.get(outcome)
        if following is None:
            self._end(mover, "X00")
        else:
            self._arrive(mover, following)

    def _arrive(self, mover: Mover, step_id: int) -> None:
        done = self.done.get(mover.run_id, _NOWHERE) if self.done else _NOWHERE
        while step_id in done and len(outcomes := self.steps[mover.version_id, step_id].outcomes) == 1:
            # No step acts twice in a run, however the flow was edited (spec 5.5). Where ways part, it is asked anew.
            following = next(iter(outcomes.values()))
            if following is None:
                self._end(mover, "X00")
                return
            step_id = following
        mover.step_id, mover.arrived_at, mover.outcome, mover.due = step_id, self.now, None, None
        self._count(mover, "arrived")
        self.arriving.append(mover)

    def _end(self, mover: Mover, code: str) -> None:
        mover.state, mover.outcome, mover.due, mover.end_code = "ended", None, None, code
        self._decide(mover, code, None)

    def _decide(self, mover: Mover, code: str, seen: Mapping[str, Any] | None) -> None:
        mover.told += (self.books.enter(mover, code),)
        if seen is not None:
            mover.seen += ((len(mover.told) - 1, seen),)

    def _count(self, mover: Mover, code: str) -> None:
        self.books.enter(mover, code)

    def settle(self) -> None:
        """Write it all down: runs, trail, figures, and the ends as events."""
        movers, books = self.movers, self.books
        decided = [mover for mover in movers if mover.told]
        told: dict[tuple[int, ...], int] = {}
        texts = Texts()
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
            seen=[texts.of(mover) for mover in decided],
            told_accounts=[books.accounts[lines[0] - 1] for lines in told],
            told_flows=[books.flows[lines[0] - 1] for lines in told],
            told_versions=[places[lines[0] - 1][0] for lines in told],
            told_codes=["{" + ",".join(places[line - 1][2] for line in lines) + "}" for lines in told],
            told_steps=["{" + ",".join(str(places[line - 1][1]) for line in lines) + "}" for lines in told],
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


def _is_cut(rows: list[tuple[Any, ...]]) -> bool:
    """Whether something was left for the next batch: a part that is full, or bulk beside single runs."""
    parts = Counter((row[_SLOT], row[_LANE], row[_ACCOUNT]) for row in rows)
    return len({row[_LANE] for row in rows}) > 1 or any(
        parts[row[_SLOT], row[_LANE], row[_ACCOUNT]] >= row[_PART] for row in rows
    )


def _due(mover: Mover) -> datetime:
    assert mover.due is not None  # noqa: S101
    return mover.due


def _let_go(mover: Mover) -> None:
    """What was going on when somebody was held, as overdue.sql has it for those who are not late."""
    late = LET_GO.get(mover.state, QUEUED.get(mover.state))
    if late is None:
        return
    mover.late = late
    if mover.arrived_at is None or mover.outcome == BEFORE:
        mover.state = "arriving"
    else:
        mover.state = "waiting" if mover.outcome is None else "leaving"


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

    def enter(self, mover: Mover, code: str) -> int:
        """Count one more, and return the number of the line."""
        key = (mover.version_id, mover.step_id, code)
        number = self.places.get(key)
        if number is None:
            number = self.places[key] = len(self.places) + 1
            self.accounts.append(mover.account_id)
            self.flows.append(mover.flow_id)
            self.counts.append(0)
        self.counts[number - 1] += 1
        return number


class Texts:
    """What runs have seen, as JSON: one element for each code they were told. What many share is written once."""

    __slots__ = ("_texts",)

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    def of(self, mover: Mover) -> str | None:
        if not mover.seen:
            return None
        parts = ["null"] * len(mover.told)
        for place, values in mover.seen:
            text = self._texts.get(id(values))
            if text is None:
                text = self._texts[id(values)] = _encode(values).decode()
            parts[place] = text
        return f"[{','.join(parts)}]"


def _at_latest(mover: Mover, due: datetime | None) -> datetime:
    """No rest outlasts the run's age: a wait without limit ends there too (X12)."""
    return mover.expires if due is None else min(due, mover.expires)


def _flows(tx: Transaction, movers: list[Mover]) -> dict[int, Any]:
    flows = list({mover.flow_id for mover in movers})
    return {row.flow_id: row for row in tx.rows(queries.flows_of_batch, flows=flows)}


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
