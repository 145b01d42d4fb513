"""Conditions answered by PostgreSQL: a table of examples, and random ones against the reference model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from conditions_model import Email, Fact, Person, holds
from conditions_shop import (
    ACCOUNT,
    ALL,
    AUDIENCE,
    BLOG_LINK,
    CACTI,
    CATEGORY,
    CHURNED,
    DRAFT,
    FERNS,
    FIELDS,
    HELLO,
    HELP,
    OBJECTS,
    ROSES,
    SHOP_LINK,
    TYPES,
    VIP,
    ask,
    basic_contact,
    keep,
    move_in,
    open_shop,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.audience.conditions import CompiledCache, Pair, compile_condition, compose, compose_seen, evaluate
from relance.audience.conditions import store as keep_condition
from relance.db.pool import Database, Transaction

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)  # a Monday
ANA = Person(NOW, "UTC", TYPES, basic_contact(NOW), sent=frozenset({HELLO, HELP}))
NOBODY = replace(ANA, contact=None)


@pytest.fixture
def shop(database: Database) -> Iterator[Transaction]:
    with database.transaction() as tx:
        open_shop(tx, NOW)
        yield tx
        raise psycopg.Rollback


def told(tx: Transaction, cases: list[tuple[Person, dict[str, Any], bool]]) -> list[str]:
    """The cases that came out otherwise than expected, in SQL or in the model."""
    people = list(dict.fromkeys(map(_key, cases)))
    by_key = {_key(case): case[0] for case in cases}
    sources: list[dict[str, Any]] = []
    for _, source, _ in cases:
        if source not in sources:
            sources.append(source)
    answers = ask(tx, CompiledCache(ALL), [by_key[key] for key in people], sources)
    wrong = []
    for case in cases:
        person, source, expected = case
        answer = answers[people.index(_key(case)), sources.index(source)]
        if answer.holds is not expected:
            wrong.append(f"SQL says {answer.holds}: {source} of {answer.seen}")
        if holds(source, person) is not expected:
            wrong.append(f"the model says {not expected}: {source} of {answer.seen}")
    return wrong


def _key(case: tuple[Person, dict[str, Any], bool]) -> int:
    return id(case[0])


def of_field(type_: str, rows: list[tuple[Any, str, Any, bool]]) -> list[tuple[Person, dict[str, Any], bool]]:
    """(stored value or None, operator, value, expected) → cases."""
    people: dict[str, Person] = {}
    cases = []
    for stored, op, value, expected in rows:
        fields = {} if stored is None else {FIELDS[type_]: stored}
        person = people.setdefault(repr(stored), replace(ANA, fields=fields))
        cases.append((person, leaf(f"field:{FIELDS[type_]}", op, value), expected))
    return cases


def leaf(on: str, op: str, value: Any = None, **options: Any) -> dict[str, Any]:
    return {"on": on, "op": op, **({} if value is None else {"value": value}), **options}


def test_text_fields(shop: Transaction) -> None:
    rows = [
        ("Paris", "is", " PARIS ", True), ("ÉLODIE ", "is", "elodie", True), ("Lyon", "is", "Paris", False),
        (None, "is", "Paris", False), ("Lyon", "is_not", "Paris", True), (None, "is_not", "Paris", True),
        ("  ", "is_not", "Paris", True), ("paris", "is_not", "Paris", False),
        ("L’Haÿ-les-Roses", "contains", "l'hay", True), (None, "contains", "a", False),
        (None, "not_contains", "a", True), ("Saint-Étienne", "starts", "saint-e", True), ("Ana", "starts", "n", False),
        ("Cœur", "ends", "EUR", True), (None, "ends", "a", False), ("Ben", "greater", "ana", True),
        ("Ana", "greater", "ana", False), ("Ana", "less", "Ben", True), (None, "less", "Ben", False),
        ("  ", "less", "Ben", False), (None, "blank", None, True), (" \u00a0 ", "blank", None, True),
        ("a", "blank", None, False), ("a", "not_blank", None, True), ("  ", "not_blank", None, False),
        ("Paris", "is_exactly", "Paris", True), ("paris", "is_exactly", "Paris", False),
        (None, "is_exactly", "Paris", False), ("Lyon", "in", ["paris", "LYON"], True), (None, "in", ["paris"], False),
        ("Lyon", "not_in", ["paris"], True), (None, "not_in", ["paris"], True), ("Lyon", "not_in", ["lyon"], False),
        ("100% 'sûr'", "is", "100% 'sur'", True),
    ]  # fmt: skip
    assert told(shop, of_field("text", rows)) == []


def test_number_fields(shop: Transaction) -> None:
    rows = [
        (12.5, "is", "12.50", True), (12.5, "is", 12, False), (None, "is", 0, False), (0, "is", 0, True),
        (None, "is_not", 0, True), (3, "is_not", 4, True), (3, "is_not", 3, False), (0.1, "is", "0.1", True),
        (125, "contains", "25", True), (12.5, "contains", ".5", True), (None, "contains", "1", False),
        (None, "not_contains", "1", True), (125, "not_contains", "3", True), (125, "starts", "12", True),
        (125, "ends", 5, True), (-3, "starts", "-", True), (10, "greater", 9, True), (9, "greater", 10, False),
        (9, "less", 9, False), (-1, "less", 0, True), (None, "less", 0, False), (None, "blank", None, True),
        (0, "blank", None, False), (0, "not_blank", None, True), (5, "at_least", 5, True), (None, "at_least", 0, False),
        (5, "at_most", 5, True), (None, "at_most", 5, False), (5, "between", [5, 9], True),
        (9, "between", [5, 9], True),
        (9.01, "between", [5, 9], False), (None, "between", [-1, 1], False),
    ]  # fmt: skip
    assert told(shop, of_field("number", rows)) == []


def test_date_fields(shop: Transaction) -> None:
    rows = [
        ("2026-05-04", "is", "2026-05-04", True), (None, "is", "2026-05-04", False),
        (None, "is_not", "2026-05-04", True),
        ("2026-05-05", "greater", "2026-05-04", True), ("2026-05-04", "greater", "2026-05-04", False),
        ("2026-05-03", "less", "2026-05-04", True), (None, "less", "2026-05-04", False), (None, "blank", None, True),
        ("2026-05-04", "not_blank", None, True), ("2026-05-04", "within_last", 7, True),
        ("2026-04-28", "within_last", 7, True), ("2026-04-27", "within_last", 7, False),
        ("2026-05-05", "within_last", 7, False), (None, "within_last", 7, False),
        ("2026-05-10", "within_next", 7, True),
        ("2026-05-11", "within_next", 7, False), ("2026-05-04", "within_next", 1, True),
        ("2026-04-26", "more_than_ago", 7, True), ("2026-04-27", "more_than_ago", 7, False),
        ("2026-05-12", "more_than_ahead", 7, True), ("2026-05-11", "more_than_ahead", 7, False),
        ("2026-05-04", "between", ["2026-05-04", "2026-05-05"], True),
        (None, "between", ["2026-05-04", "2026-05-05"], False),
        ("1999-05-31", "month_is", 5, True), ("1999-06-01", "month_is", 5, False),
        ("2026-05-04", "weekday_is", 1, True),
        ("2026-05-10", "weekday_is", 7, True), (None, "weekday_is", 1, False),
        ("1990-05-06", "anniversary_within", 3, True), ("1990-05-07", "anniversary_within", 3, False),
        ("1990-05-03", "anniversary_within", 3, False), (None, "anniversary_within", 366, False),
    ]  # fmt: skip
    assert told(shop, of_field("date", rows)) == []


def test_birthday_choice_yes_no_and_address_fields(shop: Transaction) -> None:
    birthdays = [
        ("05/04", "is", "05/04", True), (None, "is", "05/04", False), (None, "is_not", "05/04", True),
        ("05/04", "is_not", "05/04", False), (None, "blank", None, True), ("05/04", "not_blank", None, True),
        ("05/06", "within_next", 3, True), ("05/07", "within_next", 3, False), (None, "within_next", 366, False),
        ("12/31", "month_is", 12, True), ("12/31", "month_is", 1, False),
    ]  # fmt: skip
    choices = [
        ("Fougère", "is", "fougere", True), (None, "is_not", "Rose", True), ("Rose", "contains", "os", True),
        (None, "not_contains", "os", True), (None, "blank", None, True), ("Rose", "not_blank", None, True),
        ("Rose", "in", ["rose", "fern"], True), (None, "in", ["rose"], False), (None, "not_in", ["rose"], True),
    ]  # fmt: skip
    answers = [
        (True, "is_yes", None, True), (False, "is_yes", None, False), (None, "is_yes", None, False),
        (False, "is_no", None, True), (None, "is_no", None, False), (None, "blank", None, True),
        (False, "blank", None, False),
    ]  # fmt: skip
    shop_street = {"addr1": "1 Fern Street", "city": "Saint-Étienne", "zip": "SW1A 1AA", "country": "gb"}
    addresses = [
        (shop_street, "contains", "fern street SAINT", True), (None, "contains", "fern", False),
        (None, "not_contains", "fern", True), (shop_street, "blank", None, False), (None, "blank", None, True),
        ({"addr1": " "}, "blank", None, True), (shop_street, "not_blank", None, True),
        (shop_street, "country_is", "GB", True), (None, "country_is", "GB", False),
        (shop_street, "city_is", "saint-etienne", True), (None, "city_is", "Paris", False),
        (shop_street, "postcode_starts", "sw1a1", True), (shop_street, "postcode_starts", "SW1B", False),
        (None, "postcode_starts", "S", False),
    ]  # fmt: skip
    assert told(shop, of_field("birthday", birthdays)) == []
    assert told(shop, of_field("choice", choices)) == []
    assert told(shop, of_field("yes_no", answers)) == []
    assert told(shop, of_field("address", addresses)) == []


def test_the_29th_of_february_is_celebrated_on_the_28th_in_common_years(shop: Transaction) -> None:
    born = {FIELDS["birthday"]: "02/29"}
    cases = []
    for now, days, expected in (("2027-02-28", 1, True), ("2028-02-28", 1, False), ("2028-02-28", 2, True)):
        then = datetime.fromisoformat(f"{now}T12:00:00+00:00")
        cases.append(
            (replace(ANA, now=then, fields=born), leaf(f"field:{FIELDS['birthday']}", "within_next", days), expected)
        )
    for case in cases:
        assert told(shop, [case]) == []


def test_attributes_of_the_contact(shop: Transaction) -> None:
    shy = replace(ANA, contact=basic_contact(NOW) | {"vip": True, "no_open_tracking": True, "rating": 5, "email": None})
    cases = [
        (ANA, leaf("email", "ends", "@EXAMPLE.com"), True), (shy, leaf("email", "ends", "example.com"), False),
        (shy, leaf("email", "is_not", "ana@example.com"), True), (ANA, leaf("email_status", "is", "subscribed"), True),
        (ANA, leaf("email_status", "is_not", "subscribed"), False),
        (NOBODY, leaf("email_status", "is_not", "cleaned"), True),
        (ANA, leaf("email_status", "in", ["cleaned", "subscribed"]), True),
        (ANA, leaf("sms_status", "is", "pending"), False),
        (ANA, leaf("sms_status", "is_not", "subscribed"), True), (ANA, leaf("sms_status", "in", ["subscribed"]), False),
        (ANA, leaf("source", "is", "checkout FORM"), True), (ANA, leaf("language", "is_not", "en"), True),
        (ANA, leaf("vip", "no"), True), (shy, leaf("vip", "yes"), True), (NOBODY, leaf("vip", "no"), False),
        (ANA, leaf("rating", "is", 3), True), (ANA, leaf("rating", "greater", 3), False),
        (shy, leaf("rating", "greater", 3), True), (ANA, leaf("rating", "less", 4), True),
        (NOBODY, leaf("rating", "is_not", 3), True), (shy, leaf("no_open_tracking", "is_yes"), True),
        (ANA, leaf("no_open_tracking", "is_no"), True), (ANA, leaf("opted_in", "blank"), True),
        (ANA, leaf("opted_in", "not", "2026-05-04"), True), (ANA, leaf("opted_in", "not_within", 7), True),
        (ANA, leaf("opted_in", "less", "2026-05-04"), False), (ANA, leaf("changed", "is", "2026-05-04"), True),
        (ANA, leaf("changed", "within", 1), True), (ANA, leaf("created", "within", 30), False),
        (ANA, leaf("created", "within", 31), True), (ANA, leaf("created", "less", "2026-04-05"), True),
        (ANA, leaf("created", "greater", "2026-04-04"), False), (ANA, leaf("created", "not_blank"), True),
    ]  # fmt: skip
    assert told(shop, cases) == []


def test_tags_and_groups(shop: Transaction) -> None:
    ana = replace(ANA, tags=frozenset({VIP}), groups=frozenset({ROSES, FERNS}))
    plants = f"groups:{CATEGORY}"
    cases = [
        (ana, leaf("tag", "has", VIP), True), (ana, leaf("tag", "has", CHURNED), False),
        (ana, leaf("tag", "has_not", CHURNED), True), (NOBODY, leaf("tag", "has_not", VIP), True),
        (ana, leaf(plants, "any_of", [CACTI, ROSES]), True), (ana, leaf(plants, "any_of", [CACTI]), False),
        (ana, leaf(plants, "all_of", [FERNS, ROSES, FERNS]), True),
        (ana, leaf(plants, "all_of", [FERNS, CACTI]), False),
        (ana, leaf(plants, "none_of", [CACTI]), True), (ANA, leaf(plants, "none_of", [ROSES]), True),
        (ANA, leaf(plants, "any_of", [ROSES]), False), (ANA, leaf(plants, "all_of", [ROSES]), False),
    ]  # fmt: skip
    assert told(shop, cases) == []


def test_groups_of_tests(shop: Transaction) -> None:
    ana = replace(ANA, tags=frozenset({VIP}))
    yes, no = leaf("tag", "has", VIP), leaf("tag", "has", CHURNED)
    cases = [
        (ana, {"all": []}, True), (ana, {"any": []}, False), (ana, {"none": []}, True),
        (ana, {"all": [yes, no]}, False),
        (ana, {"any": [yes, no]}, True), (ana, {"none": [yes, no]}, False), (ana, {"none": [no, no]}, True),
        (ana, {"all": [yes, {"any": [no, {"none": [no]}]}]}, True), (ana, yes, True),
        (ANA, {"none": [leaf(f"field:{FIELDS['number']}", "greater", 3)]}, True),
    ]  # fmt: skip
    assert told(shop, cases) == []


def test_run_context(shop: Transaction) -> None:
    event = {
        "plan": "Pro", "seats": 5, "price": "12.50", "until": "2026-05-06", "at": "2026-05-04T23:30:00-05:00",
        "trial": True, "notes": "  ", "word": "many", "odd": "2026-02-31", "shop": {"city": "Paris"},
    }  # fmt: skip
    ana = replace(ANA, context={"event": event, "order": {"total": 40}})
    cases = [
        (ana, leaf("event.plan", "is", "pro"), True), (ana, leaf("event.plan", "in", ["free", "PRO"]), True),
        (ana, leaf("event.seats", "at_least", 5), True), (ana, leaf("event.seats", "is", "5"), True),
        (ana, leaf("event.price", "less", 12.6), True), (ana, leaf("event.word", "less", 3), False),
        (ana, leaf("event.word", "is_not", 3), False), (ana, leaf("event.none", "is_not", 3), True),
        (ana, leaf("event.seats", "starts", "5", type="text"), True),
        (ana, leaf("event.until", "within_next", 3), True),
        (ana, leaf("event.until", "greater", "2026-05-04"), True), (ana, leaf("event.at", "is", "2026-05-05"), True),
        (ana, leaf("event.odd", "is_yes"), False), (ana, leaf("event.trial", "is_yes"), True),
        (ana, leaf("event.notes", "blank"), True), (ana, leaf("event.shop.city", "is", "paris"), True),
        (ana, leaf("event.plan.deeper", "is_not", "x"), True), (ana, leaf("order.total", "between", [40, 50]), True),
        (ANA, leaf("event.plan", "is_not", "pro"), True), (ANA, leaf("event.plan", "is", "pro"), False),
        (NOBODY, leaf("event.plan", "blank"), True),
    ]  # fmt: skip
    assert told(shop, cases) == []


def test_a_day_that_does_not_exist_stops_nothing(shop: Transaction) -> None:
    """Data from outside may hold anything; the batch it comes in must go on."""
    ana = replace(ANA, context={"event": {"until": "2026-02-31", "at": "2026-02-31T10:00:00Z", "n": "9" * 300}})
    sources = [
        leaf("event.until", "within_last", 7), leaf("event.at", "weekday_is", 1), leaf("event.n", "at_least", 1),
        leaf("event.until", "anniversary_within", 5), leaf("event.at", "greater", "2026-01-01"),
    ]  # fmt: skip
    assert len(ask(shop, CompiledCache(ALL), [ana], sources)) == len(sources)


def test_custom_events(shop: Transaction) -> None:
    def paid(days: float, **properties: Any) -> Fact:
        return Fact(NOW - timedelta(days=days), name="paid", properties=properties)

    ana = replace(
        ANA,
        facts=(paid(0.1, plan="pro", seats=5), paid(3, plan="Free", seats="2"), paid(40, plan="pro")),
        entered_at=NOW - timedelta(days=4),
        arrived_at=NOW - timedelta(days=1),
    )
    pro = [{"property": "plan", "op": "is", "value": "PRO"}]
    big = [*pro, {"property": "seats", "op": "at_least", "value": 5}]
    on = "custom_event:paid"
    cases = [
        (ana, leaf(on, "happened"), True), (ana, leaf("custom_event:Paid", "happened"), False),
        (ANA, leaf(on, "happened"), False), (ANA, leaf(on, "not_happened"), True),
        (ana, leaf(on, "not_happened"), False),
        (ana, leaf(on, "count_is", 3), True), (ANA, leaf(on, "count_is", 0), True),
        (ana, leaf(on, "count_at_least", 4), False),
        (ANA, leaf(on, "count_at_most", 2), True), (ana, leaf(on, "count_is", 2, where=pro), True),
        (ana, leaf(on, "count_is", 1, where=big), True), (ana, leaf(on, "count_is", 2, window="last 7 days"), True),
        (ana, leaf(on, "count_is", 1, window="last 3 hours"), True),
        (ana, leaf(on, "count_is", 1, window="last 3 days"), True),
        (ana, leaf(on, "count_is", 2, window="last 1 week"), True),
        (ana, leaf(on, "count_is", 2, window="since entry"), True),
        (ana, leaf(on, "count_is", 1, window="since step"), True),
        (ANA, leaf(on, "count_is", 0, window="since step"), True),
        (ana, leaf(on, "count_is", 1, window={"between": ["2026-04-30", "2026-05-01"]}), True),
        (ana, leaf(on, "count_is", 2, window="since 2026-05-01"), True), (NOBODY, leaf(on, "not_happened"), True),
    ]  # fmt: skip
    assert told(shop, cases) == []


def opened(message: int, ago: float, *, clicks: int = 0, machine: bool = False) -> tuple[Email, list[Fact]]:
    """An email sent two days before it was opened (or, by ``machine``, fetched); ``clicks`` is the link clicked."""
    at = NOW - timedelta(days=ago)
    email = Email(message, at - timedelta(days=2), *((None, None, at) if machine else (at, at if clicks else None)))
    facts = [Fact(at, "message.opened", message=message, delivery=f"{message}/{ago}", machine=machine)]
    if clicks:
        facts.append(Fact(at, "message.clicked", message=message, delivery=f"{message}/{ago}", link=clicks))
    return email, facts


def having(*mail: tuple[Email, list[Fact]], **changes: Any) -> Person:
    facts = tuple(fact for _, found in mail for fact in found)
    return replace(ANA, emails=tuple(email for email, _ in mail), facts=facts, **changes)


def test_email_activity(shop: Transaction) -> None:
    reader = having(opened(HELLO, 1, clicks=SHOP_LINK), opened(HELP, 20))
    proxied = having(opened(HELLO, 1, machine=True))
    quiet = having((Email(HELLO, NOW - timedelta(days=3)), []))
    bounced = having((Email(HELLO, NOW - timedelta(days=3), bounced_at=NOW), []))
    private = having(
        (Email(HELLO, NOW - timedelta(days=3)), []), contact=basic_contact(NOW) | {"no_open_tracking": True}
    )

    def did(person: Person, op: str, value: Any, expected: bool, **options: Any) -> tuple[Person, dict[str, Any], bool]:
        return person, leaf("email_activity", op, value, **options), expected

    cases = [
        did(reader, "was_sent", HELLO, True), did(ANA, "was_sent", HELLO, False), did(ANA, "not_sent", HELLO, True),
        did(reader, "not_sent", HELLO, False), did(reader, "opened", HELLO, True), did(quiet, "opened", HELLO, False),
        did(quiet, "not_opened", HELLO, True), did(ANA, "not_opened", HELLO, True),
        did(bounced, "not_opened", HELLO, True),
        did(proxied, "opened", HELLO, False), did(proxied, "not_opened", HELLO, False),
        did(proxied, "engagement_unknown", HELLO, True), did(private, "engagement_unknown", HELLO, True),
        did(private, "not_opened", HELLO, False), did(private, "not_clicked", HELLO, True),
        did(reader, "engagement_unknown", HELLO, False), did(quiet, "engagement_unknown", HELLO, False),
        did(reader, "clicked", HELLO, True), did(reader, "clicked", HELP, False),
        did(reader, "not_clicked", HELP, True),
        did(reader, "clicked", HELLO, True, link=SHOP_LINK), did(reader, "clicked", HELLO, False, link=BLOG_LINK),
        did(reader, "not_clicked", HELLO, True, link=BLOG_LINK), did(reader, "opened", "any", True),
        did(ANA, "not_opened", "any", True), did(ANA, "not_sent", "any", True),
        did(reader, "opened", "any", True, count=2),
        did(reader, "opened", "any", False, count=2, window="last 7 days"),
        did(reader, "was_sent", "any", False, count=3),
        did(reader, "opened", HELP, False, window="last 7 days"),
        did(reader, "not_opened", HELP, True, window="last 7 days"),
        did(reader, "clicked", "any", True, window="last 48 hours"), did(NOBODY, "not_sent", HELLO, True),
        *(did(ANA, op, DRAFT, False) for op in
          ("was_sent", "not_sent", "opened", "not_opened", "clicked", "not_clicked", "engagement_unknown")),
    ]  # fmt: skip
    assert told(shop, cases) == []


def test_an_account_may_count_unknown_engagement_as_not_opened(database: Database) -> None:
    proxied = having(opened(HELLO, 1, machine=True), unknown_counts=True)
    with database.transaction() as tx:
        open_shop(tx, NOW, settings={"unknown_counts_as": "not_opened"})
        cases = [
            (proxied, leaf("email_activity", "not_opened", HELLO), True),
            (proxied, leaf("email_activity", "engagement_unknown", HELLO), False),
        ]
        assert told(tx, cases) == []
        raise psycopg.Rollback


def test_days_are_those_of_the_account(database: Database) -> None:
    """At 22:30 in Paris it is 4 May; in Auckland it is the 5th."""
    late = datetime(2026, 5, 4, 20, 30, tzinfo=UTC)
    for zone, today in (("Europe/Paris", "2026-05-04"), ("Pacific/Auckland", "2026-05-05")):
        ana = replace(ANA, now=late, zone=zone, contact=basic_contact(late), fields={FIELDS["date"]: today})
        with database.transaction() as tx:
            open_shop(tx, late, zone)
            cases = [
                (ana, leaf(f"field:{FIELDS['date']}", "within_next", 1), True),
                (ana, leaf("changed", "is", today), True),
            ]
            assert told(tx, cases) == []
            raise psycopg.Rollback


def test_the_trail_shows_what_was_looked_at(shop: Transaction) -> None:
    ana = replace(ANA, fields={FIELDS["text"]: "Paris"}, tags=frozenset({VIP}), context={"event": {"seats": 5}})
    source = {
        "all": [
            leaf(f"field:{FIELDS['text']}", "is", "Lyon"), leaf("tag", "has", VIP), leaf("event.seats", "at_least", 3),
            leaf("custom_event:paid", "count_is", 2), leaf("rating", "is", 3),
        ]
    }  # fmt: skip
    answer = ask(shop, CompiledCache(ALL), [ana], [source])[0, 0]
    assert answer.holds is False
    assert answer.seen == {
        f"field:{FIELDS['text']}": "Paris", f"tag:{VIP}": True, "event.seats": 5, "custom_event:paid": 0, "rating": 3,
    }  # fmt: skip


def test_conditions_of_one_form_share_one_arm(shop: Transaction) -> None:
    cache = CompiledCache(ALL)
    cities = [leaf(f"field:{FIELDS['text']}", "is", city) for city in ("Paris", "Lyon", "Nice")]
    phone = leaf(f"field:{FIELDS['phone']}", "is", "Paris")
    ana = replace(ANA, fields={FIELDS["text"]: "Lyon"})
    answers = ask(shop, cache, [ana], [*cities, phone])
    assert [answers[0, j].holds for j in range(4)] == [False, True, False, False]
    assert len(cache.shapes) == 1


def test_storing_twice_is_storing_once(shop: Transaction) -> None:
    first = keep(shop, {"all": [leaf("vip", "yes")]})
    assert keep(shop, leaf("vip", "yes")) == first
    assert shop.connection.execute("select count(*) from condition").fetchone() == (1,)


def test_a_version_that_compiles_differently_rewrites_what_it_finds(shop: Transaction) -> None:
    ana = replace(ANA, tags=frozenset({VIP}))
    key, tagged = move_in(shop, ana, 1), keep(shop, leaf("tag", "has", VIP))
    right = compile_condition(leaf("tag", "has", VIP), ALL, OBJECTS)
    shop.connection.execute("update condition set shape = 12345, params = '[]'")  # as an older version left it
    pair = Pair(1, key.int >> 116, key, tagged)
    assert evaluate(shop, CompiledCache(ALL), [pair], NOW)[1].holds is True
    row = shop.connection.execute("select shape, params from condition").fetchone()
    assert row == (right.shape, right.params)


def test_a_process_notices_that_another_has_rewritten(shop: Transaction) -> None:
    """What this process remembers of a condition's shape may be out of date; it must not answer no for that."""
    ana, cache = replace(ANA, tags=frozenset({VIP})), CompiledCache(ALL)
    key, tagged = move_in(shop, ana, 1), keep(shop, leaf("tag", "has", VIP))
    pair = Pair(1, key.int >> 116, key, tagged)
    assert evaluate(shop, cache, [pair], NOW)[1].holds is True
    both = compile_condition({"any": [leaf("tag", "has", VIP), leaf("vip", "yes")]}, ALL, OBJECTS)
    keep_condition(shop, AUDIENCE, {"any": [leaf("tag", "has", VIP), leaf("vip", "yes")]}, both)
    shop.connection.execute("delete from condition where condition_id <> %s", (tagged,))
    shop.connection.execute(
        """update condition set
             source = '{"any": [{"on": "tag", "op": "has", "value": 51}, {"on": "vip", "op": "yes"}]}', shape = %s, params = '[51]'""",
        (both.shape,),
    )
    assert evaluate(shop, cache, [pair], NOW)[1].holds is True


