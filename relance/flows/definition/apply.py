"""A flow file becomes the draft of the flow of its name; what is wrong with a draft is told (spec 3, 5.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from relance.audience import audiences, tags
from relance.audience.audiences import Audience
from relance.db.pool import Transaction
from relance.flows import store
from relance.flows.definition.around import read_names, read_surroundings
from relance.flows.definition.check import Surroundings, check
from relance.flows.definition.export import differences, export
from relance.flows.definition.file import WrittenFlow
from relance.flows.definition.graph import flatten
from relance.flows.definition.match import Ambiguous, Matches, match_steps, match_triggers, with_ids
from relance.flows.definition.model import Definition, Step
from relance.flows.definition.names import near
from relance.flows.definition.problems import FlowRefused, Problem, problem, refusing
from relance.flows.definition.resolve import Resolved, ResolvedStep, notes, resolve
from relance.flows.kinds import Kinds
from relance.kernel.errors import Conflict
from relance.kernel.ids import object_id
from relance.kernel.text import fold


@dataclass(frozen=True, slots=True)
class Match:
    """How one written step found its id: new, same id, same content or same place."""

    number: int
    kind: str
    label: str
    how: str
    step_id: int
    line: int


@dataclass(frozen=True, slots=True)
class Removed:
    step_id: int
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Applied:
    """``created``: the flow is new; ``changed``: the draft is not what was there before; ``revision``: of the draft.
    ``problems`` keep the draft from going live, or are warnings."""

    flow_id: int
    name: str
    state: str
    created: bool
    changed: bool
    matches: list[Match]
    removed: list[Removed]
    created_tags: list[str]
    problems: list[Problem]
    revision: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a file would make of the flow."""

    flow: store.Flow | None
    flow_id: int
    audience: Audience
    around: Surroundings
    definition: Definition
    present: Definition
    resolved: Resolved
    matches: Matches
    problems: list[Problem]


def check_file(
    tx: Transaction, kinds: Kinds, account_id: int, account_settings: Mapping[str, Any], written: WrittenFlow
) -> list[Problem]:
    """Everything that is wrong with a flow file here and now, in the order of its lines. Changes nothing."""
    try:
        plan = _plan(tx, kinds, account_id, account_settings, written)
    except FlowRefused as refused:
        return list(refused.problems)
    return [*plan.problems, *notes(plan.around.names)]


def apply(
    tx: Transaction,
    now: datetime,
    kinds: Kinds,
    account_id: int,
    account_settings: Mapping[str, Any],
    written: WrittenFlow,
    *,
    replace: bool = False,
) -> Applied:
    """Make or update the draft. Raises FlowRefused when it cannot be saved, Conflict when the flow is another's, or
    when the draft was changed since the file was written from it and ``replace`` does not say that this may be lost.

    Tags and emails that the file names and that are missing are made.
    """
    plan = _plan(tx, kinds, account_id, account_settings, written, lock=True)
    if refusing(plan.problems, "save"):
        raise FlowRefused(refusing(plan.problems, "save"), where=written.source)
    if not replace:
        _refuse_stale(tx, written, plan)
    created_tags = sorted(plan.around.names.new_tags.values())
    if created_tags:
        tags.find_or_create(tx, now, plan.audience.audience_id, created_tags)
        # The tags have their ids now: read the file again with them.
        plan = _plan(tx, kinds, account_id, account_settings, written, lock=True, flow_id=plan.flow_id)
    changed = _save(tx, now, account_id, written, plan)
    return Applied(
        flow_id=plan.flow_id,
        name=written.name,
        state=plan.flow.state if plan.flow else "draft",
        created=plan.flow is None,
        changed=changed,
        matches=_told(plan),
        removed=[Removed(step.id, step.kind, label_of(step)) for step in plan.matches.removed],
        created_tags=created_tags,
        problems=plan.problems,
        revision=(plan.flow.draft_rev if plan.flow else 0) + changed,
    )


