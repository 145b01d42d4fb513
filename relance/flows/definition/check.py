"""Everything that is wrong with a flow (spec section 3). Pure: what there is around it comes as a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from relance.audience.conditions import FieldShape, Limits, Objects, Subjects
from relance.audience.conditions import check as check_condition
from relance.audience.conditions.model import Leaf
from relance.audience.conditions.parse import leaves, parse
from relance.flows.definition.check_messages import check_messages
from relance.flows.definition.durations import SECONDS, write_seconds
from relance.flows.definition.graph import find_circle, outcomes_of, reachable
from relance.flows.definition.limits import FlowLimits
from relance.flows.definition.model import Definition, Listener, Step, Trigger
from relance.flows.definition.names import Names
from relance.flows.definition.paths import shortest_from
from relance.flows.definition.problems import Problem, problem
from relance.flows.definition.refs import refs_of
from relance.flows.definition.settings_form import FASTEST_RELEASE, MOST_HELD_OUT, SHORTEST_WAIT
from relance.flows.definition.traits import traits_of
from relance.flows.steps.registry import step_kind
from relance.flows.steps.shape import StepKind, hears_nothing
from relance.flows.steps.wait.wait_until import is_date
from relance.flows.triggers.registry import trigger_kind
from relance.flows.triggers.shape import TriggerKind
from relance.kernel.errors import Invalid
from relance.kernel.openings import SPAN, read_hours
from relance.messages.links import link_id
from relance.messages.templates.hrefs import read_links

SOON = 4 * 3600
"""Seconds: people need time to open an email (V17)."""

FIELD_TYPES = {
    "birthday": ("birthday",), "date_specific": ("date",), "date_recurring": ("date",),
    "wait_until": ("date", "birthday"),
}  # fmt: skip
"""Kinds whose field must be of a type."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a flow stands in: its audience (``names``, ``sender``), the account's ``limits``, the subjects there are."""

    names: Names
    subjects: Subjects
    sender: Mapping[str, Any] = field(default_factory=dict)
    limits: FlowLimits = field(default_factory=FlowLimits)


TriggerKinds = Callable[[str], TriggerKind[Any] | None]
StepKinds = Callable[[str], StepKind[Any] | None]


def check(
    definition: Definition,
    around: Surroundings,
    *,
    trigger_kinds: TriggerKinds = trigger_kind,
    step_kinds: StepKinds = step_kind,
) -> list[Problem]:
    """Problems in the order of the flow; an empty list: it can go live."""
    return list(_Check(definition, around, trigger_kinds, step_kinds).everything())


