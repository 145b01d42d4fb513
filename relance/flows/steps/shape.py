"""The shape of a step kind, and what the engine hands it: the runs that have just arrived at steps of that kind.

A kind works on the whole set at once, in SQL, and says how the runs go on: ``cross`` (leave by an outcome), ``rest``
(stay until a moment or an event) or ``end``. Who goes on alike is told in one verdict: what a verdict costs hardly
depends on how many it is about. A kind never writes how a run goes on: the engine does, once per batch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar
from uuid import UUID

from relance.db.pool import Transaction
from relance.db.sql import Query
from relance.events.model import Cause, EventKind, NewEvent, Payload
from relance.flows.definition.settings_types import SendWindow, Settings
from relance.flows.triggers.shape import Listen, Place
from relance.flows.words import Label

S = TypeVar("S", bound=Settings)

Family = Literal["rule", "action"]


class Mover:
    """A claimed run on its way through a batch, made from a row of claim_runs. Mutable: it is the engine's notebook for
    one run. ``place``: its number in the batch, from 1. ``ready``: since when it could have moved on, which is its due
    time. ``account``: the settings of its account. ``told``: what was decided, each a line of the batch's books with
    the values looked at, as JSON. ``slot`` and ``part``: of the queue that it was claimed from."""

    __slots__ = (
        "account",
        "account_id",
        "arrived_at",
        "audience_id",
        "bucket",
        "contact_id",
        "depth",
        "due",
        "end_code",
        "entered_at",
        "expires",
        "flow_id",
        "lane",
        "late",
        "outcome",
        "part",
        "place",
        "ready",
        "run_id",
        "slot",
        "state",
        "step_id",
        "told",
        "trigger_id",
        "version_id",
        "zone",
    )

    bucket: int
    contact_id: UUID
    run_id: UUID
    account_id: int
    audience_id: int
    flow_id: int
    version_id: int
    trigger_id: int | None
    step_id: int
    state: str
    outcome: str | None
    due: datetime | None
    arrived_at: datetime | None
    entered_at: datetime
    expires: datetime
    depth: int
    lane: int
    slot: int
    part: int
    zone: str
    ready: datetime
    account: Mapping[str, Any]
    end_code: str | None
    place: int
    late: str
    told: tuple[tuple[int, str | None], ...]

    def __init__(self, place: int, row: Sequence[Any]) -> None:
        (
            self.bucket,
            self.contact_id,
            self.run_id,
            self.account_id,
            self.audience_id,
            self.flow_id,
            self.version_id,
            self.trigger_id,
            self.step_id,
            self.state,
            self.outcome,
            self.due,
            self.arrived_at,
            self.entered_at,
            self.depth,
            self.lane,
            self.slot,
            self.part,
        ) = row
        self.ready = self.due or self.entered_at
        self.end_code = None
        self.place = place
        self.late = ""
        self.told = ()


@dataclass(frozen=True, slots=True)
class PublishedStep:
    """A row of ``step``: settings as arguments."""

    version_id: int
    step_id: int
    kind: str
    args: Mapping[str, Any]
    outcomes: Mapping[str, int | None]


@dataclass(slots=True)
class Verdict:
    """What became of runs at one step. ``code`` is a B or W code of spec 5.12, "" when there is nothing to tell;
    ``seen`` the values looked at."""

    movers: Sequence[Mover]
    code: str
    outcome: str | None = None
    due: datetime | None = None
    state: str = "waiting"
    seen: Mapping[str, Any] | None = None
    end_code: str | None = None


class Judge(Protocol):
    """Answers conditions: audience/conditions, many contacts and many conditions in one statement. Values that are
    alike are one object. ``search``: a statement that asks them itself (audience/conditions/evaluate.py)."""

    def ask(
        self, tx: Transaction, now: datetime, asked: Sequence[tuple[Mover, int]], contexts: Sequence[Any] | None
    ) -> list[tuple[bool, Mapping[str, Any] | None]]: ...

    def search(
        self, tx: Transaction, statement: Query, conditions: Collection[int], **params: Any
    ) -> Sequence[Any]: ...

    def turns(self, tx: Transaction, now: datetime, asked: Sequence[tuple[Mover, int]]) -> list[datetime | None]:
        """When each answer may change by itself."""
        ...


class Arrivals:
    """The runs that have arrived at steps of one kind, in one transaction.

    ``now`` is read after the runs were claimed, so that an event judged before the claim is before the arrival.
    """

    __slots__ = ("_groups", "judge", "movers", "now", "steps", "tx", "verdicts")

    def __init__(
        self,
        tx: Transaction,
        now: datetime,
        groups: Sequence[tuple[PublishedStep, list[Mover]]],
        steps: Mapping[tuple[int, int], PublishedStep],
        judge: Judge,
    ) -> None:
        self.tx = tx
        self.now = now
        self._groups = groups
        self.movers = [mover for _, movers in groups for mover in movers]
        self.steps = steps
        self.judge = judge
        self.verdicts: list[Verdict] = []

    def args(self, mover: Mover) -> Mapping[str, Any]:
        return self.steps[mover.version_id, mover.step_id].args

    def by_step(self) -> Sequence[tuple[PublishedStep, list[Mover]]]:
        """The movers grouped by the step they are at: a handful of groups, however many people."""
        return self._groups

    def ask(
        self, asked: Sequence[tuple[Mover, int]], contexts: Sequence[Any] | None = None
    ) -> list[tuple[bool, Mapping[str, Any] | None]]:
        """For each (mover, condition id): is it true, and the values seen. ``contexts`` replaces the runs' own."""
        return self.judge.ask(self.tx, self.now, asked, contexts) if asked else []

    @staticmethod
    def cause(mover: Mover) -> Cause:
        """Of whatever this run makes happen at its step (G15)."""
        return Cause(mover.flow_id, mover.run_id, mover.step_id, mover.depth + 1)

    @staticmethod
    def fact(mover: Mover, kind: EventKind, payload: Payload, source: str = "flow") -> NewEvent:
        """An event that this run causes: bulk if the run was moved in bulk."""
        return NewEvent(
            kind,
            payload,
            mover.account_id,
            mover.audience_id,
            mover.contact_id,
            source,
            cause=Arrivals.cause(mover),
            bulk=mover.lane > 0,
        )

    def cross(self, movers: Sequence[Mover], outcome: str, code: str, seen: Mapping[str, Any] | None = None) -> None:
        """Leave the step, at which all of them are, by ``outcome``, in this same transaction."""
        self._say(Verdict(movers, code, outcome=outcome, seen=seen))

    def rest(
        self,
        movers: Sequence[Mover],
        due: datetime | None,
        code: str,
        *,
        state: str = "waiting",
        seen: Mapping[str, Any] | None = None,
    ) -> None:
        """Stay until ``due``, or, when it is None, until an event comes."""
        self._say(Verdict(movers, code, due=due, state=state, seen=seen))

    def end(
        self, movers: Sequence[Mover], end_code: str, code: str = "", seen: Mapping[str, Any] | None = None
    ) -> None:
        """End the runs here with ``end_code``, an X code; ``code`` is what the step itself decided, if anything."""
        self._say(Verdict(movers, code, seen=seen, end_code=end_code))

    def _say(self, verdict: Verdict) -> None:
        if verdict.movers:
            self.verdicts.append(verdict)


