"""/lists/{id}/members: contacts of an audience, by MD5 of the address, by address, or by contact id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from relance.api.http import Answer, Call
from relance.api.problems import WrongMethod, refused
from relance.api.v3 import words
from relance.api.v3.audience import API, audience_of, member_of, read_hex_id
from relance.api.v3.collections import collection, flag_in, link, moment_in, one, page_of, wants
from relance.api.v3.member_form import actor_of, draft_of, read_form, tag_names
from relance.api.v3.member_view import member_view
from relance.audience import contacts
from relance.audience.audiences import Audience
from relance.audience.contacts import Contact, browse
from relance.audience.contacts.browse import Sort, Wanted
from relance.db.pool import Transaction
from relance.kernel.ids import hex_id

SORTS: Mapping[str, Sort] = {
    "last_changed": "changed",
    "timestamp_opt": "opted_in",
    "timestamp_signup": "signed_up",
}

_UNIQUE_EMAIL_ID = re.compile(r"[0-9a-f]{3,32}")


def index(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    wanted, page = _wanted(call), page_of(call)
    sort = SORTS.get(call.query.get("sort_field", ""), "created")
    newest_first = call.query.get("sort_dir", "").upper() == "DESC"
    found = browse.browse(
        tx, audience.audience_id, wanted, page.count, page.offset, sort=sort, newest_first=newest_first
    )
    total = browse.count(tx, audience.audience_id, wanted) if wants(call, "total_items") else 0
    view = member_view(call, tx, audience, found, "members")
    list_id = hex_id(audience.audience_id)
    url = call.url("lists", list_id, "members")
    links = (link("self", url), link("parent", call.url("lists", list_id)), link("create", url, "POST"))
    return collection(call, "members", map(view.show, found), total, *links, list_id=list_id)


def create(call: Call, tx: Transaction) -> Answer:
    """A contact that is on the list and not archived is refused; one that is archived comes back."""
    audience = audience_of(call, tx)
    form = read_form(call.body())
    missing = [name for name in ("email_address", "status") if not getattr(form, name)]
    if missing:
        raise refused(*((name, f"Required fields were not provided: {name}") for name in missing))
    known = contacts.find(tx, audience.audience_id, form.email_address or "")
    draft = draft_of(form, known=known, skip_required=_skip_required(call))
    draft = replace(draft, tags=tag_names(form), must_be_new=True)
    with words.refusing_like_them(form.email_address):
        saved = contacts.save(tx, call.now, audience, draft, actor_of(API, form))
    return _shown(call, tx, audience, saved.contact)


def get(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    return _shown(call, tx, audience, member_of(call, tx, audience))


def put(call: Call, tx: Transaction) -> Answer:
    """Create or update. The path says who it is, the body's address may be a new one for them."""
    audience = audience_of(call, tx)
    name = call.path["member"]
    form = read_form(call.body())
    known = contacts.find(tx, audience.audience_id, name, lock=True)
    if known is None:
        if not form.email_address and "@" in name:
            form.email_address = name
        missing = [
            field
            for field, given in (
                ("email_address", form.email_address),
                ("status_if_new", form.status_if_new or form.status),
            )
            if not given
        ]
        if missing:
            raise refused(*((field, f"Required fields were not provided: {field}") for field in missing))
    draft = draft_of(form, known=known, skip_required=_skip_required(call))
    with words.refusing_like_them(form.email_address or (known.email if known else None)):
        saved = contacts.save(tx, call.now, audience, draft, actor_of(API, form), known)
    return _shown(call, tx, audience, saved.contact)


def change(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    form = read_form(call.body())
    known = member_of(call, tx, audience, lock=True)
    draft = replace(draft_of(form, known=known, skip_required=True), status_if_new=None)
    with words.refusing_like_them(form.email_address or known.email):
        saved = contacts.save(tx, call.now, audience, draft, actor_of(API, form), known)
    return _shown(call, tx, audience, saved.contact)


def archive(call: Call, tx: Transaction) -> Answer:
    """DELETE archives. Those who bounced, have not confirmed or are archived already cannot be [recorded]."""
    audience = audience_of(call, tx)
    contact = member_of(call, tx, audience, lock=True)
    if contact.archived or contact.email_status in (contacts.CLEANED, contacts.PENDING):
        raise WrongMethod(("GET", "PUT"), "This list member cannot be removed. Please contact the list's owner.")
    contacts.archive(tx, call.now, audience, contact, API)
    return Answer()


def delete_permanent(call: Call, tx: Transaction) -> Answer:
    """Erases for good: only a keyed hash of the address stays."""
    audience = audience_of(call, tx)
    contacts.erase(tx, call.now, audience, member_of(call, tx, audience), API)
    return Answer()


def _shown(call: Call, tx: Transaction, audience: Audience, contact: Contact) -> Answer:
    return one(call, member_view(call, tx, audience, [contact]).show(contact))


def _skip_required(call: Call) -> bool:
    return bool(flag_in(call, "skip_merge_validation"))


# ── Filters ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _wanted(call: Call) -> Wanted:
    wanted = Wanted(
        email_format=call.query.get("email_type") or None,
        # vip_only=false asks for everybody.
        vip=flag_in(call, "vip_only") or None,
        changed_since=moment_in(call, "since_last_changed"),
        changed_before=moment_in(call, "before_last_changed"),
        opted_in_since=moment_in(call, "since_timestamp_opt"),
        opted_in_before=moment_in(call, "before_timestamp_opt"),
        left_since=moment_in(call, "unsubscribed_since"),
    )
    return _with_id(call, _with_interests(call, _with_status(call, wanted)))


def _with_status(call: Call, wanted: Wanted) -> Wanted:
    status = call.query.get("status", "")
    if not status:
        return wanted
    if status == "archived":
        return replace(wanted, archived=True)
    if status not in words.STATUS_IN:
        raise refused(("status", f"Value must be one of {', '.join(words.STATUS_IN)}, archived"))
    return replace(wanted, statuses=[words.STATUS_IN[status]])


def _with_interests(call: Call, wanted: Wanted) -> Wanted:
    text = call.query.get("interest_ids", "")
    ids = {read_hex_id(part.strip()) for part in text.split(",") if part.strip()}
    if not ids:
        return wanted
    match call.query.get("interest_match", "any"):
        case "all":
            fewest, most = len(ids), len(ids)
        case "none":
            fewest, most = 0, 0
        case "any":
            fewest, most = 1, len(ids)
        case _:
            raise refused(("interest_match", "Value must be one of any, all, none"))
    return replace(wanted, groups=sorted(ids), fewest=fewest, most=most)


def _with_id(call: Call, wanted: Wanted) -> Wanted:
    prefix = call.query.get("unique_email_id", "").lower()
    if not prefix:
        return wanted
    # What cannot be an id is nobody's: the id of nobody finds nobody.
    return replace(wanted, id_prefix=prefix if _UNIQUE_EMAIL_ID.fullmatch(prefix) else "0" * 32)
