"""Fern & Moss with a newsletter, an outbox, and a sender: what stories of sending need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import cast

from relance.audience.contacts import Contact
from relance.db.pool import Database, Transaction
from relance.db.share import everything
from relance.kernel import clock
from relance.kernel.ids import time_uuid
from relance.messages import templates
from relance.messages.prepare import Refusal
from relance.messages.send import Sender, SendSettings, Transport
from relance.messages.templates import Content
from relance.messages.track.token import DeliveryRef, Tokens

PUBLIC_URL = "https://relance.example"
SECRET = "a secret that only tests know, 32 characters long"
HTML = (
    '<body><p>Hello *|FNAME:there|*, see <a href="https://fern.example/new?utm_source=mail">our ferns</a>.</p>'
    '<p><a href="*|UNSUB|*">Unsubscribe</a> *|LIST:ADDRESS|*</p></body>'
)
FLOW, RUN_STEP = 99, 5


@dataclass
class Outbox:
    """``codes`` and ``known`` are what the flows layer would say, by delivery id."""

    database: Database
    shop: cast.Shop
    message_id: int
    codes: dict[UUID, str] = field(default_factory=dict)
    known: dict[UUID, Mapping[str, Any]] = field(default_factory=dict)
    judged: list[UUID] = field(default_factory=list)

    def sender(self, transport: Transport, **settings: Any) -> Sender:
        settings.setdefault("worker_id", uuid4())
        return Sender(
            self.database,
            transport,
            judge=self._judge,
            contexts=lambda _tx, _rows: self.known,
            settings=SendSettings(public_url=PUBLIC_URL, secret=SECRET, pause=0.01, **settings),
        )

    def _judge(self, _tx: Transaction, _now: datetime, rows: Sequence[Any]) -> Mapping[UUID, Refusal]:
        self.judged += [row.delivery_id for row in rows]
        return {row.delivery_id: Refusal(self.codes[row.delivery_id]) for row in rows if row.delivery_id in self.codes}

    def send(self, transport: Transport, **settings: Any) -> int:
        """Everything that is due, by a new worker. Returns how many were decided."""
        sender, done = self.sender(transport, **settings), 0
        while found := sender.batch(everything()):
            done += found
        return done

    def content(self, html: str = HTML, subject: str = "New ferns, *|FNAME:friend|*", **more: Any) -> None:
        with self.database.transaction() as tx:
            templates.save(tx, clock.now(), self.message_id, Content(subject, html, **more))

    def person(self, email: str = cast.ANA, **draft: Any) -> Contact:
        with self.database.transaction() as tx:
            return self.shop.add(tx, email, actor=draft.pop("actor", cast.TEAM), **{"shown": "Asked", **draft})

    def keep_in_one_slot(self) -> None:
        """Whoever comes now shares a queue: which slots people are in is otherwise chance."""
        with self.database.transaction() as tx:
            tx.connection.execute("update account set spread = 1")

    def queue(self, contact: Contact, message_class: str = "marketing", *, flow: bool = True) -> DeliveryRef:
        ref = DeliveryRef(contact.bucket, uuid4(), clock.now())
        with self.database.transaction() as tx:
            tx.connection.execute(
                "insert into delivery (bucket, delivery_id, queued_at, account_id, audience_id, contact_id, "
                "message_id, class, flow_id, run_id, step_id, due, version_id, channel, depth, state) "
                "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1, 'email', 0, 'queued')",
                (
                    *(ref.bucket, ref.delivery_id, ref.queued_at, contact.account_id, contact.audience_id),
                    *(contact.contact_id, self.message_id, message_class, FLOW if flow else None),
                    *(time_uuid(clock.now()) if flow else None, RUN_STEP if flow else None, clock.now()),
                ),
            )
        return ref

    def delivery(self, ref: DeliveryRef) -> Any:
        with self.database.transaction() as tx:
            columns = "state, code, due, attempts, address, worker, answer, version, sent_at, opened_at, clicked_at, "
            columns += "machine_at, bounced_at, bounce"
            key = (ref.delivery_id,)
            return tx.connection.execute(f"select {columns} from delivery where delivery_id = %s", key).fetchone()

    def states(self) -> list[tuple[str, str | None]]:
        """(state, code) of every delivery, sorted."""
        with self.database.transaction() as tx:
            return sorted(tuple(row) for row in tx.connection.execute("select state, code from delivery").fetchall())

    def told(self, ref: DeliveryRef | None = None) -> list[tuple[str, dict[str, Any]]]:
        """(kind, payload) of what the ledger says of messages and of cleaned contacts, in order."""
        with self.database.transaction() as tx:
            rows = tx.connection.execute(
                "select kind, payload from event where (kind like 'message.%%' or kind in ('contact.cleaned', "
                "'contact.email_unsubscribed', 'contact.email_subscribed')) order by recorded_at, event_id"
            ).fetchall()
        wanted = str(ref.delivery_id) if ref else None
        return [(kind, payload) for kind, payload in rows if wanted is None or payload.get("delivery_id") == wanted]

    def kinds(self, ref: DeliveryRef | None = None) -> list[str]:
        return [kind for kind, _ in self.told(ref)]

    def status(self, email: str = cast.ANA) -> str | None:
        with self.database.transaction() as tx:
            return self.shop.find(tx, email).email_status

    @staticmethod
    def token(ref: DeliveryRef) -> str:
        return Tokens(SECRET).sign(ref)


def open_outbox(database: Database) -> Outbox:
    with database.transaction() as tx:
        shop = cast.open_shop(tx)
        audience = shop.customers.audience_id
        message_id = templates.create(tx, clock.now(), shop.account_id, audience, FLOW, "New ferns")
    outbox = Outbox(database, shop, message_id)
    outbox.content()
    return outbox
