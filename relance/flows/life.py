"""The life of a flow: turn on, pause, resume, drain, archive, delete, add by hand (spec/flows.md 5.2 to 5.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from relance.audience.tell_deleted import tell_deleted
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import NewEvent
from relance.flows import events
from relance.flows.alerts import alert
from relance.flows.broken import heal, look_at_flow
from relance.flows.definition.model import Definition, FlowSettings, read_definition
from relance.flows.definition.publish import FlowRow, settings_of
from relance.flows.definition.publish import publish as write_version
from relance.flows.engine.tasks import ask
from relance.flows.kinds import Kinds
from relance.flows.placing import People, place
from relance.flows.resume import Resume, let_go, triggers_that_let_in
from relance.kernel.errors import Conflict, NotFound

queries = load_queries(__package__, "life.sql")

RUNNING = ("live", "broken", "draining")


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a flow. ``version_id`` is set when a version was published."""

    flow_id: int
    old: str
    new: str
    version_id: int | None = None


def publish(tx: Transaction, now: datetime, kinds: Kinds, flow_id: int, people: People | None = None) -> Change:
    """Publish the draft. A flow that was never live goes live with it: publishing is for people to see it run.

    Raises Conflict when there is no draft, when the flow is archived, or when the triggers or the objective of one that
    runs change (G9).
    The draft has passed its checks (definition/check.py): the caller asks them first. ``people``: what happens to those
    inside. Raises FlowRefused (V23) when they are in a branch that is gone and nobody said where they go on.
    """
    flow = _lock(tx, flow_id)
    if flow.state == "archived":
        raise Conflict("an archived flow is final", where=flow.name, mend="Duplicate it instead.")
    if flow.draft is None:
        raise Conflict("there is no draft to publish", where=flow.name, mend="Change the flow first.")
    people, draft = people or People(), read_definition(flow.draft)
    if flow.state in RUNNING and draft.settings.objective != flow.settings.get("objective", ""):
        raise Conflict("the objective is changed while the flow is paused", where=flow.name, mend="Pause it first.")
    if flow.state in RUNNING and draft.triggers != _published(tx, flow).triggers:
        raise Conflict(
            "triggers are changed while the flow is paused",
            where=flow.name,
            mend="Pause it, publish, and resume: people inside hold meanwhile.",
        )
    placed = place(tx, flow, draft, people)
    moves = people.inside == "move"
    version_id = write_version(tx, now, kinds, _row(flow), draft, moves_people=moves, placed=placed)
    if flow.state in RUNNING and moves:
        _wake_at_changed_steps(tx, now, flow.flow_id, version_id)
    if flow.state in RUNNING:
        _reach_who_rests(tx, now, flow_id, settings_of(flow.settings), draft.settings)
    append(tx, now, [_fact(flow, events.PUBLISHED, events.Published(flow_id=flow_id, version_id=version_id))])
    new = flow.state
    if heal(tx, now, flow, by="user"):
        new = flow.state_before or "live"
    if flow.state == "draft":
        new = "live"
        _arm(tx, now, flow_id)
        _set_state(tx, now, flow, "live")
    return Change(flow_id, flow.state, new, version_id)


def turn_on(tx: Transaction, now: datetime, kinds: Kinds, flow_id: int, answers: Resume | None = None) -> Change:
    """Bring a flow to life: publish a first draft, or resume a paused or draining flow. A live one stays as it is."""
    flow = _lock(tx, flow_id)
    if flow.state == "draft":
        return publish(tx, now, kinds, flow_id)
    if flow.state in ("live", "broken"):
        return Change(flow_id, flow.state, flow.state)
    return resume(tx, now, kinds, flow_id, answers)


def pause(tx: Transaction, now: datetime, flow_id: int) -> Change:
    """People inside hold where they are; who fires a trigger meanwhile is noted as missed (E02)."""
    return _change(tx, now, flow_id, "paused", allowed=RUNNING)


