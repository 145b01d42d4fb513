"""The condition language told again, slowly and plainly, to hold the SQL against (spec/flows.md section 7).

It shares nothing with the compiler but fold(): a contact is a Person, a test is answered by reading its data.
"""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from relance.kernel.text import fold


@dataclass(frozen=True)
class Email:
    """A delivery that was sent, with what is known of it."""

    message: int
    sent_at: datetime
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    machine_at: datetime | None = None
    bounced_at: datetime | None = None


@dataclass(frozen=True)
class Fact:
    """An event: a custom one (name, properties), or an open or click of a message."""

    at: datetime
    kind: str = "contact.event"
    name: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    message: int = 0
    delivery: str = ""
    link: int = 0
    machine: bool = False


@dataclass(frozen=True)
class Passage:
    """A run through a flow; ``end`` "": still inside."""

    flow: int
    end: str = ""


@dataclass(frozen=True)
class Person:
    """``contact`` None: nobody is known. ``types``: field id → type. ``sent``: messages that somebody was sent."""

    now: datetime
    zone: str
    types: dict[int, str]
    contact: dict[str, Any] | None = None
    fields: dict[int, Any] = field(default_factory=dict)
    tags: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    emails: tuple[Email, ...] = ()
    facts: tuple[Fact, ...] = ()
    passages: tuple[Passage, ...] = ()
    context: dict[str, Any] | None = None
    entered_at: datetime | None = None
    arrived_at: datetime | None = None
    sent: frozenset[int] = frozenset()
    unknown_counts: bool = False

    @property
    def today(self) -> date:
        return self.day(self.now)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def midnight(self, day: date) -> datetime:
        """The first instant of the day, as instants compare."""
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone)).astimezone(ZoneInfo("UTC"))


def holds(source: dict[str, Any], person: Person) -> bool:
    if "on" in source:
        return leaf(source, person)
    (how,) = source
    answers = [holds(item, person) for item in source[how]]
    return {"all": all(answers), "any": any(answers), "none": not any(answers)}[how]


def leaf(test: dict[str, Any], person: Person) -> bool:
    subject, op, value = test["on"], test["op"], test.get("value")
    kind, _, key = subject.partition(":")
    contact = person.contact
    if kind == "field":
        type_ = person.types[int(key)]
        return TYPES[type_](op, value, person.fields.get(int(key)) if contact else None, person)
    if kind == "tag":
        return (value in person.tags) == (op == "has")
    if kind == "groups":
        inside = person.groups & set(value)
        return {"any_of": bool(inside), "none_of": not inside, "all_of": inside == set(value)}[op]
    if kind == "custom_event":
        return custom_event(key, test, person)
    if kind == "email_activity":
        return email_activity(test, person)
    if kind == "flow":
        return flow(op, [one.end for one in person.passages if one.flow == value])
    if "." in subject:
        return TYPES[kind_of(test)](op, value, at(subject, person.context), person)
    data = contact.get(subject) if contact else None
    if subject in ("email", "source", "language"):
        return text(op, value, data, person)
    if subject in ("email_status", "sms_status"):
        return {"is": data == value, "is_not": data != value, "in": data is not None and data in (value or ())}[op]
    if subject in ("created", "opted_in", "changed"):
        return moment(op, value, data, person)
    if subject in ("vip", "no_open_tracking"):
        return data is (op in ("yes", "is_yes"))
    assert subject == "rating"
    return ordered(op, value, data)


def flow(op: str, ends: list[str]) -> bool:
    tests = {
        "started": ends != [],
        "completed": "X00" in ends,
        "inside": "" in ends,
        "exited": any(end not in ("", "X00") for end in ends),
    }
    return tests[op.removeprefix("not_")] != op.startswith("not_")


def text(op: str, value: Any, raw: Any, person: Person) -> bool:
    found = fold(written(raw))
    if op in ("blank", "not_blank"):
        return (found == "") == (op == "blank")
    if op in NEGATIONS:
        return not text(NEGATIONS[op], value, raw, person)
    if found == "":
        return False
    if op == "in":
        return found in [fold(item) for item in value]
    if op == "is_exactly":
        return written(raw) == value
    wanted = fold(str(value))
    tests: dict[str, bool] = {
        "is": found == wanted,
        "contains": wanted in found,
        "starts": found.startswith(wanted),
        "ends": found.endswith(wanted),
        "greater": found.encode() > wanted.encode(),
        "less": found.encode() < wanted.encode(),
    }
    return tests[op]


NEGATIONS = {"is_not": "is", "not_contains": "contains", "not_in": "in", "not": "is", "not_within": "within"}


def written(raw: Any) -> str:
    if raw is None:
        return ""
    if isinstance(raw, str):
        return raw
    return format(raw, "f") if isinstance(raw, Decimal) else json.dumps(raw)


