"""What the files of a data folder tell: who supervises it, which server lives in it, what a crash has left behind."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from relance.db.embedded.faults import told
from relance.kernel.clock import monotonic, pause
from relance.kernel.errors import Conflict

USER = DATABASE = "relance"
# What a former server is sent, after how many seconds. Its parent's death has told it already where the system can do
# that: it deserves time for its last checkpoint. The rest of a killed server has nothing to put in order, and its
# shared memory is never used again.
_TO_A_SERVER = ((5.0, signal.SIGINT), (60.0, signal.SIGQUIT), (70.0, signal.SIGKILL))
_TO_ITS_REST = ((1.0, signal.SIGQUIT), (6.0, signal.SIGKILL))


def conninfo(sockets: Path | str, port: int, database: str = DATABASE) -> str:
    # The port is named because PGPORT in the environment would win over a default.
    return make_conninfo("", host=str(sockets), port=port, dbname=database, user=USER)


def running(folder: Path, patience: float = 10.0) -> str | None:
    """The conninfo of this folder's server when a Relance supervises it, else None.

    Waits up to ``patience`` seconds for one that is just starting, at the very first start also for the database in it.
    Raises Denied when this user may not look.
    """
    end = monotonic() + patience
    with told(folder):
        while is_held(folder):
            found = Postmaster.read(folder / "postgres" / "data")
            late = monotonic() > end
            if found is not None and found.status == "ready":
                reached = conninfo(found.sockets, found.port)
                if late or _answers(reached):
                    return reached
            elif late:
                return None
            pause(0.05)
    return None


def _answers(reached: str) -> bool:
    try:
        psycopg.connect(reached, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def is_held(folder: Path) -> bool:
    """Whether a live Relance holds the lock of this folder."""
    try:
        lock = os.open(folder / "relance.lock", os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def hold(folder: Path) -> int:
    """Take the folder's lock; it lasts until the returned descriptor is closed or the process ends, however it ends.

    Raises Conflict when another Relance has it.
    """
    lock = os.open(folder / "relance.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:
        owner = folder.stat()  # so that its owner can start it without root next time
        os.fchown(lock, owner.st_uid, owner.st_gid)
    end = monotonic() + 1.0  # somebody may only be looking, see is_held
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() < end:
                pause(0.02)
                continue
            other = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
            os.close(lock)
            raise Conflict(
                f"another Relance{f' (process {other})' if other else ''} is running with this data folder.",
                where=str(folder),
                mend="Stop it first, or choose another folder with RELANCE_DATA.",
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        return lock


@dataclass(frozen=True)
class Postmaster:
    """The lines of postmaster.pid, as PostgreSQL writes them (src/include/utils/pidfile.h)."""

    pid: int
    port: int
    sockets: str
    status: str

    @classmethod
    def read(cls, data: Path) -> Postmaster | None:
        """None when there is no file, or one that is still being written."""
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
            return cls(int(lines[0]), int(lines[3]), lines[4], lines[7].strip() if len(lines) > 7 else "")
        except (FileNotFoundError, ValueError, IndexError):
            return None


def clear_the_way(data: Path, sockets: Path, report: Callable[[str], None]) -> None:
    """Wait until nothing of a former server works on ``data``, and end what does not end by itself.

    Call it with the folder's lock held: whatever runs then has lost its supervisor.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    start, told_so, sent = monotonic(), False, None
    while left := _processes(data):
        waited = monotonic() - start
        if not told_so and waited > 0.5:
            report("waiting for the former PostgreSQL of this folder to end")
            told_so = True
        former = Postmaster.read(data)
        server = [former.pid] if former is not None and former.pid in left else []
        due = [name for after, name in (_TO_A_SERVER if server else _TO_ITS_REST) if waited > after]
        if due and due[-1] != sent:
            sent = due[-1]
            for pid in server or left:
                _send(pid, sent)
        pause(0.02)
    # Its process number may belong to a stranger by now, which PostgreSQL would take for a living server.
    former = Postmaster.read(data)
    pid_file.unlink(missing_ok=True)
    if former is not None:
        for name in (f".s.PGSQL.{former.port}.lock", f".s.PGSQL.{former.port}"):
            (sockets / name).unlink(missing_ok=True)


def _processes(data: Path) -> list[int]:
    """The PostgreSQL processes that work in ``data``."""
    if sys.platform != "linux":
        return _by_ps(data)
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if (entry / "cwd").readlink() == data and (entry / "comm").read_text().startswith("postgres"):
                found.append(int(entry.name))
        except OSError:  # gone, or somebody else's
            continue
    return found


def _by_ps(data: Path) -> list[int]:
    former = Postmaster.read(data)
    if former is None:
        return []
    command = ["/bin/ps", "-o", "command=", "-p", str(former.pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    return [former.pid] if str(data) in shown else []


def _send(pid: int, name: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, name)
