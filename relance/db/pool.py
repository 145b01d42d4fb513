"""The pool and its one committer: everything that writes runs inside ``Database.transaction()``.

One transaction per request, batch or task; nothing else commits; no network inside one (docs/decisions/0004).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec
import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import namedtuple_row, tuple_row
from psycopg.types import json as pg_json
from psycopg_pool import ConnectionPool, PoolTimeout

from relance.db import arrays  # noqa: F401 - teaches psycopg a quicker way with lists
from relance.db.sql import Query
from relance.kernel.errors import Unavailable

pg_json.set_json_dumps(msgspec.json.encode)
pg_json.set_json_loads(msgspec.json.decode)

Json = pg_json.Jsonb

_WATCHFUL = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
"""A server whose machine is gone says nothing, and the system would wait for hours (libpq's parameters, seconds and
milliseconds). On a local socket they mean nothing."""

_OPTIONS = {
    "timezone": "UTC",
    "application_name": "relance",
    "statement_timeout": "120s",
    # A process that was stopped, or whose machine is gone, must not keep its locks: others wait for them.
    "idle_in_transaction_session_timeout": "30s",
}

MEND = "Relance goes on by itself when the database answers again; `relance doctor` tells what it sees."


def watchful(conninfo: str) -> str:
    """With a limit to how long a server may be silent without being there; what ``conninfo`` itself says, wins."""
    own = {name: str(value) for name, value in conninfo_to_dict(conninfo).items() if value is not None}
    return make_conninfo(**{**_WATCHFUL, **own})


class Transaction:
    """An open transaction. Rows are named tuples; parameters are keyword arguments."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self._wakes: set[str] = set()

    def run(self, query: Query, /, **params: object) -> int:
        """Execute and return the number of rows concerned."""
        return self.connection.execute(query.sent, query.bound(params)).rowcount

    def rows(self, query: Query, /, **params: object) -> list[Any]:
        return self.connection.execute(query.sent, query.bound(params)).fetchall()

    def tuples(self, query: Query, /, **params: object) -> list[tuple[Any, ...]]:
        """As rows, for large batches: nameless, and sent in binary, which costs both sides half the time."""
        with self.connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            return cursor.execute(query.sent, query.bound(params)).fetchall()

    def row(self, query: Query, /, **params: object) -> Any | None:
        """The first row, or None."""
        return self.connection.execute(query.sent, query.bound(params)).fetchone()

    def value(self, query: Query, /, **params: object) -> Any:
        """The first column of the first row, or None."""
        row = self.row(query, **params)
        return None if row is None else row[0]

    def many(self, query: Query, params: Sequence[Mapping[str, object]]) -> None:
        """Execute once per set of parameters. For small shared tables; per-contact work hands over arrays."""
        with self.connection.cursor() as cursor:
            cursor.executemany(query.sent, [query.bound(each) for each in params])

    def wake(self, loop: str) -> None:
        """Tell the workers' loops of that name, when this transaction commits, that there is work."""
        self._wakes.add(loop)


class Stretch(NamedTuple):
    """How large a pool is and how long a caller waits for a connection, in seconds."""

    smallest: int = 1
    largest: int = 16
    patience: float = 10.0


class Database:
    """A pool of connections to one PostgreSQL. A statement is prepared after ``prepare_after`` executions.

    ``check``: ask a connection for a sign of life before it is used, so that a request does not meet one that broke
    while it lay in the pool. Loops, which try again anyway, go without.
    """

    def __init__(
        self,
        conninfo: str,
        stretch: Stretch | None = None,
        *,
        settings: Mapping[str, str] | None = None,
        prepare_after: int = 3,
        check: bool = True,
    ) -> None:
        self.conninfo = conninfo
        stretch = stretch or Stretch()
        options = {**_OPTIONS, **(settings or {})}
        self._pool = ConnectionPool(
            watchful(conninfo),
            kwargs={
                "row_factory": namedtuple_row,
                "prepare_threshold": prepare_after,
                "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
            },
            min_size=stretch.smallest,
            max_size=stretch.largest,
            timeout=stretch.patience,
            open=False,
            check=ConnectionPool.check_connection if check else None,
            reconnect_timeout=5,
        )

    def open(self) -> None:
        self._pool.open()

    def close(self) -> None:
        self._pool.close()

    def __enter__(self) -> Database:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self, patience: float | None = None) -> Iterator[Transaction]:
        """One transaction: commits at the end, rolls back on any error. ``patience``: seconds to wait for a connection.

        Raises Unavailable when the database cannot be reached or goes away in the middle.
        """
        try:
            with self._pool.connection(patience) as connection, connection.transaction():
                tx = Transaction(connection)
                yield tx
                for loop in sorted(tx._wakes):
                    connection.execute("select pg_notify('relance', %s)", (loop,))
        except (PoolTimeout, errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow) as error:
            raise Unavailable("the database does not answer", mend=MEND) from error
        except (errors.IdleInTransactionSessionTimeout, errors.TransactionTimeout) as error:
            raise Unavailable("this process stood still in the middle of its work", mend="Try again.") from error
        except errors.ReadOnlySqlTransaction as error:
            raise Unavailable("the database takes no changes: it is a standby, or read-only", mend=MEND) from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if isinstance(error, (errors.QueryCanceled, errors.LockNotAvailable, errors.DeadlockDetected)):
                raise Unavailable("the database is too busy with other work", mend="Try again.") from error
            if isinstance(error, errors.DiskFull):
                raise Unavailable(
                    "the database's disk is full", mend="Free some space; nothing has been lost."
                ) from error
            raise Unavailable("the connection to the database was lost", mend=MEND) from error
