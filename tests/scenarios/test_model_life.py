"""A flow is paused, resumed, drained, archived, a step of it stopped, people taken out and added by hand, while they live
in it: the engine does what the slow model says (flow_model.py)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from relance.db.pool import Database
from relance.kernel.clock import Clock
from tests.scenarios.post import Post
from tests.scenarios.randomly import each, for_long
from tests.scenarios.story import Workers
from tests.scenarios.test_model import (
    happenings,
    histories,
    lets_in,
    outages,
    plans,
    releases,
    starts,
    tell,
    time_goes_by,
    weighed,
    who,
)

flow = st.sampled_from(["Random", "Random", "Random", "Other"])
number = st.integers(0, 11)
team = st.one_of(
    st.tuples(st.just("pause"), flow),
    st.tuples(
        st.just("resume"), flow, st.sampled_from(["skip", "all", "end"]), st.sampled_from([0, 1, 3]), st.booleans()
    ),
    st.tuples(st.just("drain"), flow),
    st.tuples(st.just("end"), st.just("Random")),
    st.tuples(st.just("pause step"), flow, number),
    st.tuples(st.just("resume step"), flow, number),
    st.tuples(st.just("all out"), flow),
    st.tuples(st.just("take out"), flow, who, st.booleans()),
    st.tuples(st.just("allow"), flow, who),
    st.tuples(st.just("hand"), flow, who),
    st.tuples(st.just("reset"), flow, who),
)
pauses = st.one_of(
    st.just(("pause", "Random")), st.tuples(st.just("resume"), st.just("Random"), st.just("skip"), st.just(1), st.just(True))
)  # fmt: skip
acts = histories(
    weighed((3, lets_in), (2, happenings), (2, releases), (4, team), (2, pauses), (4, time_goes_by), (1, outages))
)


def live(database: Database, clock: Clock, post: Post, *told: Any) -> None:
    tell(database, clock, post, *told, Workers())


def test_a_flow_is_handled_as_the_model_says(database: Database, clock: Clock, post: Post) -> None:
    each(lambda *told: live(database, clock, post, *told), 10, None, starts, plans, acts)


@pytest.mark.long
def test_a_flow_is_handled_as_the_model_says_for_long(database: Database, clock: Clock, post: Post) -> None:
    examples, number = for_long()
    each(lambda *told: live(database, clock, post, *told), examples, number, starts, plans, acts)
