"""Whatever happens and however time jumps: who is kept in a segment is whoever its condition takes, asked afresh."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from relance.app import KINDS
from relance.audience import segments
from relance.audience.conditions import CompiledCache, Pair, evaluate
from relance.audience.conditions.store import condition_id
from relance.db.pool import Database
from relance.kernel.clock import Clock
from relance.kernel.ids import bucket_of
from tests import cast
from tests.conftest import START, empty
from tests.scenarios.post import Post
from tests.scenarios.world import World

PEOPLE = list(cast.PEOPLE)[:3]
DAYS = ["2026-05-01", "2026-05-06", "2026-05-20", "2025-02-28"]

LEAVES = [
    "{tag: regular}", "{not: {tag: keen}}", "{vip: true}", "{email_status: subscribed}", "{group: Roses}",
    "{field: CITY, is: Paris}", "{field: CITY, blank: true}", "{event: order, within: 3 days}",
    "{not: {event: order, within: 48 hours}}", "{event: order, at_least: 2, within: 5 days}",
    "{event: order, at_most: 1, within: 30 hours}", "{field: DAY, within_last: 3}", "{field: DAY, within_next: 4}",
    "{field: DAY, more_than_ago: 5}", "{field: DAY, more_than_ahead: 2}", "{field: DAY, anniversary_within: 9}",
    "{field: BIRTHDAY, within_next: 6}", "{created: {within: 4}}", "{created: {not_within: 2}}", "{rating: {greater: 2}}",
]  # fmt: skip
CONDITIONS = st.one_of(
    st.sampled_from(LEAVES),
    st.tuples(st.sampled_from(["all", "any", "none"]), st.lists(st.sampled_from(LEAVES), min_size=1, max_size=3)).map(
        lambda group: f"{{{group[0]}: [{', '.join(group[1])}]}}"
    ),
)


def _choose(who: str, inside: bool) -> Callable[[World], None]:
    return lambda world: world.choose(who, Roses=inside)


def change(who: str) -> st.SearchStrategy[tuple[str, Callable[[World], None]]]:
    """(what it is called, what it does)."""
    words = st.sampled_from(["regular", "keen"])
    return st.one_of(
        words.map(lambda tag: (f"{who} +{tag}", lambda world: world.tag(who, tag))),
        words.map(lambda tag: (f"{who} -{tag}", lambda world: world.tag(who, remove=[tag]))),
        st.booleans().map(
            lambda vip: (f"{who} vip {vip}", lambda world: world.person(who, email_status=None, vip=vip))
        ),
        st.sampled_from(["Paris", "Lyon", ""]).map(
            lambda city: (f"{who} in {city}", lambda world: world.person(who, email_status=None, fields={"CITY": city}))
        ),
        st.sampled_from([*DAYS, ""]).map(
            lambda day: (f"{who} day {day}", lambda world: world.person(who, email_status=None, fields={"DAY": day}))
        ),
        st.sampled_from(["05/08", "02/29"]).map(
            lambda day: (
                f"{who} born {day}",
                lambda world: world.person(who, email_status=None, fields={"BIRTHDAY": day}),
            )
        ),
        st.booleans().map(lambda inside: (f"{who} roses {inside}", _choose(who, inside))),
        st.just((f"{who} orders", lambda world: world.event(who, "order"))),
        st.just((f"{who} unsubscribes", lambda world: world.unsubscribe(who))),
        st.just((f"{who} archived", lambda world: world.archive(who))),
        st.just((f"{who} restored", lambda world: world.restore(who))),
    )


JUMPS = st.sampled_from([1, 5, 24, 31, 47, 49, 72, 120, 400]).map(
    lambda hours: (f"{hours} h later", lambda world: world.clock.advance(timedelta(hours=hours)))
)
"""At once, as after an outage: nothing runs in between."""

LIFE = st.lists(st.one_of(st.sampled_from(PEOPLE).flatmap(change), JUMPS), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    server = Post()
    yield server
    server.close()


def fresh(world: World, name: str) -> set[str]:
    """Whom the condition takes now, asked afresh about everybody who is in the audience."""
    with world.database.transaction() as tx:
        audience_id = world.shop.customers.audience_id
        segment = segments.find(tx, audience_id, name)
        assert segment is not None
        rows = tx.connection.execute(
            "select contact_id, email from contact where archived_at is null and email_status <> 'pending'"
        ).fetchall()
        key = condition_id(audience_id, segment.source)
        pairs = [Pair(n, bucket_of(row.contact_id), row.contact_id, key) for n, row in enumerate(rows)]
        answers = evaluate(tx, CompiledCache(KINDS.subjects), pairs, world.clock.now())
        return {row.email for n, row in enumerate(rows) if answers[n].holds}


@settings(
    max_examples=30, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(CONDITIONS, CONDITIONS, LIFE)
@example("{event: order, within: 48 hours}", "{vip: true}", [])
def test_who_is_kept_is_whoever_the_condition_takes(
    migrated: Database, clock: Clock, post: Post, first: str, edited: str, life: list[tuple[str, Any]]
) -> None:
    empty(migrated)
    clock.set(START)
    world = World(migrated, clock, post)
    world.field("CITY", "text")
    world.field("DAY", "date")
    world.groups("Plants", "Roses")
    for who in PEOPLE:
        world.person(who, tags=["regular", "keen"])
    world.segment("One", first)
    world.segment("Two", "{not: {segment: One}}")
    world.segment("Three", f"[{edited}, {{segment: Two}}]")
    for step, (_, act) in enumerate(life):
        act(world)
        if step % 3 == 2:  # several things may come in one batch
            world.settle()
        if step == 5:
            world.edit_segment("One", edited)
    world.settle()
    for name in ("One", "Two", "Three"):
        assert world.members(name) == fresh(world, name), name
    told = "select payload ->> 'segment_id', kind from event where contact_id = %s and kind like 'segment.%%' "
    with world.database.transaction() as tx:
        for row in tx.connection.execute("select contact_id from contact").fetchall():
            kinds = tx.connection.execute((told + "order by recorded_at, event_id").encode(), (row[0],)).fetchall()
            assert len(kinds) <= 3 * (len(life) + 1), "a segment flaps"
