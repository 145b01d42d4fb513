"""Date triggers strike when the slow, obvious model says (date_model.py): random triggers, zones, dates, edits, outages,
pauses and clocks set back, over years with changes of hour and a 29 February."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import strategies as st

from relance.db import partitions
from relance.db.pool import Database
from relance.kernel import clock as clock_module
from relance.kernel.clock import Clock
from tests.conftest import empty
from tests.scenarios.date_model import FIELDS, Model, Person, Plan, day_of
from tests.scenarios.post import Post
from tests.scenarios.randomly import each, for_long
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"
STARTS = [datetime(2026, 5, 4, 9, tzinfo=UTC), datetime(2026, 10, 20, 21, 40, tzinfo=UTC),
          datetime(2027, 3, 10, 3, tzinfo=UTC), datetime(2027, 12, 28, 12, tzinfo=UTC)]  # fmt: skip
ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana", "Pacific/Apia"]
TIMES = ["09:00", "00:00", "02:00", "02:30", "01:45", "23:59"]
HORIZON = timedelta(days=500)

kinds = st.sampled_from(["birthday", "date_specific", "date_recurring", "date_added"])
yearly = st.builds(
    Plan,
    kind=kinds,
    at=st.sampled_from(TIMES),
    offset=st.sampled_from([0, 0, 1, 3, 40, 364]),
    unit=st.just("day"),
    before=st.booleans(),
    each_zone=st.booleans(),
    every_year=st.booleans(),
    shop_zone=st.sampled_from(ZONES),
    feb29=st.sampled_from(["feb28", "mar1"]),
)
schedules = st.builds(
    Plan,
    kind=st.just("schedule"),
    at=st.sampled_from(TIMES),
    each_zone=st.booleans(),
    on=st.sampled_from([("day", ()), ("week", ("sun",)), ("week", ("mon", "thu")), ("month", ("last",)),
                        ("month", (1, 30)), ("month", (29,))]),
    once_each=st.booleans(),
    shop_zone=st.sampled_from(ZONES),
)  # fmt: skip
plans = st.one_of(yearly, schedules).map(lambda plan: plan if plan.kind != "date_added" else _after(plan))

who = st.sampled_from([ANA, BEN])
up = st.sampled_from([True, True, False])
near = st.integers(-3, 4)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("next"), st.sampled_from([0, 0, 0, 1, 200, 1439, 1440, 1441, 3000, 20000])),
        st.tuples(st.just("next"), st.just(0)),
        st.tuples(st.just("minutes"), st.sampled_from([1, 90, 1500, 60 * 24 * 45])),
        st.tuples(st.just("write"), who, st.one_of(near, near, st.sampled_from(["02/29", "01/02", ""])), up),
        st.tuples(st.just("zone"), who, st.sampled_from(ZONES), up),
        st.tuples(st.just("archive"), who, up),
        st.tuples(st.just("restore"), who, up),
        st.tuples(st.just("pause")),
        st.tuples(st.just("back"), st.sampled_from([1, 30])),
    ),
    min_size=3,
    max_size=16,
)


def _after(plan: Plan) -> Plan:
    """Trigger 12 counts forward."""
    return Plan(**{**plan.__dict__, "before": False})


class Machine:
    """The machine's clock, which may be set back; the product reads it as it reads the real one."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self.end = moment

    def time(self) -> float:
        return self.moment.timestamp()


def live(
    database: Database, clock: Clock, post: Post, machine: Machine, start: datetime, plan: Plan, history: list[Any]
) -> None:
    empty(database)
    clock.set(start)
    world = World(database, clock, post)
    with database.transaction() as tx:
        tx.connection.execute(
            "update account set zone = %s, settings = settings || jsonb_build_object('feb29', %s::text)",
            (plan.shop_zone, plan.feb29),
        )
    world.field("RENEWAL", "date")
    people = {ANA: Person(plan, clock.now())}
    world.person(ANA)
    flow = world.flow(plan.written())
    model = Model(plan, clock.now(), clock.now() - timedelta(microseconds=1), people=people)
    machine.moment, machine.end = clock.now(), start + HORIZON
    clock.release()
    for act in [("minutes", 1), *history, ("minutes", 1)]:
        if machine.moment > machine.end:
            break
        if happen(world, model, machine, flow, act):
            world.settle()
            model.look(clock.now())
    for email, one in people.items():
        trail = [(line.at, line.code) for line in world.trail(flow, world.contact(email).contact_id)]
        done, meant = told(trail), told(one.trail)
        assert done == meant, f"{email} {one.written} {one.zone}\n  engine {done}\n  model  {meant}"
    world.closes()