def number(op: str, value: Any, raw: Any, person: Person) -> bool:
    shown = written(raw)
    if op in ("blank", "not_blank"):
        return (fold(shown) == "") == (op == "blank")
    if fold(shown) == "":
        return op in NEGATIONS
    if not re.fullmatch(" *[-+]?[0-9]+([.][0-9]+)? *", shown):
        return False
    if op in NEGATIONS:
        return not number(NEGATIONS[op], value, raw, person)
    found = Decimal(shown.strip())
    digits = format(found.normalize(), "f")
    digits = "0" if found == 0 else digits
    if op in ("contains", "starts", "ends"):
        part = str(value)
        return {"contains": part in digits, "starts": digits.startswith(part), "ends": digits.endswith(part)}[op]
    if op == "between":
        return Decimal(str(value[0])) <= found <= Decimal(str(value[1]))
    return ordered(op, Decimal(str(value)), found)


def ordered(op: str, wanted: Any, found: Any) -> bool:
    if found is None:
        return op == "is_not"
    tests: dict[str, bool] = {
        "is": found == wanted,
        "is_not": found != wanted,
        "greater": found > wanted,
        "less": found < wanted,
        "at_least": found >= wanted,
        "at_most": found <= wanted,
    }
    return tests[op]


def day_of(raw: Any, person: Person) -> date | None:
    """The day that an ISO date, local time or instant falls on in the account's zone."""
    if not isinstance(raw, str):
        return None
    try:
        if len(raw) == 10:
            return date.fromisoformat(raw)
        found = datetime.fromisoformat(raw)
        return found.date() if found.tzinfo is None else person.day(found)
    except ValueError:
        return None


def a_date(op: str, value: Any, raw: Any, person: Person) -> bool:
    if op in ("blank", "not_blank"):
        return (fold(written(raw)) == "") == (op == "blank")
    if fold(written(raw)) == "":
        return op == "is_not"
    found = day_of(raw, person)
    return False if found is None else on_day(op, value, found, person.today)


def on_day(op: str, value: Any, found: date, today: date) -> bool:
    tests: dict[str, Callable[[], bool]] = {
        "is": lambda: found == date.fromisoformat(value),
        "is_not": lambda: found != date.fromisoformat(value),
        "greater": lambda: found > date.fromisoformat(value),
        "less": lambda: found < date.fromisoformat(value),
        "between": lambda: date.fromisoformat(value[0]) <= found <= date.fromisoformat(value[1]),
        "within_last": lambda: found in [today - timedelta(n) for n in range(value)],
        "within_next": lambda: found in [today + timedelta(n) for n in range(value)],
        "more_than_ago": lambda: found < today - timedelta(value),
        "more_than_ahead": lambda: found > today + timedelta(value),
        "month_is": lambda: found.month == value,
        "weekday_is": lambda: found.isoweekday() == value,
        "anniversary_within": lambda: comes(found.month, found.day, today, value),
    }
    return tests[op]()


def comes(month: int, day: int, today: date, n: int) -> bool:
    """Is the day of the year among the next n days? 29 February is the 28th in common years."""
    for ahead in range(n):
        then = today + timedelta(ahead)
        celebrated = 28 if (month, day) == (2, 29) and not calendar.isleap(then.year) else day
        if (then.month, then.day) == (month, celebrated):
            return True
    return False


def birthday(op: str, value: Any, raw: Any, person: Person) -> bool:
    shown = written(raw).strip()
    if op in ("blank", "not_blank"):
        return (shown == "") == (op == "blank")
    if shown == "":
        return op == "is_not"
    month, day = (int(part) for part in shown.split("/"))
    if op == "month_is":
        return month == value
    if op == "within_next":
        return comes(month, day, person.today, value)
    return (shown == value) == (op == "is")


def address(op: str, value: Any, raw: Any, person: Person) -> bool:
    parts = raw or {}
    whole = " ".join(parts[p] for p in ("addr1", "addr2", "city", "state", "zip", "country") if p in parts)
    if op in ("contains", "not_contains", "blank", "not_blank"):
        return text(op, value, whole, person)
    if op == "country_is":
        return bool(parts.get("country", "").strip().upper() == value.upper())
    if op == "city_is":
        return fold(parts.get("city", "")) == fold(value)
    return fold(parts.get("zip", "")).replace(" ", "").startswith(fold(value).replace(" ", ""))


def yes_no(op: str, value: Any, raw: Any, person: Person) -> bool:
    shown = written(raw).lower()
    return {"is_yes": shown == "true", "is_no": shown == "false", "blank": fold(shown) == ""}[op]


