"""Conditions answered by PostgreSQL: tables of examples, which the reference model answers alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from conditions_model import Email, Fact, Passage, Person, holds
from conditions_shop import (
    ACCOUNT,
    ALL,
    ANA,
    BLOG_LINK,
    CACTI,
    CATEGORY,
    CHURNED,
    DRAFT,
    FERNS,
    FIELDS,
    GROWN,
    HELLO,
    HELP,
    NOBODY,
    NOW,
    ROSES,
    SHOP_LINK,
    VIP,
    WELCOME,
    ask,
    basic_contact,
    keep,
    leaf,
    move_in,
    open_shop,
)

from relance.audience.conditions import CompiledCache, Pair, evaluate
from relance.db.pool import Database, Transaction
from relance.flows.conditions import OPERATORS


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


def test_the_29th_of_february_is_celebrated_on_1_march_where_the_account_says_so(shop: Transaction) -> None:
    shop.connection.execute("update account set settings = jsonb_build_object('feb29', 'mar1')")
    for now, days, expected in (
        ("2027-02-28", 1, False), ("2027-02-28", 2, True), ("2027-03-01", 1, True), ("2028-02-29", 1, True),
        ("2028-03-01", 1, False),
    ):  # fmt: skip
        then = datetime.fromisoformat(f"{now}T12:00:00+00:00")
        born = replace(ANA, now=then, fields={FIELDS["birthday"]: "02/29", FIELDS["date"]: "2024-02-29"})
        sources = [
            leaf(f"field:{FIELDS['birthday']}", "within_next", days),
            leaf(f"field:{FIELDS['date']}", "anniversary_within", days),
        ]
        answers = ask(shop, CompiledCache(ALL), [born], sources)
        assert [answers[0, n].holds for n in range(2)] == [expected, expected], now


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


@pytest.mark.parametrize(
    ("ends", "true_of"),
    [
        ([], {"not_started", "not_completed", "not_inside"}),
        ([""], {"started", "not_completed", "inside"}),
        (["X00"], {"started", "completed", "not_inside"}),
        (["X16"], {"started", "not_completed", "not_inside", "exited"}),
        (["X16", "X00", ""], {"started", "completed", "inside", "exited"}),
    ],
)
def test_flows(shop: Transaction, ends: list[str], true_of: set[str]) -> None:
    """Each run counts: who has been through twice may have completed it and left it."""
    ana = replace(ANA, passages=tuple(Passage(WELCOME, end) for end in ends))
    cases = [(ana, leaf("flow", op, WELCOME), op in true_of) for op in OPERATORS]
    cases += [(ana, leaf("flow", op, GROWN), op.startswith("not_")) for op in OPERATORS]
    cases += [(NOBODY, leaf("flow", op, WELCOME), op.startswith("not_")) for op in OPERATORS]
    assert told(shop, cases) == []


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


def test_the_accounts_zone_is_read_from_the_account(shop: Transaction) -> None:
    """A changed zone counts at once: it is joined, not remembered."""
    ana, cache = replace(ANA, fields={FIELDS["date"]: "2026-05-04"}), CompiledCache(ALL)
    today = keep(shop, leaf(f"field:{FIELDS['date']}", "within_last", 1))
    key = move_in(shop, ana, 3)
    pair = Pair(1, key.int >> 116, key, today)
    assert evaluate(shop, cache, [pair], NOW)[1].holds is True
    shop.connection.execute("update account set zone = 'Pacific/Kiritimati' where account_id = %s", (ACCOUNT,))
    assert evaluate(shop, cache, [pair], NOW + timedelta(hours=3))[1].holds is False