def resume(tx: Transaction, now: datetime, kinds: Kinds, flow_id: int, answers: Resume | None = None) -> Change:
    """From paused or draining to live: triggers are armed anew, what is overdue leaves at once. ``answers``: to the
    questions of a resume. One that was broken before, and still is, is so again at once."""
    flow = _lock(tx, flow_id)
    change = _change(tx, now, flow_id, "live", allowed=("paused", "draining"))
    change = _looked_at(tx, now, kinds, flow, change)
    # An event of the pause may be judged after it: who is let in then comes in straight.
    missed = triggers_that_let_in(tx, flow_id) if answers and answers.missed else []
    _arm(tx, now, flow_id, since=flow.paused_at or now, let_in=missed)
    _let_go(tx, now, flow_id, flow.paused_at, answers)
    return change


def drain(tx: Transaction, now: datetime, kinds: Kinds, flow_id: int) -> Change:
    """Nobody enters any more (E03); people inside go to their end."""
    flow = _lock(tx, flow_id)
    if flow.state == "broken":
        tx.run(queries.drain_broken, flow_id=flow_id, now=now)
        return Change(flow_id, "broken", "broken")
    change = _change(tx, now, flow_id, "draining", allowed=("live", "paused"))
    if change.old == "paused":
        change = _looked_at(tx, now, kinds, flow, change)
        _let_go(tx, now, flow_id, flow.paused_at, None)
    return change


def archive(tx: Transaction, now: datetime, flow_id: int) -> Change:
    """The end: every run ends (X13), reports stay. A flow that never was live has nothing to keep but its draft."""
    change = _change(tx, now, flow_id, "archived", allowed=("draft", "paused", "draining", "broken"))
    tx.run(queries.delete_subscriptions, flow_id=flow_id)
    ask(tx, now, flow_id, "end")
    tell_deleted(tx, now, _find(tx, flow_id).audience_id, "flow", [flow_id])
    return change


def delete(tx: Transaction, now: datetime, flow_id: int) -> None:
    """A draft that was never live goes with its emails, and its name is free. Raises Conflict for any other flow."""
    flow = _lock(tx, flow_id)
    if flow.state != "draft" or flow.version_id is not None:
        mend = "Archive it: its reports stay." if flow.state != "archived" else ""
        raise Conflict("only a draft that was never live is deleted", where=flow.name, mend=mend)
    emails = [row.message_id for row in tx.rows(queries.delete_messages, flow_id=flow_id)]
    tx.run(queries.delete_flow, flow_id=flow_id)
    tell_deleted(tx, now, flow.audience_id, "message", emails)
    tell_deleted(tx, now, flow.audience_id, "flow", [flow_id])


def end_draining(tx: Transaction, now: datetime, flow_id: int) -> bool:
    """The last run of a draining flow has ended: it is paused, and the team is told. False: it drains no more."""
    flow = _lock(tx, flow_id)
    if flow.state != "draining":
        return False
    _set_state(tx, now, flow, "paused", by="system")
    alert(tx, now, flow.account_id, flow_id, "drained", {})
    return True


def add_by_hand(tx: Transaction, now: datetime, flow_id: int, contact_id: UUID, by: str = "user") -> UUID:
    """Add one contact by hand and return the event's id; the dispatcher judges it (trigger 10).

    Raises Conflict when the flow is not live: 409 (10c).
    """
    flow = _find(tx, flow_id)
    if (flow.state_before if flow.state == "broken" else flow.state) != "live":
        raise Conflict(f"contacts are added by hand to a live flow; this one is {flow.state}", where=flow.name)
    payload = events.ContactAdded(flow_id=flow_id, by=by, request_id=str(uuid4()))
    fact = NewEvent(events.CONTACT_ADDED, payload, flow.account_id, flow.audience_id, contact_id, "app")
    return append(tx, now, [fact])[0]


