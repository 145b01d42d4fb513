"""What every test may ask for: a database, emptied; a clock that stands still; the cast (tests/cast.py).

One throwaway PostgreSQL serves a whole session and starts when the first test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from relance.db import partitions
from relance.db.embedded.throwaway import throwaway_server
from relance.db.migrate import migrate
from relance.db.pool import Database, Stretch
from relance.kernel.clock import Clock
from relance.kernel.clock import clock as product_clock

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
"""A Monday morning in spring: the plants have just been repotted."""

MONTHS = (0, 90, 180, 270, 360)  # days after START, so that a test may travel a year and a bit

# Deleting is quicker than truncating tables of a few rows; the order of foreign keys does not matter to a replica.
_EMPTY = """
do $$
declare name text;
begin
  set local session_replication_role = replica;
  for name in select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname not in ('migration', 'catalogue')
  loop
    execute format('delete from %I', name);
  end loop;
  update catalogue set epoch = 0 where epoch <> 0;
end $$
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the long proofs too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="a long proof: run with --long"))


@pytest.fixture(scope="session")
def migrated() -> Iterator[Database]:
    """The session's database with its schema and months, never emptied: ask for ``database`` instead."""
    with throwaway_server() as server:
        migrate(server.conninfo)
        with Database(server.conninfo, Stretch(smallest=1, largest=8)) as database:
            for days in MONTHS:
                with database.transaction() as tx:
                    partitions.ensure(tx, START + timedelta(days=days))
            yield database


@pytest.fixture
def database(migrated: Database) -> Database:
    """A migrated database without a row."""
    empty(migrated)
    return migrated


def empty(database: Database) -> None:
    with psycopg.connect(database.conninfo, autocommit=True) as connection:
        connection.execute(_EMPTY)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The product's clock, standing at 2026-05-04 09:00 UTC; ``clock.advance(...)`` moves it."""
    product_clock.set(START)
    yield product_clock
    product_clock.release()
