"""A slow, obvious model of the date triggers (spec/flows.md 2.2 D1-D8, 49 and section 11): every moment of every year is
written out, one person at a time, minute by minute where a zone's clock is read."""

from __future__ import annotations

from calendar import isleap, monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import yaml

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY = timedelta(days=1)

Moment = tuple[str, datetime]
"""The key of an occurrence, and when it strikes."""


@dataclass(frozen=True)
class Plan:
    """The trigger and where the shop is. ``on``, for a schedule: (every, days)."""

    kind: str
    at: str = "09:00"
    offset: int = 0
    unit: str = "day"
    before: bool = False
    each_zone: bool = False
    every_year: bool = False
    on: tuple[str, tuple[Any, ...]] = ("day", ())
    once_each: bool = False
    shop_zone: str = "Europe/Paris"
    feb29: str = "feb28"

    def written(self) -> str:
        settings: dict[str, Any] = {"at": self.at}
        if self.kind == "schedule":
            settings |= {"every": self.on[0], "once_each": self.once_each}
            settings |= {"on": list(self.on[1])} if self.on[1] else {}
        else:
            settings |= {f"{self.unit}s_{'before' if self.before else 'after'}": self.offset} if self.offset else {}
        if self.kind == "date_added":
            settings["every_year"] = self.every_year
        if field_tag := FIELDS.get(self.kind):
            settings["field"] = field_tag
        return yaml.safe_dump(
            {
                "flow": "Dates",
                "audience": "Customers",
                "triggers": [{self.kind: settings}],
                "steps": [{"add_tag": "greeted"}],
                "settings": {"zone": "contact" if self.each_zone else "account"},
            },
            sort_keys=False,
        )

    @property
    def shift(self) -> timedelta:
        days = self.offset * (7 if self.unit == "week" else 1)
        return timedelta(days=-days if self.before else days)


FIELDS = {"birthday": "BIRTHDAY", "date_specific": "RENEWAL", "date_recurring": "RENEWAL"}


@cache
def on_the_wall(day: date, at: str, zone: str) -> datetime:
    """The first minute at which a clock in the zone shows that time of that day, or later: so a time in the gap of a
    spring change is the first instant after it, and one in the overlap of an autumn change the first of the two."""
    wanted = datetime.combine(day, time.fromisoformat(at))
    minute = datetime.combine(day, time(), UTC) - timedelta(hours=16)
    while minute.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < wanted:
        minute += timedelta(minutes=1)
    return minute


def day_of(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def yearly(month_day: tuple[int, int], year: int, feb29: str) -> date:
    month, day = month_day
    if (month, day) == (2, 29) and not isleap(year):
        return date(year, 2, 28) if feb29 == "feb28" else date(year, 3, 1)
    return date(year, month, day)


@dataclass
class Person:
    """Somebody, what is written about them, and what the flow has told of them."""

    plan: Plan
    joined: datetime
    written: str = ""
    zone: str | None = None
    archived: bool = False
    entered: set[str] = field(default_factory=set)
    struck: set[Moment] = field(default_factory=set)
    trail: list[tuple[datetime, str]] = field(default_factory=list)

    @property
    def where(self) -> str:
        return self.zone if self.plan.each_zone and self.zone else self.plan.shop_zone

    def moments(self, around: datetime) -> list[Moment]:
        """All of them, from a year and a half before to three years after."""
        years = range(around.year - 2, around.year + 3)
        return [one for one in self._all(years) if abs(one[1] - around) < timedelta(days=560)]

    def _all(self, years: range) -> list[Moment]:
        plan = self.plan
        if plan.kind == "schedule":
            days = [date(years[0], 1, 1) + timedelta(days=n) for n in range(len(years) * 366)]
            return [
                ("" if plan.once_each else str(moment), moment)
                for day in days
                if scheduled(plan.on, day)
                for moment in [self._strikes(day)]
            ]
        if plan.kind == "date_added":
            return self._since_joining(years)
        if not self.written:
            return []
        if plan.kind == "birthday":
            month, day = self.written.split("/")
            days = [yearly((int(month), int(day)), year, plan.feb29) for year in years]
            return [(str(day.year), self._strikes(day + plan.shift)) for day in days]
        stored = date.fromisoformat(self.written)
        if plan.kind == "date_specific":
            return [(self.written, self._strikes(stored + plan.shift))]
        days = [yearly((stored.month, stored.day), year, plan.feb29) for year in years]
        return [(str(day), self._strikes(day + plan.shift)) for day in days if day >= stored]

    def _since_joining(self, years: range) -> list[Moment]:
        plan = self.plan
        first = day_of(self.joined, self.where)
        found = [(str(first.year) if plan.every_year else "", self._strikes(first + plan.shift))]
        if plan.offset == 0:
            found = [(key, max(moment, self.joined)) for key, moment in found]
        if plan.every_year:
            later = [yearly((first.month, first.day), year, plan.feb29) for year in years if year > first.year]
            found += [(str(day.year), self._strikes(day + plan.shift)) for day in later]
        return found

    def _strikes(self, day: date) -> datetime:
        return on_the_wall(day, self.plan.at, self.where)


def scheduled(on: tuple[str, tuple[Any, ...]], day: date) -> bool:
    every, days = on
    last = monthrange(day.year, day.month)[1]
    match every:
        case "week":
            return WEEKDAYS[day.weekday()] in days
        case "month":
            return any(day.day == (last if one == "last" else min(one, last)) for one in days)
    return True


@dataclass
class Model:
    """The flow and its people. ``looked``: how far the clock has looked."""

    plan: Plan
    armed: datetime
    looked: datetime
    paused: bool = False
    people: dict[str, Person] = field(default_factory=dict)
    changed: dict[str, list[datetime]] = field(default_factory=dict)

    def look(self, now: datetime) -> None:
        """The engine runs: what has struck since the last look, and what was written too late for its moment of the
        same day (D3)."""
        for email, person in self.people.items():
            since = max(self.looked, self.armed - timedelta(microseconds=1))
            found = [
                one
                for one in person.moments(now)
                if one[1] <= now and one[1] >= self.armed and one not in person.struck
                if one[1] > since or any(self._today(person, one[1], at) for at in self.changed.get(email, []))
            ]
            self._strike(person, sorted(found, key=lambda one: one[1]), now)
        self.looked = max(now, self.looked)
        self.changed.clear()

    def _today(self, person: Person, moment: datetime, changed: datetime) -> bool:
        if self.plan.kind == "schedule":
            return False
        return moment <= changed and day_of(moment, person.where) == day_of(changed, person.where)

    def _strike(self, person: Person, found: list[Moment], now: datetime) -> None:
        if self.plan.kind == "schedule":
            # Of several slept through, the latest; those who are in the audience now; once each, if so.
            if person.archived or (self.plan.once_each and person.entered):
                return
            found = found[-1:]
        for key, moment in found:
            person.struck.add((key, moment))
            if self.paused:
                code = "E02"
            elif now - moment > DAY:
                code = "E22"
            elif person.archived:
                code = "E11"
            elif key in person.entered:
                code = "E13"
            else:
                code = "E00"
                person.entered.add(key)
            person.trail.append((now, code))

    def next_moment(self, now: datetime) -> datetime | None:
        found = [moment for one in self.people.values() for _, moment in one.moments(now) if moment > now]
        return min(found, default=None)
