"""Publication: an immutable version, its steps as rows, and what the live flow listens to as subscription rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from relance.audience.conditions import compile_condition, read_catalogue, store
from relance.db.pool import Json, Transaction
from relance.db.sql import load_queries
from relance.events.append import change_listeners
from relance.flows import events
from relance.flows.definition.graph import reachable
from relance.flows.definition.model import Definition, FlowSettings, Step, Trigger, write_definition
from relance.flows.definition.traits import traits_of
from relance.flows.kinds import Kinds
from relance.flows.steps.act.send_email import SendEmailSettings
from relance.flows.steps.registry import step_kind
from relance.flows.steps.shape import StepPlace
from relance.flows.steps.wait.wait_for_trigger import heard_as
from relance.flows.triggers.contact.manual import MANUAL
from relance.flows.triggers.registry import trigger_kind
from relance.flows.triggers.shape import JUDGED_AGAIN, Listen, Place
from relance.kernel.errors import Invalid
from relance.kernel.ids import object_id
from relance.messages.footer import with_footer
from relance.messages.links import analytics
from relance.messages.templates import Content, save

queries = load_queries(__package__, "publish.sql")


@dataclass(frozen=True, slots=True)
class FlowRow:
    """What publication needs to know of a flow. ``version_id`` None: never published."""

    flow_id: int
    account_id: int
    audience_id: int
    version_id: int | None


def publish(
    tx: Transaction,
    now: datetime,
    kinds: Kinds,
    flow: FlowRow,
    definition: Definition,
    *,
    moves_people: bool = True,
    placed: Mapping[str, int | None] | None = None,
) -> int:
    """Make ``definition`` the flow's published version and return the version's id.

    ``moves_people`` False: who is inside finishes the version they are in. ``placed``: see placing.py.
    The definition has passed its checks. Triggers keep the moment they were armed at as long as their settings do not
    change; the caller re-arms them when the flow comes to life.
    """
    if definition.first is None:
        raise Invalid("a flow without steps cannot be published", code="V09")
    version_id = object_id()
    number = tx.value(queries.next_number, flow_id=flow.flow_id)
    tx.run(
        queries.insert_version,
        version_id=version_id,
        flow_id=flow.flow_id,
        number=number,
        definition=Json(write_definition(definition)),
        now=now,
        moves_people=moves_people,
        placed=Json(dict(placed or {})),
    )
    writer = _Writer(tx, now, kinds, flow, version_id, definition, keep=not moves_people)
    writer.messages()
    writer.steps()
    writer.triggers()
    writer.subscriptions()
    tx.run(
        queries.set_version,
        flow_id=flow.flow_id,
        version_id=version_id,
        settings=Json(msgspec.to_builtins(definition.settings)),
        timed_exit=writer.timed_exit(),
        now=now,
        moves_people=moves_people,
    )
    return version_id


class _Writer:
    def __init__(
        self,
        tx: Transaction,
        now: datetime,
        kinds: Kinds,
        flow: FlowRow,
        version_id: int,
        definition: Definition,
        *,
        keep: bool = False,
    ) -> None:
        self.keep = keep
        self.tx, self.now, self.kinds, self.flow, self.version_id = tx, now, kinds, flow, version_id
        self.definition = definition
        self.names = read_catalogue(tx, flow.audience_id)
        self.language = str(tx.value(queries.language_of, audience_id=flow.audience_id))

    def messages(self) -> None:
        """The content of the emails becomes their current version, with the footer the law asks for."""
        for step in self.definition.steps:
            if not traits_of(step.kind).email:
                continue
            settings = msgspec.convert(step.settings, SendEmailSettings)
            content = settings.content
            html, text = content.html, content.text
            if settings.message_class == "marketing":
                html, text = with_footer(html, text, self.language)
            save(
                self.tx,
                self.now,
                settings.message,
                Content(
                    subject=content.subject,
                    preview=content.preview,
                    from_name=content.from_name,
                    from_email=content.from_email,
                    reply_to=content.reply_to,
                    html=html,
                    text=text,
                    track_opens=settings.track_opens,
                    track_clicks=settings.track_clicks,
                    analytics=self.analytics(),
                ),
            )

    def analytics(self) -> str:
        """What every email of the flow adds to its counted links."""
        settings = self.definition.settings
        if not settings.analytics:
            return ""
        (known,) = self.tx.rows(queries.names_for_analytics, flow_id=self.flow.flow_id)
        return analytics(known.audience, settings.campaign or known.flow)

    def steps(self) -> None:
        rows = [self._step_row(position, step) for position, step in enumerate(self.definition.steps, 1)]
        self.tx.many(queries.insert_step, rows)

    def _step_row(self, position: int, step: Step) -> dict[str, Any]:
        kind = step_kind(step.kind)
        if kind is None:
            raise Invalid(f"there is no step kind {step.kind!r}", code="V22")
        settings = msgspec.convert(step.settings, kind.settings)
        outcomes = {outcome: step.outcomes.get(outcome) for outcome in kind.outcomes(settings)}
        return {
            "version_id": self.version_id,
            "step_id": step.id,
            "position": position,
            "kind": step.kind,
            "label": step.label,
            "args": Json(kind.args(settings, self._step_place(step.id))),
            "outcomes": Json(outcomes),
        }

    def triggers(self) -> None:
        """Triggers that stay keep their row; those that go are marked, for the trail names them."""
        known = {row.trigger_id: row for row in self.tx.rows(queries.triggers_of, flow_id=self.flow.flow_id)}
        for position, trigger in enumerate(self.definition.triggers, 1):
            before = known.pop(trigger.id, None)
            same = before is not None and before.kind == trigger.kind and before.settings == trigger.settings
            self.tx.run(
                queries.put_trigger,
                trigger_id=trigger.id,
                flow_id=self.flow.flow_id,
                kind=trigger.kind,
                position=position,
                settings=Json(trigger.settings),
                filter=None if trigger.filter is None else Json(trigger.filter),
                armed_at=before.armed_at if same and before is not None else self.now,
            )
        self.tx.run(queries.remove_triggers, ids=list(known), now=self.now)

    def subscriptions(self) -> None:
        rows = [*self._entries(), *self._by_hand(), *self._by_flows(), *self._waits(), *self._exits(), *self._goals()]
        rows += self._unsubscribed()
        if self.definition.settings.continue_only_if:
            self.condition(self.definition.settings.continue_only_if)  # Asked by its source (engine/handover.py).
        change_listeners(self.tx)
        self.tx.run(queries.delete_subscriptions, flow_id=self.flow.flow_id, keep=self.keep)
        self.tx.many(queries.insert_subscription, [{**_NOTHING, **row} for row in rows])

    def _entries(self) -> Sequence[dict[str, Any]]:
        rows = []
        for position, trigger in enumerate(self.definition.triggers, 1):
            kind = trigger_kind(trigger.kind)
            if kind is None:
                raise Invalid(f"there is no trigger kind {trigger.kind!r}", code="V06")
            settings = msgspec.convert(trigger.settings, kind.settings)
            gate = {
                **self._gate(trigger),
                "position": position,
                "trigger_id": trigger.id,
                "occurrence": kind.occurrence,
                "by_hand": kind.by_hand,
                "who": kind.who,
            }
            subject = kind.subject if self.definition.settings.one_run_per == "occurrence" else None
            if subject is not None:
                gate |= {"subject_word": subject.word, "subject_path": list(subject.path) or None}
            heard = kind.listen(settings, self._place(trigger.id))
            guards = [listen.guard for listen in heard if listen.guard and listen.guard.code in JUDGED_AGAIN]
            guard = guards[0] if guards else None
            again = Listen(events.LET_IN, str(trigger.id), guard=guard, key_paths=("key",))
            rows += [{**gate, **self._row("enter", listen)} for listen in heard]
            if subject is not None:
                gate["subject_path"] = ["data", *subject.path] if subject.path else ["key"]
            rows.append({**gate, **self._row("enter", again)})
            for event_kind, match_key in kind.late_after(settings) if kind.late_after else ():
                listen = Listen(event_kind, match_key)
                rows.append({**self._row("late", listen), "trigger_id": trigger.id})
        return rows

    def _by_hand(self) -> Sequence[dict[str, Any]]:
        """Anybody may be added by hand to a live flow, whatever its triggers (G9). Such entries carry the flow's id."""
        if any(trigger.kind == MANUAL.key for trigger in self.definition.triggers):
            return []
        gate = {**self._gate(None), "trigger_id": self.flow.flow_id, "by_hand": True, "position": 1000}
        listens = MANUAL.listen(MANUAL.settings(), self._place(self.flow.flow_id))
        return [{**gate, **self._row("enter", listen)} for listen in listens]

    def _by_flows(self) -> Sequence[dict[str, Any]]:
        """Any flow may start this one (6.2); a request that passes over re-entry is judged like an occurrence. Such
        entries carry the flow's id, as those by hand."""
        gate = {**self._gate(None), "trigger_id": self.flow.flow_id, "position": 1001}
        again = {"on": "payload.again", "op": "is_yes"}
        listens = [
            (Listen(events.START_REQUESTED, str(self.flow.flow_id), predicate=predicate), occurrence)
            for predicate, occurrence in (({"none": [again]}, False), (again, True))
        ]
        return [{**gate, **self._row("enter", listen), "occurrence": occurrence} for listen, occurrence in listens]

    def _gate(self, trigger: Trigger | None) -> dict[str, Any]:
        settings = self.definition.settings
        filters = [test for test in (trigger.filter if trigger else None, settings.entry_filter) if test]
        leaves = settings.exit_condition.condition if settings.exit_condition else None
        return {
            "step_id": self.definition.first,
            "filter": self.condition({"all": filters}) if filters else None,
            "exit_test": self.condition(leaves) if leaves else None,
        }

    def _waits(self) -> Sequence[dict[str, Any]]:
        rows = []
        for step in self.definition.steps:
            kind = step_kind(step.kind)
            if kind is None:
                continue
            settings = msgspec.convert(step.settings, kind.settings)
            place = self._step_place(step.id)
            for listen in kind.listen(settings, place):
                rows.append({**self._row("wait", listen), "step_id": step.id})
            for event_kind, match_key in kind.moved_by(settings, place) if kind.moved_by else ():
                # Heard like a trigger whose moment may have passed: look_late wakes the people who are here.
                rows.append({**self._row("late", Listen(event_kind, match_key)), "trigger_id": step.id})
        return rows

    def _exits(self) -> Sequence[dict[str, Any]]:
        leaving = self.definition.settings.exit_condition
        if leaving is None:
            return []
        if leaving.event is not None:
            heard = heard_as(leaving.event, trigger_kind, self._place(self.flow.flow_id))
        else:
            changes = self._changes(leaving.condition or {})
            heard = [Listen(self.kinds.events[kind], key, predicate=leaving.condition) for kind, key in changes]
        rows = [self._row("exit", listen) for listen in heard]
        if self.timed_exit() is not None:
            # What changes the condition changes the instant at which time makes it true, for whoever rests.
            resting = [step.id for step in self.definition.steps if (kind := step_kind(step.kind)) and kind.looks_again]
            late = [self._row("late", Listen(listen.kind, listen.match_key)) for listen in heard]
            rows += [{**row, "subscription_id": object_id(), "trigger_id": step} for step in resting for row in late]
        return rows

    def timed_exit(self) -> int | None:
        """The exit condition, if time alone may make it true."""
        leaving = self.definition.settings.exit_condition
        if leaving is None or leaving.condition is None or not self._is_timed(leaving.condition):
            return None
        return self.condition(leaving.condition)

    def _unsubscribed(self) -> Sequence[dict[str, Any]]:
        """Who unsubscribes leaves (X09) from wherever a message still lies ahead."""
        if not self.definition.settings.exit_on_unsubscribe:
            return []
        steps = self.definition.steps
        sends = {step.id for step in steps if traits_of(step.kind).email}
        heard = self.kinds.events["contact.email_unsubscribed"]
        return [
            {**self._row("exit", Listen(heard)), "step_id": step.id, "guard_code": "X09"}
            for step in steps
            if sends & reachable(step.id, steps)
        ]

    def _goals(self) -> Sequence[dict[str, Any]]:
        goal = self.definition.settings.goal
        if goal is None:
            return []
        heard = heard_as(goal.event, trigger_kind, self._place(self.flow.flow_id))
        return [self._row("goal", listen) for listen in heard]

    def _row(self, purpose: str, listen: Listen) -> dict[str, Any]:
        guard = listen.guard
        return {
            "subscription_id": object_id(),
            "account_id": self.flow.account_id,
            "audience_id": self.flow.audience_id,
            "flow_id": self.flow.flow_id,
            "version_id": self.version_id,
            "purpose": purpose,
            "event_kind": listen.kind.key,
            "match_key": listen.match_key,
            "predicate": self.condition(listen.predicate) if listen.predicate else None,
            "guard": self.condition(guard.condition) if guard else None,
            "guard_code": guard.code if guard else None,
            "key_paths": list(listen.key_paths) if listen.key_paths else None,
            "armed_at": self.now,
        }

    def condition(self, source: dict[str, Any]) -> int:
        compiled = compile_condition(source, self.kinds.subjects, self.names)
        return store(self.tx, self.flow.audience_id, source, compiled)

    def _changes(self, source: dict[str, Any]) -> Sequence[tuple[str, str]]:
        return sorted(compile_condition(source, self.kinds.subjects, self.names).listens)

    def _is_timed(self, source: dict[str, Any]) -> bool:
        return compile_condition(source, self.kinds.subjects, self.names).time_dependent

    def _place(self, point_id: int) -> Place:
        return Place(self.flow.audience_id, self.flow.flow_id, point_id)

    def _step_place(self, step_id: int) -> StepPlace:
        return StepPlace(
            place=self._place(step_id),
            store_condition=self.condition,
            changes=self._changes,
            is_timed=self._is_timed,
            event_kind=self.kinds.events.__getitem__,
            triggers=trigger_kind,
            window=self.definition.settings.window,
            zone=self.definition.settings.zone,
        )


_NOTHING: dict[str, Any] = {
    "trigger_id": None,
    "step_id": None,
    "position": 0,
    "filter": None,
    "exit_test": None,
    "occurrence": False,
    "by_hand": False,
    "who": "any",
    "subject_word": None,
    "subject_path": None,
}


def settings_of(document: dict[str, Any]) -> FlowSettings:
    """The settings column of a flow, read back."""
    return msgspec.convert(document, FlowSettings)
