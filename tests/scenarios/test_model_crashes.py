"""Whatever fails on the way, and whoever dies: the runs and decisions are those of a quiet day (flow_model.py).

A batch fails as it commits, loses its connection, or its worker dies right before or right after the commit and another
takes over; batches are of one, two or a thousand; two workers may move the same people at once; and people may be moved
before what has happened to others is judged.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import strategies as st

from relance.app import KINDS
from relance.audience.conditions import CompiledCache
from relance.db.pool import Database, Transaction
from relance.flows.care import Care
from relance.flows.engine.advance import Advancer
from relance.flows.engine.clock import Clock as EngineClock
from relance.flows.engine.dispatch import Dispatcher
from relance.flows.engine.judge import ConditionJudge
from relance.kernel.clock import Clock
from relance.kernel.errors import Unavailable
from tests.scenarios.post import Post
from tests.scenarios.randomly import each, for_long
from tests.scenarios.story import Workers
from tests.scenarios.test_model import plans, starts, tell
from tests.scenarios.test_model_life import acts
from tests.scenarios.world import World

numbers = st.integers(0, 2**32)


class Died(BaseException):
    """The worker's process is gone."""


class Unlucky(Workers):
    """Workers to whom things happen; ``number`` decides what."""

    def __init__(self, number: int) -> None:
        self.chance = random.Random(number)
        self.happened = 0

    def once(self, world: World, what: str) -> int:
        self.few = self.chance.choice([1, 2, 1000])
        ends = self.chance.choice(["well"] * 6 + ["fails", "loses", "dies before", "dies after", "twins", "twins"])
        try:
            if ends == "twins" and what == "move":
                return self._twins(world)
            with broken(world.database, "fails" if what == "send" and ends in ENDS else ends):
                return super().once(world, what)
        except Unavailable:
            self.happened += 1
        except Died:
            self.happened += 1
            take_over(world)
        return 1

    def settle(self, world: World) -> None:
        """The loops run side by side, and any of them may be quicker: a batch here, a batch there."""
        while True:
            while sum(self.once(world, what) for what in self.chance.sample(["judge", "move"], 2)):
                pass
            if not self.all(world, "send") and not self.all(world, "care"):
                return

    def _twins(self, world: World) -> int:
        """Two who believe that the share is theirs: the locks keep them apart."""
        twins = [world.advancer, Advancer(world.database, ConditionJudge(CompiledCache(KINDS.subjects)))]
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(lambda one: one.batch(world.share, self.few), twins))


ENDS = ("fails", "loses", "dies before", "dies after")


@contextmanager
def broken(database: Database, ends: str) -> Iterator[None]:
    """One transaction of the batch ends so."""
    whole = database.transaction
    left = [ends] if ends in ENDS else []

    @contextmanager
    def transaction(patience: float | None = None) -> Iterator[Transaction]:
        end = left.pop() if left else ""
        with whole(patience) as tx:
            yield tx
            if end == "fails":
                raise Unavailable("the database is too busy")
            if end == "loses":
                tx.connection.close()
            if end == "dies before":
                raise Died
        if end == "dies after":
            raise Died

    database.transaction = transaction  # type: ignore[method-assign]
    try:
        yield
    finally:
        del database.transaction  # type: ignore[method-assign]


def take_over(world: World) -> None:
    """Another process does the work from now on: it remembers nothing."""
    cache = CompiledCache(KINDS.subjects)
    world.dispatcher = Dispatcher(world.database, cache)
    world.advancer = Advancer(world.database, ConditionJudge(cache))
    world.engine_clock = EngineClock(world.database)
    world.care = Care(world.database, KINDS, cache)


def live(database: Database, clock: Clock, post: Post, number: int, *told: Any) -> None:
    tell(database, clock, post, *told, Unlucky(number))


def test_crashes_change_nothing(database: Database, clock: Clock, post: Post) -> None:
    each(lambda *told: live(database, clock, post, *told), 5, None, numbers, starts, plans, acts)


@pytest.mark.long
def test_crashes_change_nothing_for_long(database: Database, clock: Clock, post: Post) -> None:
    examples, number = for_long()
    each(lambda *told: live(database, clock, post, *told), examples, number, numbers, starts, plans, acts)
