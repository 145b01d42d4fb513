"""The cast of tests and documents: the plant shop Fern & Moss, its audience Customers, and five people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relance.audience import audiences, contacts
from relance.audience.audiences import Audience
from relance.audience.contacts import Actor, Contact, Draft, Saved
from relance.db.pool import Transaction
from relance.kernel import clock

CRM_SECRET = "the secret that the shop shares with its CRM"
ACCOUNT = 4_711

PEOPLE: dict[str, dict[str, str]] = {
    "ana@example.com": {"FNAME": "Ana", "LNAME": "Lima", "BIRTHDAY": "03/14"},
    "ben@example.com": {"FNAME": "Ben", "LNAME": "Okafor"},
    "chloe@example.com": {"FNAME": "Chloé", "LNAME": "Martin", "BIRTHDAY": "02/29"},
    "dev@example.com": {"FNAME": "Dev", "LNAME": "Rao"},
    "elodie@example.com": {"FNAME": "Élodie", "LNAME": "Dubois"},
}
ANA, BEN, CHLOE, DEV, ELODIE = PEOPLE

API = Actor("api", "api")
TEAM = Actor("app", "app")
FORM = Actor("self", "form", address="198.51.100.7")
FILE = Actor("import", "import", imported=True)
BULK = Actor("api", "api", imported=True)
STORE = Actor("store", "store")


@dataclass(frozen=True)
class Shop:
    """Fern & Moss, with its one audience."""

    account_id: int
    customers: Audience

    def add(self, tx: Transaction, email: str = ANA, actor: Actor = API, **draft: Any) -> Contact:
        """A contact of the audience, subscribed unless the draft says otherwise, with the fields of the cast."""
        draft.setdefault("email_status", "subscribed")
        draft.setdefault("fields", PEOPLE.get(email, {}))
        return self.save(tx, actor, email=email, **draft).contact

    def save(self, tx: Transaction, actor: Actor = API, who: Contact | None = None, **draft: Any) -> Saved:
        return contacts.save(tx, clock.now(), self.customers, Draft(**draft), actor, who)

    def find(self, tx: Transaction, name: str = ANA) -> Contact:
        contact = contacts.find(tx, self.customers.audience_id, name)
        assert contact is not None, f"{name} is not there"
        return contact

    def story(self, tx: Transaction, contact: Contact, since: int = 0) -> list[str]:
        """The kinds of the contact's events, oldest first, without the first ``since``."""
        told = [entry.kind.removeprefix("contact.") for entry in contacts.timeline(tx, contact, 1000)]
        return told[::-1][since:]


def open_shop(tx: Transaction, *, double_opt_in: bool = False, zone: str = "Europe/Paris") -> Shop:
    """The account and its audience, as on the first morning."""
    now = clock.now()
    account(tx, now, zone)
    sender = {"from_name": "Fern & Moss", "from_email": "hello@fern.example", "company": "Fern & Moss"}
    customers = audiences.create(tx, now, ACCOUNT, "Customers", sender, double_opt_in=double_opt_in)
    return Shop(ACCOUNT, customers)


def account(tx: Transaction, now: datetime, zone: str = "Europe/Paris", account_id: int = ACCOUNT) -> int:
    tx.connection.execute(
        "insert into account (account_id, name, zone, created_at) values (%s, 'Fern & Moss', %s, %s)",
        (account_id, zone, now),
    )
    return account_id


def everybody(tx: Transaction, shop: Shop, emails: Sequence[str] = tuple(PEOPLE)) -> dict[str, Contact]:
    """The whole cast, subscribed."""
    return {email: shop.add(tx, email) for email in emails}
