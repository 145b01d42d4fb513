"""Judge claimed deliveries again and write their letters, in one transaction before the hand-over (spec 5.9, 9, 8)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from relance.audience.fields import Field, list_fields
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.errors import RelanceError
from relance.messages.consent import refusal
from relance.messages.merge import CannotRender, group_key
from relance.messages.personal import name_of, personal
from relance.messages.templates import CompiledMessage, MessageCache
from relance.messages.track.addresses import Addresses
from relance.messages.track.token import DeliveryRef, Tokens
from relance.messages.transports.model import Letter

log = logging.getLogger(__name__)

queries = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An S code: the delivery does not leave. A W code: not yet; ``until`` None: it is looked at again soon. ``seen``:
    the values looked at."""

    code: str
    until: datetime | None = None
    seen: Mapping[str, Any] | None = None


Judge = Callable[[Transaction, datetime, Sequence[Any]], Mapping[UUID, Refusal]]
"""Of claimed deliveries, those that must not leave, or not yet. Of those that are refused for status and consent, those
whose run ends before they would be skipped."""
Unsubscribed = Callable[[Transaction, datetime, Sequence[Any]], None]
"""Is told of deliveries that are refused because their contact is unsubscribed (S02)."""
Contexts = Callable[[Transaction, Sequence[Any]], Mapping[UUID, Mapping[str, Any]]]
"""The contexts of the runs behind deliveries, by delivery id."""

PUT_OFF: Final = timedelta(minutes=1)
"""How long a delivery rests that must not leave yet."""


@dataclass(frozen=True, slots=True)
class Decision:
    """``letter``: it is handed over. ``code``: it is not, for this reason; a W code puts it off, to ``until`` if that
    is known."""

    row: Any
    code: str | None = None
    why: str | None = None
    letter: Letter | None = None
    version: int | None = None
    until: datetime | None = None
    seen: Mapping[str, Any] | None = None


class Writer:
    """Writes letters. Used by one transaction at a time."""

    def __init__(
        self,
        public_url: str,
        secret: str,
        judge: Judge,
        leaving: Judge,
        contexts: Contexts,
        unsubscribed: Unsubscribed,
    ) -> None:
        self._tokens, self._addresses = Tokens(secret), Addresses(public_url)
        self._messages = MessageCache(public_url)
        self._judge, self._leaving = judge, leaving
        self._contexts, self._unsubscribed = contexts, unsubscribed

    def decide(self, tx: Transaction, now: datetime, rows: Sequence[Any]) -> list[Decision]:
        """One decision for each claimed delivery, in order."""
        people = {row.delivery_id: row for row in read_recipients(tx, rows)}
        refused = {row.delivery_id: Refusal(code) for row in rows if (code := _refused(row, people[row.delivery_id]))}
        # An exit comes before what skips the message alone, and says why the run is over (5.6).
        if skipped := [row for row in rows if row.delivery_id in refused and refused[row.delivery_id].code != "S20"]:
            refused |= self._leaving(tx, now, skipped)
        if out := [row for row in rows if row.delivery_id in refused and refused[row.delivery_id].code == "S02"]:
            self._unsubscribed(tx, now, out)
        if left := [row for row in rows if row.delivery_id not in refused]:
            refused |= self._judge(tx, now, left)
        left = [row for row in rows if row.delivery_id not in refused]
        made = self._write(tx, now, left, people)
        return [made.get(row.delivery_id) or _not_leaving(row, refused[row.delivery_id]) for row in rows]

    def _write(
        self, tx: Transaction, now: datetime, rows: Sequence[Any], people: Mapping[UUID, Any]
    ) -> dict[UUID, Decision]:
        if not rows:
            return {}
        fields = {audience: list_fields(tx, audience) for audience in {row.audience_id for row in rows}}
        contexts = self._contexts(tx, rows)
        messages, decisions = self._compiled(tx, rows, people)
        groups = read_groups(tx, [row for row in rows if _uses(messages, row, "uses_groups")])
        positions = read_positions(tx, [row for row in rows if _uses(messages, row, "uses_position")])
        for row in rows:
            message = messages.get(row.message_id)
            if message is None:
                continue
            extra = {
                "context": contexts.get(row.delivery_id),
                "groups": groups.get(row.contact_id, frozenset()),
                "position": positions.get(row.delivery_id, (1, 1)),
            }
            decisions[row.delivery_id] = self._one(now, row, people[row.delivery_id], message, fields, extra)
        return decisions

    def _compiled(
        self, tx: Transaction, rows: Sequence[Any], people: Mapping[UUID, Any]
    ) -> tuple[dict[int, CompiledMessage], dict[UUID, Decision]]:
        """Each message once; those that cannot be compiled fail for everybody."""
        messages: dict[int, CompiledMessage] = {}
        failed: dict[UUID, Decision] = {}
        for row in rows:
            if row.message_id in messages:
                continue
            try:
                message = self._messages.get(tx, row.message_id, people[row.delivery_id].version)
            except RelanceError as error:
                failed[row.delivery_id] = Decision(row, "S12", str(error))
                continue
            if message is None:
                failed[row.delivery_id] = Decision(row, "S12", "The message has no content.")
            else:
                messages[row.message_id] = message
        return messages, failed

    def _one(
        self,
        now: datetime,
        row: Any,
        person: Any,
        message: CompiledMessage,
        fields: Mapping[int, Sequence[Field]],
        extra: Mapping[str, Any],
    ) -> Decision:
        if not (message.content.from_email or person.sender.get("from_email")):
            return Decision(row, "S18", "Neither the message nor the audience has a sender address.")
        try:
            letter = self._letter(now, row, person, message, fields[row.audience_id], extra)
        except CannotRender as error:
            return Decision(row, error.code, error.what)
        except RelanceError as error:
            return Decision(row, "S12", str(error))
        except Exception as error:  # A mistake of ours in one message must not stop all others.
            log.exception("message.write_failed", extra={"delivery": str(row.delivery_id)})
            return Decision(row, "S12", f"The message could not be written ({type(error).__name__}).")
        return Decision(row, letter=letter, version=message.version)

    def _letter(
        self,
        now: datetime,
        row: Any,
        person: Any,
        message: CompiledMessage,
        fields: Sequence[Field],
        extra: Mapping[str, Any],
    ) -> Letter:
        content, sender = message.content, person.sender
        from_email = content.from_email or sender["from_email"]
        skeleton = message.skeleton(
            content.from_name or sender.get("from_name") or sender.get("company") or "",
            from_email,
            content.reply_to or sender.get("reply_to") or "",
        )
        token = self._tokens.sign(DeliveryRef(row.bucket, row.delivery_id, row.queued_at))
        values, system = personal(now, person, fields, addresses=self._addresses, token=token, **extra)
        written = message.write(values, system, token, pixel=not person.no_open_tracking)
        data = skeleton.fill(
            subject=written.subject,
            to_name=name_of(person, fields),
            to_address=person.email,
            html=written.html,
            text=written.text,
            date=now,
            message_id=f"{row.delivery_id}@{from_email.rpartition('@')[2]}",
            delivery=str(row.delivery_id),
            unsubscribe_url=self._addresses.unsubscribe(token) if row.message_class == "marketing" else None,
        )
        return Letter(str(row.delivery_id), from_email, person.email, data)


