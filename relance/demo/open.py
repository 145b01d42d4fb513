"""Fern & Moss moves in: an audience, five people, three live flows, and something that happens to each."""

from __future__ import annotations

from datetime import datetime
from importlib import resources
from pathlib import Path

from relance.accounts.model import Account
from relance.audience import audiences, contacts
from relance.audience.audiences import Audience
from relance.audience.contacts import Actor, Draft
from relance.audience.record_event import Fact, record_event
from relance.db.pool import Database, Transaction
from relance.flows import life
from relance.flows.definition.apply import apply
from relance.flows.definition.file import read_flow_file
from relance.flows.kinds import Kinds
from relance.kernel import clock

AUDIENCE = "Customers"
SENDER = {
    "from_name": "Fern & Moss",
    "from_email": "hello@fernandmoss.example",
    "reply_to": "hello@fernandmoss.example",
    "company": "Fern & Moss",
    "address": "12 Garden Lane, Dublin D02 X285, Ireland",
    "url": "https://fernandmoss.example/",
    "permission_reminder": "You signed up in our shop.",
}
FLOWS = ("welcome.yaml", "vip-thanks.yaml", "repotting-class.yaml")
PEOPLE = (
    ("ana@example.com", "Ana", "Lima", "03/14"),
    ("ben@example.com", "Ben", "Okafor", ""),
    ("chloe@example.com", "Chloé", "Martin", "02/29"),
    ("dev@example.com", "Dev", "Rao", ""),
    ("elodie@example.com", "Élodie", "Dubois", "11/02"),
)
FORM = Actor("self", "form")
TEAM = Actor("app", "app")


def open_demo(database: Database, account: Account, kinds: Kinds) -> bool:
    """Only into an account without any audience; whether it was done. All or nothing: after a start that was killed in
    the middle the next one begins again."""
    now = clock.now()
    with database.transaction() as tx:
        if audiences.all(tx, account.account_id):
            return False
        shop = audiences.create(tx, now, account.account_id, AUDIENCE, SENDER)
        for file in FLOWS:
            _go_live(tx, now, account, kinds, file)
        # Only what happens after a flow was switched on counts (G1).
        _people(tx, clock.now(), shop)
    return True


def _go_live(tx: Transaction, now: datetime, account: Account, kinds: Kinds, file: str) -> None:
    with resources.as_file(resources.files("relance.demo") / "flows") as folder:
        written = read_flow_file(Path(folder) / file)
        applied = apply(tx, now, kinds, account.account_id, account.settings, written)
    life.publish(tx, now, kinds, applied.flow_id)


def _people(tx: Transaction, now: datetime, shop: Audience) -> None:
    """Everybody signs up by the form, one is tagged, one begins the class."""
    drafts = [
        Draft(email=email, email_status="subscribed", fields=_fields(first, last, birthday))
        for email, first, last, birthday in PEOPLE
    ]
    contacts.save_many(tx, now, shop, drafts, FORM)
    contacts.save(tx, now, shop, Draft(email="ana@example.com", tags=["vip"]), TEAM)
    lesson = {"level": "beginner", "title": "repotting"}
    record_event(tx, now, Fact(shop, "ben@example.com", "class_started", lesson), "app")


def _fields(first: str, last: str, birthday: str) -> dict[str, str]:
    return {"FNAME": first, "LNAME": last, **({"BIRTHDAY": birthday} if birthday else {})}
