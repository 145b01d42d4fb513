"""The database server as the rest sees it: something with a conninfo that starts and stops. Ours, or the operator's."""

from __future__ import annotations

from typing import Protocol

import psycopg
from psycopg.conninfo import conninfo_to_dict

from relance.kernel.errors import Invalid, Unavailable

OLDEST = 15  # PostgreSQL's major version
_WHERE = "RELANCE_DATABASE_URL"
_FORM = "Write it as postgresql://user:password@host:5432/database."


class Server(Protocol):
    """``conninfo`` is for psycopg, and valid after start()."""

    @property
    def conninfo(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


class ExternalServer:
    """A PostgreSQL that somebody else runs. The URL may hold a password, so no message repeats it."""

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def conninfo(self) -> str:
        return self._url

    def start(self) -> None:
        """Check that it can be used. Raises Invalid (URL, version, encoding, standby) or Unavailable (unreachable)."""
        try:
            place = _place(conninfo_to_dict(self._url))
        except psycopg.ProgrammingError:
            raise Invalid("this is not a PostgreSQL URL.", where=_WHERE, mend=_FORM) from None
        try:
            with psycopg.connect(self._url, connect_timeout=10, autocommit=True) as connection:
                _check(connection)
        except psycopg.OperationalError as error:
            raise Unavailable(
                f"the PostgreSQL {place} cannot be used: {_said(error)}",
                where=_WHERE,
                mend="Is it running, and are host, port, user, password and database right?",
            ) from None

    def stop(self) -> None:
        """Nothing: it is not ours."""


def _said(error: psycopg.OperationalError) -> str:
    """The library asks "Is the server running there?" in its message; ours has its own question."""
    return " ".join(str(error).split()).split(" Is the server running")[0].rstrip(".") + "."


def _place(parts: dict[str, str | int | None]) -> str:
    return f"at {parts.get('host') or 'the local socket'}, database {parts.get('dbname') or 'unnamed'}"


def _check(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    version = connection.info.server_version
    if version < OLDEST * 10_000:
        raise Invalid(
            f"this is PostgreSQL {version // 10_000}, and Relance needs {OLDEST} or later.",
            where=_WHERE,
            mend="Upgrade it, or leave the setting out to use the PostgreSQL that comes with Relance.",
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        mend = "Make another one: CREATE DATABASE relance ENCODING 'UTF8' TEMPLATE template0."
        raise Invalid(f"the database is encoded in {encoding}, and Relance needs UTF8.", where=_WHERE, mend=mend)
    if connection.info.parameter_status("in_hot_standby") == "on":
        raise Invalid("this server is a read-only standby.", where=_WHERE, mend="Name the primary server.")