def test_a_condition_whose_field_is_gone_answers_no(shop: Transaction) -> None:
    key, city = move_in(shop, ANA, 1), keep(shop, leaf(f"field:{FIELDS['text']}", "is_not", "Paris"))
    tagged = keep(shop, leaf("tag", "has_not", VIP))
    shop.connection.execute("delete from field where field_id = %s", (FIELDS["text"],))
    pairs = [
        Pair(1, key.int >> 116, key, city),
        Pair(2, key.int >> 116, key, tagged),
        Pair(3, key.int >> 116, key, 404),
    ]
    answers = evaluate(shop, CompiledCache(ALL), pairs, NOW)
    assert {n: answer.holds for n, answer in answers.items()} == {1: False, 2: True, 3: False}


def test_arms_for_a_statement_of_somebody_else(shop: Transaction) -> None:
    """The dispatcher puts the arms into its own statement, under its own name for the condition's row."""
    vip, tagged = keep(shop, leaf("vip", "no")), keep(shop, leaf("tag", "has", VIP))
    key = move_in(shop, replace(ANA, tags=frozenset({VIP})), 1)
    rows = shop.connection.execute("select shape, condition_id from condition").fetchall()
    yes, seen = CompiledCache(ALL).arms(shop, rows)
    asked = f"""select k.condition_id, {yes} as yes, {seen} as seen from condition k
      cross join lateral (select %s::int as bucket, %s::uuid as contact_id, %s::timestamptz as now, 'UTC'::text as zone,
        null::jsonb as context, null::jsonb as payload, null::timestamptz as entered_at,
        null::timestamptz as arrived_at) x
      left join contact c on c.bucket = x.bucket and c.contact_id = x.contact_id"""
    answers = {row[0]: tuple(row[1:]) for row in shop.connection.execute(asked, (key.int >> 116, key, NOW)).fetchall()}
    assert answers == {vip: (True, {"vip": False}), tagged: (True, {f"tag:{VIP}": True})}


