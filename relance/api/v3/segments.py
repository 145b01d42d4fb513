"""/lists/{id}/segments: saved segments, and tags, which are called static segments there (spec/api.md 1.6)."""

from __future__ import annotations

from typing import Any

import msgspec

from relance.api.body import fit
from relance.api.http import Answer, Call
from relance.api.problems import refused
from relance.api.v3.audience import BULK, audience_of, read_number
from relance.api.v3.collections import collection, link, one, page_of, stamp, wants
from relance.api.v3.member_view import member_view
from relance.api.v3.segment_conditions import read_options, write_options
from relance.audience import contacts, fields, segments, tags
from relance.audience.audiences import Audience
from relance.audience.conditions import Objects
from relance.audience.contacts import Draft
from relance.audience.segments import Segment
from relance.audience.tags import Tag
from relance.db.pool import Transaction
from relance.flows.definition.segment_condition import catalogue_of
from relance.kernel.errors import Conflict
from relance.kernel.ids import hex_id

MOST_EMAILS = 500

Found = Segment | Tag


class SegmentForm(msgspec.Struct, kw_only=True):
    """``static_segment``: addresses of those who get the tag; ``options``: a condition."""

    name: str | None = None
    static_segment: list[str] | None = None
    options: dict[str, Any] | None = None


class BatchForm(msgspec.Struct, kw_only=True):
    members_to_add: list[str] = msgspec.field(default_factory=list)
    members_to_remove: list[str] = msgspec.field(default_factory=list)


