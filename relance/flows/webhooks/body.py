"""What a call says: the step's JSON template for this contact, or, without one, the usual facts (spec/flows.md 6.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from relance.audience.fields import Field
from relance.messages.beside import write_beside
from relance.messages.merge import Place


def written_body(
    now: datetime,
    row: Any,
    person: Any,
    fields: Sequence[Field],
    context: Mapping[str, Any],
    groups: frozenset[tuple[str, str]],
) -> str:
    """JSON text. ``row``: of claim_calls; ``person``: of read_recipients. Raises CannotRender, or msgspec.DecodeError
    when the template does not come out as JSON."""
    if not row.template:
        return msgspec.json.encode(_facts(row, person, fields, context)).decode()
    text = write_beside(row.template, Place.JSON, now, person, fields, context=context, groups=groups)
    msgspec.json.decode(text)
    return text


def _facts(row: Any, person: Any, fields: Sequence[Field], context: Mapping[str, Any]) -> dict[str, Any]:
    values = {one.tag: person.fields[one.key] for one in fields if one.key in person.fields}
    return {
        "id": str(row.call_id),
        "flow": {"id": str(row.flow_id), "name": context.get("flow_name", "")},
        "run": {"id": str(row.run_id), "entered_at": context.get("entered")},
        "step": {"id": str(row.step_id), "label": row.label or ""},
        "contact": {
            "id": str(row.contact_id),
            "email": person.email,
            "email_status": person.email_status,
            "language": person.contact_language,
            "audience": person.audience_name,
            "fields": values,
        },
        "event": {
            "name": context.get("name", ""),
            "date": context.get("date"),
            "properties": context.get("event") or {},
        },
    }