def check_flow(
    tx: Transaction, kinds: Kinds, account_settings: Mapping[str, Any], flow: store.Flow, definition: Definition
) -> list[Problem]:
    """What is wrong with a stored definition: asked before publication and turn-on."""
    audience = audiences.get(tx, flow.account_id, flow.audience_id)
    return check(definition, read_surroundings(tx, kinds, audience, account_settings, flow.flow_id))


def check_turn_on(
    tx: Transaction,
    kinds: Kinds,
    account_settings: Mapping[str, Any],
    flow: store.Flow,
    *,
    published: bool = False,
) -> list[Problem]:
    """The warnings of what is about to go live: the draft, or with ``published`` the version that people go through.

    Raises FlowRefused when something keeps it from that.
    """
    definition = (store.published_of(tx, flow) if published else None) or store.definition_of(tx, flow)
    found = check_flow(tx, kinds, account_settings, flow, definition)
    if refused := refusing(found, "turn-on"):
        raise FlowRefused(refused, where=flow.name)
    return found


def _plan(
    tx: Transaction,
    kinds: Kinds,
    account_id: int,
    account_settings: Mapping[str, Any],
    written: WrittenFlow,
    *,
    lock: bool = False,
    flow_id: int | None = None,
) -> _Plan:
    find = store.lock_flow if lock else store.find_flow
    flow = find(tx, account_id, written.name)
    if flow is not None and flow.state == "archived":
        flow = None
    audience = _audience(tx, account_id, written)
    if flow is not None and flow.audience_id != audience.audience_id:
        what = f"the flow {flow.name!r} belongs to another audience, and that never changes"
        raise Conflict(what, where=written.source, mend="Give the new flow another name.")
    around = read_surroundings(tx, kinds, audience, account_settings, flow.flow_id if flow else None)
    resolved = resolve(written, around.names)
    present = store.definition_of(tx, flow) if flow else Definition()
    first, steps = flatten(resolved.steps)
    matches = match_steps(present, first, steps, strict=bool(flow and flow.version_id))
    first, steps = with_ids(steps, first, matches)
    definition = Definition(
        triggers=match_triggers(present.triggers, resolved.triggers),
        first=first,
        steps=steps,
        settings=resolved.settings,
    )
    lines = _lines(resolved, definition, matches)
    found = [_placed(one, lines, written) for one in _joined(resolved.problems, check(definition, around))]
    found += [_unclear(one, resolved) for one in matches.unclear]
    problems = sorted(found, key=lambda one: (one.line or 1_000_000, one.column))
    new_id = flow.flow_id if flow else flow_id or object_id()
    return _Plan(flow, new_id, audience, around, definition, present, resolved, matches, problems)


def _audience(tx: Transaction, account_id: int, written: WrittenFlow) -> Audience:
    audience = audiences.by_name(tx, account_id, written.audience)
    if audience is None:
        known = [known.name for known in audiences.all(tx, account_id)]
        listed = ", ".join(repr(name) for name in known[:10])
        there = f"There are: {listed}." if known else "Make one first."
        mend = near(written.audience, known) or there
        spot = written.spots.get("audience")
        what = f"there is no audience {written.audience!r}"
        line = spot.line if spot else 0
        raise FlowRefused([problem("V06", what, mend=mend, line=line, at="save")], where=written.source)
    return audience


def _joined(reading: list[Problem], checking: Iterable[Problem]) -> list[Problem]:
    """What the file's reader told is not told again by the check of what it read."""
    told = [(one.where, one.code) for one in reading]

    def again(found: Problem) -> bool:
        return found.code in ("V06", "V09", "V15", "invalid") and any(
            found.where == where or (found.where.startswith(where) and found.code == code) for where, code in told
        )

    return [*reading, *(found for found in checking if not again(found))]


def _lines(resolved: Resolved, definition: Definition, matches: Matches) -> dict[int, int]:
    """Point id → line."""
    lines = {matches.ids[step.number]: step.spot.line for step in _all_steps(resolved.steps) if step.number}
    for trigger, read in zip(definition.triggers, resolved.triggers, strict=True):
        lines[trigger.id] = read.spot.line
    return lines


