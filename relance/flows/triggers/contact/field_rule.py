"""51 · Field rule (spec/flows.md section 4): the old and the new value satisfy a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from relance.audience import events
from relance.flows.definition.names import NamedField
from relance.flows.definition.settings_types import FieldRef, Settings
from relance.flows.triggers.contact.field_values import as_stored, matches
from relance.flows.triggers.shape import Listen, Place, TriggerKind, Unfit
from relance.flows.words import Label

CROSSINGS = ("crosses_above", "crosses_below")
OLD, NEW = "event.old", "event.new"


class FieldRuleSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``old`` and ``new`` are those of `from_to`, ``n`` is that of the crossings. A blank old value never crosses."""

    field: FieldRef
    rule: Literal["any_change", "from_to", "filled", "becomes_blank", "crosses_above", "crosses_below"] = "any_change"
    old: Any = None
    new: Any = None
    n: int | float | None = None


def listen(settings: FieldRuleSettings, _: Place) -> Sequence[Listen]:
    return [Listen(events.FIELD_CHANGED, str(settings.field), predicate=_predicate(settings))]


def _predicate(settings: FieldRuleSettings) -> dict[str, Any] | None:
    match settings.rule:
        case "from_to":
            return {"all": [matches(OLD, settings.old), matches(NEW, settings.new)]}
        case "filled":
            return {"all": [{"on": OLD, "op": "blank"}, {"on": NEW, "op": "not_blank"}]}
        case "becomes_blank":
            return {"all": [{"on": OLD, "op": "not_blank"}, {"on": NEW, "op": "blank"}]}
        case "crosses_above":
            return {"all": [_number(OLD, "at_most", settings), _number(NEW, "greater", settings)]}
        case "crosses_below":
            return {"all": [_number(OLD, "at_least", settings), _number(NEW, "less", settings)]}
    return None


def _number(on: str, op: str, settings: FieldRuleSettings) -> dict[str, Any]:
    return {"on": on, "op": op, "value": settings.n, "type": "number"}


def check(settings: FieldRuleSettings, fields: Mapping[int, NamedField]) -> Iterator[Unfit]:
    known = fields[settings.field]
    if settings.rule in CROSSINGS:
        if settings.n is None:
            yield Unfit("V09", "n is not set", "Say which number is crossed.")
        if known.type != "number":
            yield Unfit("V06", f"{known.tag} is a field of type {known.type}", "Only a number crosses another.")
    if settings.rule == "from_to":
        for name, value in (("old", settings.old), ("new", settings.new)):
            try:
                if as_stored(known, value) is None:
                    yield Unfit("V09", f"{name} is not set", "Give both values; blanks have rules of their own.")
            except ValueError as error:
                yield Unfit("invalid", f"{name} does not fit {known.tag}", str(error))


FIELD_RULE = TriggerKind(
    key="field_rule",
    number=51,
    label=Label("Field rule", "Règle sur un champ"),
    family="contact",
    wakes="event",
    settings=FieldRuleSettings,
    listen=listen,
    check=check,
    sample=lambda: events.FieldChanged(field_id=1, old=90, new=110),
)
