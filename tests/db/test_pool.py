"""What becomes of a transaction when the database cannot do its work: a passing trouble, told as such."""

from __future__ import annotations

from typing import LiteralString

import pytest
from psycopg.conninfo import conninfo_to_dict

from relance.db.pool import Database, Stretch, watchful
from relance.kernel.clock import pause
from relance.kernel.errors import Unavailable


def test_a_transaction_that_stood_still_may_be_tried_again(database: Database) -> None:
    quick = {"idle_in_transaction_session_timeout": "100ms"}
    with Database(database.conninfo, Stretch(1, 1), settings=quick) as short:
        with pytest.raises(Unavailable, match="stood still"):
            work(short, "select", "select pg_sleep(0)", rest=0.5)
        work(short, "select")


def test_a_database_that_has_become_a_standby_is_away(database: Database) -> None:
    """In a failover the old address may still answer."""
    with pytest.raises(Unavailable, match="read-only"):
        work(database, "set transaction read only", "update lease set beat = 0")


def work(database: Database, *statements: LiteralString, rest: float = 0) -> None:
    with database.transaction() as tx:
        for statement in statements:
            tx.connection.execute(statement)
            pause(rest)


def test_every_connection_notices_that_nobody_is_there(database: Database) -> None:
    found = conninfo_to_dict(watchful("postgresql://relance@db.example/relance?connect_timeout=3&sslmode=require"))
    assert (found["connect_timeout"], found["sslmode"], found["host"]) == ("3", "require", "db.example")
    assert int(str(found["keepalives_idle"])) + 3 * int(str(found["keepalives_interval"])) <= 30
    with database.transaction() as tx:
        row = tx.connection.execute("show idle_in_transaction_session_timeout").fetchone()
        assert row == ("30s",), "and the server lets go of what a process holds that is not there any more"
