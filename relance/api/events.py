"""POST /api/events: as many as 1,000 custom events a call, each counted once by its key (spec/flows.md, A3 and 40)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from relance.api.body import fit, parse
from relance.api.http import Answer, Call
from relance.api.problems import Refused, refused
from relance.audience import audiences
from relance.audience.audiences import Audience
from relance.audience.record_event import Fact, record_events
from relance.db.pool import Transaction
from relance.events.appended import appended
from relance.kernel.errors import Invalid, RelanceError
from relance.kernel.ids import bucket_of, hex_id
from relance.kernel.text import fold

MOST_EVENTS = 1000
LONGEST_KEY = 200
BULK = 100
"""A call of more events than this is judged in the lane of bulk work, so that it holds up nobody's single event."""


class EventItem(msgspec.Struct, kw_only=True):
    """``contact``: address, MD5 of it, or contact id. ``audience``: id or name; needed only where there are several.

    ``key``: the caller's own, remembered for 30 days. ``create_contact``: a missing contact is made, as non_subscribed.
    """

    contact: str
    name: str
    audience: str | None = None
    properties: dict[str, Any] = msgspec.field(default_factory=dict)
    occurred_at: datetime | None = None
    syncing: bool = False
    key: str | None = None
    create_contact: bool = False


@dataclass(slots=True)
class _Outcome:
    """What the caller is told."""

    accepted: int = 0
    duplicates: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, index: int, error: RelanceError) -> None:
        self.errors.append({"index": index, "message": _message(error)})


def create(call: Call, tx: Transaction) -> Answer:
    """Good events are kept whatever the others are. Answers {accepted, duplicates, errors: [{index, message}]}."""
    items = _items(call.raw)
    outcome, facts = _Outcome(), {}
    known = _Audiences(audiences.all(tx, call.account_id))
    header = call.idempotency_key()
    for index, item in enumerate(_fitted(items)):
        try:
            if isinstance(item, Refused):
                raise item
            facts[index] = _fact(item, known, f"{header}:{index}" if header else None)
        except RelanceError as error:
            outcome.refuse(index, error)
    results = record_events(tx, call.now, list(facts.values()), bulk=len(facts) > BULK)
    doubtful: dict[UUID, int] = {}  # event id → bucket: only what has a key may have been there before
    for (index, fact), came in zip(facts.items(), results, strict=True):
        if isinstance(came, RelanceError):
            outcome.refuse(index, came)
        elif fact.key is None:
            outcome.accepted += 1
        else:
            doubtful[came.event_id] = bucket_of(came.contact_id)
    kept = appended(tx, call.now, doubtful)
    outcome.accepted += len(kept)
    outcome.duplicates += len(doubtful) - len(kept)
    outcome.errors.sort(key=lambda error: int(error["index"]))
    return Answer({"accepted": outcome.accepted, "duplicates": outcome.duplicates, "errors": outcome.errors})


def _items(raw: bytes) -> Sequence[Any]:
    """The events: under ``events``, or as a bare list, or one alone. Raises Refused."""
    body = parse(raw)
    if isinstance(body, dict):
        body = body.get("events", [body])
    if not isinstance(body, list) or not 1 <= len(body) <= MOST_EVENTS:
        raise refused(("events", f"Send a list of 1 to {MOST_EVENTS:,} events"))
    return body


def _fitted(items: Sequence[Any]) -> Sequence[EventItem | Refused]:
    """Each as a checked form, or why not. All at once where nothing is wrong, which is four times as quick."""
    try:
        return msgspec.convert(items, list[EventItem], strict=False)
    except msgspec.ValidationError:
        return [_fit(raw) for raw in items]


def _fit(raw: Any) -> EventItem | Refused:
    try:
        return fit(raw, EventItem)
    except Refused as error:
        return error


def _fact(item: EventItem, known: _Audiences, key: str | None) -> Fact:
    key = item.key or key
    if key is not None and len(key) > LONGEST_KEY:
        raise Invalid(f"a key has at most {LONGEST_KEY} characters", where="key")
    return Fact(
        known.named(item.audience),
        item.contact.strip(),
        item.name,
        item.properties,
        item.occurred_at,
        item.syncing,
        key,
        create=item.create_contact,
    )


class _Audiences:
    """The account's audiences by id and by name."""

    def __init__(self, found: Sequence[Audience]) -> None:
        self._all = found
        by_name = {fold(each.name): each for each in reversed(found)}
        self._by_word: Mapping[str, Audience] = by_name | {hex_id(each.audience_id): each for each in found}

    def named(self, word: str | None) -> Audience:
        """Raises Invalid."""
        if word is None:
            if len(self._all) == 1:
                return self._all[0]
            raise Invalid("which audience?", where="audience", mend="Give its id or its name.")
        found = self._by_word.get(fold(word))
        if found is None:
            raise Invalid(f"there is no audience {word[:100]!r}", where="audience")
        return found


def _message(error: RelanceError) -> str:
    if isinstance(error, Refused) and error.errors:
        return "; ".join(f"{field}: {message}" if field else message for field, message in error.errors)
    return str(error)
