"""People inside at a publication: they move, or finish their version; those in a deleted branch are asked for (5.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.flows.definition.graph import reachable
from relance.flows.definition.model import Definition, Step, read_definition
from relance.flows.definition.problems import FlowRefused, problem
from relance.flows.figures import figures

queries = load_queries(__package__, "placing.sql")

Inside = Literal["move", "finish_old"]
Destination = Literal["after_join", "other_branch", "exit"]
INSIDE: tuple[Inside, ...] = ("move", "finish_old")
DESTINATIONS: tuple[Destination, ...] = ("after_join", "other_branch", "exit")


@dataclass(frozen=True, slots=True)
class People:
    """``inside``: whether people go on in the new version. ``removed``: where those of a deleted branch go on; None
    refuses when there are any (V23)."""

    inside: Inside = "move"
    removed: Destination | None = None


def place(tx: Transaction, flow: Any, new: Definition, people: People) -> dict[str, int | None]:
    """Step that is gone → where its people go on, None for an exit (X14). What is not named goes on at the next
    surviving step of its old path, which is after the join. Raises FlowRefused (V23)."""
    last = tx.row(queries.last_version, flow_id=flow.flow_id)
    if last is None or people.inside == "finish_old":
        return {}
    ids = {step.id for step in new.steps}
    kept = {
        step_id: target
        for step_id, target in last.placed.items()
        if int(step_id) not in ids and (target is None or target in ids)
    }
    return kept | _removed(tx, flow, read_definition(last.definition), new, people.removed)


def _removed(
    tx: Transaction, flow: Any, old: Definition, new: Definition, destination: Destination | None
) -> dict[str, int | None]:
    branches = dict(removed_branches(old, new))
    if not branches:
        return {}
    if destination is None:
        counted = figures(tx, flow.account_id, flow.flow_id)
        if inside := sum(counted.step(step_id).here for step_id in branches):
            what = f"people are inside a branch that is gone: {inside}"
            mend = "Say where they go on: after_join, other_branch or exit."
            raise FlowRefused([problem("V23", what, mend=mend)], where=flow.name)
    match destination:
        case "exit":
            return {str(step_id): None for step_id in branches}
        case "other_branch":
            return {str(step_id): target for step_id, target in branches.items()}
    return {}


def removed_branches(old: Definition, new: Definition) -> Iterator[tuple[int, int | None]]:
    """Deleted steps that lay in a way which is no more, each with the first step of another way of the same rule."""
    present = {step.id: step for step in new.steps}
    for step in old.steps:
        targets = {target for target in step.outcomes.values() if target is not None}
        if len(targets) < 2 and None not in step.outcomes.values():
            continue
        rule = present.get(step.id)
        for outcome, target in step.outcomes.items():
            if target is None or (rule is not None and outcome in rule.outcomes):
                continue
            elsewhere = {found for other in targets - {target} for found in reachable(other, old.steps)}
            for found in reachable(target, old.steps) - elsewhere - set(present):
                yield found, _other(step, rule, outcome, set(present))


def _other(step: Step, rule: Step | None, outcome: str, present: set[int]) -> int | None:
    ways = rule.outcomes if rule is not None else {key: to for key, to in step.outcomes.items() if key != outcome}
    return next((target for target in ways.values() if target in present), None)
