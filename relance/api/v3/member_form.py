"""What a caller wants a member to be: the body of POST, PUT, PATCH and the bulk call, as a contact's draft."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from relance.api.body import fit
from relance.api.problems import refused
from relance.api.v3 import words
from relance.api.v3.audience import read_hex_id
from relance.api.v3.collections import read_moment
from relance.audience.contacts import UNSUBSCRIBED, Actor, Contact, Draft
from relance.kernel.errors import NotFound


class MemberForm(msgspec.Struct, kw_only=True):
    """Absent: stays as it is. ``tags`` only where a contact is created; unknown members of the body are ignored."""

    email_address: str | None = None
    email_type: str | None = None
    status: str | None = None
    status_if_new: str | None = None
    merge_fields: dict[str, Any] = msgspec.field(default_factory=dict)
    interests: dict[str, bool] = msgspec.field(default_factory=dict)
    language: str | None = None
    vip: bool | None = None
    ip_signup: str | None = None
    timestamp_signup: str | None = None
    ip_opt: str | None = None
    timestamp_opt: str | None = None
    tags: list[str | dict[str, Any]] = msgspec.field(default_factory=list)


def read_form(body: Any, where: str = "") -> MemberForm:
    """Raises Refused naming the member of the body that does not fit."""
    return fit(body, MemberForm, where)


def draft_of(form: MemberForm, *, known: Contact | None = None, skip_required: bool = False) -> Draft:
    """The draft that a form means for ``known``, or for somebody new. Raises Refused.

    Whoever is archived is new again, as far as ``status_if_new`` goes: an archived contact is on no list.
    """
    status, if_new = _status(form.status, "status", known), _status(form.status_if_new, "status_if_new", None)
    if known is not None and known.archived:
        status = status or if_new
    if form.email_type not in (None, "", "html", "text"):
        raise refused(("email_type", "Value must be one of html, text"))
    return Draft(
        email=form.email_address or None,
        email_status=status,
        status_if_new=if_new,
        fields=form.merge_fields,
        groups={_group(group_id): inside for group_id, inside in form.interests.items()},
        language=form.language,
        vip=form.vip,
        email_format=form.email_type or None,
        signed_up_at=read_moment(form.timestamp_signup, "timestamp_signup") if form.timestamp_signup else None,
        opted_in_at=read_moment(form.timestamp_opt, "timestamp_opt") if form.timestamp_opt else None,
        # Leaving must never fail for a field that somebody made required later.
        check_required=not skip_required and status != UNSUBSCRIBED,
    )


def tag_names(form: MemberForm) -> list[str]:
    """Names of tags to put on: texts, or objects as in the tags call."""
    names = [tag if isinstance(tag, str) else tag.get("name") for tag in form.tags if _active(tag)]
    if not all(isinstance(name, str) for name in names):
        raise refused(("tags", "Schema describes an array of names"))
    return [str(name) for name in names]


def actor_of(actor: Actor, form: MemberForm) -> Actor:
    """With the network address at which the contact agreed, for the record of consent."""
    address = form.ip_opt or form.ip_signup
    return replace(actor, address=address) if address else actor


def _active(tag: str | dict[str, Any]) -> bool:
    return isinstance(tag, str) or tag.get("status", "active") == "active"


def _status(word: str | None, where: str, known: Contact | None) -> str | None:
    if not word:
        return None
    ours = words.STATUS_IN.get(word)
    if ours is None:
        raise refused((where, f"Value must be one of {', '.join(words.STATUS_IN)}"))
    if ours != "cleaned":
        return ours
    # Callers who send a member back as they read it ask for nothing; nobody but a bounce makes an address bad.
    if known is None or known.email_status != "cleaned":
        raise refused((where, "Only a bounce makes a member cleaned"))
    return None


def _group(group_id: str) -> int:
    try:
        return read_hex_id(group_id)
    except NotFound:
        raise refused(("interests", f"There is no interest {group_id[:40]!r} in this audience")) from None
