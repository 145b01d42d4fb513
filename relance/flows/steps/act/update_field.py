"""Change a field (spec/flows.md 6.2). A value that does not fit gives B13, one that changes nothing B12."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from relance.audience import audiences, contacts, fields
from relance.audience.contacts import Contact, Draft, Saved
from relance.audience.fields.model import Field
from relance.flows.contexts import decoded_contexts
from relance.flows.definition.settings_types import FieldRef, Settings
from relance.flows.steps.act.saving import BY_FLOW
from relance.flows.steps.shape import Arrivals, Mover, PublishedStep, StepKind, StepPlace
from relance.flows.words import Label
from relance.kernel.dates import local_day, zone
from relance.kernel.errors import Invalid, RelanceError
from relance.messages.merge import CannotRender, Compiled, Event, Place, Values, compile_template, parse
from relance.messages.personal import value_of


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
        contexts = decoded_contexts(here.tx, [mover for mover in movers if _has_tags(here.args(mover)["value"])])
        drafts: list[Draft] = []
        asked: list[Mover] = []
        for mover in movers:
            step = here.steps[mover.version_id, mover.step_id]
            context = contexts.get(mover.run_id, {})
            draft = _draft(here, mover, step, known, people.get(mover.contact_id), context)
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
    context: Mapping[str, Any],
) -> Draft | None:
    """What to save; None when the value does not fit, or the field or the contact is gone."""
    field = known.get(step.args["field"])
    if field is None or contact is None:
        return None
    value = step.args["value"]
    try:
        if _has_tags(value):
            value = _written(value, here, mover, contact, known, context)
        new = new_value(step.args["mode"], field, contact.fields.get(str(field.field_id)), value, here, mover)
    except (Invalid, InvalidOperation, CannotRender):
        return None
    return Draft(contact_id=mover.contact_id, fields={field.tag: new}, cause=here.cause(mover))


@lru_cache(maxsize=500)
def _template(text: str) -> Compiled:
    return compile_template(parse(text), Place.TEXT)


def _written(
    text: str,
    here: Arrivals,
    mover: Mover,
    contact: Contact,
    known: Mapping[int, Field],
    context: Mapping[str, Any],
) -> str:
    """A value with merge tags, for this contact and the event that let them in."""
    fields: dict[str, object] = {"EMAIL": contact.email}
    for field in known.values():
        fields[field.tag] = value_of(field, contact.fields.get(str(field.field_id)), contact.language or "en")
    values = Values(
        here.now,
        zone=zone(mover.zone),
        language=contact.language or "en",
        fields=fields,
        defaults={field.tag: field.default_value for field in known.values() if field.default_value},
        events=(Event(context.get("name", ""), None, context.get("event") or {}),),
    )
    return _template(text).render(values)


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