def _not_leaving(row: Any, refusal: Refusal) -> Decision:
    return Decision(row, refusal.code, until=refusal.until, seen=refusal.seen)


def _refused(row: Any, person: Any) -> str | None:
    if person.contact_id is None:
        return "S20"
    if person.version is None or person.message_deleted:
        return "S12"
    return refusal(row.message_class, person.email, person.email_status, archived=person.archived_at is not None)


def _uses(messages: Mapping[int, CompiledMessage], row: Any, what: str) -> bool:
    message = messages.get(row.message_id)
    return message is not None and bool(getattr(message, what))


def read_recipients(tx: Transaction, rows: Sequence[Any]) -> list[Any]:
    return tx.rows(
        queries.read_recipients,
        buckets=[row.bucket for row in rows],
        contacts=[row.contact_id for row in rows],
        deliveries=[row.delivery_id for row in rows],
        messages=[row.message_id for row in rows],
    )


def read_groups(tx: Transaction, rows: Sequence[Any]) -> dict[UUID, frozenset[tuple[str, str]]]:
    """(category, group) pairs by contact, as INTERESTED compares them."""
    if not rows:
        return {}
    found: dict[UUID, set[tuple[str, str]]] = {}
    people = {row.contact_id: row.bucket for row in rows}
    buckets, contacts = list(people.values()), list(people)
    for group in tx.rows(queries.groups_of_contacts, buckets=buckets, contacts=contacts):
        found.setdefault(group.contact_id, set()).add(group_key(group.title, group.name))
    return {contact: frozenset(pairs) for contact, pairs in found.items()}


def read_positions(tx: Transaction, rows: Sequence[Any]) -> dict[UUID, tuple[int, int]]:
    """(this email, send steps of the version) by delivery."""
    if not rows:
        return {}
    found = tx.rows(
        queries.positions,
        buckets=[row.bucket for row in rows],
        contacts=[row.contact_id for row in rows],
        deliveries=[row.delivery_id for row in rows],
        runs=[row.run_id for row in rows],
        versions=[row.version_id for row in rows],
        queued=[row.queued_at for row in rows],
    )
    return {row.delivery_id: (max(row.current, 1), max(row.total, 1)) for row in found}
