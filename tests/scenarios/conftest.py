"""One world per story; its accounting must close at the end, whatever the story was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from relance.db.pool import Database
from relance.kernel.clock import Clock
from tests.scenarios.world import World


@pytest.fixture
def world(database: Database, clock: Clock) -> Iterator[World]:
    world = World(database, clock)
    try:
        yield world
        world.closes()
    finally:
        world.close()
