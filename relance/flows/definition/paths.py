"""How long runs take from one step to another: for the warning about asking too early (V17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from relance.flows.definition.graph import find_circle
from relance.flows.definition.model import Step
from relance.flows.definition.traits import traits_of


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
        rests = traits_of(step.kind).rests
        open_ += [
            (target, seconds + rests(step.settings, outcome))
            for outcome, target in step.outcomes.items()
            if target in by_id
        ]
    return least
