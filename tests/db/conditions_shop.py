"""Puts people of the reference model into the tables, and asks the real thing about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from conditions_model import Fact, Passage, Person

from relance.audience.conditions import (
    SUBJECTS,
    CompiledCache,
    FieldShape,
    Objects,
    Pair,
    Subjects,
    Verdict,
    check,
    compile_condition,
    evaluate,
    store,
)
from relance.db.pool import Transaction
from relance.flows.conditions import SUBJECTS as FLOW_SUBJECTS
from relance.kernel.ids import contact_id, derived_uuid
from relance.messages.conditions import SUBJECTS as MESSAGE_SUBJECTS

ALL = Subjects([*SUBJECTS, *MESSAGE_SUBJECTS, *FLOW_SUBJECTS])

ACCOUNT, AUDIENCE, CATEGORY = 1, 10, 60
HELLO, HELP, DRAFT = 801, 802, 803
SHOP_LINK, BLOG_LINK = 91, 92
VIP, CHURNED = 51, 52
WELCOME, GROWN = 81, 82
ROSES, FERNS, CACTI = 61, 62, 63

FIELDS = {
    "text": 101, "url": 102, "phone": 103, "choice": 104, "number": 105, "date": 106, "birthday": 107,
    "address": 108, "yes_no": 109,
}  # fmt: skip
TYPES = {field_id: type_ for type_, field_id in FIELDS.items()}

OBJECTS = Objects(
    fields={key: FieldShape(type_) for key, type_ in TYPES.items()},
    tags={VIP, CHURNED},
    groups=dict.fromkeys((ROSES, FERNS, CACTI), CATEGORY),
    messages={HELLO, HELP, DRAFT},
    links={(HELLO, SHOP_LINK), (HELLO, BLOG_LINK)},
    flows={WELCOME, GROWN},
)


def open_shop(tx: Transaction, now: datetime, zone: str = "UTC", settings: dict[str, Any] | None = None) -> None:
    """Fern & Moss with its audience, fields and messages; HELLO and HELP were sent to somebody, DRAFT to nobody."""
    run = tx.connection.execute
    as_json = msgspec.json.encode(settings or {}).decode()
    run(
        "insert into account (account_id, name, zone, settings, created_at) values (%s, 'Fern & Moss', %s, %s, %s)",
        (ACCOUNT, zone, as_json, now),
    )
    run(
        "insert into audience (audience_id, account_id, name, created_at, changed_at)"
        " values (%s, %s, 'Customers', %s, %s)",
        (AUDIENCE, ACCOUNT, now, now),
    )
    for number, (key, type_) in enumerate(TYPES.items()):
        run(
            "insert into field (field_id, audience_id, tag, name, type, wire_type, position, number)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)",
            (key, AUDIENCE, type_.upper(), type_, type_, type_, number, number),
        )
    for message, sent_at in ((HELLO, now), (HELP, now), (DRAFT, None)):
        run(
            "insert into message (message_id, account_id, audience_id, name, folded, version, created_at, sent_at)"
            " values (%s, %s, %s, %s, %s, 1, %s, %s)",
            (message, ACCOUNT, AUDIENCE, str(message), str(message), now, sent_at),
        )


def move_in(tx: Transaction, person: Person, number: int) -> UUID:
    """Write a person's rows. Nobody (contact None) gets an id without rows."""
    key = contact_id(number % 4096)
    bucket = key.int >> 116
    if person.contact is None:
        return key
    contact = {
        "bucket": bucket, "contact_id": str(key), "account_id": ACCOUNT, "audience_id": AUDIENCE, "rating": 2,
        "email": person.contact.get("email"), "email_status": person.contact.get("email_status"),
        "email_format": "html", "sms_status": person.contact.get("sms_status"),
        "fields": {str(field_id): value for field_id, value in person.fields.items()},
        "language": person.contact.get("language", ""), "source": person.contact.get("source", ""),
        "vip": person.contact["vip"], "no_open_tracking": person.contact["no_open_tracking"],
        "opted_in_at": person.contact.get("opted_in"), "created_at": person.contact["created"], "joined_at": person.contact["created"],
        "changed_at": person.contact["changed"],
    }  # fmt: skip
    contact |= {"rating": person.contact["rating"]}
    _insert(tx, "contact", [contact])
    mine = {"bucket": bucket, "contact_id": str(key)}
    _insert(tx, "contact_tag", [mine | {"tag_id": tag, "added_at": person.now} for tag in person.tags])
    _insert(tx, "contact_group", [mine | {"group_id": group, "joined_at": person.now} for group in person.groups])
    _insert(
        tx,
        "delivery",
        [
            mine | {
                "delivery_id": str(derived_uuid(key, number)), "queued_at": _month(email.sent_at), "depth": 0,
                "account_id": ACCOUNT, "audience_id": AUDIENCE, "message_id": email.message, "channel": "email",
                "class": "marketing", "state": "sent", "attempts": 1, "sent_at": email.sent_at,
                "opened_at": email.opened_at, "clicked_at": email.clicked_at, "machine_at": email.machine_at,
                "bounced_at": email.bounced_at,
            }
            for number, email in enumerate(person.emails)
        ],
    )  # fmt: skip
    _insert(tx, "entry", [mine | _entry(one, key, place) for place, one in enumerate(person.passages)])
    _insert(tx, "run", [mine | _run(one, key, place) for place, one in enumerate(person.passages)])
    _insert(tx, "event", [mine | _event(fact, key, place) for place, fact in enumerate(person.facts)])
    return key


