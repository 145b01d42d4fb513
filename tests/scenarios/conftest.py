"""One world per story; its accounting must close at the end, whatever the story was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from relance.db.pool import Database
from relance.kernel.clock import Clock
from tests.scenarios.post import Post
from tests.scenarios.world import World


@pytest.fixture(scope="session")
def post() -> Iterator[Post]:
    post = Post()
    yield post
    post.close()


@pytest.fixture
def world(database: Database, clock: Clock, post: Post) -> Iterator[World]:
    world = World(database, clock, post)
    yield world
    world.closes()