def _all_steps(steps: Sequence[ResolvedStep]) -> Iterable[ResolvedStep]:
    for step in steps:
        yield step
        for branch in step.branches.values():
            yield from _all_steps(branch)


def _placed(found: Problem, lines: dict[int, int], written: WrittenFlow) -> Problem:
    if found.line:
        return found
    line = lines.get(found.point or 0, 0)
    if not line and written.settings is not None:
        spot = written.settings.spots.get(found.where.partition(",")[0])
        line = spot.line if spot else 0
    return msgspec.structs.replace(found, line=line) if line else found


def _unclear(found: Ambiguous, resolved: Resolved) -> Problem:
    numbers = {step.id for step in found.written}
    spots = [step.spot for step in _all_steps(resolved.steps) if step.number in numbers]
    candidates = " or ".join(f"id: {step.id}" for step in found.present)
    kind = found.written[0].kind
    what = f"this {kind} could be any of {len(found.present)} steps that the flow has"
    if len(found.present) == 1:
        what = f"several {kind} steps could be the one that the flow has"
    mend = f"Say which: write {candidates} at one of them, and another id: at those that are new."
    return problem("invalid", what, mend=mend, line=spots[0].line if spots else 0)


def _refuse_stale(tx: Transaction, written: WrittenFlow, plan: _Plan) -> None:
    """Two people who edit the same draft: the second is told what the first has saved (spec 5.5)."""
    flow = plan.flow
    if flow is None or written.revision in (None, flow.draft_rev) or plan.definition == plan.present:
        return
    now_there = export(
        flow.name, written.audience, plan.present, read_names(tx, plan.audience.audience_id, flow.flow_id)
    )
    of_file = export(written.name, written.audience, plan.definition, plan.around.names)
    names = f"draft, revision {flow.draft_rev}", f"file, revision {written.revision}"
    lines = "\n".join(differences(now_there, of_file, *names))
    raise Conflict(
        f"the draft was changed since this file was written. What differs:\n{lines}\n",
        where=written.source or flow.name,
        mend="Export the flow again and make your changes there; or --replace to let the file win.",
    )


def _save(tx: Transaction, now: datetime, account_id: int, written: WrittenFlow, plan: _Plan) -> bool:
    if plan.flow is None:
        free = store.insert_flow(
            tx,
            now,
            flow_id=plan.flow_id,
            account_id=account_id,
            audience_id=plan.audience.audience_id,
            name=written.name,
            draft=plan.definition,
        )
        if not free:
            raise Conflict("the flow was made at the same moment", where=written.name, mend="Apply the file again.")
        _make_messages(tx, now, account_id, plan)
        return True
    _make_messages(tx, now, account_id, plan)
    if plan.definition == plan.present and plan.flow.name == written.name:
        return False
    same = plan.definition == store.published_of(tx, plan.flow)
    store.save_draft(tx, now, plan.flow_id, written.name, None if same else plan.definition)
    return True


def _make_messages(tx: Transaction, now: datetime, account_id: int, plan: _Plan) -> None:
    for message_id, name in plan.around.names.new_messages.items():
        tx.run(
            store.queries.insert_message,
            message_id=message_id,
            account_id=account_id,
            audience_id=plan.audience.audience_id,
            flow_id=plan.flow_id,
            name=name,
            folded=fold(name),
            now=now,
        )


def label_of(step: Step) -> str:
    """What tells a step from others of its kind: its label, its id in the file, or the name of its email."""
    content = step.settings.get("content")
    return step.label or step.name or (content.get("name", "") if isinstance(content, dict) else "")


def _told(plan: _Plan) -> list[Match]:
    by_id = {step.id: step for step in plan.definition.steps}
    told = []
    for step in _all_steps(plan.resolved.steps):
        if step.number:
            step_id = plan.matches.ids[step.number]
            how = plan.matches.how[step.number]
            told.append(Match(step.number, step.kind, label_of(by_id[step_id]), how, step_id, step.spot.line))
    return told
