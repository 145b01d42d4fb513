"""Custom events: facts named by the customer's software (trigger 40, A2, A3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from relance.audience import contacts
from relance.audience import events as kinds
from relance.audience.audiences.model import Audience
from relance.audience.contacts.model import NON_SUBSCRIBED, Actor, Draft
from relance.db.pool import Transaction
from relance.events.append import append
from relance.events.model import NewEvent
from relance.kernel.errors import Invalid, NotFound, RelanceError

_NAME = re.compile(r"[A-Za-z0-9_.-]{2,100}")
LARGEST = 16 * 1024
"""Bytes of the properties as JSON (section 12)."""
AHEAD = timedelta(minutes=5)
"""How far in the future a fact may lie: clocks differ (G18)."""


class Fact(msgspec.Struct, frozen=True):
    """One custom event to be. ``who``: address, MD5 of it, or contact id (A1). ``key``: the caller's own (A3).

    ``create`` makes a missing contact, as ``status_if_new``: only an address can name one.
    """

    audience: Audience
    who: str
    name: str
    properties: dict[str, Any] = msgspec.field(default_factory=dict)
    occurred_at: datetime | None = None
    syncing: bool = False
    key: str | None = None
    via: str | None = None
    create: bool = False
    status_if_new: str = NON_SUBSCRIBED


class Recorded(msgspec.Struct, frozen=True):
    """``created``: the contact was made for it."""

    event_id: UUID
    contact_id: UUID
    created: bool = False


def check(now: datetime, fact: Fact) -> None:
    """Raises Invalid for a bad name, properties that are too large, or an instant in the future."""
    if not _NAME.fullmatch(fact.name):
        mend = "Use 2 to 100 letters, digits, _, - and dots."
        raise Invalid(f"{fact.name[:100]!r} cannot name an event.", where="name", mend=mend)
    size = len(msgspec.json.encode(fact.properties))
    if size > LARGEST:
        raise Invalid(f"the properties take {size:,} bytes.", where="properties", mend=f"At most {LARGEST:,}.")
    if fact.occurred_at is not None:
        if fact.occurred_at.tzinfo is None:
            raise Invalid(
                "the instant has no zone.", where="occurred_at", mend="Write it as 2026-05-04T09:00:00+00:00."
            )
        if fact.occurred_at > now + AHEAD:
            raise Invalid("the event lies in the future.", where="occurred_at", mend="Check the sender's clock.")


def record_event(tx: Transaction, now: datetime, fact: Fact, source: str = "api") -> Recorded:
    """One event. An event older than 7 days is stored and fires nothing: the gate says so (G18).

    Raises Invalid and NotFound (no_contact).
    """
    recorded = record_events(tx, now, [fact], source)[0]
    if isinstance(recorded, RelanceError):
        raise recorded
    return recorded


def record_events(
    tx: Transaction, now: datetime, facts: Sequence[Fact], source: str = "api", *, bulk: bool = False
) -> list[Recorded | RelanceError]:
    """As many as 1,000 events in a few statements an audience. Per fact, in order: what came of it, or why not.

    The contacts are locked, sorted, so that the order of a contact's events is the order of its changes.
    """
    results: dict[int, Recorded | RelanceError] = {}
    good: dict[int, Fact] = {}
    for index, fact in enumerate(facts):
        try:
            check(now, fact)
            good[index] = fact
        except RelanceError as error:
            results[index] = error
    found: dict[int, tuple[UUID, bool]] = {}
    audience_ids = sorted({fact.audience.audience_id for fact in good.values()})
    for audience_id in audience_ids:
        here = good
        if len(audience_ids) > 1:
            here = {index: fact for index, fact in good.items() if fact.audience.audience_id == audience_id}
        found |= _contacts(tx, now, here, source, results)
    new = {index: _event(good[index], found[index][0], source, bulk) for index in sorted(found)}
    ids = dict(zip(new, append(tx, now, list(new.values())), strict=True))
    for index, event_id in ids.items():
        results[index] = Recorded(event_id, *found[index])
    return [results[index] for index in range(len(facts))]


def _contacts(
    tx: Transaction, now: datetime, facts: Mapping[int, Fact], source: str, results: dict[int, Recorded | RelanceError]
) -> dict[int, tuple[UUID, bool]]:
    """By fact: its contact's id and whether it was made just now."""
    audience = next(iter(facts.values())).audience
    known = contacts.hold_many(tx, audience.audience_id, {fact.who for fact in facts.values()})
    found = {index: (known[fact.who], False) for index, fact in facts.items() if fact.who in known}
    if len(found) == len(facts):
        return found
    missing = {index: fact for index, fact in facts.items() if index not in found}
    makers = {index: fact for index, fact in missing.items() if fact.create and "@" in fact.who}
    for index in missing.keys() - makers.keys():
        what = f"{facts[index].who!r} is no contact of this audience."
        results[index] = NotFound(what, where="contact", mend="Add the contact first.", code="no_contact")
    if makers:
        drafts = [Draft(email=fact.who, status_if_new=fact.status_if_new) for fact in makers.values()]
        saved = contacts.save_many(tx, now, audience, drafts, Actor("api", source))
        for index, each in zip(makers, saved, strict=True):
            if isinstance(each, RelanceError):
                results[index] = each
            else:
                found[index] = (each.contact.contact_id, each.created)
    return found


def _event(fact: Fact, contact_id: UUID, source: str, bulk: bool) -> NewEvent:
    return NewEvent(
        kinds.CUSTOM,
        kinds.CustomEvent(name=fact.name, properties=fact.properties, via=fact.via),
        fact.audience.account_id,
        fact.audience.audience_id,
        contact_id,
        source,
        occurred_at=fact.occurred_at,
        syncing=fact.syncing,
        key=fact.key,
        bulk=bulk,
    )