def test_nothing_to_ask_and_nothing_to_compose(shop: Transaction) -> None:
    assert evaluate(shop, CompiledCache(ALL), [], NOW) == {}
    assert compose({}) == "false"
    assert compose_seen({}) == "'{}'::jsonb"


# ── Random conditions about random people, against the model ────────────────────────────────────────────────────────

MOMENTS = [
    NOW, datetime(2026, 12, 31, 23, 30, tzinfo=UTC), datetime(2027, 2, 28, 11, 30, tzinfo=UTC),
    datetime(2028, 2, 28, 12, 0, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
]  # fmt: skip
ZONES = ["UTC", "Europe/Paris", "Pacific/Auckland", "America/Los_Angeles"]
WORDS = ["Paris", "PARIS ", "paris", "Élodie", "elodie", "Cœur", "coeur", "  ", "", "b", "Ab", "12", "l’hôtel"]
ASKED = [word for word in WORDS if word.strip()]
NUMBERS = [0, 5, -3, 12.5, 100, 0.1]


def day(now: datetime, ahead: int) -> str:
    return (now + timedelta(days=ahead)).date().isoformat()


def days(now: datetime) -> st.SearchStrategy[str]:
    near = st.integers(-9, 9).map(lambda ahead: day(now, ahead))
    return near | st.sampled_from(["2024-02-29", "2000-02-29", "1999-12-31", "2027-01-01", "1990-05-06"])


def stored(type_: str, now: datetime) -> st.SearchStrategy[Any]:
    street = st.fixed_dictionaries(
        {}, optional={part: st.sampled_from([*WORDS, "FR", "fr"]) for part in ("addr1", "city", "zip", "country")}
    )
    return {
        "number": st.sampled_from(NUMBERS), "date": days(now), "address": street, "yes_no": st.booleans(),
        "birthday": days(now).map(lambda found: f"{found[5:7]}/{found[8:]}"),
    }.get(type_, st.sampled_from(WORDS))  # fmt: skip


@st.composite
def mail(draw: st.DrawFn, now: datetime) -> tuple[list[Email], list[Fact]]:
    """Emails that came, and what was done with them: the delivery keeps the first of each, the ledger all."""
    emails, facts = [], []
    for place in range(draw(st.integers(0, 2))):
        message = draw(st.sampled_from([HELLO, HELP]))
        sent = now - timedelta(hours=draw(st.sampled_from([1, 20, 30, 100, 300])))
        first: dict[str, datetime] = {}
        for hours in draw(st.lists(st.sampled_from([1, 10, 40]), max_size=3).map(sorted)):
            at = min(sent + timedelta(hours=hours), now)
            machine, click = draw(st.booleans()), draw(st.sampled_from([0, SHOP_LINK, BLOG_LINK]))
            kind = "message.clicked" if click else "message.opened"
            facts.append(Fact(at, kind, message=message, delivery=str(place), link=click, machine=machine))
            for mark in ("machine_at",) if machine else ("opened_at", "clicked_at") if click else ("opened_at",):
                first.setdefault(mark, at)
        bounced = now if not first and draw(st.booleans()) else None
        emails.append(Email(message, sent, **first, bounced_at=bounced))
    return emails, facts


PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "plan": st.sampled_from([*WORDS, 5, True, None]),
        "seats": st.sampled_from([*NUMBERS, "5", " 12.50 ", "many", None]),
        "at": st.sampled_from(["2026-05-04", "2026-05-04T23:30:00Z", "2026-05-05T08:00:00+12:00", "2026-12-31T10:00",
                               "never", "2026-02-31", "", None]),
        "deep": st.fixed_dictionaries({}, optional={"plan": st.sampled_from(WORDS)}),
    },
)  # fmt: skip