def _change(tx: Transaction, now: datetime, flow_id: int, new: str, *, allowed: tuple[str, ...]) -> Change:
    flow = _lock(tx, flow_id)
    if flow.state == new:
        return Change(flow_id, new, new)
    if flow.state not in allowed:
        raise Conflict(f"a flow that is {flow.state} cannot become {new}", where=flow.name)
    _set_state(tx, now, flow, new)
    return Change(flow_id, flow.state, new)


def _looked_at(tx: Transaction, now: datetime, kinds: Kinds, flow: Any, change: Change) -> Change:
    """A flow that was broken before its pause, in which nobody looks whether it is mended: else people would be held at
    a step that works again until the next look, and what was answered about their late messages would be forgotten."""
    if flow.problems and look_at_flow(tx, now, kinds, flow.flow_id):
        return Change(flow.flow_id, change.old, "broken")
    return change


def _set_state(tx: Transaction, now: datetime, flow: Any, new: str, by: str = "user") -> None:
    tx.run(queries.set_state, flow_id=flow.flow_id, state=new, now=now)
    payload = events.StateChanged(flow_id=flow.flow_id, old=flow.state, new=new, by=by)
    append(tx, now, [_fact(flow, events.STATE_CHANGED, payload)])


def _arm(
    tx: Transaction, now: datetime, flow_id: int, since: datetime | None = None, let_in: Sequence[int] = ()
) -> None:
    tx.run(queries.arm_triggers, flow_id=flow_id, now=now, since=since or now, let_in=list(let_in))
    tx.run(queries.arm_subscriptions, flow_id=flow_id, now=now)


def _wake_at_changed_steps(tx: Transaction, now: datetime, flow_id: int, version_id: int) -> None:
    """People who rest at a step that the published version does not have go on to the next surviving one; those at one
    that it has changed rest as long as it says now, from their arrival (spec 5.5). Not while the flow is paused: people
    who wait there keep hearing what they wait for."""
    ask(tx, now, flow_id, "recheck", version_id)


def _reach_who_rests(tx: Transaction, now: datetime, flow_id: int, old: FlowSettings, new: FlowSettings) -> None:
    """Settings that say until when people rest hold for those who rest already (decision 34)."""
    if new.zone != old.zone:
        ask(tx, now, flow_id, "look_again", args={"zone": True, "everybody": True})
    if new.exit_condition != old.exit_condition:
        ask(tx, now, flow_id, "look_again")
    if new.max_run_age < old.max_run_age:
        ask(tx, now, flow_id, "shorten")


def _let_go(tx: Transaction, now: datetime, flow_id: int, paused_at: datetime | None, answers: Resume | None) -> None:
    """The end of a pause: who was held goes on, also from steps that were changed meanwhile."""
    let_go(tx, now, flow_id, paused_at, answers or Resume())
    flow = _find(tx, flow_id)
    _wake_at_changed_steps(tx, now, flow_id, flow.version_id)
    before = tx.value(queries.definition_at, flow_id=flow_id, at=paused_at)
    if before is not None:
        _reach_who_rests(tx, now, flow_id, read_definition(before).settings, _published(tx, flow).settings)


def _find(tx: Transaction, flow_id: int) -> Any:
    flow = tx.row(queries.find_flow, flow_id=flow_id)
    if flow is None:
        raise NotFound("there is no such flow", where=str(flow_id))
    return flow


def _published(tx: Transaction, flow: Any) -> Definition:
    return read_definition(tx.value(queries.published_definition, version_id=flow.version_id))


def _lock(tx: Transaction, flow_id: int) -> Any:
    flow = tx.row(queries.lock_flow, flow_id=flow_id)
    if flow is None:
        raise NotFound("there is no such flow", where=str(flow_id))
    return flow


def _row(flow: Any) -> FlowRow:
    return FlowRow(flow.flow_id, flow.account_id, flow.audience_id, flow.version_id)


def _fact(flow: Any, kind: Any, payload: Any) -> NewEvent:
    return NewEvent(kind, payload, flow.account_id, flow.audience_id, None, "app")
