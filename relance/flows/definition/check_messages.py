"""What is wrong with a flow's emails and texts: tags (V10, V11), empty parts (V09), what the law asks for (V12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from relance.flows.definition.check_calls import check_call, keys_of
from relance.flows.definition.model import Definition, Step
from relance.flows.definition.names import Names
from relance.flows.definition.problems import Problem, problem
from relance.flows.definition.traits import traits_of
from relance.flows.triggers.shape import TriggerKind
from relance.messages.addresses import wire_address
from relance.messages.footer import with_footer
from relance.messages.merge import Known, KnownField, MergeTagError, Place, missing_footer, parse, review
from relance.messages.merge.words import FieldType

TriggerKinds = Callable[[str], TriggerKind[Any] | None]

_FIELD_TYPES: dict[str, FieldType] = {
    "text": "text",
    "number": "number",
    "address": "address",
    "phone": "phone",
    "date": "date",
    "url": "url",
    "image": "imageurl",
    "choice": "choice",
    "birthday": "birthday",
    "zip": "zip",
    "yes_no": "yes_no",
}
_PARTS = (("subject", Place.HEADER), ("preview", Place.TEXT), ("html", Place.HTML), ("text", Place.TEXT))


def check_messages(
    flow: Definition, names: Names, sender: Mapping[str, Any], trigger_kinds: TriggerKinds
) -> Iterator[Problem]:
    known = known_to(flow, names, trigger_kinds)
    for number, step in enumerate(flow.steps, 1):
        traits = traits_of(step.kind)
        if traits.email:
            yield from _email(step, number, known, sender)
        if traits.call:
            yield from check_call(step, number, known)
        told = step.settings.get("to")
        if traits.tells and isinstance(told, list) and told and not any(one in names.people for one in told):
            what, mend = "nobody whom it tells belongs to the account", "Choose a colleague."
            yield problem("V06", what, where=f"step {number} ({step.kind})", mend=mend, point=step.id)
        for name in traits.texts:
            if isinstance(step.settings.get(name), str):
                where = f"step {number} ({step.kind}), {name}"
                yield from _tags(step.settings[name], Place.TEXT, known, where, step.id)


def known_to(flow: Definition, names: Names, trigger_kinds: TriggerKinds) -> Known:
    """What merge tags of this flow may name."""
    groups: dict[str, list[str]] = {}
    for known in names.groups.values():
        groups.setdefault(known.category, []).append(known.name)
    kinds = [trigger_kinds(trigger.kind) for trigger in flow.triggers]
    return Known(
        fields={
            field.tag: KnownField(_FIELD_TYPES.get(field.type, "text"), field.has_default)
            for field in names.fields.values()
        },
        groups=groups,
        webhook_keys=frozenset(key for step in flow.steps if traits_of(step.kind).call for key in keys_of(step)),
        event=all(kind is not None and hasattr(kind.sample(), "properties") for kind in kinds),
    )


def _email(step: Step, number: int, known: Known, sender: Mapping[str, Any]) -> Iterator[Problem]:
    content = step.settings.get("content") or {}
    where = f"step {number} (send_email {content.get('name', '')})"
    yield from _empty(step, content, where)
    for part, place in _PARTS:
        if content.get(part):
            yield from _tags(content[part], place, known, f"{where}, {part}", step.id)
    yield from _sender(step, content, sender, where)
    if step.settings.get("message_class", "marketing") == "marketing":
        yield from _law(step, content, sender, where)


def _empty(step: Step, content: Mapping[str, Any], where: str) -> Iterator[Problem]:
    if not str(content.get("subject", "")).strip():
        yield problem("V09", "the email has no subject", where=where, mend="Write one.", point=step.id)
    if not str(content.get("html", "")).strip():
        yield problem("V09", "the email has no HTML", where=where, mend="Write it, or name a file.", point=step.id)


def _tags(text: str, place: Place, known: Known, where: str, point: int) -> Iterator[Problem]:
    for found in review(text, place=place, known=known):
        code = "note" if found.code == "warning" else found.code
        spot = f"{where} {found.line}:{found.column}" if found.line and "\n" in text else where
        yield problem(code, found.message, where=spot, point=point)


def _sender(step: Step, content: Mapping[str, Any], sender: Mapping[str, Any], where: str) -> Iterator[Problem]:
    address = content.get("from_email") or sender.get("from_email") or ""
    if not address:
        mend = "Give the audience a sender, or the email a from_email."
        yield problem("V07", "the email has no sender address", where=where, mend=mend, point=step.id)
        return
    for name, value in (("from_email", address), ("reply_to", content.get("reply_to"))):
        if value and wire_address(str(value)) is None:
            what, mend = f"{name} {value!r} is no email address", "Write one such as hello@example.com."
            yield problem("invalid" if content.get(name) else "V07", what, where=where, mend=mend, point=step.id)


def _law(step: Step, content: Mapping[str, Any], sender: Mapping[str, Any], where: str) -> Iterator[Problem]:
    """Publication adds a foot with what the email lacks; only an address that nobody gave cannot be added."""
    if not _filled(sender.get("address")):
        what, mend = "a marketing email needs a postal address", "Give the audience its postal address."
        yield problem("V12", what, where=where, mend=mend, point=step.id)
    html, _ = with_footer(str(content.get("html", "")), str(content.get("text", "")), "en")
    try:
        lacks = missing_footer(parse(html, html=True))
    except MergeTagError:
        return
    for found in lacks:
        yield problem("V12", found.message, where=where, point=step.id)


def _filled(address: Any) -> bool:
    if isinstance(address, Mapping):
        return any(str(part or "").strip() for part in address.values())
    return bool(str(address or "").strip())