class _Check:
    def __init__(
        self, definition: Definition, around: Surroundings, trigger_kinds: TriggerKinds, step_kinds: StepKinds
    ) -> None:
        self.flow, self.around = definition, around
        self.trigger_kinds, self.step_kinds = trigger_kinds, step_kinds
        self.links = _links(definition, around.names)
        self.objects = _objects(around.names, self.links)

    def everything(self) -> Iterator[Problem]:
        yield from self.triggers()
        yield from self.graph()
        for number, step in enumerate(self.flow.steps, 1):
            yield from self.step(step, f"step {number} ({step.kind})")
        yield from check_messages(self.flow, self.around.names, self.around.sender, self.trigger_kinds)
        yield from self.settings()
        yield from self.warnings()

    # Triggers

    def triggers(self) -> Iterator[Problem]:
        flow, limit = self.flow, self.around.limits.triggers
        if not flow.triggers:
            yield problem("V09", "the flow has no trigger", mend="Add one, such as manual.")
        if len(flow.triggers) > limit:
            yield problem("V04", f"{len(flow.triggers)} triggers, at most {limit} are allowed", mend="Take some out.")
        for number, trigger in enumerate(flow.triggers, 1):
            where = f"trigger {number} ({trigger.kind})"
            kind = self.trigger_kinds(trigger.kind)
            if kind is None:
                yield problem("V06", f"there is no trigger kind {trigger.kind!r}", where=where, point=trigger.id)
                continue
            yield from self.listens(kind, trigger.settings, where, trigger.id)
            if trigger.filter is not None:
                yield from self.condition(trigger.filter, f"{where}, filter", trigger.id)
            yield from self.beside(kind, number, where)

    def beside(self, kind: TriggerKind[Any], number: int, where: str) -> Iterator[Problem]:
        """V01, V02, V05: each pair is told once, at its second trigger."""
        trigger = self.flow.triggers[number - 1]
        for before in self.flow.triggers[: number - 1]:
            other = self.trigger_kinds(before.kind)
            if other is None:
                continue
            if before.kind == trigger.kind and (kind.once_per_flow or _same(before, trigger)):
                what = f"{trigger.kind} stands twice" + ("" if kind.once_per_flow else " with the same settings")
                yield problem("V05", what, where=where, mend="Take one out.", point=trigger.id)
            elif before.kind in kind.excludes or trigger.kind in other.excludes:
                code = "V02" if "date_specific" in (before.kind, trigger.kind) else "V01"
                what = f"{trigger.kind} cannot stand beside {before.kind}"
                yield problem(code, what, where=where, mend="Make two flows of them.", point=trigger.id)

    # Steps

    def graph(self) -> Iterator[Problem]:
        flow, limit = self.flow, self.around.limits.steps
        if not flow.steps:
            yield problem("V09", "the flow has no step", mend="Add one, such as send_email.")
            return
        if len(flow.steps) > limit:
            yield problem("V15", f"{len(flow.steps)} steps, at most {limit} are allowed", mend="Make two flows of it.")
        kinds = [self.step_kinds(step.kind) for step in flow.steps]
        waits = sum(1 for kind in kinds if kind is not None and kind.listen is not hears_nothing)
        most = self.around.limits.waits
        if waits > most:
            yield problem("V15", f"{waits} wait_for_trigger steps, at most {most} are allowed", mend="Take some out.")
        ids = {step.id for step in flow.steps}
        names = {step.id: f"step {number} ({step.kind})" for number, step in enumerate(flow.steps, 1)}
        if len(ids) < len(flow.steps) or (flow.first is not None and flow.first not in ids):
            yield problem("V08", "steps have ids of their own, and one of them is the first")
            return
        if circle := find_circle(flow.steps):
            told = ", ".join(names[step_id] for step_id in circle)
            yield problem("V08", f"steps lead in a circle: {told}", mend="Let people re-enter.", point=circle[0])
        found = reachable(flow.first, flow.steps)
        for step in flow.steps:
            where = names[step.id]
            if step.id not in found:
                yield problem("V08", "nothing leads here", where=where, mend="Connect it.", point=step.id)
            expected = set(outcomes_of(step.kind, step.settings))
            for outcome, target in step.outcomes.items():
                if target is not None and target not in ids:
                    yield problem("V08", f"{outcome} leads to no step", where=where, point=step.id)
                if outcome not in expected:
                    yield problem("V08", f"there is no way {outcome!r} out of it", where=where, point=step.id)

    def step(self, step: Step, where: str) -> Iterator[Problem]:
        kind = self.step_kinds(step.kind)
        if kind is None:
            yield problem("V22", f"there is no step kind {step.kind!r}", where=where, point=step.id)
            return
        yield from self.fits(kind.settings, step.settings, where, step.id)
        yield from self.refs(kind, step.settings, where, step.id)
        yield from self.allowed(kind, where, step)
        if check_kind := _STEP_CHECKS.get(step.kind):
            yield from check_kind(self, step, where)

    def allowed(self, kind: StepKind[Any], where: str, step: Step) -> Iterator[Problem]:
        """V03, V22, V26: the table of steps in section 3."""
        for trigger in self.flow.triggers:
            started = self.trigger_kinds(trigger.kind)
            if started is not None and kind.key in started.excludes_steps:
                both = (trigger.kind, kind.key) == ("date_specific", "wait_for_trigger")
                what = f"a flow with {trigger.kind} cannot have {kind.key}"
                yield problem("V03" if both else "V22", what, where=where, mend="Take one of them out.", point=step.id)
            if started is not None and started.no_marketing and _is_marketing(step):
                what = f"a flow with {trigger.kind} sends no marketing email"
                mend = "Take it out, or give it the class transactional if it is no marketing."
                yield problem("V26", what, where=where, mend=mend, point=step.id)

    def delay(self, step: Step, where: str) -> Iterator[Problem]:
        n, unit = step.settings.get("n"), step.settings.get("unit")
        if isinstance(n, int) and unit in SECONDS:
            yield from self.length(n * SECONDS[unit], "a delay", where, step.id)

    def length(self, seconds: int, what: str, where: str, point: int | None) -> Iterator[Problem]:
        limits = self.around.limits
        if not limits.min_delay <= seconds <= limits.max_delay:
            shortest, longest = write_seconds(limits.min_delay), write_seconds(limits.max_delay)
            yield problem("V15", f"{what} lasts {shortest} to {longest}", where=where, point=point)

    def if_else(self, step: Step, where: str) -> Iterator[Problem]:
        ways, limits = step.settings.get("ways") or [], self.around.limits
        if len(ways) > limits.ways:
            yield problem("V15", f"{len(ways)} ways, at most {limits.ways} are allowed", where=where, point=step.id)
        for number, way in enumerate(ways, 1):
            place = f"{where}, way {number}" if len(ways) > 1 else where
            tests = Limits(limits.way_conditions, limits.depth)
            yield from self.condition(way.get("condition"), place, step.id, tests)

    def split(self, step: Step, where: str) -> Iterator[Problem]:
        ways, most = step.settings.get("ways") or [], self.around.limits.split_ways
        if len(ways) > most:
            yield problem("V15", f"{len(ways)} ways, at most {most} are allowed", where=where, point=step.id)
        shares = [share for way in ways if isinstance(share := way.get("share"), int)]
        if len(shares) == len(ways) and sum(shares) != 100:
            what = f"the shares add up to {sum(shares)}, not to 100"
            yield problem("V14", what, where=where, mend="Shares are per cent.", point=step.id)
        converts = self.flow.settings.goal or any(traits_of(one.kind).converts for one in self.flow.steps)
        if (step.settings.get("winner") or {}).get("metric") == "conversion" and not converts:
            what = "the best way is found by conversion, and the flow has no goal"
            yield problem("V09", what, where=where, mend="Set a goal.", point=step.id)

    def wait(self, step: Step, where: str) -> Iterator[Problem]:
        event, condition = step.settings.get("event"), step.settings.get("condition")
        if bool(event) == bool(condition):
            what = "it waits for nothing" if not event else "it waits for an event and a condition"
            yield problem("V09", what, where=where, mend="Name one event or one condition.", point=step.id)
        if event:
            yield from self.listener(msgspec.convert(event, Listener), where, step.id)
        if condition:
            yield from self.condition(condition, where, step.id)
        up_to, look_back = step.settings.get("up_to"), step.settings.get("look_back") or 0
        if up_to is None:
            mend = "Add one, such as up_to: 7 days."
            yield problem(
                "V16",
                "it has no time-out: people may wait until the run is too old",
                where=where,
                mend=mend,
                point=step.id,
            )
        else:
            yield from self.length(up_to, "a time-out", where, step.id)
        if isinstance(look_back, int) and look_back > self.around.limits.look_back:
            what = f"a look-back is at most {self.around.limits.look_back} days"
            yield problem("V15", what, where=where, point=step.id)

    def until(self, step: Step, where: str) -> Iterator[Problem]:
        settings = step.settings
        named = [name for name in ("date", "field", "event_date") if settings.get(name) is not None]
        mend = "Name a time, a date, a field or an event_date."
        if len(named) > 1:
            what = f"it waits for one moment, not for {' and '.join(named)}"
            yield problem("invalid", what, where=where, mend="Keep one of them.", point=step.id)
        if not named and settings.get("time") is None:
            yield problem("V09", "it waits for no moment", where=where, mend=mend, point=step.id)
        alone = {"weekdays": not named, "offset": bool(named), "every_year": named == ["field"]}
        for name, fitting in alone.items():
            if settings.get(name) and not fitting:
                what = f"{name} does not go with {named[0] if named else 'a time of day'}"
                yield problem("invalid", what, where=where, mend="Take it out.", point=step.id)
        if settings.get("date") and not is_date(settings["date"]):
            what = f"{settings['date']!r} is no date"
            yield problem("invalid", what, where=where, mend="Write 2026-06-01 or 2026-06-01 18:00.", point=step.id)

    def send(self, step: Step, where: str) -> Iterator[Problem]:
        yield from self.window(step.settings.get("window"), where, step.id)
        late = step.settings.get("skip_if_late")
        if isinstance(late, int) and not 60 <= late <= 365 * SECONDS["day"]:
            yield problem("V15", "too late is 1 minute to 365 days", where=where, point=step.id)

    def window(self, window: Any, where: str, point: int | None) -> Iterator[Problem]:
        if not isinstance(window, dict):
            return
        hours = window.get("hours")
        if hours and window.get("at"):
            what = "a window has hours or one time of day, not both"
            yield problem("invalid", what, where=where, mend="Keep one of them.", point=point)
        if isinstance(hours, str) and re.match(SPAN, hours) and read_hours(hours) is None:
            what, mend = f"the hours {hours} begin and end at once", 'Write for example "09:00-18:00".'
            yield problem("invalid", what, where=where, mend=mend, point=point)

    def start(self, step: Step, where: str) -> Iterator[Problem]:
        names, started = self.around.names, step.settings.get("flow")
        if started and started == names.flow_id:
            yield problem("V21", "a flow cannot start itself", where=where, mend="Let people re-enter.", point=step.id)
        elif names.flow_id and started and names.flow_id in _started_by(started, names):
            what = f"{names.flows.get(started, 'that flow')} starts this flow in turn"
            mend = "A chain of flows ends at its fifth link."
            yield problem("V21", what, where=where, mend=mend, point=step.id, at="warning")

    def stop(self, step: Step, where: str) -> Iterator[Problem]:
        named = step.settings.get("which", "named") == "named"
        if named == (step.settings.get("flow") is None):
            what = "it stops nothing" if named else "it names a flow and stops others"
            mend = "Name a flow, or write this or all others."
            yield problem("V09", what, where=where, mend=mend, point=step.id)

    def listener(self, listener: Listener, where: str, point: int | None) -> Iterator[Problem]:
        kind = self.trigger_kinds(listener.kind)
        if kind is None or kind.wakes == "clock" or kind.by_hand:
            mend = "Use a trigger that an event wakes."
            yield problem("V22", f"{listener.kind} cannot be waited for", where=where, mend=mend, point=point)
            return
        yield from self.listens(kind, listener.settings, where, point)

    # Settings of the flow

    def settings(self) -> Iterator[Problem]:
        settings = self.flow.settings
        if settings.entry_filter is not None:
            yield from self.condition(settings.entry_filter, "entry_filter", None)
        if settings.continue_only_if is not None:
            yield from self.condition(settings.continue_only_if, "continue_only_if", None)
        leaving = settings.exit_condition
        if leaving is not None and bool(leaving.event) == bool(leaving.condition):
            yield problem("V09", "it names neither an event nor a condition, or both", where="exit_condition")
        if leaving is not None and leaving.event:
            yield from self.listener(leaving.event, "exit_condition", None)
        if leaving is not None and leaving.condition:
            yield from self.condition(leaving.condition, "exit_condition", None)
        if settings.goal is not None:
            yield from self.listener(settings.goal.event, "goal", None)
            if not 1 <= settings.goal.within <= 90:
                yield problem("V15", "a goal counts for 1 to 90 days", where="goal")
        yield from self.bounds()
        yield from self.holdout(settings.holdout)

    def bounds(self) -> Iterator[Problem]:
        settings = self.flow.settings
        if settings.re_entry and not SHORTEST_WAIT <= settings.re_entry_wait <= 365 * SECONDS["day"]:
            yield problem("V15", "the wait is 5 minutes to 365 days", where="re_entry")
        if settings.window is not None:
            yield from self.window(msgspec.to_builtins(settings.window), "window", None)
        if not 1 <= settings.priority <= 9:
            yield problem("V15", "it is 1 to 9", where="priority", mend="1 sends first.")
        if not 1 <= settings.max_run_age <= 1200:
            yield problem("V15", "it is 1 to 1,200 days", where="max_run_age")
        if not 0 <= settings.quiet_alert <= 365:
            yield problem("V15", "it is 0 to 365 days", where="quiet_alert", mend="0 means never.")
        if settings.release_rate is not None and not 1 <= settings.release_rate <= FASTEST_RELEASE:
            yield problem("V15", "a release rate is 1 to 1,000,000 runs a minute", where="release_rate")

    def holdout(self, percent: int) -> Iterator[Problem]:
        if not 0 <= percent <= MOST_HELD_OUT:
            yield problem("V15", "a hold-out is 0 to 50 per cent", where="holdout")
        if percent and any(traits_of(step.kind).email and not _is_marketing(step) for step in self.flow.steps):
            what = "a flow with transactional emails holds nobody out"
            yield problem("invalid", what, where="holdout", mend="Take it out: people are due those emails.")

    # Parts

    def listens(
        self, kind: TriggerKind[Any], settings: dict[str, Any], where: str, point: int | None
    ) -> Iterator[Problem]:
        """Settings of a trigger, or of what a wait, an exit or a goal hears."""
        wrong = [*self.fits(kind.settings, settings, where, point), *self.refs(kind, settings, where, point)]
        yield from wrong
        if kind.check is not None and not wrong:
            for unfit in kind.check(msgspec.convert(settings, kind.settings), self.around.names.fields):
                yield problem(unfit.code, unfit.what, where=where, mend=unfit.mend, point=point)

    def fits(self, type_: type[Any], settings: dict[str, Any], where: str, point: int | None) -> Iterator[Problem]:
        """Whether settings have the types and bounds that their kind declares."""
        try:
            msgspec.convert(settings, type_)
        except msgspec.ValidationError as error:
            code, what = told(error)
            yield problem(code, what, where=where, point=point)

    def refs(
        self, kind: TriggerKind[Any] | StepKind[Any], settings: dict[str, Any], where: str, point: int | None
    ) -> Iterator[Problem]:
        """V06: what a setting names is there."""
        for ref, name, value in refs_of(kind.settings, settings):
            there: Any = {
                "tag": self.objects.tags,
                "field": self.objects.fields,
                "group": self.objects.groups,
                "segment": self.objects.segments,
                "email": self.objects.messages,
                "flow": self.around.names.flows,
            }.get(ref)
            if there is not None and value not in there:
                yield self.gone(ref, where, point)
            if ref == "field" and value in self.objects.fields:
                type_ = self.objects.fields[value].type
                if name == "field" and type_ not in FIELD_TYPES.get(kind.key, (type_,)):
                    wanted = " or ".join(FIELD_TYPES[kind.key])
                    tag = self.around.names.fields[value].tag
                    what = f"{tag} is a field of type {type_}, and a {wanted} field is needed"
                    yield problem("V06", what, where=where, mend="Choose another field.", point=point)
            if ref == "link":
                message = settings.get("email") or 0
                if message in self.objects.messages and (message, link_id(message, value)) not in self.links:
                    what = f"the email {self.around.names.message_name(message)!r} has no link {value}"
                    yield problem("V06", what, where=where, mend="Use a link as it stands in the email.", point=point)

    def gone(self, ref: str, where: str, point: int | None) -> Problem:
        return problem("V06", f"the {ref} it names is not there", where=where, mend="Choose another one.", point=point)

    def condition(self, source: Any, where: str, point: int | None, limits: Limits | None = None) -> Iterator[Problem]:
        bounds = limits or Limits(self.around.limits.conditions, self.around.limits.depth)
        lost = _lost(source)
        if lost:
            yield self.gone(lost, where, point)
            return
        if source in ({"all": []}, {"any": []}, None):
            yield problem("V09", "the condition is empty", where=where, mend="Add a test.", point=point)
            return
        for found in check_condition(source, self.around.subjects, self.objects, bounds):
            place = f"{where}, {found.where}" if found.where not in ("", "all[0]") else where
            code = found.code if found.code in ("V06", "V15") else "invalid"
            yield problem(code, found.what, where=place, mend=found.mend, point=point)

    # Warnings

    def occurrences(self) -> Iterator[Problem]:
        kinds = [self.trigger_kinds(trigger.kind) for trigger in self.flow.triggers]
        if self.flow.settings.one_run_per == "occurrence" and not any(kind and kind.subject for kind in kinds):
            what, mend = (
                "no trigger of the flow has occurrences to tell apart",
                "Take it out, or listen to an event_api.",
            )
            yield problem("invalid", what, where="one_run_per", mend=mend, at="warning")

    def warnings(self) -> Iterator[Problem]:
        yield from self.occurrences()
        sends = [step for step in self.flow.steps if traits_of(step.kind).email]
        for step in sends:
            yield from self.asked_too_soon(step)
        marketing = [step for step in sends if _is_marketing(step)]
        settings = self.flow.settings
        if len(marketing) > 1 and settings.exit_condition is None and settings.goal is None:
            what = "several marketing emails, and nothing ends the flow early"
            yield problem("V18", what, mend="Set an exit_condition or a goal.")

    def asked_too_soon(self, send: Step) -> Iterator[Problem]:
        message = send.settings.get("message")
        reached = shortest_from(send, self.flow.steps)
        for number, step in enumerate(self.flow.steps, 1):
            if reached.get(step.id, SOON) >= SOON:
                continue
            tests = [leaf for source in traits_of(step.kind).asks(step.settings) for leaf in _leaves(source)]
            if any(leaf.kind == "email_activity" and leaf.value == message for leaf in tests):
                name = self.around.names.message_name(message) if isinstance(message, int) else ""
                what = f"it asks about the email {name!r} less than 4 hours after it"
                where = f"step {number} ({step.kind})"
                yield problem("V17", what, where=where, mend="Put a longer delay between.", point=step.id)


