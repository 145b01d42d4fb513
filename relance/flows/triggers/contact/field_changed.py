"""7 · Field changes (spec/flows.md 2.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from relance.audience import events
from relance.flows.definition.names import NamedField
from relance.flows.definition.settings_types import FieldRef, Settings
from relance.flows.triggers.contact.field_values import as_stored, matches
from relance.flows.triggers.shape import Listen, Place, TriggerKind, Unfit
from relance.flows.words import Label

AT_CREATION = {"on": "event.at_creation", "op": "is_yes"}


class FieldChangedSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``value`` as the field's type has it: a text, a number, true or false, `2026-03-14`, `03/14`, an option, parts of
    an address. ``include_creation``: being created with the value counts too."""

    field: FieldRef
    value: Any
    include_creation: bool = False


def listen(settings: FieldChangedSettings, _: Place) -> Sequence[Listen]:
    """The old value does not match and the new one does."""
    tests: list[Any] = [matches("event.new", settings.value), {"none": [matches("event.old", settings.value)]}]
    if not settings.include_creation:
        tests.append({"none": [AT_CREATION]})
    return [Listen(events.FIELD_CHANGED, str(settings.field), predicate={"all": tests})]


def check(settings: FieldChangedSettings, fields: Mapping[int, NamedField]) -> Iterator[Unfit]:
    try:
        if as_stored(fields[settings.field], settings.value) is None:
            yield Unfit("V09", "value is not set", "Give one, or use field_rule to hear of blanks.")
    except ValueError as error:
        yield Unfit("invalid", f"the value does not fit {fields[settings.field].tag}", str(error))


def matching(settings: FieldChangedSettings, _: Mapping[int, int]) -> dict[str, Any] | None:
    """Parts of an address cannot be asked for."""
    if isinstance(settings.value, Mapping):
        return None
    if isinstance(settings.value, bool):
        return {"on": f"field:{settings.field}", "op": "is_yes" if settings.value else "is_no"}
    return {"on": f"field:{settings.field}", "op": "is", "value": settings.value}


FIELD_CHANGED = TriggerKind(
    key="field_changed",
    number=7,
    label=Label("Field changes", "Un champ prend une valeur"),
    family="contact",
    wakes="event",
    settings=FieldChangedSettings,
    listen=listen,
    check=check,
    sample=lambda: events.FieldChanged(field_id=1, old="Lyon", new="Paris"),
    matching=matching,
)
