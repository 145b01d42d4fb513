"""Make, change and delete segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from relance.audience.conditions import Compiled, Limits, Objects, Subjects, check, compile_condition, parse
from relance.audience.conditions import store as keep
from relance.audience.conditions.parse import source_of
from relance.audience.segments import rules, store
from relance.audience.segments.model import Segment
from relance.audience.tell_deleted import tell_deleted
from relance.db.pool import Transaction
from relance.events.append import change_listeners, raise_epoch
from relance.kernel.errors import Conflict, Invalid
from relance.kernel.ids import object_id
from relance.kernel.text import fold

Source = Mapping[str, Any]


def create(
    tx: Transaction, now: datetime, audience_id: int, name: str, source: Source, subjects: Subjects, objects: Objects,
    limits: Limits | None = None,
) -> Segment:  # fmt: skip
    """A segment of everybody for whom a condition holds; it fills slot by slot, and nobody is told of that.

    ``objects``: what the condition may name. Raises Invalid for a condition or a name that will not do, Conflict
    when another segment has the name.
    """
    segment = Segment(object_id(), audience_id, rules.check_name(name), {}, 0, now, now)
    return _save(tx, now, segment, source, _compiled(source, subjects, objects, limits), new=True)


def change(
    tx: Transaction, now: datetime, segment: Segment, subjects: Subjects, objects: Objects, *,
    name: str | None = None, source: Source | None = None, limits: Limits | None = None,
) -> Segment:  # fmt: skip
    """Another name, or another condition: then everybody is asked anew, and neither joining nor leaving is told.

    Raises Invalid, and Conflict when another segment has the name.
    """
    renamed = replace(segment, name=segment.name if name is None else rules.check_name(name))
    wanted = segment.source if source is None else source
    return _save(tx, now, renamed, wanted, _compiled(wanted, subjects, objects, limits), was=segment)


def delete(tx: Transaction, now: datetime, segment: Segment) -> None:
    """Its members go slot by slot; nobody left it. Flows that use it break. Raises Conflict when others name it."""
    tx.run(store.queries.lock_audience, audience_id=segment.audience_id)
    naming = [one for one, named in store.read_uses(tx, segment.audience_id).items() if segment.segment_id in named]
    if naming:
        names = [one.name for one in store.list_segments(tx, segment.audience_id) if one.segment_id in naming]
        raise Conflict(
            f"the segment {segment.name!r} is named by {', '.join(names)}.",
            mend="Change or delete these first.",
            code="in_use",
        )
    raise_epoch(tx)
    tx.run(store.queries.mark_deleted, segment_id=segment.segment_id, now=now)
    store.write_uses(tx, segment.segment_id, ())
    tx.run(store.queries.forget_listeners, segment_id=segment.segment_id)
    store.ask_all(tx, now, [segment.segment_id])
    tell_deleted(tx, now, segment.audience_id, "segment", [segment.segment_id])


def _compiled(source: Source, subjects: Subjects, objects: Objects, limits: Limits | None) -> Compiled:
    problems = check(source, subjects, objects, limits)
    if problems:
        first = problems[0]
        raise Invalid(first.what, where=first.where or "condition", mend=first.mend, code=first.code)
    compiled = compile_condition(source, subjects, objects)
    rules.check_outside_runs(compiled)
    return compiled


def _save(
    tx: Transaction, now: datetime, segment: Segment, source: Source, compiled: Compiled, *,
    new: bool = False, was: Segment | None = None,
) -> Segment:  # fmt: skip
    tx.run(store.queries.lock_audience, audience_id=segment.audience_id)
    named = rules.names_segments(source)
    uses = {**store.read_uses(tx, segment.audience_id), segment.segment_id: named}
    rules.check_no_circle(segment.segment_id, named, uses)
    condition_id, folded = keep(tx, segment.audience_id, source, compiled), fold(segment.name)
    if store.name_is_taken(tx, segment, folded) or (new and not store.insert(tx, now, segment, folded, condition_id)):
        raise Conflict(
            f"the segment {segment.name!r} exists already.", where="name", mend="Choose another.", code="name_taken"
        )
    levels = rules.levels(uses)
    saved = replace(segment, source=source_of(parse(source)), level=levels[segment.segment_id], changed_at=now)
    if was is not None:
        store.update(tx, now, segment, folded, condition_id)
    if was is None or saved.source != was.source:
        store.write_uses(tx, segment.segment_id, named)
        store.set_levels(tx, levels)
        change_listeners(tx)
        store.write_listeners(tx, segment, rules.listens(compiled))
        store.ask_all(tx, now, {segment.segment_id, *rules.above(segment.segment_id, uses)})
    return saved
