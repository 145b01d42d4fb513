"""relance doctor: numbered checks of what Relance needs, each with what it saw and what to do about it.

Starts nothing and changes nothing. A check that cannot be made because an earlier one failed is left out.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from typing import Literal
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import msgspec

from relance.accounts import signing
from relance.accounts.settings import OFF, all_settings
from relance.accounts.store import all_accounts
from relance.config import SETTINGS, Config, keep_secret, read_config, secret_place
from relance.db import last_reading, partitions
from relance.db.embedded import faults, resolve_folder, running
from relance.db.embedded.backup import last_backup
from relance.db.migrate import available
from relance.db.pool import Database, Stretch, Transaction
from relance.db.server import ExternalServer
from relance.db.sql import load_queries
from relance.flows.engine.set_aside import count_set_aside
from relance.flows.engine.tasks import count_set_aside as count_tasks_set_aside
from relance.kernel import clock
from relance.kernel.errors import RelanceError
from relance.messages.transports.smtp import SmtpTransport
from relance.worker.health import read_health

queries = load_queries(__package__, "doctor.sql")

State = Literal["ok", "note", "wrong"]

LITTLE = 1024**3
"""Bytes of free disk below which one should do something."""
APART = 5.0
"""Seconds that two clocks may differ."""


OLD = timedelta(days=7)
BACKUP = "relance backup /another/disk/"


class Finding(msgspec.Struct, frozen=True):
    """``note``: worth knowing, nothing is wrong."""

    name: str
    state: State
    told: str
    hint: str = ""


def examine() -> list[Finding]:
    try:
        config = read_config()
    except RelanceError as error:
        return [_wrong("settings", error)]
    return [
        _settings(os.environ),
        *_folder(config),
        *_database(config),
        _mail(config),
        *_web(config),
    ]


def _settings(env: Mapping[str, str]) -> Finding:
    """A name with a slip of the pen would be passed over in silence."""
    known = {one.name for one in SETTINGS} | {f"{one.name}_FILE" for one in SETTINGS if one.secret}
    if strange := sorted(name for name in env if name.startswith("RELANCE_") and name not in known):
        told = f"{', '.join(strange)}: nothing reads this"
        near = get_close_matches(strange[0], known, 1)
        hint = f"Did you mean {near[0]}?" if near else "docs/reference/settings.md has the names there are."
        return Finding("settings", "note", told, hint)
    return Finding("settings", "ok", "every RELANCE_ variable can be read")


def _wrong(name: str, error: RelanceError) -> Finding:
    return Finding(name, "wrong", f"{error.where}: {error.what}" if error.where else error.what, error.mend)


# The machine


def _folder(config: Config) -> Iterator[Finding]:
    try:
        folder = config.data if config.database_url else resolve_folder(config.data, config.data_chosen)
    except RelanceError as error:
        yield _wrong("data folder", error)
        return
    try:
        with faults.told(folder):
            yield from _inside(folder, config)
    except RelanceError as error:
        yield _wrong("data folder", error)


def _inside(folder: Path, config: Config) -> Iterator[Finding]:
    """Raises OSError where this user may not look: before Python 3.12 a path that may not be asked for is one too."""
    if not folder.exists():
        yield Finding("data folder", "note", f"{folder} is made at the first start", "Run `relance up`.")
    else:
        yield Finding("data folder", "ok", str(folder))
    yield _disk(folder)
    if config.secret:
        yield Finding("signing secret", "ok", "set by RELANCE_SECRET")
    elif (folder / "secret").exists():
        open_to_others = (folder / "secret").stat().st_mode & 0o077
        hint = f"chmod 600 {folder / 'secret'}" if open_to_others else ""
        yield Finding("signing secret", "wrong" if open_to_others else "ok", f"kept in {folder / 'secret'}", hint)
    else:
        yield Finding("signing secret", "note", "is made at the first start", "Run `relance up`.")
    if not config.database_url and (folder / "postgres").exists():
        yield _backup(folder)


def _backup(folder: Path) -> Finding:
    """Of the embedded server: whoever runs one of their own has its means."""
    last = last_backup(folder)
    if last is None:
        return Finding("backup", "note", "none has been made of this data folder", f"Run `{BACKUP}`.")
    told = f"{last.taken_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, to {last.place}"
    if clock.now() - last.taken_at > OLD:
        return Finding("backup", "note", f"{told}: that is over a week ago", f"Run `{BACKUP}`, best by a timer.")
    return Finding("backup", "ok", told)


def _disk(folder: Path) -> Finding:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    told = f"{free / 1024**3:.1f} GiB free under {there}"
    if free < LITTLE:
        return Finding("disk space", "wrong", told, "Free some space: a database that cannot write stops.")
    return Finding("disk space", "ok", told)


# The database


def _database(config: Config) -> Iterator[Finding]:
    try:
        conninfo = _conninfo(config)
    except RelanceError as error:
        yield _wrong("database", error)
        return
    if conninfo is None:
        yield Finding("database", "note", "the embedded PostgreSQL is not running", "Run `relance up`.")
        return
    try:
        with Database(conninfo, Stretch(smallest=1, largest=1)) as database, database.transaction() as tx:
            yield _version(tx)
            schema = _schema(tx)
            yield schema
            if schema.state == "ok":
                yield _time(tx)
                yield _months(tx)
                yield from _signing(tx, config)
                yield from _loops(tx)
                yield _set_aside(tx)
                yield _tasks(tx)
                yield from _caps(tx, config)
    except RelanceError as error:
        yield _wrong("database", error)


def _conninfo(config: Config) -> str | None:
    if config.database_url:
        server = ExternalServer(config.database_url)
        server.start()
        return server.conninfo
    folder = resolve_folder(config.data, config.data_chosen)
    with faults.told(folder):
        return running(folder) if folder.exists() else None


def _version(tx: Transaction) -> Finding:
    row = tx.row(queries.server_version)
    return Finding("database", "ok", f"PostgreSQL {row.version}, {row.size}" if row else "it answers")


def _schema(tx: Transaction) -> Finding:
    if not tx.value(queries.has_migrations):
        return Finding("schema", "wrong", "the database is empty", "Run `relance migrate`.")
    applied = {row.number for row in tx.rows(queries.applied_migrations)}
    known = {migration.number for migration in available()}
    if missing := sorted(known - applied):
        return Finding("schema", "wrong", f"{len(missing)} migrations are missing", "Run `relance migrate`.")
    if applied - known:
        return Finding("schema", "wrong", "a newer Relance has written it", "Start that version, or a newer one.")
    return Finding("schema", "ok", f"up to date, migration {max(applied, default=0)}")


def _time(tx: Transaction) -> Finding:
    """Relance waits for the last reading of its clock, at most a day of itself."""
    ahead = last_reading.ahead(tx)
    if ahead > last_reading.LONGEST:
        told = f"Relance has worked {last_reading.in_hours(ahead)} hours ahead of this machine's clock: too far to wait"
        return Finding("time", "wrong", told, last_reading.MEND)
    if ahead > last_reading.NOTABLE:
        told = (
            f"stands still for {ahead.total_seconds() / 60:.0f} min: Relance has worked ahead of this machine's clock"
        )
        return Finding("time", "wrong", told, "If this machine is right, wait; else set its clock.")
    return Finding("time", "ok", "goes on from where it was")


def _months(tx: Transaction) -> Finding:
    now = clock.now()
    wanted = [f"{table}_{partitions.month(now, offset):%Y%m}" for table in partitions.TABLES for offset in (0, 1)]
    found = {row.relname for row in tx.rows(queries.partitions_of_month, names=wanted)}
    if missing := sorted(set(wanted) - found):
        told = f"no place for {', '.join(missing)}"
        return Finding("partitions", "wrong", told, "Restart a worker: it makes them ahead.")
    return Finding("partitions", "ok", "this month and the next have theirs")


def _signing(tx: Transaction, config: Config) -> Iterator[Finding]:
    """Nothing to compare before the first start, or where this user may not read the secret."""
    folder = config.data if config.database_url else resolve_folder(config.data, config.data_chosen)
    config = replace(config, data=folder)
    try:
        secret = config.secret or (keep_secret(folder) if (folder / "secret").exists() else "")
    except (OSError, RelanceError):
        return
    if not secret or (same := signing.agrees(tx, secret)) is None:
        return
    if same:
        yield Finding("links", "ok", "signed with this secret")
    else:
        yield Finding("links", "wrong", f"{secret_place(config)}: {signing.WHAT}", signing.MEND)


def _loops(tx: Transaction) -> Iterator[Finding]:
    loops = read_health(tx, clock.now())
    unwell = [loop for loop in loops if loop.state != "ok"]
    if all(loop.state == "silent" for loop in loops):
        yield Finding("loops", "note", "no worker is running", "Run `relance up`, or `relance worker`.")
    elif unwell:
        told = "; ".join(f"{loop.loop}: {loop.trouble}" for loop in unwell)
        yield Finding("loops", "wrong", told, "Look at the worker's log; restarting it harms nothing.")
    else:
        yield Finding("loops", "ok", ", ".join(loop.loop for loop in loops))


def _set_aside(tx: Transaction) -> Finding:
    events, trouble = count_set_aside(tx)
    if events:
        told = f"{events} could not be judged and are tried again later: {trouble.splitlines()[0]}"
        return Finding("events", "wrong", told, "That is a mistake of Relance: please report the worker's log.")
    return Finding("events", "ok", "none set aside")


def _tasks(tx: Transaction) -> Finding:
    undone, trouble = count_tasks_set_aside(tx)
    if undone:
        told = f"{undone} tasks of flows could not be done and are tried again later: {trouble.splitlines()[0]}"
        return Finding("tasks", "wrong", told, "That is a mistake of Relance: please report the worker's log.")
    return Finding("tasks", "ok", "none set aside")


def _caps(tx: Transaction, config: Config) -> Iterator[Finding]:
    """Which frequency cap holds, and why."""
    for account in all_accounts(tx):
        cap = next(one for one in all_settings(account) if one.key == "frequency_cap.email")
        if cap.set:
            told = f"{cap.value}, as the account says" if cap.value != OFF else "off, as the account says"
            yield Finding("frequency cap", "ok", told)
        elif config.smtp_url:
            yield Finding("frequency cap", "ok", f"{cap.usual}, as usual: marketing emails to one contact")
        else:
            told = "not applied while mail goes to the local catcher and the account sets none"
            hint = f"With a mail server it is {cap.usual}; `relance account set frequency_cap.email` says otherwise."
            yield Finding("frequency cap", "note", told, hint)


# The world


def _mail(config: Config) -> Finding:
    url = config.smtp_url or f"smtp://127.0.0.1:{config.catcher_port}?tls=off"
    name = "mail server" if config.smtp_url else "mail catcher"
    try:
        transport = SmtpTransport(url)
        try:
            said = transport.check()
            if transport.risks_login:
                told = f"{said}: somebody on the way could read the password"
                return Finding(name, "note", told, "Use smtp+starttls:// or smtps://, without verify=off and tls=off.")
            return Finding(name, "ok", said)
        finally:
            transport.close()
    except RelanceError as error:
        if config.smtp_url:
            return _wrong(name, error)
        return Finding(name, "note", "the local mail catcher is not running", "Run `relance up`.")


def _web(config: Config) -> Iterator[Finding]:
    """The public address, asked for what only Relance answers; and the clock of whoever answers."""
    url = f"{config.public_url}/healthz"
    before = clock.now()
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 (http or https, checked by the settings)
            date = answer.headers.get("Date")
        yield Finding("public address", "ok", f"{config.public_url} answers")
    except HTTPError as error:
        date = error.headers.get("Date")
        if error.code == 503:
            yield Finding("public address", "wrong", f"{url} says that Relance is not healthy", "See the checks above.")
        else:
            mend = "Does RELANCE_PUBLIC_URL lead to Relance?"
            yield Finding("public address", "wrong", f"{url} answers {error.code}", mend)
    except HTTPException:
        told = f"{config.public_url} answers, and not as a web server does"
        yield Finding("public address", "wrong", told, "Does RELANCE_PUBLIC_URL lead to Relance?")
        date = None
    except (URLError, OSError, ValueError) as error:
        told = f"{config.public_url} does not answer ({getattr(error, 'reason', error)})"
        yield Finding("public address", "note", told, "Run `relance up`, or `relance serve`.")
        date = None
    yield _clock(before, date)


def _clock(before: datetime, date: str | None) -> Finding:
    told = f"{before.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if before.year < 2024:
        return Finding("clock", "wrong", told, "Set the machine's clock: flows go by it.")
    apart = _apart(before, date)
    if apart > APART:
        hint = "Let both machines keep time by NTP."
        return Finding("clock", "wrong", f"{told}, {apart:.0f} s from that of the web server", hint)
    return Finding("clock", "ok", told)


def _apart(before: datetime, date: str | None) -> float:
    """Seconds; 0 when whoever answered tells no date that can be read."""
    try:
        return abs((parsedate_to_datetime(date) - before).total_seconds()) if date else 0.0
    except (TypeError, ValueError):
        return 0.0