def index(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    kind = call.query.get("type", "")
    found: list[Found] = []
    if kind in ("", "saved"):
        found += segments.list(tx, audience.audience_id)
    if kind in ("", "static"):
        found += tags.list(tx, audience.audience_id)
    items = [_show(call, tx, audience, each, "segments") for each in page_of(call).of(found)]
    url = _url(call, audience)
    links = (link("self", url), link("parent", call.url("lists", hex_id(audience.audience_id))),
             link("create", url, "POST"))  # fmt: skip
    return collection(call, "segments", items, len(found), *links, list_id=hex_id(audience.audience_id))


def create(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    form = fit(call.body(), SegmentForm)
    if not form.name:
        raise refused(("name", "Required fields were not provided: name"))
    if (form.static_segment is None) == (form.options is None):
        raise refused(("", "Give either static_segment or options"))
    if form.options is None:
        return _shown(call, tx, audience, _create_static(call, tx, audience, form.name, form.static_segment or []))
    source = read_options(form.options, fields.list_fields(tx, audience.audience_id))
    objects = _objects(tx, audience)
    made = segments.create(tx, call.now, audience.audience_id, form.name, source, call.context.subjects, objects)
    return _shown(call, tx, audience, made)


def get(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    return _shown(call, tx, audience, _find(call, tx, audience))


def change(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    form = fit(call.body(), SegmentForm)
    found = _find(call, tx, audience)
    if isinstance(found, Tag):
        if form.name:
            found = tags.rename(tx, found, form.name)
        if form.static_segment is not None:
            _put_on(call, tx, audience, found, form.static_segment)
        return _shown(call, tx, audience, found)
    source = form.options and read_options(form.options, fields.list_fields(tx, audience.audience_id))
    changed = segments.change(
        tx, call.now, found, call.context.subjects, _objects(tx, audience), name=form.name, source=source or None
    )
    return _shown(call, tx, audience, changed)


def delete(call: Call, tx: Transaction) -> Answer:
    found = _find(call, tx, audience_of(call, tx))
    if isinstance(found, Tag):
        tags.delete(tx, call.now, found)
    else:
        segments.delete(tx, call.now, found)
    return Answer()


def batch(call: Call, tx: Transaction) -> Answer:
    """Tag and untag as many as 500 addresses each; those that are no members are told, nothing else happens to them."""
    audience = audience_of(call, tx)
    tag = _static(_find(call, tx, audience))
    form = fit(call.body(), BatchForm)
    added, unknown = _put_on(call, tx, audience, tag, form.members_to_add)
    removed, unknown_too = _put_on(call, tx, audience, tag, form.members_to_remove, off=True)
    errors = [
        {"email_addresses": addresses, "error": "Email address is not on the list"}
        for addresses in (unknown, unknown_too)
        if addresses
    ]
    url = f"{_url(call, audience)}/{tag.tag_id}"
    body = {
        "members_added": added, "members_removed": removed, "errors": errors, "total_added": len(added),
        "total_removed": len(removed), "error_count": len(errors), "_links": [link("self", url, "POST")],
    }  # fmt: skip
    return one(call, body)


def members(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    found, page = _find(call, tx, audience), page_of(call)
    if isinstance(found, Tag):
        ids = tags.members(tx, found.tag_id, page.count, page.offset)
        total = tags.sizes(tx, [found.tag_id]).get(found.tag_id, 0)
    else:
        ids = [each.contact_id for each in segments.members(tx, found.segment_id, page.count, page.offset)]
        total = segments.count(tx, found.segment_id)
    known = contacts.find_many(tx, audience.audience_id, [str(each) for each in ids])
    people = [known[str(each)] for each in ids if str(each) in known and known[str(each)].email]
    view = member_view(call, tx, audience, people, "members")
    url = f"{_url(call, audience)}/{_id(found)}"
    links = (link("self", f"{url}/members"), link("parent", url))
    return collection(call, "members", [view.show(each) for each in people], total, *links)


def _find(call: Call, tx: Transaction, audience: Audience) -> Found:
    """Raises NotFound."""
    number = read_number(call.path["segment_id"])
    found = segments.get_many(tx, audience.audience_id, [number]).get(number)
    return found or tags.get(tx, audience.audience_id, number)


def _static(found: Found) -> Tag:
    if isinstance(found, Tag):
        return found
    raise refused(("", "Members are added to and removed from static segments only"))


def _create_static(call: Call, tx: Transaction, audience: Audience, name: str, emails: list[str]) -> Tag:
    if tags.find(tx, audience.audience_id, [name]):
        raise Conflict(f"Sorry, that tag already exists: {name}", where="name", code="name_taken")
    tag = tags.find_or_create(tx, call.now, audience.audience_id, [name])[name]
    _put_on(call, tx, audience, tag, emails)
    return tag


def _put_on(
    call: Call, tx: Transaction, audience: Audience, tag: Tag, emails: list[str], *, off: bool = False
) -> tuple[list[dict[str, str]], list[str]]:
    """(members touched, addresses that are no members')."""
    if len(emails) > MOST_EMAILS:
        raise refused(("", f"At most {MOST_EMAILS} addresses in a call"))
    known = contacts.find_many(tx, audience.audience_id, emails)
    there = [email for email in dict.fromkeys(emails) if email in known and known[email].archived_at is None]
    wanted = [Draft(email=known[email].email, untags=[tag.name]) if off else
              Draft(email=known[email].email, tags=[tag.name]) for email in there]  # fmt: skip
    if wanted:
        contacts.save_many(tx, call.now, audience, wanted, BULK)
    touched = [{"id": contacts.key_of(known[email].email or ""), "email_address": known[email].email or ""}
               for email in there]  # fmt: skip
    return touched, [email for email in emails if email not in there]


def _objects(tx: Transaction, audience: Audience) -> Objects:
    return catalogue_of(tx, audience.audience_id)


def _id(found: Found) -> int:
    return found.tag_id if isinstance(found, Tag) else found.segment_id


def _url(call: Call, audience: Audience) -> str:
    return call.url("lists", hex_id(audience.audience_id), "segments")


def _shown(call: Call, tx: Transaction, audience: Audience, found: Found) -> Answer:
    return one(call, _show(call, tx, audience, found))


def _show(call: Call, tx: Transaction, audience: Audience, found: Found, *path: str) -> dict[str, Any]:
    """How many are in it is counted only if it will be seen."""
    parent = _url(call, audience)
    url = f"{parent}/{_id(found)}"
    static = isinstance(found, Tag)
    shown: dict[str, Any] = {"id": _id(found), "name": found.name}
    if wants(call, *path, "member_count"):
        shown["member_count"] = (
            tags.sizes(tx, [found.tag_id]).get(found.tag_id, 0)
            if isinstance(found, Tag)
            else segments.count(tx, found.segment_id)
        )
    shown |= {
        "type": "static" if static else "saved",
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.created_at if isinstance(found, Tag) else found.changed_at),
    }
    if isinstance(found, Segment):
        options = write_options(found.source, fields.list_fields(tx, audience.audience_id))
        if options:
            shown["options"] = options
    links = [link("self", url), link("parent", parent), link("update", url, "PATCH"), link("delete", url, "DELETE"),
             link("members", f"{url}/members")]  # fmt: skip
    return {**shown, "list_id": hex_id(audience.audience_id), "_links": links}
