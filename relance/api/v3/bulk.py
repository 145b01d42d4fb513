"""POST /lists/{id}: as many as 500 members at once. An import, as far as flows are concerned (spec/flows.md G20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from relance.api.body import fit
from relance.api.http import Answer, Call
from relance.api.problems import Refused, refused
from relance.api.v3 import words
from relance.api.v3.audience import BULK, audience_of
from relance.api.v3.collections import flag_in, one
from relance.api.v3.member_form import MemberForm, draft_of, read_form, tag_names
from relance.api.v3.member_view import member_view
from relance.audience import contacts
from relance.audience.contacts import Contact, Draft
from relance.audience.fields import BadFields
from relance.db.pool import Transaction
from relance.kernel.errors import RelanceError

MOST_MEMBERS = 500


class BulkForm(msgspec.Struct, kw_only=True):
    """``sync_tags``: the tags given replace those that a member has."""

    members: list[dict[str, Any]]
    update_existing: bool = False
    sync_tags: bool = False


@dataclass(slots=True)
class _Row:
    """One member of the call: what it said, and what came of it."""

    email: str
    draft: Draft | None = None
    error: RelanceError | None = None
    contact: Contact | None = None
    created: bool = False


def save_members(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    form = fit(call.body(), BulkForm)
    if len(form.members) > MOST_MEMBERS:
        raise refused(("members", f"Array must have at most {MOST_MEMBERS} items, {len(form.members)} found"))
    skip = bool(flag_in(call, "skip_merge_validation"))
    forms = [_read(member) for member in form.members]
    names = {each.email_address for each in forms if isinstance(each, MemberForm) and each.email_address}
    known = contacts.find_many(tx, audience.audience_id, names)
    rows = [_row(form, member, each, known, skip) for member, each in zip(form.members, forms, strict=True)]
    if not flag_in(call, "skip_duplicate_check"):
        _refuse_repeated(rows)

    ready = [row for row in rows if row.draft is not None and row.error is None]
    drafts = [row.draft for row in ready if row.draft is not None]
    for row, came in zip(ready, contacts.save_many(tx, call.now, audience, drafts, BULK), strict=True):
        if isinstance(came, RelanceError):
            row.error = came
        else:
            row.contact, row.created = came.contact, came.created

    created = [row.contact for row in rows if row.contact is not None and row.created]
    updated = [row.contact for row in rows if row.contact is not None and not row.created]
    errors = [_error(row) for row in rows if row.error is not None]
    view = member_view(call, tx, audience, [*created, *updated])
    body = {
        "new_members": [view.show(contact) for contact in created],
        "updated_members": [view.show(contact) for contact in updated],
        "errors": errors,
        "total_created": len(created),
        "total_updated": len(updated),
        "error_count": len(errors),
        "_links": [],
    }
    return one(call, body)


def _read(member: dict[str, Any]) -> MemberForm | RelanceError:
    try:
        return read_form(member)
    except RelanceError as error:
        return error


def _row(
    form: BulkForm, member: dict[str, Any], each: MemberForm | RelanceError, known: dict[str, Contact], skip: bool
) -> _Row:
    email = member.get("email_address")
    row = _Row(email if isinstance(email, str) else "")
    if isinstance(each, RelanceError):
        row.error = each
        return row
    there = known.get(each.email_address or "")
    try:
        if not each.email_address or not (each.status or each.status_if_new or there):
            missing = "status" if each.email_address else "email_address"
            raise refused((missing, f"Required fields were not provided: {missing}"))
        draft = draft_of(each, known=there, skip_required=skip)
        replacing = form.sync_tags and "tags" in member
        row.draft = replace(draft, tags=tag_names(each), only_tags=replacing, must_be_new=not form.update_existing)
    except RelanceError as error:
        row.error = error
    return row


def _refuse_repeated(rows: Sequence[_Row]) -> None:
    """An address that stands in a call twice is taken once: the first time."""
    seen: set[str] = set()
    for row in rows:
        key = contacts.key_of(row.email.strip())
        if row.draft is not None and key in seen:
            row.error = refused(("email_address", f"{row.email} stands more than once in this call"))
        seen.add(key)


def _error(row: _Row) -> dict[str, str]:
    error = row.error
    if error is None:
        raise ValueError("a row without an error has none to show")
    exists = error.code in ("member_exists", "address_taken")
    field, message = "", ""
    if isinstance(error, (Refused, BadFields)) and error.errors:
        field, message = error.errors[0]
    told = words.refusal_like_theirs(error, row.email)
    return {
        "email_address": row.email,
        "error": told.what if not message else f"{field}: {message}",
        "error_code": "ERROR_CONTACT_EXISTS" if exists else "ERROR_GENERIC",
        "field": field,
        "field_message": message,
    }
