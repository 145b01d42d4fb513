"""/lists: audiences. Also POST /lists/{id}, the bulk call, whose work is in bulk.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from relance.api.body import fit
from relance.api.http import Answer, Call
from relance.api.problems import refused
from relance.api.v3.audience import audience_of
from relance.api.v3.collections import collection, link, moment_in, one, page_of, stamp, wants
from relance.audience import audiences, contacts, fields
from relance.audience.audiences import Audience
from relance.audience.contacts import browse
from relance.db.pool import Transaction
from relance.kernel.errors import Invalid
from relance.kernel.ids import hex_id

MOST_LISTS = 10_000
ADDRESS = ("address1", "address2", "city", "state", "zip", "country")


class Contact(msgspec.Struct, kw_only=True):
    """Who the sender is, as emails have to show it."""

    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    phone: str | None = None


class CampaignDefaults(msgspec.Struct, kw_only=True):
    from_name: str | None = None
    from_email: str | None = None
    subject: str | None = None
    language: str | None = None


class ListForm(msgspec.Struct, kw_only=True):
    """The body of POST and PATCH. Absent: stays as it is."""

    name: str | None = None
    contact: Contact = msgspec.field(default_factory=Contact)
    campaign_defaults: CampaignDefaults = msgspec.field(default_factory=CampaignDefaults)
    permission_reminder: str | None = None
    use_archive_bar: bool | None = None
    notify_on_subscribe: str | bool | None = None
    notify_on_unsubscribe: str | bool | None = None
    email_type_option: bool | None = None
    double_optin: bool | None = None
    marketing_permissions: bool | None = None
    visibility: str | None = None


def index(call: Call, tx: Transaction) -> Answer:
    found = [each for each in audiences.all(tx, call.account_id) if _in_dates(call, each.created_at)]
    if call.query.get("sort_dir", "").upper() == "DESC":
        found.reverse()
    page = page_of(call).of(found)
    constraints = {
        "may_create": len(found) < MOST_LISTS,
        "max_instances": MOST_LISTS,
        "current_total_instances": len(found),
    }
    url = call.url("lists")
    links = (link("self", url), link("create", url, "POST"))
    return collection(call, "lists", show_all(call, tx, page), len(found), *links, constraints=constraints)


def create(call: Call, tx: Transaction) -> Answer:
    form = fit(call.body(), ListForm)
    if not (form.name or "").strip():
        raise refused(("name", "Required fields were not provided: name"))
    sender = _sender({}, form)
    language = form.campaign_defaults.language or "en"
    audience = audiences.create(
        tx, call.now, call.account_id, form.name or "", sender, language=language,
        double_opt_in=bool(form.double_optin),
    )  # fmt: skip
    return _shown(call, tx, audience)


def get(call: Call, tx: Transaction) -> Answer:
    return _shown(call, tx, audience_of(call, tx))


def change(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    form = fit(call.body(), ListForm)
    changes: dict[str, Any] = {"sender": _sender(audience.sender, form)}
    if form.name is not None:
        changes["name"] = form.name
    if form.campaign_defaults.language is not None:
        changes["language"] = form.campaign_defaults.language
    if form.double_optin is not None:
        changes["double_opt_in"] = form.double_optin
    return _shown(call, tx, audiences.change(tx, call.now, audience, **changes))


def delete(call: Call, tx: Transaction) -> Answer:
    audiences.delete(tx, call.now, audience_of(call, tx))
    return Answer()


# ── How an audience looks ───────────────────────────────────────────────────────────────────────────────────────────


def show_all(call: Call, tx: Transaction, found: Sequence[Audience]) -> list[dict[str, Any]]:
    """Items of a collection. Figures are counted only if they will be seen."""
    counted = wants(call, "lists", "stats")
    figures = browse.figures(tx, [each.audience_id for each in found]) if counted else {}
    return [_show(call, each, _stats(tx, each, figures.get(each.audience_id)) if counted else {}) for each in found]


def _shown(call: Call, tx: Transaction, audience: Audience) -> Answer:
    figures = browse.figures(tx, [audience.audience_id])[audience.audience_id] if wants(call, "stats") else None
    return one(call, _show(call, audience, _stats(tx, audience, figures)))


def _show(call: Call, audience: Audience, stats: dict[str, Any]) -> dict[str, Any]:
    sender = audience.sender
    kept: Mapping[str, Any] = sender.get("wire") or {}
    list_id = hex_id(audience.audience_id)
    return {
        "id": list_id,
        "web_id": audience.audience_id,
        "name": audience.name,
        "contact": {
            "company": sender.get("company", ""),
            **{part: kept.get(part, "") for part in ADDRESS},
            "phone": sender.get("phone", ""),
        },
        "permission_reminder": sender.get("permission_reminder", ""),
        "use_archive_bar": kept.get("use_archive_bar", False),
        "campaign_defaults": {
            "from_name": sender.get("from_name", ""),
            "from_email": sender.get("from_email", ""),
            "subject": kept.get("subject", ""),
            "language": audience.language,
        },
        "notify_on_subscribe": kept.get("notify_on_subscribe", ""),
        "notify_on_unsubscribe": kept.get("notify_on_unsubscribe", ""),
        "date_created": stamp(audience.created_at),
        "list_rating": 0,
        "email_type_option": kept.get("email_type_option", False),
        "subscribe_url_short": "",
        "subscribe_url_long": "",
        "beamer_address": "",
        "visibility": kept.get("visibility", "prv"),
        "double_optin": audience.double_opt_in,
        "has_welcome": False,
        "marketing_permissions": kept.get("marketing_permissions", False),
        "modules": [],
        "stats": stats,
        "_links": _links(call, list_id),
    }


def _stats(tx: Transaction, audience: Audience, figures: browse.Figures | None) -> dict[str, Any]:
    """Rates of campaigns are those of campaigns: none yet."""
    if figures is None:
        return {}
    counts = figures.by_status
    rates = dict.fromkeys(("avg_sub_rate", "avg_unsub_rate", "target_sub_rate", "open_rate", "click_rate"), 0)
    return {
        "member_count": counts.get(contacts.SUBSCRIBED, 0),
        "total_contacts": sum(n for status, n in counts.items() if status != "archived"),
        "unsubscribe_count": counts.get(contacts.UNSUBSCRIBED, 0),
        "cleaned_count": counts.get(contacts.CLEANED, 0),
        "member_count_since_send": 0,
        "unsubscribe_count_since_send": 0,
        "cleaned_count_since_send": 0,
        "campaign_count": 0,
        "campaign_last_sent": "",
        "merge_field_count": len(fields.list_fields(tx, audience.audience_id)),
        **rates,
        "last_sub_date": stamp(figures.last_opted_in),
        "last_unsub_date": "",
    }


def _links(call: Call, list_id: str) -> list[dict[str, str]]:
    url = call.url("lists", list_id)
    return [
        link("self", url),
        link("parent", call.url("lists")),
        link("update", url, "PATCH"),
        link("batch-sub-members", url, "POST"),
        link("delete", url, "DELETE"),
        link("members", f"{url}/members"),
        link("merge-fields", f"{url}/merge-fields"),
        link("interest-categories", f"{url}/interest-categories"),
        link("tag-search", f"{url}/tag-search"),
    ]


# ── What a body means ───────────────────────────────────────────────────────────────────────────────────────────────


def _sender(old: Mapping[str, Any], form: ListForm) -> dict[str, Any]:
    """The audience's sender with what the body says. What Relance has no use for is kept to read back the same."""
    defaults, contact = form.campaign_defaults, form.contact
    if defaults.from_email:
        _check_from(defaults.from_email)
    kept: dict[str, Any] = {
        "subject": defaults.subject,
        **{part: getattr(contact, part) for part in ADDRESS},
        "use_archive_bar": form.use_archive_bar,
        "notify_on_subscribe": _notify(form.notify_on_subscribe),
        "notify_on_unsubscribe": _notify(form.notify_on_unsubscribe),
        "email_type_option": form.email_type_option,
        "marketing_permissions": form.marketing_permissions,
        "visibility": form.visibility if form.visibility in ("pub", "prv") else None,
    }
    wire = dict(old.get("wire") or {}) | _given(kept)
    ours = {
        "from_name": defaults.from_name,
        "from_email": defaults.from_email,
        "company": contact.company,
        "phone": contact.phone,
        "permission_reminder": form.permission_reminder,
    }
    address = ", ".join(line for line in _address_parts(wire) if line)
    return {**old, **_given(ours), "address": address, "wire": wire}


def _address_parts(wire: Mapping[str, Any]) -> list[str]:
    place = " ".join(filter(None, (wire.get("zip"), wire.get("city"), wire.get("state"))))
    return [wire.get("address1", ""), wire.get("address2", ""), place, wire.get("country", "")]


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _notify(value: str | bool | None) -> str | None:
    """An address; existing clients also send false for nobody."""
    return ("" if value is False else None) if isinstance(value, bool) else value


def _check_from(email: str) -> None:
    try:
        contacts.check_address(email)
    except Invalid:
        raise refused(("campaign_defaults.from_email", "Please provide a valid email address.")) from None


def _in_dates(call: Call, created_at: datetime) -> bool:
    since, before = moment_in(call, "since_date_created"), moment_in(call, "before_date_created")
    return (since is None or created_at >= since) and (before is None or created_at < before)
