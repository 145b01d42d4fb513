"""The engine does what the slow, obvious model says (flow_model.py): random flows, random histories, the same
decisions at the same times, the same messages, the same tags; and the accounting closes."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from relance.db.pool import Database
from relance.kernel.clock import Clock
from tests.conftest import START, empty
from tests.scenarios.flow_model import Person, Plan, Step
from tests.scenarios.world import Post, World

ANA, BEN = "ana@example.com", "ben@example.com"

tags = st.sampled_from(["start", "vip", "fan"])
hours = st.sampled_from([1, 5, 23])
simple = st.one_of(
    st.tuples(st.just("delay"), hours),
    st.tuples(st.just("add_tag"), tags),
    st.tuples(st.just("remove_tag"), tags),
    st.just(("mail",)),
)
branch = st.lists(simple, min_size=1, max_size=2)
steps = st.lists(
    st.one_of(
        simple,
        st.tuples(st.just("if"), tags, branch, branch),
        st.tuples(st.just("wait"), st.sampled_from(["done", "lesson"]), hours, branch, branch),
    ),
    min_size=1,
    max_size=4,
)
plans = st.builds(Plan, steps, st.sampled_from([None, timedelta(hours=1), timedelta(hours=30)]), st.booleans())
acts = st.lists(
    st.tuples(
        st.sampled_from([ANA, BEN]),
        st.one_of(
            st.tuples(st.just("tag"), st.sampled_from(["start", "vip", "churned"])),
            st.tuples(st.just("untag"), st.sampled_from(["start", "vip", "churned"])),
            st.tuples(st.just("event"), st.sampled_from(["lesson", "done"])),
            st.tuples(st.just("unsubscribe"), st.none()),
            st.tuples(st.just("hours"), st.sampled_from([1, 4, 29])),
        ),
    ),
    min_size=3,
    max_size=14,
)


def live(world: World, plan: Plan, history: list[tuple[str, Step]]) -> None:
    flow = world.flow(plan.written())
    people: dict[str, Person] = {}
    for email in (ANA, BEN):
        world.person(email)
        world.settle()
        people[email] = Person(plan, world.clock.now())
    for email, act in history:
        world.later(minutes=1)
        for one in people.values():
            one.travel(world.clock.now())
        happen(world, people, email, act)
        world.settle()
    world.later(days=9)
    for email, one in people.items():
        one.travel(world.clock.now())
        trail = [(line.at, line.code) for line in world.trail(flow, world.contact(email).contact_id)]
        assert told(trail) == told(one.trail), email
        assert world.tags_of(email) == one.tags
        assert len(world.mails_to(email)) == one.mails
    world.closes()


def told(trail: list[tuple[datetime, str]]) -> list[str]:
    """A trail to compare and to read; E01 and E27 are answers given when somebody asks, not decisions. The gate's
    decisions come first: between them and a run's there is no order within one instant."""
    lines = [(at, code) for at, code in trail if code not in ("E01", "E27")]
    lines.sort(key=lambda line: not line[1].startswith("E"))
    return [f"{at:%m-%d %H:%M:%S} {code}" for at, code in lines]


def happen(world: World, people: dict[str, Person], email: str, act: Any) -> None:
    one = people[email]
    match act:
        case ("tag", name):
            world.tag(email, name)
            one.add_tag(name)
        case ("untag", name):
            world.tag(email, remove=[name])
            one.tags.discard(name)
        case ("event", name):
            world.event(email, name)
            one.event(name)
        case ("unsubscribe", _):
            world.unsubscribe(email)
            one.subscribed = False
        case ("hours", n):
            world.later(hours=n)
            for somebody in people.values():
                somebody.travel(world.clock.now())


def compare(database: Database, clock: Clock, post: Post, examples: int, number: int | None) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=number is None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(plans, acts)
    def same(plan: Plan, history: list[tuple[str, Step]]) -> None:
        empty(database)
        clock.set(START)
        live(World(database, clock, post), plan, history)

    (same if number is None else seed(number)(same))()


def test_the_engine_does_what_the_model_says(database: Database, clock: Clock, post: Post) -> None:
    compare(database, clock, post, 25, None)


@pytest.mark.long
def test_the_engine_does_what_the_model_says_for_long(database: Database, clock: Clock, post: Post) -> None:
    """``MODEL_SEED`` and ``MODEL_EXAMPLES`` choose; the seed is printed."""
    number = int(os.environ.get("MODEL_SEED", "1"))
    print(f"MODEL_SEED={number}")  # noqa: T201
    compare(database, clock, post, int(os.environ.get("MODEL_EXAMPLES", "300")), number)
