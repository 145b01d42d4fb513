"""Change a field (spec/flows.md 6.2). A value that does not fit gives B13, one that changes nothing B12."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from uuid import UUID

from relance.audience import audiences, contacts, fields
from relance.audience.contacts import Contact, Draft, Saved
from relance.audience.fields.model import Field
from relance.flows.contexts import contexts_behind
from relance.flows.definition.settings_types import FieldRef, Settings
from relance.flows.steps.act.saving import BY_FLOW
from relance.flows.steps.shape import Arrivals, Mover, PublishedStep, StepKind, StepPlace
from relance.flows.words import Label
from relance.kernel.dates import local_day, zone
from relance.kernel.errors import Invalid, RelanceError
from relance.messages.beside import write_beside
from relance.messages.merge import CannotRender, Place
from relance.messages.prepare import read_groups, read_positions, read_recipients


class UpdateFieldSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``value`` is a literal or a text with merge tags; ``clear`` and ``now`` take none."""

    field: FieldRef
    mode: Literal["set", "clear", "add", "subtract", "append", "now"] = "set"
    value: str | int | float | bool | None = None


def args(settings: UpdateFieldSettings, _: StepPlace) -> dict[str, Any]:
    return {"field": settings.field, "mode": settings.mode, "value": settings.value}


def arrive(here: Arrivals) -> None:
    """Contacts are saved like from any other door: their events, dates and checks come with it."""
    for audience_id, movers in _turns(here.movers):
        audience = audiences.get(here.tx, movers[0].account_id, audience_id)
        known = {field.field_id: field for field in fields.list_fields(here.tx, audience_id)}
        people = {contact.contact_id: contact for contact in _read(here, movers)}
        written = _written(here, movers, list(known.values()))
        drafts: list[Draft] = []
        asked: list[Mover] = []
        for mover in movers:
            step = here.steps[mover.version_id, mover.step_id]
            draft = _draft(here, mover, step, known, people.get(mover.contact_id), written)
            if draft is None:
                here.cross([mover], "next", "B13", {"value": step.args["value"]})
            else:
                asked.append(mover)
                drafts.append(draft)
        answers = contacts.save_many(here.tx, here.now, audience, drafts, BY_FLOW)
        for mover, draft, answer in zip(asked, drafts, answers, strict=True):
            _tell(here, mover, draft, answer)


def _tell(here: Arrivals, mover: Mover, draft: Draft, answer: Saved | RelanceError) -> None:
    if isinstance(answer, RelanceError):
        here.cross([mover], "next", "B13", {**draft.fields, "problem": answer.what})
    else:
        here.cross([mover], "next", "B11" if answer.changed else "B12", dict(draft.fields))


def _turns(movers: Sequence[Mover]) -> Iterator[tuple[int, list[Mover]]]:
    """By audience, and each contact once a turn: two runs that add to one field add up."""
    waiting = list(movers)
    while waiting:
        turn: dict[int, dict[UUID, Mover]] = {}
        later = []
        for mover in waiting:
            if turn.setdefault(mover.audience_id, {}).setdefault(mover.contact_id, mover) is not mover:
                later.append(mover)
        for audience_id, people in turn.items():
            yield audience_id, list(people.values())
        waiting = later


def _read(here: Arrivals, movers: Sequence[Mover]) -> list[Contact]:
    return contacts.lock_many(here.tx, movers[0].audience_id, [mover.contact_id for mover in movers])


def _has_tags(value: object) -> bool:
    return isinstance(value, str) and "*|" in value


def _draft(
    here: Arrivals,
    mover: Mover,
    step: PublishedStep,
    known: Mapping[int, Field],
    contact: Contact | None,
    written: Mapping[UUID, str | None],
) -> Draft | None:
    """What to save; None when the value does not fit, or the field or the contact is gone."""
    field = known.get(step.args["field"])
    if field is None or contact is None:
        return None
    value = written.get(mover.run_id, step.args["value"])
    if value is None and mover.run_id in written:
        return None
    try:
        new = new_value(step.args["mode"], field, contact.fields.get(str(field.field_id)), value, here, mover)
    except (Invalid, InvalidOperation):
        return None
    return Draft(contact_id=mover.contact_id, fields={field.tag: new}, cause=here.cause(mover))


@dataclass(frozen=True, slots=True)
class _Text:
    """A value with merge tags, as those who read people and contexts for texts ask for it."""

    bucket: int
    contact_id: UUID
    run_id: UUID
    version_id: int
    queued_at: datetime
    message_id: int = 0

    @property
    def delivery_id(self) -> UUID:
        return self.run_id


def _written(here: Arrivals, movers: Sequence[Mover], known: Sequence[Field]) -> dict[UUID, str | None]:
    """By run, the values that have merge tags, as they are for each contact; None where one cannot be written."""
    values = {mover.run_id: str(value) for mover in movers if _has_tags(value := here.args(mover)["value"])}
    if not values:
        return {}
    texts = [
        _Text(mover.bucket, mover.contact_id, mover.run_id, mover.version_id, here.now)
        for mover in movers
        if mover.run_id in values
    ]
    people = {row.delivery_id: row for row in read_recipients(here.tx, texts)}
    contexts = contexts_behind(here.tx, texts)
    groups = read_groups(here.tx, [text for text in texts if "INTERESTED:" in values[text.run_id]])
    positions = read_positions(here.tx, [text for text in texts if "AUTOMATION:" in values[text.run_id]])
    written: dict[UUID, str | None] = {}
    for text in texts:
        person = people[text.run_id]
        try:
            written[text.run_id] = person.contact_id and write_beside(
                values[text.run_id],
                Place.TEXT,
                here.now,
                person,
                known,
                context=contexts.get(text.run_id),
                groups=groups.get(text.contact_id, frozenset()),
                position=positions.get(text.run_id, (1, 1)),
            )
        except CannotRender:
            written[text.run_id] = None
    return written


def new_value(mode: str, field: Field, old: Any, value: Any, here: Arrivals, mover: Mover) -> object:
    """The value as it would be written. Adding to a blank starts at 0. Raises Invalid or InvalidOperation."""
    match mode:
        case "clear":
            return ""
        case "now":
            return local_day(here.now, zone(mover.zone)).isoformat() if field.type == "date" else here.now.isoformat()
        case "append":
            return f"{old or ''}{value}"
        case "add" | "subtract":
            if field.type != "number":
                raise Invalid("only numbers can be added to", where=field.tag)
            change = Decimal(str(value)) * (1 if mode == "add" else -1)
            return str(Decimal(str(old or 0)) + change)
        case _:
            return value


UPDATE_FIELD = StepKind(
    key="update_field",
    label=Label("Change a field", "Modifier un champ"),
    family="action",
    settings=UpdateFieldSettings,
    args=args,
    arrive=arrive,
)