@st.composite
def people(draw: st.DrawFn, now: datetime, zone: str) -> Person:
    moments = st.integers(-400, 0).map(lambda hours: now + timedelta(hours=hours))
    emails, facts = draw(mail(now))
    for _ in range(draw(st.integers(0, 3))):
        facts.append(Fact(draw(moments), name=draw(st.sampled_from(["paid", "Paid"])), properties=draw(PROPERTIES)))
    contact = {
        "email": draw(st.sampled_from(["ana@example.com", None])), "language": draw(st.sampled_from(["", "fr", "en"])),
        "email_status": draw(st.sampled_from(["subscribed", "pending", None])), "sms_status": None,
        "source": draw(st.sampled_from(WORDS)), "vip": draw(st.booleans()), "rating": draw(st.integers(1, 5)),
        "no_open_tracking": draw(st.booleans()), "created": draw(moments), "changed": draw(moments),
        "opted_in": draw(moments | st.none()),
    }  # fmt: skip
    known = draw(st.integers(0, 9)) > 0
    fields = {key: draw(stored(type_, now)) for key, type_ in TYPES.items() if draw(st.booleans())}
    person = Person(
        now, zone, TYPES, contact, fields, draw(st.frozensets(st.sampled_from([VIP, CHURNED]))),
        draw(st.frozensets(st.sampled_from([ROSES, FERNS, CACTI]))), tuple(emails), tuple(facts),
        sent=frozenset({HELLO, HELP}),
    )  # fmt: skip
    if not known:
        person = Person(now, zone, TYPES, sent=person.sent)
    context = draw(st.none() | PROPERTIES.map(lambda properties: {"event": properties}))
    return replace(person, context=context, entered_at=draw(st.none() | moments), arrived_at=draw(st.none() | moments))


