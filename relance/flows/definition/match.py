"""Which of the written steps is which of the flow's present ones, so that people inside stay where they are (spec 5.5).

By the written id; else by kind and content; else by kind and place inside the same branch, between steps that are
certain. What could be either is refused: the file says it with ``id:``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from relance.flows.definition.graph import Item, Nested, nest
from relance.flows.definition.model import Definition, Step, Trigger
from relance.flows.definition.resolve import ResolvedTrigger
from relance.flows.definition.traits import traits_of
from relance.kernel.ids import object_id

SAME_ID, SAME_CONTENT, SAME_PLACE, NEW = "same id", "same content", "same place", "new"


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Written steps that could be one of several present ones."""

    written: tuple[Step, ...]
    present: tuple[Step, ...]


@dataclass(slots=True)
class Matches:
    """``ids`` and ``how``: by the number of a written step. ``removed``: present steps that are no more."""

    ids: dict[int, int] = field(default_factory=dict)
    how: dict[int, str] = field(default_factory=dict)
    removed: list[Step] = field(default_factory=list)
    unclear: list[Ambiguous] = field(default_factory=list)


def match_steps(present: Definition, first: int | None, written: Sequence[Step], *, strict: bool) -> Matches:
    """``written`` as ``flatten`` gives them, with their numbers as ids. ``strict``: people may be inside, so steps
    whose content changed are not guessed when their number changed too."""
    matching = _Matching(present.steps, written, strict=strict)
    matching.by_name()
    matching.by_content()
    matching.by_place(nest(present.first, present.steps), nest(first, written))
    return matching.finish()


def content(step: Step) -> bytes:
    """What makes two steps the same."""
    identity = traits_of(step.kind).identity(step.settings)
    return step.kind.encode() + b" " + msgspec.json.encode(identity, order="deterministic")


class _Matching:
    def __init__(self, present: Sequence[Step], written: Sequence[Step], *, strict: bool) -> None:
        self.present = {step.id: step for step in present}
        self.written = {step.id: step for step in written}
        self.strict = strict
        self.found = Matches()
        self.taken: set[int] = set()

    def pair(self, written: Step, present: Step, how: str) -> None:
        self.found.ids[written.id], self.found.how[written.id] = present.id, how
        self.taken.add(present.id)

    def by_name(self) -> None:
        """An id that a file gave, or the number under which `flow show` lists the step."""
        named = {step.name: step for step in self.present.values() if step.name}
        named |= {str(step.id): step for step in self.present.values()}
        for step in self.written.values():
            known = named.get(step.name) if step.name else None
            if known and known.kind == step.kind and known.id not in self.taken:
                self.pair(step, known, SAME_ID)

    def by_content(self) -> None:
        old, new = defaultdict(list), defaultdict(list)
        for step in self.present.values():
            if step.id not in self.taken:
                old[content(step)].append(step)
        for step in self.written.values():
            if step.id not in self.found.ids:
                new[content(step)].append(step)
        for key, steps in new.items():
            if len(steps) == len(old.get(key, ())) == 1:
                self.pair(steps[0], old[key][0], SAME_CONTENT)

    def by_place(self, old: list[Item], new: list[Item]) -> None:
        places = {nested.step.id: nested for nested in _all(old)}
        self.align(_steps(old), _steps(new))
        for nested in _all(new):
            before = places.get(self.found.ids.get(nested.step.id, 0))
            if before is not None:
                for outcome, branch in nested.branches.items():
                    self.align(_steps(before.branches.get(outcome, [])), _steps(branch))

    def align(self, old: list[Step], new: list[Step]) -> None:
        """Pair what is left of two lists, gap by gap between the steps that are certain."""
        place = {step.id: index for index, step in enumerate(old)}
        last, gap = -1, list[Step]()
        for step in new:
            at = place.get(self.found.ids.get(step.id, 0))
            if at is None or at <= last:
                gap.append(step)
                continue
            self.fill(old[last + 1 : at], gap)
            last, gap = at, []
        self.fill(old[last + 1 :], gap)

    def fill(self, old: list[Step], new: list[Step]) -> None:
        old = [step for step in old if step.id not in self.taken]
        new = [step for step in new if step.id not in self.found.ids]
        for kind in dict.fromkeys(step.kind for step in new):
            self.fill_kind([step for step in old if step.kind == kind], [step for step in new if step.kind == kind])

    def fill_kind(self, old: list[Step], new: list[Step]) -> None:
        counts = Counter(content(step) for step in old)
        for key in dict.fromkeys(content(step) for step in new):
            alike = [step for step in new if content(step) == key]
            before = [step for step in old if content(step) == key]
            # A step with an id of its own that nothing has yet says that it is new.
            certain = [step for step in alike if not step.name] if len(alike) > len(before) else alike
            if counts[key] and len(certain) != len(before):
                self.found.unclear.append(Ambiguous(tuple(certain or alike), tuple(before)))
                return
            if counts[key]:
                self.pair_all(certain, before, SAME_CONTENT)
        old = [step for step in old if step.id not in self.taken]
        new = [step for step in new if step.id not in self.found.ids]
        if len(old) != len(new) and any(step.name for step in new):
            new = [step for step in new if not step.name]
        if self.strict and old and new and len(old) != len(new):
            self.found.unclear.append(Ambiguous(tuple(new), tuple(old)))
            return
        self.pair_all(new, old, SAME_PLACE)

    def pair_all(self, new: Sequence[Step], old: Sequence[Step], how: str) -> None:
        for step, before in zip(new, old, strict=False):
            self.pair(step, before, how)

    def finish(self) -> Matches:
        for step in self.written.values():
            if step.id not in self.found.ids:
                self.found.ids[step.id], self.found.how[step.id] = object_id(), NEW
        self.found.removed = [step for step in self.present.values() if step.id not in self.taken]
        return self.found


def _steps(items: list[Item]) -> list[Step]:
    return [item.step for item in items if isinstance(item, Nested)]


def _all(items: list[Item]) -> Iterator[Nested]:
    """In reading order, outer before inner."""
    for item in items:
        if isinstance(item, Nested):
            yield item
            for branch in item.branches.values():
                yield from _all(branch)


def with_ids(steps: Sequence[Step], first: int | None, matches: Matches) -> tuple[int | None, list[Step]]:
    """The written steps under their ids."""
    ids = matches.ids
    renamed = [
        msgspec.structs.replace(
            step,
            id=ids[step.id],
            name="" if step.name == str(ids[step.id]) else step.name,
            outcomes={outcome: ids[target] if target else None for outcome, target in step.outcomes.items()},
        )
        for step in steps
    ]
    return (ids[first] if first else None), renamed


def match_triggers(present: Sequence[Trigger], written: Sequence[ResolvedTrigger]) -> list[Trigger]:
    """A trigger keeps its id when kind, settings and filter are the same, else when its kind is: in their order."""
    left = list(present)
    ids: dict[int, int] = {}
    for exact in (True, False):
        for trigger in written:
            fitting = (known for known in left if _fits(known, trigger, exact=exact))
            if trigger.number not in ids and (known := next(fitting, None)):
                ids[trigger.number] = known.id
                left.remove(known)
    return [
        Trigger(
            id=ids.get(trigger.number) or object_id(),
            kind=trigger.kind,
            settings=trigger.settings,
            filter=trigger.filter,
        )
        for trigger in written
    ]


def _fits(known: Trigger, written: ResolvedTrigger, *, exact: bool) -> bool:
    if known.kind != written.kind:
        return False
    return not exact or (known.settings == written.settings and known.filter == written.filter)