_STEP_CHECKS: dict[str, Callable[[_Check, Step, str], Iterator[Problem]]] = {
    "delay": _Check.delay,
    "if_else": _Check.if_else,
    "split_percent": _Check.split,
    "wait_for_trigger": _Check.wait,
    "wait_until": _Check.until,
    "send_email": _Check.send,
    "start_flow": _Check.start,
    "stop_flow": _Check.stop,
}


def _is_marketing(step: Step) -> bool:
    return traits_of(step.kind).email and step.settings.get("message_class", "marketing") == "marketing"


def _started_by(flow_id: int, names: Names) -> set[int]:
    """The flows that lie behind a flow, however many links away."""
    found: set[int] = set()
    open_ = [flow_id]
    while open_:
        for started in names.starts.get(open_.pop(), ()):
            if started not in found:
                found.add(started)
                open_.append(started)
    return found


def _same(one: Trigger, other: Trigger) -> bool:
    return one.settings == other.settings


def _leaves(source: Any) -> list[Leaf]:
    try:
        return list(leaves(parse(source)))
    except Invalid:
        return []


def _lost(source: Any) -> str:
    """What a test names that was not found when the file was read (reader.MISSING)."""
    for leaf in _leaves(source):
        if leaf.kind == "field" and leaf.key == "0":
            return "field"
        if leaf.kind == "groups" and (leaf.key == "0" or leaf.value == [0]):
            return "group"
        if leaf.kind == "email_activity" and leaf.value == 0:
            return "email"
        if leaf.kind in ("tag", "segment", "flow") and leaf.value == 0:
            return leaf.kind
    return ""