def told(trail: list[tuple[datetime, str]]) -> list[str]:
    """What the gate said and when; E01 and E27 are answers given when somebody asks, not decisions."""
    return sorted(
        f"{at:%Y-%m-%d %H:%M:%S} {code}" for at, code in trail if code[0] == "E" and code not in ("E01", "E27")
    )


def happen(world: World, model: Model, machine: Machine, flow: int, act: Any) -> bool:
    """Whether the workers run; an outage ends with the next act that they see."""
    now = world.clock.now()
    match act:
        case ("next", late):
            moment = max(now, model.next_moment(now) or now) + timedelta(minutes=late)
            machine.moment = moment if moment < machine.end else now
        case ("minutes", n):
            machine.moment = max(now, machine.moment) + timedelta(minutes=n)
        case ("back", hours):
            machine.moment -= timedelta(hours=hours)
        case ("pause",):
            world.settle()
            model.look(now)
            if model.paused:
                world.resume(flow)
                model.armed = now
            else:
                world.pause(flow)
            model.paused = not model.paused
        case (what, email, *rest, runs):
            concern(world, model, now, email, what, rest)
            return bool(runs)
    return True


def concern(world: World, model: Model, now: datetime, email: str, what: str, rest: list[Any]) -> None:
    """Something is written about somebody; who is not there yet joins first."""
    if email not in model.people:
        world.person(email)
        model.people[email] = Person(model.plan, now)
        model.changed.setdefault(email, []).append(now)
    one = model.people[email]
    match what:
        case "write" if (tag := FIELDS.get(model.plan.kind)) and not one.archived:
            one.written = _date(model, one, now, rest[0])
            world.person(email, email_status=None, fields={tag: one.written})
            model.changed.setdefault(email, []).append(now)
        case "zone" if not one.archived:
            if model.plan.each_zone and one.zone != rest[0]:
                model.changed.setdefault(email, []).append(now)
            one.zone = rest[0]
            world.person(email, email_status=None, zone=one.zone)
        case "archive" if not one.archived:
            world.archive(email)
            one.archived = True
        case "restore" if one.archived:
            world.restore(email)
            one.archived = False


def _date(model: Model, one: Person, now: datetime, value: int | str) -> str:
    """Days from today at which it strikes, or as it is written."""
    birthday = model.plan.kind == "birthday"
    if isinstance(value, int):
        day = day_of(now, one.where) + timedelta(days=value) - model.plan.shift
        return f"{day:%m/%d}" if birthday else str(day)
    if not value or birthday:
        return value
    month, day_ = value.split("/")
    return str(date(2024, int(month), int(day_)))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    found = Machine(STARTS[0])
    monkeypatch.setattr(clock_module, "_time", SimpleNamespace(time=found.time, monotonic=lambda: 0.0))
    yield found
    clock_module.clock.release()


@pytest.fixture(scope="module", autouse=True)
def months(migrated: Database) -> None:
    """Until the end of the leap year's spring, without dropping those of other tests."""
    with migrated.transaction() as tx:
        there = {row.name for row in tx.rows(partitions.queries.list_partitions)}
        first = partitions.month(STARTS[0])
        for table in partitions.TABLES:
            for n in range(40):
                begin = partitions.month(first, n)
                if (name := f"{table}_{begin:%Y%m}") not in there:
                    end = partitions.month(begin, 1).isoformat()
                    make = partitions.queries.create_partition
                    tx.run(make.compose(name=name, table=table, start=begin.isoformat(), end=end))


def test_dates_strike_when_the_model_says(database: Database, clock: Clock, post: Post, machine: Machine) -> None:
    each(lambda *told: live(database, clock, post, machine, *told), 10, None, st.sampled_from(STARTS), plans, acts)


@pytest.mark.long
def test_dates_strike_when_the_model_says_for_long(
    database: Database, clock: Clock, post: Post, machine: Machine
) -> None:
    examples, number = for_long()
    each(
        lambda *told: live(database, clock, post, machine, *told),
        examples, number, st.sampled_from(STARTS), plans, acts,
    )  # fmt: skip
