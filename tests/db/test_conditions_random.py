"""Random conditions about random people, in SQL and in the reference model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from conditions_model import Email, Fact, Passage, Person, holds
from conditions_shop import (
    ALL,
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
    NOW,
    ROSES,
    SHOP_LINK,
    TYPES,
    VIP,
    WELCOME,
    ask,
    leaf,
    open_shop,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.audience.conditions import CompiledCache
from relance.db.pool import Database
from relance.flows.conditions import OPERATORS

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


PASSAGES = st.builds(Passage, st.sampled_from([WELCOME, GROWN]), st.sampled_from(["", "X00", "X01", "X16"]))


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
    passages = draw(st.lists(PASSAGES, max_size=3))
    known = draw(st.integers(0, 9)) > 0
    fields = {key: draw(stored(type_, now)) for key, type_ in TYPES.items() if draw(st.booleans())}
    person = Person(
        now, zone, TYPES, contact, fields, draw(st.frozensets(st.sampled_from([VIP, CHURNED]))),
        draw(st.frozensets(st.sampled_from([ROSES, FERNS, CACTI]))), tuple(emails), tuple(facts),
        tuple(passages), sent=frozenset({HELLO, HELP}),
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
    kinds = ["field", "field", "attribute", "tag", "groups", "context", "custom_event", "email", "flow"]
    what = draw(st.sampled_from(kinds))
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
    if what == "flow":
        return leaf("flow", draw(st.sampled_from(OPERATORS)), draw(st.sampled_from([WELCOME, GROWN])))
    return draw(attributes(now))


ATTRIBUTES = [
    "email", "email_status", "created", "opted_in", "changed", "source", "language", "rating", "vip",
    "no_open_tracking",
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
    max_examples=100,
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
