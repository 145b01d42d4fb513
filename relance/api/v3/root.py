"""/: whose account this is."""

from __future__ import annotations

from relance.accounts import store
from relance.accounts.model import Person
from relance.api.http import Answer, Call
from relance.api.v3.collections import link, one, stamp, wants
from relance.audience import audiences, contacts
from relance.audience.contacts import browse
from relance.db.pool import Transaction
from relance.kernel.ids import hex_id


def get(call: Call, tx: Transaction) -> Answer:
    account = call.holder.account
    person = _person(call, tx)
    first, _, last = person.name.partition(" ") if person else ("", "", "")
    body = {
        "account_id": hex_id(account.account_id),
        "login_id": hex_id(person.person_id) if person else "",
        "account_name": account.name,
        "email": person.email if person else "",
        "first_name": first,
        "last_name": last,
        "username": person.email if person else account.name,
        "avatar_url": "",
        "role": call.holder.role,
        "member_since": stamp(account.created_at),
        "pricing_plan_type": "forever_free",
        "first_payment": "",
        "account_timezone": account.zone,
        "account_industry": "",
        "contact": dict.fromkeys(("company", "addr1", "addr2", "city", "state", "zip", "country"), ""),
        "pro_enabled": True,
        "last_login": "",
        "total_subscribers": _subscribers(call, tx) if wants(call, "total_subscribers") else 0,
        "industry_stats": {"open_rate": 0, "bounce_rate": 0, "click_rate": 0},
        "_links": [
            link("self", call.url("")),
            link("lists", call.url("lists")),
            link("ping", call.url("ping")),
            link("customer-journeys", call.url("customer-journeys", "journeys")),
        ],
    }
    return one(call, body)


def _person(call: Call, tx: Transaction) -> Person | None:
    """Whose key it is; of a key of the account itself, its first owner."""
    if call.holder.person is not None:
        return call.holder.person
    people = store.people_of_account(tx, call.account_id)
    return people[0][0] if people else None


def _subscribers(call: Call, tx: Transaction) -> int:
    ids = [each.audience_id for each in audiences.all(tx, call.account_id)]
    return sum(each.by_status.get(contacts.SUBSCRIBED, 0) for each in browse.figures(tx, ids).values())