TEXT_TESTS = ["is", "is_not", "contains", "not_contains", "starts", "ends", "greater", "less", "is_exactly"]
DAY_TESTS = ["is", "is_not", "greater", "less"]
N_DAYS = ["within_last", "within_next", "more_than_ago", "more_than_ahead"]


def asked_of(type_: str, now: datetime) -> st.SearchStrategy[tuple[str, Any]]:
    def pairs(ops: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
        return st.tuples(st.sampled_from(ops), values)

    blank = pairs(["blank", "not_blank"], st.none())
    words = st.sampled_from(ASKED)
    among = pairs(["in", "not_in"], st.lists(words, min_size=1, max_size=3))
    number = st.sampled_from(NUMBERS)
    two_days = st.lists(days(now), min_size=2, max_size=2).map(sorted)
    kinds = {
        "number": blank
        | pairs(["is", "is_not", "greater", "less", "at_least", "at_most"], number)
        | pairs(["contains", "not_contains", "starts", "ends"], st.sampled_from([1, 5, "12", "."]))
        | pairs(["between"], st.lists(number, min_size=2, max_size=2).map(sorted)),
        "date": blank
        | pairs(DAY_TESTS, days(now))
        | pairs(N_DAYS, st.integers(1, 9))
        | pairs(["between"], two_days)
        | pairs(["month_is"], st.integers(1, 12))
        | pairs(["weekday_is"], st.integers(1, 7))
        | pairs(["anniversary_within"], st.integers(1, 366)),
        "birthday": blank
        | pairs(["is", "is_not"], days(now).map(lambda found: f"{found[5:7]}/{found[8:]}"))
        | pairs(["within_next"], st.integers(1, 366))
        | pairs(["month_is"], st.integers(1, 12)),
        "choice": blank | among | pairs(["is", "is_not", "contains", "not_contains"], words),
        "address": blank
        | pairs(["contains", "not_contains", "city_is", "postcode_starts"], words)
        | pairs(["country_is"], st.sampled_from(["FR", "gb"])),
        "yes_no": pairs(["is_yes", "is_no", "blank"], st.none()),
        "moment": blank
        | pairs(["is", "not", "greater", "less"], days(now))
        | pairs(["within", "not_within"], st.integers(1, 20)),
    }
    return kinds.get(type_, blank | among | pairs(TEXT_TESTS, words))


def windows(now: datetime) -> st.SearchStrategy[Any]:
    last = st.sampled_from(["last 1 hour", "last 24 hours", "last 1 day", "last 5 days", "last 2 weeks"])
    between = st.lists(days(now), min_size=2, max_size=2).map(lambda two: {"between": sorted(two)})
    return last | st.sampled_from(["since entry", "since step"]) | days(now).map("since {}".format) | between


def from_outside(now: datetime) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """(path, test) of data from outside, with the type said or left to be told."""

    def said(type_: str) -> st.SearchStrategy[dict[str, Any]]:
        return asked_of(type_, now).map(lambda test: leaf("", *test, type=type_))

    def unsaid(type_: str) -> st.SearchStrategy[dict[str, Any]]:
        return asked_of(type_, now).map(lambda test: leaf("", *test))

    kinds = [said(type_) for type_ in ("text", "number", "date", "yes_no")] + [
        unsaid("text"),
        unsaid("number"),
        unsaid("date"),
    ]
    return st.tuples(st.sampled_from(["plan", "seats", "at", "deep.plan", "gone"]), st.one_of(kinds))


@st.composite
def leaves(draw: st.DrawFn, now: datetime) -> dict[str, Any]:
    what = draw(st.sampled_from(["field", "field", "attribute", "tag", "groups", "context", "custom_event", "email"]))
    if what == "field":
        type_ = draw(st.sampled_from(list(FIELDS)))
        return leaf(f"field:{FIELDS[type_]}", *draw(asked_of(type_, now)))
    if what == "tag":
        return leaf("tag", draw(st.sampled_from(["has", "has_not"])), draw(st.sampled_from([VIP, CHURNED])))
    if what == "groups":
        groups = draw(st.lists(st.sampled_from([ROSES, FERNS, CACTI]), min_size=1, max_size=3))
        return leaf(f"groups:{CATEGORY}", draw(st.sampled_from(["any_of", "all_of", "none_of"])), groups)
    if what == "context":
        path, test = draw(from_outside(now))
        return test | {"on": f"event.{path}"}
    if what == "custom_event":
        return draw(happenings(now))
    if what == "email":
        return draw(activities(now))
    return draw(attributes(now))


ATTRIBUTES = [
    "email", "email_status", "created", "opted_in", "changed", "source", "language", "rating", "vip", "no_open_tracking",
]  # fmt: skip


@st.composite
def attributes(draw: st.DrawFn, now: datetime) -> dict[str, Any]:
    subject = draw(st.sampled_from(ATTRIBUTES))
    if subject in ("created", "opted_in", "changed"):
        return leaf(subject, *draw(asked_of("moment", now)))
    if subject == "email":
        return leaf(subject, draw(st.sampled_from(TEXT_TESTS)), draw(st.sampled_from(["ANA@example.com", "ana@", "b"])))
    if subject == "email_status":
        return leaf(subject, draw(st.sampled_from(["is", "is_not"])), draw(st.sampled_from(["subscribed", "cleaned"])))
    if subject in ("source", "language"):
        return leaf(subject, draw(st.sampled_from(["is", "is_not"])), draw(st.sampled_from([*ASKED, "fr"])))
    if subject == "rating":
        return leaf(subject, draw(st.sampled_from(["is", "is_not", "greater", "less"])), draw(st.integers(1, 5)))
    return leaf(subject, draw(st.sampled_from(["yes", "no"] if subject == "vip" else ["is_yes", "is_no"])))


@st.composite
def happenings(draw: st.DrawFn, now: datetime) -> dict[str, Any]:
    op = draw(st.sampled_from(["happened", "not_happened", "count_at_least", "count_at_most", "count_is"]))
    options: dict[str, Any] = {}
    if draw(st.booleans()):
        options["window"] = draw(windows(now))
    if draw(st.booleans()):
        path, test = draw(from_outside(now))
        test.pop("on")
        options["where"] = [{"property": path, **test}]
    return leaf("custom_event:paid", op, draw(st.integers(0, 3)) if op.startswith("count") else None, **options)


@st.composite
def activities(draw: st.DrawFn, now: datetime) -> dict[str, Any]:
    op = draw(
        st.sampled_from(
            ["was_sent", "not_sent", "opened", "not_opened", "clicked", "not_clicked", "engagement_unknown"]
        )
    )
    message = draw(st.sampled_from([HELLO, HELP, DRAFT, "any"]))
    options: dict[str, Any] = {}
    if draw(st.booleans()):
        options["window"] = draw(windows(now))
    if op in ("clicked", "not_clicked") and message == HELLO and draw(st.booleans()):
        options["link"] = draw(st.sampled_from([SHOP_LINK, BLOG_LINK]))
    if op in ("was_sent", "opened", "clicked") and draw(st.booleans()):
        options["count"] = draw(st.integers(1, 2))
    return leaf("email_activity", op, message, **options)


def conditions(now: datetime) -> st.SearchStrategy[dict[str, Any]]:
    def groups(items: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.tuples(st.sampled_from(["all", "any", "none"]), st.lists(items, max_size=3)).map(
            lambda g: {g[0]: g[1]}
        )

    one = leaves(now)
    return one | groups(one | groups(one))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Person], list[dict[str, Any]]]:
    now, zone = draw(st.sampled_from(MOMENTS)), draw(st.sampled_from(ZONES))
    crowd = draw(st.lists(people(now, zone), min_size=1, max_size=4))
    return crowd, draw(st.lists(conditions(now), min_size=1, max_size=8))