@dataclass(frozen=True, slots=True)
class StepPlace:
    """What a step's settings may need to become arguments.

    ``store_condition`` returns the id of a condition; ``changes`` the (event kind, match key) pairs after which a
    condition may have become true, ``is_timed`` whether time alone may make it so; ``event_kind`` and ``triggers`` the
    kinds of a key; ``window`` and ``zone`` the flow's settings.
    """

    place: Place
    store_condition: Callable[[dict[str, Any]], int]
    changes: Callable[[dict[str, Any]], Sequence[tuple[str, str]]]
    is_timed: Callable[[dict[str, Any]], bool]
    event_kind: Callable[[str], EventKind]
    triggers: Callable[[str], Any]
    window: SendWindow | None = None
    zone: str = "account"


def by_zone(movers: Sequence[Mover]) -> dict[str, list[Mover]]:
    """Whose clocks go alike."""
    zones: dict[str, list[Mover]] = {}
    for mover in movers:
        zones.setdefault(mover.zone, []).append(mover)
    return zones


def next_only(_: Any) -> tuple[str, ...]:
    return ("next",)


def hears_nothing(_: Any, __: Any) -> Sequence[Listen]:
    return ()


def awaits_nothing(_: Mapping[str, Any]) -> int | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind(Generic[S]):
    """``outcomes``: the ways out, from the settings. ``args``: what the published row holds, with conditions stored.
    ``listen``: what a run resting here waits for, as subscription rows of purpose "wait". ``arrive`` acts.
    ``when_due``: the outcome, and its code, of a run whose rest is over by the clock. ``rest`` (args, arrival, zone):
    when that is, None for never; asked again before the run goes on, for the step may have been changed (spec 5.5).
    ``arrives_anew``: a run woken from its rest is handed to ``arrive`` once more, with the ``arrived_at`` it has.
    ``moved_by``: the (event kind, match key) pairs after which somebody's rest here may end at another time.
    ``awaited``: from the published row, the id of a condition that time alone may make true, if there is one: it is
    asked at that instant, and whoever rests here then leaves by ``when_true``, an outcome and its code.
    """

    key: str
    label: Label
    family: Family
    settings: type[S]
    arrive: Callable[[Arrivals], None]
    args: Callable[[S, StepPlace], dict[str, Any]]
    outcomes: Callable[[S], tuple[str, ...]] = next_only
    listen: Callable[[S, StepPlace], Sequence[Listen]] = hears_nothing
    when_due: tuple[str, str] = ("next", "")
    rest: Callable[[Mapping[str, Any], datetime, str], datetime | None] | None = None
    arrives_anew: bool = False
    moved_by: Callable[[S, StepPlace], Sequence[tuple[EventKind, str]]] | None = None
    awaited: Callable[[Mapping[str, Any]], int | None] = awaits_nothing
    when_true: tuple[str, str] = ("next", "")

    @property
    def looks_again(self) -> bool:
        """Whoever rests here may be woken early: they look whether their time has come, and else rest on."""
        return self.rest is not None or self.arrives_anew