def moment(op: str, value: Any, at: datetime | None, person: Person) -> bool:
    if op in ("blank", "not_blank"):
        return (at is None) == (op == "blank")
    if op in NEGATIONS:
        return not moment(NEGATIONS[op], value, at, person)
    if at is None:
        return False
    return on_day({"within": "within_last"}.get(op, op), value, person.day(at), person.today)


TYPES: dict[str, Callable[[str, Any, Any, Person], bool]] = {
    "text": text, "url": text, "phone": text, "choice": text, "number": number, "date": a_date, "birthday": birthday,
    "address": address, "yes_no": yes_no,
}  # fmt: skip


def kind_of(test: dict[str, Any]) -> str:
    """The type that a test of data from outside asks about."""
    op, value = test["op"], test.get("value")
    if "type" in test:
        return str(test["type"])
    if op in ("is_yes", "is_no"):
        return "yes_no"
    if op in ("at_least", "at_most"):
        return "number"
    if op in ("within_last", "within_next", "more_than_ago", "more_than_ahead", "month_is", "weekday_is",
              "anniversary_within"):  # fmt: skip
        return "date"
    first = value[0] if isinstance(value, list) else value
    if op in ("starts", "ends", "contains", "not_contains") and not isinstance(first, int | float):
        return "text"
    if isinstance(first, int | float) and op not in ("in", "not_in", "is_exactly"):
        return "number"
    if isinstance(first, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", first):
        return "date" if op in ("is", "is_not", "greater", "less", "between") else "text"
    return "text"


def at(path: str, data: Any) -> Any:
    for name in path.split("."):
        data = data.get(name) if isinstance(data, dict) else None
    return data


def inside(test: dict[str, Any], when: datetime, person: Person) -> bool:
    window = test.get("window")
    if window is None:
        return True
    if window in ("since entry", "since step"):
        start = person.entered_at if window == "since entry" else person.arrived_at
        return start is not None and when >= start
    if isinstance(window, dict):
        first, last = (date.fromisoformat(day) for day in window["between"])
        return first <= person.day(when) <= last
    words = window.split()
    if words[0] == "since":
        return person.day(when) >= date.fromisoformat(words[1])
    n, unit = int(words[1]), words[2]
    if unit.startswith("hour"):
        return when >= person.now - timedelta(hours=n)
    days = n * (7 if unit.startswith("week") else 1)
    return person.day(when) >= person.today - timedelta(days - 1)


def custom_event(name: str, test: dict[str, Any], person: Person) -> bool:
    def fits(fact: Fact) -> bool:
        return all(
            TYPES[kind_of(each)](each["op"], each.get("value"), at(each["property"], fact.properties), person)
            for each in test.get("where", [])
        )

    found = [
        fact
        for fact in person.facts
        if fact.kind == "contact.event" and fact.name == name and inside(test, fact.at, person) and fits(fact)
    ]
    count, value = len(found), test.get("value")
    tests: dict[str, Callable[[], bool]] = {
        "happened": lambda: count > 0,
        "not_happened": lambda: count == 0,
        "count_at_least": lambda: count >= value,
        "count_at_most": lambda: count <= value,
        "count_is": lambda: count == value,
    }
    return tests[test["op"]]()


def email_activity(test: dict[str, Any], person: Person) -> bool:
    op, message = test["op"], test["value"]
    emails = [email for email in person.emails if message in ("any", email.message)]
    if message != "any" and message not in person.sent:
        return False
    enough = test.get("count", 1)
    sent = sum(inside(test, email.sent_at, person) for email in emails) >= enough
    opened = len(touched(test, person, "opened")) >= enough
    clicked = len(touched(test, person, "clicked")) >= enough
    untracked = bool(person.contact and person.contact["no_open_tracking"])
    unknown = not person.unknown_counts and any(
        not (email.opened_at or email.clicked_at or email.bounced_at)
        and (email.machine_at is not None or untracked)
        and inside(test, email.sent_at, person)
        for email in emails
    )
    tests: dict[str, bool] = {
        "was_sent": sent,
        "not_sent": not sent,
        "opened": opened,
        "not_opened": not opened and not unknown,
        "engagement_unknown": unknown and not opened,
        "clicked": clicked,
        "not_clicked": not clicked,
    }
    return tests[op]


def touched(test: dict[str, Any], person: Person, how: str) -> set[str]:
    """The deliveries that the contact opened (or clicked) in the window."""
    kinds = ("message.opened", "message.clicked") if how == "opened" else ("message.clicked",)
    return {
        fact.delivery
        for fact in person.facts
        if fact.kind in kinds and not fact.machine and test["value"] in ("any", fact.message)
        and inside(test, fact.at, person) and test.get("link", fact.link) == fact.link
    }  # fmt: skip