@settings(
    max_examples=50,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(worlds())
def test_any_condition_about_anybody_is_answered_as_the_model_does(
    months: Database, world: tuple[list[Person], list[dict[str, Any]]]
) -> None:
    crowd, sources = world
    with months.transaction() as tx:
        open_shop(tx, crowd[0].now, crowd[0].zone)
        answers = ask(tx, CompiledCache(ALL), crowd, sources)
        answered = {(i, j): verdict.holds for (i, j), verdict in answers.items()}
        raise psycopg.Rollback
    expected = {(i, j): holds(source, person) for i, person in enumerate(crowd) for j, source in enumerate(sources)}
    assert answered == expected


@pytest.fixture
def months(database: Database) -> Database:
    """The months in which the random people live."""
    parts = [f"{year}-{month:02}-01" for year in (2026, 2027, 2028) for month in range(1, 13)]
    with database.transaction() as tx:
        for table in ("event", "delivery"):
            for first, after in pairwise(parts):
                name = f"{table}_{first[:4]}{first[5:7]}"
                if tx.connection.execute("select to_regclass(%s)", (name,)).fetchone() == (None,):
                    tx.connection.execute(
                        f"create table {name} partition of {table} for values from ('{first}') to ('{after}')"
                    )
    return database


def test_the_accounts_zone_is_read_from_the_account(shop: Transaction) -> None:
    """A changed zone counts at once: it is joined, not remembered."""
    ana, cache = replace(ANA, fields={FIELDS["date"]: "2026-05-04"}), CompiledCache(ALL)
    today = keep(shop, leaf(f"field:{FIELDS['date']}", "within_last", 1))
    key = move_in(shop, ana, 3)
    pair = Pair(1, key.int >> 116, key, today)
    assert evaluate(shop, cache, [pair], NOW)[1].holds is True
    shop.connection.execute("update account set zone = 'Pacific/Kiritimati' where account_id = %s", (ACCOUNT,))
    assert evaluate(shop, cache, [pair], NOW + timedelta(hours=3))[1].holds is False
