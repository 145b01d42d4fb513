"""Fern & Moss on a working day, as its people see it in a browser: two live flows with people in them, a draft."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import relance
from relance.accounts import people, store
from relance.accounts.sign_in import create_link, set_password
from relance.app import KINDS
from relance.audience import audiences
from relance.db.pool import Database
from relance.kernel.clock import Clock
from relance.messages import browse
from relance.messages.transports.catcher import CaughtMail
from relance.web import WebContext
from tests.scenarios.post import Post
from tests.scenarios.world import PUBLIC_URL, SECRET, World

OWNER, VIEWER = "ana.moss@fern.example", "dev.rao@fern.example"
PASSWORD = "repotting in spring"
ADDRESS = {"addr1": "3 Fern Lane", "city": "Lyon", "zip": "69001", "country": "FR"}
FLOWS = Path(relance.__file__).parent / "demo" / "flows"

DRAFT = """
flow: Thank you <again>
audience: Customers
triggers: [manual]
steps:
  - wait_for_trigger:
      event_api: {name: order_placed}
      up_to: 3 days
      met: [{add_tag: regular}]
      timed_out: [{add_tag: quiet}]
  - delay: 2 hours
  - if_else:
      ways:
        - {when: {tag: vip}, then: [{add_tag: thanked}]}
        - {when: {tag: quiet}, then: [end]}
      else: [{add_tag: reminded}]
  - add_tag: done
"""


class KeepingPost(Post):
    """What the catcher takes is kept for the page that shows it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        super().__init__()

    def _catch(self, mail: CaughtMail) -> None:
        super()._catch(mail)
        with self.database.transaction() as tx:
            browse.keep(tx, mail)


@dataclass(frozen=True)
class WebShop:
    world: World
    context: WebContext
    welcome: int
    draft: int
    contacts: dict[str, UUID]

    def link(self, email: str = OWNER) -> str:
        """The path of a sign-in link."""
        with self.world.database.transaction() as tx:
            known = store.person_by_email(tx, email)
            assert known is not None
            return f"/signin/link/{create_link(tx, self.world.clock.now(), known[0].person_id)}"

    def speak(self, email: str, language: str) -> None:
        """Change the language of one of the team."""
        with self.world.database.transaction() as tx:
            tx.connection.execute("update person set language = %s where email = %s", (language, email))


@contextmanager
def open_web_shop(database: Database, clock: Clock, public_url: str = PUBLIC_URL) -> Iterator[WebShop]:
    """A day and a bit after Ana, Ben and Chloé signed up; Ben has clicked; Dev unsubscribed before his letter."""
    post = KeepingPost(database)
    world = World(database, clock, post)
    try:
        with database.transaction() as tx:
            account = store.get_account(tx, world.shop.account_id)
            assert account is not None
            audiences.change(
                tx, clock.now(), world.shop.customers, sender={**world.shop.customers.sender, "address": ADDRESS}
            )
            people.join(tx, clock.now(), account, OWNER, "owner", name="Ana Moss")
            people.join(tx, clock.now(), account, VIEWER, "viewer", name="Dev Rao")
            set_password(tx, OWNER, PASSWORD)
        welcome = world.flow((FLOWS / "welcome.yaml").read_text(), folder=FLOWS)
        draft = world.flow(DRAFT, on=False)
        contacts = {
            email: world.person(email, fields=fields)
            for email, fields in (
                ("ana@example.com", {"FNAME": "Ana", "LNAME": "Lima"}),
                ("ben@example.com", {"FNAME": "Ben", "LNAME": "Okafor"}),
                ("chloe@example.com", {"FNAME": "Chloé"}),
            )
        }
        world.settle()
        world.click(world.mails_to("ben@example.com")[0])
        world.travel(timedelta(days=1, hours=2))
        contacts["elodie@example.com"] = world.person("elodie@example.com", fields={"FNAME": "Élodie"})
        world.settle()
        world.tag("chloe@example.com", "vip")
        world.event("chloe@example.com", "order_placed", {"total": 48, "<b>": "<script>alert(1)</script>"})
        world.person("elodie@example.com", email_status="unsubscribed")
        world.person("elodie@example.com", email_status="subscribed")
        world.settle()
        context = WebContext(
            database=database, kinds=KINDS, public_url=public_url, secret=SECRET, post=post.transport, clock=clock
        )
        yield WebShop(world, context, welcome, draft, contacts)
        world.closes()
    finally:
        post.close()