def _links(definition: Definition, names: Names) -> frozenset[tuple[int, int]]:
    """Links of the audience's messages, and of this flow's emails as they are written now."""
    found = {(message_id, link) for message_id, known in names.messages.items() for link in known.links}
    for step in definition.steps:
        message = step.settings.get("message")
        if traits_of(step.kind).email and isinstance(message, int):
            html = (step.settings.get("content") or {}).get("html", "")
            found |= {(message, link_id(message, url)) for url in read_links(html)}
    return frozenset(found)


def _objects(names: Names, links: frozenset[tuple[int, int]]) -> Objects:
    return Objects(
        fields={known.field_id: FieldShape(known.type, known.choices) for known in names.fields.values()},
        tags=frozenset(names.tags) | frozenset(names.new_tags),
        groups={known.group_id: known.category_id for known in names.groups.values()},
        messages=frozenset(names.messages) | frozenset(names.new_messages),
        links=links,
        segments=frozenset(names.segments),
        flows=frozenset(names.flows),
    )


_MISSING = re.compile(r"Object missing required field `(\w+)`(?: - at `(.+)`)?")
_PLACE = re.compile(r"(.+) - at `\$\.?(.*)`")


def told(error: msgspec.ValidationError) -> tuple[str, str]:
    """(code, sentence) of what does not fit: a missing setting is V09, one out of bounds V15."""
    if match := _MISSING.fullmatch(str(error)):
        return "V09", f"{match[1]} is not set"
    match = _PLACE.fullmatch(str(error))
    what, place = (match[1], match[2]) if match else (str(error), "")
    sentence = what.replace("`", "").replace("Expected", "expected").replace("Object", "it")
    bounded = re.search(r"[<>]=", what) is not None
    empty = bounded and re.search(r"length >= [0-9]+", what)
    return ("V09" if empty else "V15" if bounded else "invalid"), f"{place}: {sentence}" if place else sentence
