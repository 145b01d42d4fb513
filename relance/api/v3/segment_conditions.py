"""The compatible API's ``match`` and ``conditions`` ↔ the stored language (spec/flows.md 7.2: Mailchimp's types).

A condition is ``{"condition_type": "TextMerge", "field": "FNAME", "op": "is", "value": "Ana"}``. A stored condition
that this form cannot say (nested groups, Relance's own tests) has no ``options``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from relance.api.problems import refused
from relance.audience.fields import Field
from relance.kernel.ids import hex_id

Json = dict[str, Any]

COMPARE = {
    "is": "is", "not": "is_not", "contains": "contains", "notcontain": "not_contains", "starts": "starts",
    "ends": "ends", "greater": "greater", "less": "less", "blank": "blank", "blank_not": "not_blank",
}  # fmt: skip
DATES = {
    "is": "is", "not": "not", "greater": "greater", "less": "less", "blank": "blank", "blank_not": "not_blank",
    "within": "within", "notwithin": "not_within",
}  # fmt: skip
MOMENTS = {"timestamp_opt": "created", "info_changed": "changed"}
INTERESTS = {"interestcontains": "any_of", "interestcontainsall": "all_of", "interestnotcontains": "none_of"}
ACTIVITY = {
    "open": "opened", "click": "clicked", "sent": "was_sent", "noopen": "not_opened", "noclick": "not_clicked",
    "nosent": "not_sent",
}  # fmt: skip
AUTOMATION = {
    "started": "started", "completed": "completed", "not_started": "not_started", "not_completed": "not_completed",
}  # fmt: skip
MERGES = {
    "text": "TextMerge", "number": "TextMerge", "phone": "TextMerge", "url": "TextMerge", "image": "TextMerge",
    "date": "DateMerge", "birthday": "BirthdayMerge", "choice": "SelectMerge", "address": "AddressMerge",
    "zip": "TextMerge",
}  # fmt: skip
"""Field type → the type of a condition on it."""

_VALUELESS = {"blank", "not_blank"}


def read_options(options: Mapping[str, Any], fields: Sequence[Field]) -> Json:
    """``options`` of a call, stored. Raises Refused naming the place."""
    match, conditions = options.get("match", "all"), options.get("conditions")
    if match not in ("any", "all"):
        raise refused(("options.match", "Value must be one of any, all"))
    if not isinstance(conditions, list) or not conditions:
        raise refused(("options.conditions", "Required fields were not provided"))
    return {match: [_read(one, f"options.conditions.item:{place}", fields) for place, one in enumerate(conditions)]}


def _read(one: Any, place: str, fields: Sequence[Field]) -> Json:
    if not isinstance(one, Mapping):
        raise refused((place, "Schema describes object"))
    kind = str(one.get("condition_type", ""))
    if kind not in _READERS:
        raise refused((f"{place}.condition_type", f"Value must be one of {', '.join(_READERS)}"))
    return _READERS[kind](one, place, fields)


def _leaf(subject: str, ops: Mapping[str, str], one: Mapping[str, Any], place: str) -> Json:
    op = ops.get(str(one.get("op", "")))
    if op is None:
        raise refused((f"{place}.op", f"Value must be one of {', '.join(ops)}"))
    value = None if op in _VALUELESS else one.get("value")
    return {"on": subject, "op": op} | ({} if value is None else {"value": value})


def _merge(one: Mapping[str, Any], place: str, fields: Sequence[Field]) -> Json:
    tag = str(one.get("field", ""))
    found = next((each for each in fields if each.tag == tag.upper()), None)
    if found is None:
        raise refused((f"{place}.field", f"The list has no merge field {tag[:50]!r}"))
    return _leaf(f"field:{found.field_id}", COMPARE, one, place)


def _date(one: Mapping[str, Any], place: str, _: Sequence[Field]) -> Json:
    subject = MOMENTS.get(str(one.get("field", "")))
    if subject is None:
        raise refused((f"{place}.field", f"Value must be one of {', '.join(MOMENTS)}"))
    return _leaf(subject, DATES, one, place)


def _tag(one: Mapping[str, Any], place: str, _: Sequence[Field]) -> Json:
    leaf = _leaf("tag", {"static_is": "has", "static_not": "has_not"}, one, place)
    value = leaf.get("value")
    return {**leaf, "value": int(value) if isinstance(value, str) and value.isdecimal() else value}


def _interests(one: Mapping[str, Any], place: str, _: Sequence[Field]) -> Json:
    category = str(one.get("field", "")).removeprefix("interests-")
    values = one.get("value")
    try:
        ids = [int(str(each), 16) for each in (values if isinstance(values, list) else [values])]
        subject = f"groups:{int(category, 16)}"
    except ValueError:
        raise refused((place, "field is interests-<category id>, value a list of interest ids")) from None
    return {**_leaf(subject, INTERESTS, one, place), "value": ids}


def _activity(one: Mapping[str, Any], place: str, _: Sequence[Field]) -> Json:
    value = one.get("value")
    message = int(value) if isinstance(value, str) and value.isdecimal() else value
    return {**_leaf("email_activity", ACTIVITY, one, place), "value": message}


def _automation(one: Mapping[str, Any], place: str, _: Sequence[Field]) -> Json:
    leaf = _leaf("flow", AUTOMATION, one, place)
    value = leaf.get("value")
    return {**leaf, "value": int(value) if isinstance(value, str) and value.isdecimal() else value}


_Reader = Callable[[Mapping[str, Any], str, Sequence[Field]], Json]


def _plain(subject: str, ops: Mapping[str, str]) -> _Reader:
    return lambda one, place, _: _leaf(subject, ops, one, place)


_IS = {"is": "is", "not": "is_not"}
_RATING = {**_IS, "greater": "greater", "less": "less"}
_SOURCE = {"source_is": "is", "source_not": "is_not"}
_VIP = {"member": "yes", "notmember": "no"}
_EMAIL = {word: op for word, op in COMPARE.items() if op not in _VALUELESS}
_READERS: dict[str, _Reader] = {
    "TextMerge": _merge, "SelectMerge": _merge, "DateMerge": _merge, "BirthdayMerge": _merge, "AddressMerge": _merge,
    "EmailAddress": _plain("email", _EMAIL), "Date": _date, "StaticSegment": _tag, "Interests": _interests,
    "Aim": _activity, "Automation": _automation, "Language": _plain("language", _IS),
    "SignupSource": _plain("source", _SOURCE), "MemberRating": _plain("rating", _RATING), "VIP": _plain("vip", _VIP),
}  # fmt: skip


def write_options(source: Mapping[str, Any], fields: Sequence[Field]) -> Json | None:
    """The contrary; None for what this form cannot say."""
    ((how, items),) = source.items()
    written = [_write(item, fields) for item in items]
    if how == "none" or not written or None in written:
        return None
    return {"match": how, "conditions": written}


def _write(leaf: Mapping[str, Any], fields: Sequence[Field]) -> Json | None:
    if "on" not in leaf or set(leaf) - {"on", "op", "value"}:
        return None
    kind, _, key = str(leaf["on"]).partition(":")
    value = leaf.get("value")
    if kind == "field":
        found = next((each for each in fields if str(each.field_id) == key), None)
        return None if found is None else _said(MERGES.get(found.type, ""), found.tag, COMPARE, leaf, value)
    if kind == "groups":
        return _said(
            "Interests", f"interests-{hex_id(int(key))}", INTERESTS, leaf, [hex_id(one) for one in value or ()]
        )
    if kind == "flow":
        return _said("Automation", "automation", AUTOMATION, leaf, str(value))
    if kind not in _WRITERS:
        return None
    type_, field, ops = _WRITERS[kind]
    return _said(type_, field, ops, leaf, value)


def _said(type_: str, field: str, ops: Mapping[str, str], leaf: Mapping[str, Any], value: Any) -> Json | None:
    word = next((word for word, op in ops.items() if op == leaf["op"]), None)
    if not type_ or word is None:
        return None
    return {"condition_type": type_, "field": field, "op": word} | ({} if value is None else {"value": value})


_WRITERS: dict[str, tuple[str, str, Mapping[str, str]]] = {
    "email": ("EmailAddress", "EMAIL", _EMAIL),
    "created": ("Date", "timestamp_opt", DATES),
    "changed": ("Date", "info_changed", DATES),
    "tag": ("StaticSegment", "static_segment", {"static_is": "has", "static_not": "has_not"}),
    "email_activity": ("Aim", "aim", ACTIVITY),
    "language": ("Language", "language", _IS),
    "source": ("SignupSource", "source", _SOURCE),
    "rating": ("MemberRating", "rating", _RATING),
    "vip": ("VIP", "gmonkey", _VIP),
}
