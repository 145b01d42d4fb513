"""The engine does what the slow, obvious model says (flow_model.py): random flows, random histories, the same decisions
at the same times, the same messages, tags and goals; and the accounting closes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st

from relance.db.pool import Database
from relance.kernel.clock import Clock
from tests.conftest import START, empty
from tests.scenarios.flow_model import Plan
from tests.scenarios.post import Post
from tests.scenarios.randomly import each, for_long
from tests.scenarios.story import ANA, BEN, Story, Workers
from tests.scenarios.world import World

AUTUMN = datetime(2026, 10, 23, 22, 40, tzinfo=UTC)
"""Two days before Paris sets its clocks back."""

tags = st.sampled_from(["start", "vip", "fan"])
hours = st.sampled_from([1, 5, 23])
simple = st.one_of(
    st.tuples(st.just("delay"), hours, st.just("hour")),
    st.tuples(st.just("delay"), st.sampled_from([1, 3]), st.just("day")),
    st.tuples(st.just("add_tag"), tags),
    st.tuples(st.just("remove_tag"), tags),
    st.tuples(st.just("field"), st.sampled_from(["Lima", "Rao"])),
    st.tuples(st.just("goal"), st.sampled_from(["keen", "sold"])),
    st.just(("start",)),
    st.tuples(st.just("stop"), st.sampled_from(["named", "others"])),
    st.tuples(
        st.just("time"), st.sampled_from(["09:00", "02:30", "23:45"]), st.sampled_from([(), ("mon",), ("sun", "wed")])
    ),
    st.tuples(st.just("date"), st.sampled_from(["2026-05-06", "2026-10-25"])),
    st.tuples(st.just("day"), st.sampled_from([-2, 0, 1]), st.booleans()),
    st.just(("mail",)),
    st.just(("mail",)),
)
branch = st.lists(simple, min_size=1, max_size=2)
rests = st.one_of(
    st.tuples(st.just("delay"), hours, st.just("hour")),
    st.tuples(st.just("wait"), st.sampled_from(["done", "paid", "lesson"]), hours, branch, branch),
    st.tuples(st.just("day"), st.sampled_from([-2, 0, 1]), st.booleans()),
)
some = st.lists(
    st.one_of(
        simple,
        rests,
        st.tuples(st.just("if"), st.lists(st.tuples(tags, branch), min_size=1, max_size=3), branch),
        st.tuples(st.just("split"), st.sampled_from([20, 50]), branch, branch),
    ),
    min_size=1,
    max_size=4,
)
steps = st.one_of(some, st.tuples(rests, some).map(lambda both: [both[0], *both[1]]))
plans = st.builds(
    Plan,
    steps=steps,
    re_entry=st.sampled_from([None, timedelta(hours=1), timedelta(hours=30)]),
    from_entry=st.booleans(),
    exits=st.sampled_from(["", "tag", "event"]),
    goal=st.one_of(st.none(), st.tuples(st.sampled_from([1, 5]), st.booleans())),
    only_if=st.booleans(),
    leave_unsubscribed=st.booleans(),
    max_age=st.sampled_from([400, 400, 2]),
    filtered=st.booleans(),
)
OTHER = Plan(
    [("delay", 5, "hour"), ("add_tag", "start"), ("delay", 7, "hour"), ("mail",)],
    re_entry=timedelta(hours=2),
    name="Other",
    triggers=(("tag", "fan"),),
)
who = st.sampled_from([ANA, BEN])
named = st.sampled_from(["start", "vip", "churned", "cold", "banned", "fan"])
happenings = st.one_of(
    st.tuples(st.just("tag"), who, named),
    st.tuples(st.just("untag"), who, named),
    st.tuples(
        st.just("event"),
        who,
        st.sampled_from(["lesson", "lesson", "done", "paid", "left"]),
        st.sampled_from([0, 0, 0, -0.05, 2, 26, 170]),
        st.sampled_from([False] * 9 + [True]),
    ),
    st.tuples(st.just("unsubscribe"), who),
    st.tuples(st.just("renews"), who, st.sampled_from([None, 0, 1, 2, 5])),
    st.tuples(st.just("archive"), who),
    st.tuples(st.just("restore"), who),
)
lets_in = st.one_of(
    st.tuples(st.just("tag"), who, st.just("start")),
    st.tuples(st.just("event"), who, st.just("lesson"), st.just(0), st.just(False)),
)
releases = st.tuples(
    st.just("event"), who, st.sampled_from(["done", "paid", "left"]), st.sampled_from([0, 1, 6]), st.just(False)
)
time_goes_by = st.tuples(st.just("hours"), st.sampled_from([1, 4, 29, 60]))
outages = st.just(("down",))


def weighed(*wanted: tuple[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """One of them, by weight."""
    return st.sampled_from([one for weight, one in wanted for _ in range(weight)]).flatmap(lambda one: one)


def histories(anything: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Somebody comes first."""
    return st.tuples(lets_in, st.lists(anything, min_size=4, max_size=14)).map(lambda both: [both[0], *both[1]])


acts = histories(weighed((4, lets_in), (4, happenings), (2, releases), (3, time_goes_by), (1, outages)))


def live(database: Database, clock: Clock, post: Post, start: datetime, plan: Plan, history: list[Any]) -> None:
    tell(database, clock, post, start, plan, history, Workers())


def tell(
    database: Database, clock: Clock, post: Post, start: datetime, plan: Plan, history: list[Any], workers: Workers
) -> None:
    empty(database)
    clock.set(start)
    story = Story(World(database, clock, post), [OTHER, plan], workers)
    for act in history:
        story.travel(timedelta(minutes=1))
        story.happens(act)
    if story.down:
        story.happens(("down",))
    story.travel(timedelta(days=9))
    story.compare()


starts = st.sampled_from([START, AUTUMN])


def test_the_engine_does_what_the_model_says(database: Database, clock: Clock, post: Post) -> None:
    each(lambda *told: live(database, clock, post, *told), 10, None, starts, plans, acts)


@pytest.mark.long
def test_the_engine_does_what_the_model_says_for_long(database: Database, clock: Clock, post: Post) -> None:
    """``MODEL_SEED`` and ``MODEL_EXAMPLES`` choose; the seed is printed."""
    examples, number = for_long()
    each(lambda *told: live(database, clock, post, *told), examples, number, starts, plans, acts)
