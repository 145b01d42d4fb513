"""What contacts did with emails, for conditions (spec/flows.md 7.2 "email activity", 7.3, 7.5, M1-M5).

    {"on": "email_activity", "op": "opened", "value": <message id> or "any",
     "link": <link id>, "count": 3, "window": "last 30 days"}

Operators was_sent, not_sent, opened, not_opened, clicked, not_clicked, engagement_unknown. ``link`` goes with clicked
and not_clicked of one message. ``count`` goes with was_sent, opened and clicked: at least so many emails. ``window`` is
about when it was sent, opened or clicked; not_opened and engagement_unknown leave out unknown deliveries sent in it.

A test of a message that was never sent to anybody is false, whatever its operator (7.5). A delivery of unknown
engagement makes both opened and not_opened false (M5), unless the account counts it as not opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from relance.audience.conditions.build import Build, Constant
from relance.audience.conditions.model import Catalogue, Fragment, Leaf, Listens, Objects, Problem
from relance.audience.conditions.subjects.shape import Subject, gone
from relance.audience.conditions.values.constants import an_id, whole
from relance.audience.conditions.values.shape import known
from relance.audience.conditions.windows import Window, window_of
from relance.audience.events import ATTRIBUTE_CHANGED
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.errors import Invalid
from relance.messages.events import BOUNCED, CLICKED, OPENED, SENT

queries = load_queries(__package__, "conditions.sql")

ANY = "any"
_OPS = ("was_sent", "not_sent", "opened", "not_opened", "clicked", "not_clicked", "engagement_unknown")
_COUNT = whole(1, 10_000, "a number of emails")
_HEARD = {
    "sent": (SENT,),
    "opened": (SENT, OPENED, CLICKED, BOUNCED),
    "clicked": (SENT, CLICKED),
}


@dataclass(frozen=True, slots=True)
class _Mail:
    """The emails that a test is about: one message's, or all."""

    message: Constant | None
    link: Constant | None
    count: Constant | None
    window: Window

    @property
    def deliveries(self) -> str:
        one = f" and d.message_id = {self.message.id}" if self.message else ""
        return (
            "from delivery d where d.bucket = x.bucket and d.contact_id = x.contact_id "
            f"and d.channel = 'email' and d.sent_at is not null{one}"
        )

    @property
    def known_to_somebody(self) -> str:
        """Over ``deliveries``: was the message sent to this contact, or to anybody else (7.5)?"""
        if not self.message:
            return "count(*) >= 0"  # an aggregate even so: one row, whatever the number of deliveries
        sent = f"select from message m where m.message_id = {self.message.id} and m.sent_at is not null"
        return f"(count(*) > 0 or exists ({sent}))"

    def facts(self, *kinds: str) -> str:
        """Human opens and clicks in the ledger: a delivery keeps only the first of each, a window needs them all."""
        one = f" and e.match_key = {self.message.text}" if self.message else ""
        link = f" and (e.payload ->> 'link_id') = {self.link.text}" if self.link else ""
        return (
            "from event e where e.bucket = x.bucket and e.contact_id = x.contact_id "
            f"and e.kind in ({', '.join(repr(kind) for kind in kinds)}) "
            f"and (e.payload ->> 'machine') is distinct from 'true'{one}{link}{self.window.of_events('e')}"
        )

    def sent(self) -> str:
        return self._enough(self.deliveries + self.window.holds("d.sent_at"), "*")

    def opened(self) -> str:
        if not self.window.start and not self.window.end:
            return self._enough(f"{self.deliveries} and d.opened_at is not null", "*")
        return self._enough(self.facts(OPENED.key, CLICKED.key), "distinct e.payload ->> 'delivery_id'")

    def clicked(self) -> str:
        if not self.link and not self.window.start and not self.window.end:
            return self._enough(f"{self.deliveries} and d.clicked_at is not null", "*")
        return self._enough(self.facts(CLICKED.key), "distinct e.payload ->> 'delivery_id'")

    def unknown(self) -> str:
        """Over ``deliveries`` (M5). An open or click settles it."""
        counted = (
            "(select a.settings ->> 'unknown_counts_as' from account a where a.account_id = c.account_id)"
            " is distinct from 'not_opened'"
        )
        return (
            "coalesce(bool_or(d.opened_at is null and d.clicked_at is null and d.bounced_at is null "
            f"and (d.machine_at is not null or c.no_open_tracking){self.window.holds('d.sent_at')}), false) "
            f"and {counted}"
        )

    def turns(self) -> str:
        """With the first email, open or click that falls out of the window."""
        leaves, window = self.window.leaves, self.window
        if not leaves:
            return ""
        sent = f"(select {leaves('min(d.sent_at)')} {self.deliveries}{window.holds('d.sent_at')})"
        return f"least({sent}, (select {leaves('min(e.occurred_at)')} {self.facts(OPENED.key, CLICKED.key)}))"

    def over_deliveries(self, expression: str) -> str:
        return f"(select {expression} {self.deliveries})"

    def _enough(self, rows: str, counted: str) -> str:
        if self.count:
            return f"((select count({counted}) {rows}) >= {self.count.whole})"
        return f"exists (select {rows} offset 0)"


