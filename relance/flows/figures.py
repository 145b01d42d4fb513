"""How many people: entered, are here now, passed, left, and by which reason. Read from what was counted, never by
counting people (docs/architecture.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.flows.lift import Lift, Rate, lift
from relance.kernel.ids import BUCKETS
from relance.kernel.slots import SLOTS, buckets_of_slot

queries = load_queries(__package__, "figures.sql")

_EVERY = list(range(BUCKETS))
FIRSTS = [buckets_of_slot(number)[0] for number in range(SLOTS)]
"""Where engine/upkeep folds a slot's figures to."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Of a whole flow, since it was first turned on. ``completed`` reached an end (X00), ``left`` ended otherwise."""

    entered: int = 0
    completed: int = 0
    left: int = 0
    goals: int = 0

    @property
    def inside(self) -> int:
        return max(0, self.entered - self.completed - self.left)


@dataclass(frozen=True, slots=True)
class StepFigures:
    """Of one step, over all versions. ``codes``: decisions taken here (W, B, S, X codes) and how often."""

    arrived: int = 0
    passed: int = 0
    codes: Mapping[str, int] = field(default_factory=dict)

    @property
    def here(self) -> int:
        """People who arrived, did not go on and did not leave the flow from here. Who completes here has passed."""
        left = sum(n for code, n in self.codes.items() if code.startswith("X") and code != "X00")
        return max(0, self.arrived - self.passed - left)

    @property
    def finished(self) -> int:
        """For whom the flow ended here, at an end of its path."""
        return self.codes.get("X00", 0)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one flow. ``entries``: trigger id → E code → how often; ``steps``: by step id."""

    totals: Totals
    entries: Mapping[int, Mapping[str, int]]
    steps: Mapping[int, StepFigures]

    def step(self, step_id: int) -> StepFigures:
        return self.steps.get(step_id, StepFigures())

    def entered_by(self, trigger_id: int) -> int:
        return self.entries.get(trigger_id, {}).get("E00", 0)

    def not_entered(self) -> dict[str, int]:
        """Reason → how often, most frequent first."""
        return _ranked((code, n) for codes in self.entries.values() for code, n in codes.items() if code != "E00")

    def not_sent(self) -> dict[str, int]:
        return _ranked(
            (code, n)
            for step in self.steps.values()
            for code, n in step.codes.items()
            if code.startswith("S") and code != "S00"
        )

    def ended(self) -> dict[str, int]:
        """X code → how often, the ends of paths (X00) left out."""
        return _ranked(
            (code, n)
            for step in self.steps.values()
            for code, n in step.codes.items()
            if code.startswith("X") and code != "X00"
        )


@dataclass(frozen=True, slots=True)
class Conversions:
    """Of a flow with a goal: who reached it, of those who entered and of those who were held out (E21).
    ``people_held_out``: all of them, also those whose time is not over."""

    entered: Rate
    held_out: Rate
    people_held_out: int = 0

    @property
    def lift(self) -> Lift | None:
        """None: too few to tell."""
        return lift(self.entered, self.held_out)


def conversions(tx: Transaction, now: datetime, account_id: int, flow_id: int, within: int) -> Conversions:
    """``within``: the days that the goal counts for. Whose time is over is known by the day: a day late at most."""
    counts: dict[str, Counter[bool]] = {}
    rows = tx.rows(
        queries.flow_conversions,
        account_id=account_id,
        flow_id=flow_id,
        firsts=FIRSTS,
        buckets=_EVERY,
        over=now - timedelta(days=within),
    )
    for row in rows:
        counts.setdefault(row.code, Counter())[row.over] += row.n
    return Conversions(
        _rate(counts, "E00", "converted"),
        _rate(counts, "held", "held_converted"),
        sum(counts.get("held", {}).values()),
    )


def _rate(counts: Mapping[str, Mapping[bool, int]], people: str, converted: str) -> Rate:
    reached = counts.get(converted, {})
    return Rate(counts.get(people, {}).get(True, 0) + reached.get(False, 0), sum(reached.values()))


def totals(tx: Transaction, account_id: int, flow_ids: Iterable[int]) -> dict[int, Totals]:
    """Of several flows. One that nobody entered is absent."""
    rows = tx.rows(queries.flow_totals, account_id=account_id, flows=list(flow_ids), firsts=FIRSTS, buckets=_EVERY)
    counts: dict[int, Counter[str]] = {}
    for row in rows:
        counts.setdefault(row.flow_id, Counter())[row.code] += row.n
    return {flow_id: _totals(codes) for flow_id, codes in counts.items()}


def figures(tx: Transaction, account_id: int, flow_id: int) -> Figures:
    """Everything counted about one flow."""
    rows = tx.rows(queries.flow_figures, account_id=account_id, flow_id=flow_id, firsts=FIRSTS, buckets=_EVERY)
    entries: dict[int, Counter[str]] = {}
    steps: dict[int, Counter[str]] = {}
    whole: Counter[str] = Counter()
    for row in rows:
        whole[row.code] += row.n
        if row.code.startswith("E"):
            entries.setdefault(row.trigger_id, Counter())[row.code] += row.n
        elif row.step_id:
            steps.setdefault(row.step_id, Counter())[row.code] += row.n
    return Figures(_totals(whole), entries, {step_id: _step(codes) for step_id, codes in steps.items()})


def _totals(codes: Mapping[str, int]) -> Totals:
    left = sum(n for code, n in codes.items() if code.startswith("X") and code != "X00")
    return Totals(codes.get("E00", 0), codes.get("X00", 0), left, codes.get("goal", 0))


def _step(codes: Counter[str]) -> StepFigures:
    reasons = {code: n for code, n in codes.items() if code not in ("arrived", "passed")}
    return StepFigures(codes["arrived"], codes["passed"], reasons)


def _ranked(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    summed: Counter[str] = Counter()
    for code, n in counts:
        summed[code] += n
    return dict(sorted(summed.items(), key=lambda item: (-item[1], item[0])))
