"""Migrations: numbered plain SQL files, applied once each, in order, one transaction per file.

A session lock keeps two starting processes apart and dies with its connection, so a killed start leaves nothing
to clean up. Each file runs with a lock time-out: a migration never queues behind a long query with everybody waiting.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import Any

import psycopg

from relance.kernel import clock
from relance.kernel.errors import Conflict, Invalid, Unavailable

_LOCK = 7_310_001  # any number, the same in every version
_OURS = """
create table if not exists migration (
  number     int primary key,
  name       text not null,
  checksum   text not null,
  applied_at timestamptz not null
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def available() -> list[Migration]:
    """The files of this version, in order."""
    files = (f for f in resources.files("relance.db.migrations").iterdir() if f.name.endswith(".sql"))
    found = [Migration(int(f.name[:4]), f.name.removesuffix(".sql"), f.read_text("utf-8")) for f in files]
    return sorted(found, key=lambda migration: migration.number)


def migrate(conninfo: str, *, only_empty: bool = False) -> list[str]:
    """Bring the schema up to date and return the names applied.

    ``only_empty``: set an empty database up, and leave a schema that is there as it is, for another release may be
    working on it. Raises Conflict when the database was written by a newer version, when an applied file has changed
    since, or when something is missing that ``only_empty`` forbids to apply; Unavailable when a file cannot be applied
    now, Invalid when it cannot be applied to what is there. Of that file nothing is left; those before it stay.
    """
    try:
        with psycopg.connect(conninfo, autocommit=True, application_name="relance migrate") as connection:
            connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
            connection.execute(_OURS)
            rows = connection.execute("select number, checksum from migration").fetchall()
            pending = _pending(dict(rows))
            if rows and pending and only_empty:
                raise Conflict(
                    f"this release brings {_several(len(pending))} to the schema, from {pending[0].name} on",
                    where="database",
                    mend="Run `relance migrate`, or restart `relance up`: docs/operate/upgrade.md.",
                )
            for migration in pending:
                _apply(connection, migration)
            return [migration.name for migration in pending]
    except psycopg.OperationalError as error:
        raise Unavailable(
            "the schema could not be brought up to date", where="migrations", mend=f"{error}".strip()
        ) from error


def _several(changes: int) -> str:
    return "a change" if changes == 1 else f"{changes} changes"


def _apply(connection: psycopg.Connection[Any], migration: Migration) -> None:
    try:
        with connection.transaction():
            connection.execute("set local lock_timeout = '10s'")
            connection.execute(migration.text)
            connection.execute(
                "insert into migration values (%s, %s, %s, %s)",
                (migration.number, migration.name, migration.checksum, clock.now()),
            )
    except psycopg.OperationalError as error:
        raise Unavailable(
            "the schema could not be brought up to date, and nothing of this step was kept",
            where=f"migration {migration.name}",
            mend=f"{_said(error)} Try again when that has passed; the former version of Relance still runs.",
        ) from error
    except psycopg.Error as error:
        raise Invalid(
            "this step does not fit what is in the database, and nothing of it was kept",
            where=f"migration {migration.name}",
            mend=f"{_said(error)} Go on with the former version of Relance, which still runs on this database, "
            "and report these lines.",
            code="migration_failed",
        ) from error


def _said(error: psycopg.Error) -> str:
    """PostgreSQL's words without the detail, which may quote a row."""
    text = " ".join((error.diag.message_primary or str(error)).split())
    return f"PostgreSQL said: {text.rstrip('.')}."


def _pending(applied: dict[int, str]) -> list[Migration]:
    known = {migration.number: migration for migration in available()}
    if unknown := sorted(set(applied) - set(known)):
        raise Conflict(
            f"the database knows migration {unknown[-1]}, which this version of Relance does not",
            mend="Start the version that made it, or a newer one.",
        )
    for number, checksum in applied.items():
        if known[number].checksum != checksum:
            raise Conflict(
                f"migration {known[number].name} has changed since it was applied",
                mend="Put the original file back and add a new migration for the change.",
            )
    return [migration for number, migration in sorted(known.items()) if number not in applied]