class EmailActivity(Subject):
    kinds = ("email_activity",)
    options = ("link", "count", "window")

    def compile(self, leaf: Leaf, build: Build) -> Fragment:
        known(leaf, _OPS)
        mail = _mail(leaf, build)
        subject = f"'email_activity:' || {mail.message.text}" if mail.message else "'email_activity:any'"
        seen = mail.over_deliveries(
            "jsonb_strip_nulls(jsonb_build_object('sent_at', max(d.sent_at), 'opened_at', max(d.opened_at), "
            "'clicked_at', max(d.clicked_at), 'machine_at', max(d.machine_at)))"
        )
        return Fragment(_holds(leaf.op, mail), (subject, seen), _listens(leaf), mail.turns())

    def missing(self, leaf: Leaf, catalogue: Catalogue) -> Iterator[Problem]:
        if leaf.value == ANY:
            return
        if leaf.value not in catalogue.messages:
            yield gone(leaf, f"there is no email {leaf.value} in this audience")
        elif "link" in leaf.options and (leaf.value, leaf.options["link"]) not in catalogue.links:
            yield gone(leaf, f"the email {leaf.value} has no link {leaf.options['link']}")


def _holds(op: str, mail: _Mail) -> str:
    match op:
        case "was_sent":
            return mail.sent()
        case "not_sent":
            return f"(not {mail.sent()} and {mail.over_deliveries(mail.known_to_somebody)})"
        case "opened":
            return mail.opened()
        case "not_opened":
            quiet = mail.over_deliveries(f"{mail.known_to_somebody} and not ({mail.unknown()})")
            return f"(not {mail.opened()} and {quiet})"
        case "engagement_unknown":
            return f"(not {mail.opened()} and {mail.over_deliveries(mail.unknown())})"
        case "clicked":
            return mail.clicked()
        case _:
            return f"(not {mail.clicked()} and {mail.over_deliveries(mail.known_to_somebody)})"


def _mail(leaf: Leaf, build: Build) -> _Mail:
    """Raises Invalid."""
    link, count = leaf.options.get("link"), leaf.options.get("count")
    if link is not None and (leaf.op not in ("clicked", "not_clicked") or leaf.value == ANY):
        raise Invalid("a link goes with clicked or not_clicked of one email", where=leaf.path, mend="Take it out.")
    if count is not None and leaf.op not in ("was_sent", "opened", "clicked"):
        raise Invalid(f"{leaf.op} takes no count", where=leaf.path, mend="Use was_sent, opened or clicked.")
    try:
        return _Mail(
            message=None if leaf.value == ANY else build.place(an_id(leaf.value)[0]),
            link=None if link is None else build.place(an_id(link)[0]),
            count=None if count is None else build.place(_COUNT(count)[0]),
            window=window_of(leaf, build),
        )
    except ValueError as error:
        raise Invalid(f"email_activity {leaf.op}: {error}", where=leaf.path, mend='Or "any".') from None


def _listens(leaf: Leaf) -> Listens:
    about = {"was_sent": "sent", "not_sent": "sent", "clicked": "clicked", "not_clicked": "clicked"}.get(
        leaf.op, "opened"
    )
    key = "" if leaf.value == ANY else str(leaf.value)
    heard = {(kind.key, key) for kind in _HEARD[about]}
    return frozenset(heard | ({(ATTRIBUTE_CHANGED.key, "no_open_tracking")} if about == "opened" else set()))


SUBJECTS = (EmailActivity(),)


def add_messages(tx: Transaction, objects: Objects, audience_id: int) -> Objects:
    """A catalogue with the audience's messages and their links added."""
    return replace(
        objects,
        messages=frozenset(row.message_id for row in tx.rows(queries.audience_messages, audience_id=audience_id)),
        links=frozenset(
            (row.message_id, row.link_id) for row in tx.rows(queries.audience_links, audience_id=audience_id)
        ),
    )
