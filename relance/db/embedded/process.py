"""One run of PostgreSQL as our child, and the making of a cluster: what is executed, and what it said in failing."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import psycopg
from psycopg import errors, sql

from relance.db.embedded.account import Account
from relance.db.embedded.cluster import DATABASE, USER, Postmaster, conninfo
from relance.db.embedded.faults import FULL
from relance.db.embedded.place import has_cluster
from relance.kernel.clock import monotonic, pause
from relance.kernel.errors import Conflict, Unavailable

_LAUNCHER = Path(__file__).with_name("launcher.py")
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}  # none of ours: it may hold secrets
_TELL_AFTER = 1.0  # seconds of silence that a recovery may take
_ROOM = 200 << 20  # bytes that a new cluster wants to see free
_STILL_THERE = ("pre-existing shared memory block", "lock file", "is still in use", "Address already in use")


def launch(
    command: Sequence[str], account: Account, at_our_end: signal.Signals, output: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start a program under the account; it gets ``at_our_end`` when the calling *thread* ends (Linux).

    In a session of its own, so that Ctrl-C in a terminal reaches Relance first.
    """
    become = [str(os.getpid()), str(int(at_our_end)), account.name if account.lent else "-"]
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-S", str(_LAUNCHER), *become, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd="/",
        env=_ENVIRONMENT,
        start_new_session=True,
    )


def make_cluster(folder: Path, programs: Path, account: Account, durable: bool) -> None:
    """Run initdb aside and rename the result: a cluster is there as a whole or not at all. Raises Unavailable."""
    home = folder / "postgres"
    for half_made in home.glob("new-*"):
        shutil.rmtree(half_made, ignore_errors=True)
    if shutil.disk_usage(home).free < _ROOM:
        raise Unavailable("there are less than 200 MB free on this disk.", where=str(folder), mend=FULL)
    aside = home / f"new-{os.getpid()}"
    command = [str(programs / "initdb"), "--pgdata", str(aside), "--username", USER, "--no-instructions"]
    command += ["--encoding", "UTF8", "--no-locale", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    command += ["--auth-local", "trust", "--auth-host", "reject"]  # the socket's folder is the lock, see place.py
    with tempfile.TemporaryFile() as output:
        child = launch(command if durable else [*command, "--no-sync"], account, signal.SIGTERM, output)
        if child.wait() != 0:
            raise failed("PostgreSQL could not make its data folder", folder, _last_lines(output))
    aside.rename(home / "data")
    place = os.open(home, os.O_RDONLY)
    os.fsync(place)
    os.close(place)


def check_version(folder: Path, major: str) -> None:
    """Raises Conflict when another major version of PostgreSQL made the cluster."""
    if not has_cluster(folder):
        return
    found = (folder / "postgres" / "data" / "PG_VERSION").read_text().strip()
    if found != major:
        raise Conflict(
            f"the data was written by PostgreSQL {found}, and this Relance brings {major}.",
            where=str(folder / "postgres" / "data"),
            mend=f"Start the Relance that wrote it, dump (pg_dump) and load it into an empty folder, "
            f"or run PostgreSQL {found} yourself and name it in RELANCE_DATABASE_URL.",
        )


class Run:
    """One postgres process, from its start to its end."""

    def __init__(self, folder: Path, programs: Path, account: Account, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self._data = folder / "postgres" / "data"
        self._sockets, self._port = settings["unix_socket_directories"], int(settings["port"])
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - until its own log takes over
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(programs / "postgres"), "-D", str(self._data), *options]
        self.child = launch(command, account, signal.SIGINT, self._output)
        self.started = monotonic()

    def until_ready(self, report: Callable[[str], None]) -> None:
        """Wait for the server, as long as its recovery takes. Raises Unavailable when it ends instead."""
        hint = self.started + _TELL_AFTER
        while True:
            if self.child.poll() is not None:
                raise failed("PostgreSQL did not start", self.folder, self.last_lines(), self.child.returncode)
            found = Postmaster.read(self._data)
            if found is not None and found.pid == self.child.pid and found.status == "ready":
                break
            if monotonic() > hint:
                report(f"PostgreSQL is recovering… ({int(monotonic() - self.started)} s)")
                hint = monotonic() + 10.0
            pause(0.01)
        self._have_database()

    def _have_database(self) -> None:
        try:
            with contextlib.suppress(psycopg.OperationalError):  # it has no SQLSTATE at a connection's start
                psycopg.connect(conninfo(self._sockets, self._port), connect_timeout=10).close()
                return
            with psycopg.connect(conninfo(self._sockets, self._port, "postgres"), autocommit=True) as connection:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except errors.DuplicateDatabase:
            return  # the first connection failed for a reason that has passed
        except psycopg.Error as error:
            what = f"PostgreSQL runs, but its database cannot be made: {' '.join(str(error).split())}."
            raise Unavailable(what, where=str(self.folder), retry=False) from None

    def last_lines(self) -> list[str]:
        """What it said last, on its output and in its log."""
        said = _last_lines(self._output)
        logs = sorted((self.folder / "postgres" / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        if logs and any("log output to logging collector" in line for line in said):
            with logs[-1].open("rb") as file:
                said = _last_lines(file)
        return said

    def send(self, name: signal.Signals) -> None:
        self.child.send_signal(name)

    def close(self) -> None:
        self._output.close()


def failed(what: str, folder: Path, lines: list[str], code: int | None = None) -> Unavailable:
    text = "\n".join(lines)
    end = f" (signal {-code})" if code is not None and code < 0 else ""
    last = f" Its last words:\n{text}" if text else ""
    full = "No space left on device" in text
    passing = not full and any(sign in text for sign in _STILL_THERE)
    return Unavailable(f"{what}{end}.{last}", where=str(folder), mend=f"\n{FULL}" if full else "", retry=passing)


def _last_lines(file: IO[bytes], count: int = 8) -> list[str]:
    file.seek(max(0, file.seek(0, os.SEEK_END) - 8192))
    return [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()][-count:]
