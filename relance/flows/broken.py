"""A live flow whose objects are gone is broken: its sound triggers go on, the others refuse (E04), people hold where a
step cannot work (W09). It heals by itself (spec/flows.md 5.2, G14)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from relance.db.pool import Json, Transaction
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import NewEvent
from relance.flows import events
from relance.flows.alerts import alert
from relance.flows.definition.apply import check_flow
from relance.flows.definition.model import Definition
from relance.flows.definition.problems import Problem, problem
from relance.flows.definition.traits import traits_of
from relance.flows.engine.tasks import ask
from relance.flows.kinds import Kinds
from relance.flows.store import Flow, published_of
from relance.kernel.errors import NotFound

queries = load_queries(__package__, "broken.sql")

BREAKING = frozenset({"V06", "V07", "V10", "V11", "V12"})
"""What can go wrong with a flow that nobody has changed: an object or a prerequisite is gone. A limit that was lowered
since breaks nothing."""


def look_at_audiences(tx: Transaction, now: datetime, kinds: Kinds, audiences: Collection[int]) -> int:
    """Every live, draining and broken flow of the audiences; returns how many changed their state."""
    flows = tx.rows(queries.lock_flows_to_look_at, audiences=sorted(audiences))
    return sum(look_at_flow(tx, now, kinds, row.flow_id) for row in flows)


def look_at_flow(tx: Transaction, now: datetime, kinds: Kinds, flow_id: int) -> bool:
    """Whether its state has changed."""
    row = tx.row(queries.lock_running, flow_id=flow_id)
    if row is None:
        return False
    flow = msgspec.convert(row._asdict(), Flow)
    definition = published_of(tx, flow) or Definition()
    found = _problems(tx, kinds, row.account_settings, flow, definition)
    if found:
        return _break(tx, now, flow, found, _points(flow, definition, found))
    return heal(tx, now, flow)


def heal(tx: Transaction, now: datetime, flow: Any, by: str = "system") -> bool:
    """Back to the state before; who was held goes on. A flow that is not broken stays as it is."""
    if flow.state == "broken":
        new = flow.state_before or "live"
        tx.run(queries.set_sound, flow_id=flow.flow_id, state=new, now=now)
        _tell(tx, now, flow, new, None, by)
        ask(tx, now, flow.flow_id, "release")
        return True
    if flow.problems:
        # Broken before a pause, and mended in it.
        tx.run(queries.set_sound, flow_id=flow.flow_id, state=flow.state, now=now)
        if flow.broken_points:
            ask(tx, now, flow.flow_id, "release")
    return False


def broken_flows(tx: Transaction) -> list[int]:
    """The audiences of flows that may heal, or that were broken while nobody looked at them."""
    return [row.audience_id for row in tx.rows(queries.audiences_of_broken)]


def _break(tx: Transaction, now: datetime, flow: Flow, found: Sequence[Problem], points: Sequence[int]) -> bool:
    told = msgspec.to_builtins(found)
    newly = flow.state != "broken"
    tx.run(
        queries.set_broken,
        flow_id=flow.flow_id,
        state_before=flow.state if newly else flow.state_before,
        problems=Json(told),
        points=list(points),
        now=now,
    )
    if newly:
        _tell(tx, now, flow, "broken", found[0].code, "system")
        alert(tx, now, flow.account_id, flow.flow_id, "broken", {"problems": told})
    if set(flow.broken_points) - set(points):
        ask(tx, now, flow.flow_id, "release")
    return newly


def _problems(
    tx: Transaction, kinds: Kinds, account_settings: Mapping[str, Any], flow: Flow, definition: Definition
) -> list[Problem]:
    try:
        found = check_flow(tx, kinds, account_settings, flow, definition)
    except NotFound:
        return [problem("V06", "the audience it belongs to is not there", mend="Archive the flow.")]
    return [one for one in found if one.code in BREAKING and one.at != "warning"]


def _points(flow: Flow, definition: Definition, found: Sequence[Problem]) -> list[int]:
    """The triggers and steps that do not work."""
    return sorted({point for one in found for point in _concerned(flow, definition, one)})


def _concerned(flow: Flow, definition: Definition, found: Problem) -> Iterator[int]:
    """A setting of the flow as a whole concerns whatever asks it. Exit and goal concern no point: people move on."""
    whose = found.where.partition(",")[0]
    if found.point is not None:
        yield found.point
        return
    if whose in ("entry_filter", ""):
        yield flow.flow_id  # Under this id other flows start it.
        yield from (trigger.id for trigger in definition.triggers)
    if whose in ("continue_only_if", ""):
        yield from (step.id for step in definition.steps if not whose or traits_of(step.kind).email)


def _tell(tx: Transaction, now: datetime, flow: Any, new: str, code: str | None, by: str) -> None:
    payload = events.StateChanged(flow_id=flow.flow_id, old=flow.state, new=new, by=by, problem=code)
    append(tx, now, [NewEvent(events.STATE_CHANGED, payload, flow.account_id, flow.audience_id, None, "system")])