def _entry(passage: Passage, key: UUID, place: int) -> dict[str, Any]:
    run_id = str(derived_uuid(key, "run", place))
    return {
        "flow_id": passage.flow, "trigger_id": 1, "entry_key": run_id, "subject": "", "run_id": run_id,
        "entered_at": EARLIEST,
    }  # fmt: skip


def _run(passage: Passage, key: UUID, place: int) -> dict[str, Any]:
    """Several at once are about something each: so may one person be inside twice."""
    run_id = str(derived_uuid(key, "run", place))
    return {
        "run_id": run_id, "account_id": ACCOUNT, "audience_id": AUDIENCE, "flow_id": passage.flow, "version_id": 1,
        "subject": f"order:{place}", "step_id": 1, "state": "ended" if passage.end else "waiting", "depth": 0,
        "entered_at": EARLIEST, "ended_at": EARLIEST if passage.end else None, "end_code": passage.end or None,
        "context": {}, "lane": 1,
    }  # fmt: skip


EARLIEST = datetime.fromisoformat("2026-05-01T00:00:00+00:00")


def _month(at: datetime) -> datetime:
    """Rows of older times are filed in the first month that the tests have."""
    return max(at, EARLIEST)


def _event(fact: Fact, key: UUID, place: int) -> dict[str, Any]:
    payload: dict[str, Any] = {"name": fact.name, "properties": fact.properties}
    if fact.kind != "contact.event":
        payload = {"message_id": fact.message, "delivery_id": fact.delivery, "machine": fact.machine}
        payload |= {"link_id": fact.link} if fact.kind == "message.clicked" else {}
    return {
        "event_id": str(derived_uuid(key, "event", place)), "recorded_at": _month(fact.at), "account_id": ACCOUNT,
        "audience_id": AUDIENCE, "kind": fact.kind, "match_key": fact.name or str(fact.message),
        "occurred_at": fact.at, "source": "api", "syncing": False, "payload": payload, "depth": 0,
    }  # fmt: skip


def _insert(tx: Transaction, table: str, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        columns = ", ".join(rows[0])
        tx.connection.execute(
            f"insert into {table} ({columns}) select {columns} from jsonb_populate_recordset(null::{table}, %s::jsonb)",
            (msgspec.json.encode(rows).decode(),),
        )


def keep(tx: Transaction, source: dict[str, Any]) -> int:
    assert check(source, ALL, OBJECTS) == []
    return store(tx, AUDIENCE, source, compile_condition(source, ALL, OBJECTS))


def ask(
    tx: Transaction, cache: CompiledCache, people: Sequence[Person], sources: Iterable[dict[str, Any]]
) -> dict[tuple[int, int], Verdict]:
    """Every source about every person (all at one ``now``): (place of person, place of source) → verdict."""
    keys = [move_in(tx, person, 7 * place) for place, person in enumerate(people)]
    ids = [keep(tx, source) for source in sources]
    pairs, places = [], {}
    for i, (person, key) in enumerate(zip(people, keys, strict=True)):
        for j, condition in enumerate(ids):
            places[len(pairs)] = (i, j)
            pairs.append(
                Pair(len(pairs), key.int >> 116, key, condition, person.context, None, person.entered_at,
                     person.arrived_at)
            )  # fmt: skip
    answers = evaluate(tx, cache, pairs, people[0].now)
    return {places[n]: answer for n, answer in answers.items()}


def basic_contact(now: datetime) -> dict[str, Any]:
    return {
        "email": "ana@example.com", "email_status": "subscribed", "sms_status": None, "language": "fr",
        "source": "Checkout form", "vip": False, "rating": 3, "no_open_tracking": False,
        "created": now - timedelta(days=30), "changed": now, "opted_in": None,
    }  # fmt: skip


NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)  # a Monday
ANA = Person(NOW, "UTC", TYPES, basic_contact(NOW), sent=frozenset({HELLO, HELP}))
NOBODY = replace(ANA, contact=None)


def leaf(on: str, op: str, value: Any = None, **options: Any) -> dict[str, Any]:
    return {"on": on, "op": op, **({} if value is None else {"value": value}), **options}
