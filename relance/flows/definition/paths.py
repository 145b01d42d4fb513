"""How long runs take from one step to another: for the warning about asking too early (V17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from relance.flows.definition.durations import SECONDS
from relance.flows.definition.graph import find_circle
from relance.flows.definition.model import Step


def shortest_from(start: Step, steps: Sequence[Step]) -> Mapping[int, int]:
    """For every step after ``start``, the least seconds between leaving ``start`` and arriving there."""
    if find_circle(steps):
        return {}
    by_id = {step.id: step for step in steps}
    least: dict[int, int] = {}
    open_ = [(target, 0) for target in start.outcomes.values() if target in by_id]
    while open_:
        node, seconds = open_.pop()
        if node is None or least.get(node, seconds + 1) <= seconds:
            continue
        least[node] = seconds
        step = by_id[node]
        open_ += [
            (target, seconds + _rest(step, outcome)) for outcome, target in step.outcomes.items() if target in by_id
        ]
    return least


def _rest(step: Step, outcome: str) -> int:
    """How long at least a run rests before it leaves by an outcome."""
    if step.kind == "delay":
        n, unit = step.settings.get("n"), step.settings.get("unit")
        return n * SECONDS.get(str(unit), 0) if isinstance(n, int) else 0
    if outcome == "timed_out":
        return step.settings.get("up_to") or 0
    return 0
