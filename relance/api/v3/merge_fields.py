"""/lists/{id}/merge-fields: the fields of an audience."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from relance.api.body import fit
from relance.api.http import Answer, Call
from relance.api.problems import refused
from relance.api.v3 import words
from relance.api.v3.audience import audience_of, not_found, read_number
from relance.api.v3.collections import flag_in, in_memory, link, one
from relance.audience import fields
from relance.audience.fields import Field
from relance.db.pool import Transaction
from relance.kernel.ids import hex_id

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "text": {"size": 25},
    "number": {},
    "address": {"default_country": 164},
    "phone": {"phone_format": "none"},
    "date": {"date_format": "MM/DD/YYYY"},
    "birthday": {"date_format": "MM/DD"},
    "url": {"size": 25},
    "imageurl": {"size": 25},
    "radio": {"choices": []},
    "dropdown": {"choices": []},
    "zip": {"size": 25},
}
"""Which options each of their types shows, and what stands there when nobody has said anything."""


class MergeFieldForm(msgspec.Struct, kw_only=True):
    """The body of POST and PATCH. Absent: stays as it is."""

    name: str | None = None
    type: str | None = None
    tag: str | None = None
    required: bool | None = None
    default_value: str | None = None
    public: bool | None = None
    display_order: int | None = None
    help_text: str | None = None
    options: dict[str, Any] | None = None


def index(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    wanted, required = call.query.get("type", ""), flag_in(call, "required")
    found = [
        field
        for field in fields.list_fields(tx, audience.audience_id)
        if wanted in ("", field.wire_type) and required in (None, field.required)
    ]
    list_id = hex_id(audience.audience_id)
    url = call.url("lists", list_id, "merge-fields")
    links = (link("self", url), link("parent", call.url("lists", list_id)), link("create", url, "POST"))
    return in_memory(call, "merge_fields", found, lambda field: _show(call, field), *links, list_id=list_id)


def create(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    form = fit(call.body(), MergeFieldForm)
    missing = [name for name in ("name", "type") if not (getattr(form, name) or "").strip()]
    if missing:
        raise refused(*((name, f"Required fields were not provided: {name}") for name in missing))
    if form.type not in words.FIELD_TYPE_IN:
        raise refused(("type", f"Value must be one of {', '.join(words.FIELD_TYPE_IN)}"))
    field = fields.add(
        tx, audience.audience_id, form.name or "", words.FIELD_TYPE_IN[form.type], tag=form.tag or "",
        wire_type=form.type, required=bool(form.required), default_value=form.default_value or "",
        public=bool(form.public), options=_options({}, form), position=form.display_order,
    )  # fmt: skip
    return one(call, _show(call, field))


def get(call: Call, tx: Transaction) -> Answer:
    return one(call, _show(call, _field(call, tx)))


def change(call: Call, tx: Transaction) -> Answer:
    field = _field(call, tx)
    form = fit(call.body(), MergeFieldForm)
    changes: dict[str, Any] = {
        "name": form.name,
        "tag": form.tag,
        "required": form.required,
        "default_value": form.default_value,
        "public": form.public,
        "position": form.display_order,
        "options": _options(field.options, form),
    }
    given = {name: value for name, value in changes.items() if value is not None}
    return one(call, _show(call, fields.change(tx, field, **given)))


def delete(call: Call, tx: Transaction) -> Answer:
    fields.delete(tx, call.now, _field(call, tx))
    return Answer()


def _field(call: Call, tx: Transaction) -> Field:
    number = read_number(call.path["merge_id"])
    for field in fields.list_fields(tx, audience_of(call, tx).audience_id):
        if field.number == number:
            return field
    raise not_found()


def _options(old: Mapping[str, Any], form: MergeFieldForm) -> dict[str, Any]:
    choices = (form.options or {}).get("choices", [])
    if not isinstance(choices, list):
        raise refused(("options.choices", "Schema describes array"))
    given = {**old, **(form.options or {})}
    return given if form.help_text is None else given | {"help_text": form.help_text}


def _show(call: Call, field: Field) -> dict[str, Any]:
    kind = words.field_type(field)
    list_id = hex_id(field.audience_id)
    url = call.url("lists", list_id, "merge-fields", field.number)
    return {
        "merge_id": field.number,
        "tag": field.tag,
        "name": field.name,
        "type": kind,
        "required": field.required,
        "default_value": field.default_value,
        "public": field.public,
        "display_order": field.position,
        "options": _options_of(field, kind),
        "help_text": field.options.get("help_text", ""),
        "list_id": list_id,
        "_links": [
            link("self", url),
            link("parent", call.url("lists", list_id, "merge-fields")),
            link("update", url, "PATCH"),
            link("delete", url, "DELETE"),
        ],
    }


def _options_of(field: Field, kind: str) -> dict[str, Any]:
    if field.type == "yes_no":
        return {"choices": list(words.YES_NO)}
    return {name: field.options.get(name, default) for name, default in OPTIONS[kind].items()}
