"""A copy of the whole cluster, taken while it runs, and verified before it gets its name (decision 0023).

::

    <backup>/             0700, files 0600
        about.json        what it is: versions, instant, size (see About)
        base.tar.gz       the cluster
        pg_wal.tar.gz     what makes it consistent
        backup_manifest   PostgreSQL's: every file with its checksum
        secret            the signing secret, when the data folder keeps it
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import msgspec
import psycopg

from relance.db.embedded import binaries
from relance.db.embedded.faults import told
from relance.kernel.errors import Conflict, Invalid, NotFound, Unavailable

ABOUT, MANIFEST, SECRET = "about.json", "backup_manifest", "secret"
NOTE = "last-backup.json"
"""In the data folder: the About of the last backup that was finished, and where it went."""
PARTS = ("base.tar.gz", "pg_wal.tar.gz", MANIFEST)
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}  # none of ours: it may hold secrets
ASIDE, _LOCK = ".relance-backup-", "lock"
"""A backup that is being made, beside its target: a folder with the copy and a lock that lasts as long as its maker."""
_ELSEWHERE = "or name another folder for the backup"
_CHANGED = "It is damaged: take another backup."


class About(msgspec.Struct, frozen=True):
    """``migration``: the last one of its schema, 0 for an empty database. ``secret``: the backup holds it.
    ``size`` in bytes, of the whole folder. ``place``: where it was written."""

    relance: str
    postgres: str
    migration: int
    taken_at: datetime
    size: int
    secret: bool
    place: str


def back_up(conninfo: str, data: Path, target: Path, now: datetime, relance: str, *, with_secret: bool = True) -> About:
    """Copy the server at ``conninfo``, which runs on the data folder ``data``, to the new folder ``target``.

    ``with_secret``: and the file with the signing secret. False when that comes from elsewhere: a file that is left
    from before is worth nothing, and would be taken for the right one.
    It gets its name when everything in it has been read again and found whole; until then, and after an error,
    ``target`` is not there. Raises Conflict when there is something already, Unavailable (disk full, server gone),
    Denied.
    """
    refuse_existing(target)
    with told(target.parent, _ELSEWHERE):
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        shell = Path(tempfile.mkdtemp(prefix=ASIDE, dir=target.parent))
    try:
        with told(target, _ELSEWHERE), _held(shell):
            aside = shell / "copy"
            aside.mkdir(mode=0o700)
            postgres, migration = _versions(conninfo)
            _copy(conninfo, aside)
            _verify(aside)
            secret = with_secret and _keep_secret(data, aside)
            size = sum(path.stat().st_size for path in aside.iterdir())
            about = About(relance, postgres, migration, now, size, secret, str(target))
            (aside / ABOUT).write_bytes(msgspec.json.format(msgspec.json.encode(about)))
            for path in aside.iterdir():
                path.chmod(0o600)
                sync(path)
            sync(aside)
            refuse_existing(target)
            aside.rename(target)
            sync(target.parent)
    finally:
        shutil.rmtree(shell, ignore_errors=True)
    _note(data, about)
    return about


@contextmanager
def _held(shell: Path) -> Iterator[None]:
    """While this lasts, or this process, nobody sweeps the folder. Not every file system can lock; then nobody does."""
    lock = os.open(shell / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(lock)


def _sweep(parent: Path) -> None:
    """Take away what backups left that were killed, or whose machine lost its power: it holds all that is known about
    people."""
    for shell in parent.glob(f"{ASIDE}*"):
        with suppress(OSError):  # somebody else's, or held
            if (shell / _LOCK).exists():
                lock = os.open(shell / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(shell)
                finally:
                    os.close(lock)
            elif (shell / "copy").exists():  # a sweep that was killed: the lock is there before the copy
                shutil.rmtree(shell)


def refuse_existing(target: Path) -> None:
    """Raises Conflict: a backup never takes the place of something else."""
    if target.exists() or target.is_symlink():
        mend = "Choose another name, or name a folder that ends in / to have one chosen in it."
        raise Conflict("there is something already.", where=str(target), mend=mend)


def read_about(backup: Path) -> About:
    """Raises NotFound or Invalid when this is no finished backup."""
    if not backup.exists():
        raise NotFound("there is no such backup.", where=str(backup))
    missing = [name for name in (ABOUT, *PARTS) if not (backup / name).is_file()]
    if missing:
        what = f"this is no backup of Relance: {', '.join(missing)} is missing."
        raise Invalid(what, where=str(backup), mend="Name the folder that `relance backup` made.")
    try:
        with told(backup, "or name another backup"):
            return msgspec.json.decode((backup / ABOUT).read_bytes(), type=About)
    except msgspec.MsgspecError as error:
        raise Invalid(f"{ABOUT} cannot be read: {error}.", where=str(backup), mend=_CHANGED) from None


def last_backup(data: Path) -> About | None:
    """The last backup of this data folder, as far as this user may know."""
    try:
        return msgspec.json.decode((data / NOTE).read_bytes(), type=About)
    except (OSError, msgspec.MsgspecError):
        return None


def program(name: str, *arguments: str | Path, failing: Callable[[str], Exception]) -> str:
    """Run one of PostgreSQL's programs, as this user, and return its output. ``failing`` makes the error of its last
    words."""
    command = [str(binaries.ours() / name), *(str(argument) for argument in arguments)]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, errors="replace", env=_ENVIRONMENT, umask=0o077, check=False
    )
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-3:]
        raise failing("; ".join(said) or f"exit {done.returncode}")
    return done.stdout


def unpack(archive: Path, into: Path) -> None:
    """Only plain files and folders, only below ``into``. Raises Invalid for anything else, or a damaged archive."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                inside = not Path(member.name).is_absolute() and ".." not in Path(member.name).parts
                if not inside or not (member.isfile() or member.isdir()):
                    raise Invalid(f"it holds {member.name!r}, which is none of ours.", where=str(archive))
                _take(tar, member, into / member.name)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise Invalid(f"it cannot be unpacked ({error}).", where=str(archive), mend=_CHANGED) from None


def sync(path: Path) -> None:
    """What is written there is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    if member.isdir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    source = tar.extractfile(member)
    if source is None:
        raise Invalid(f"{member.name!r} has no content.", where=str(path), mend=_CHANGED)
    with source, path.open("xb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
    path.chmod(0o600)


def _versions(conninfo: str) -> tuple[str, int]:
    try:
        with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as connection:
            version = connection.execute("select split_part(current_setting('server_version'), ' ', 1)").fetchone()
            made = connection.execute("select to_regclass('migration') is not null").fetchone()
            found = connection.execute("select max(number) from migration").fetchone() if made and made[0] else None
    except psycopg.Error as error:
        raise Unavailable(f"the server cannot be asked: {' '.join(str(error).split())}.") from None
    return (str(version[0]) if version else "", int(found[0] or 0) if found else 0)


def _copy(conninfo: str, aside: Path) -> None:
    def failing(said: str) -> Exception:
        if "No space left" in said:
            return Unavailable("the disk is full.", where=str(aside.parent), mend="Free some space on it.")
        return Unavailable(f"PostgreSQL could not copy itself: {said}", where=str(aside.parent))

    # The log that is written meanwhile comes along on a second connection, so that no recycling can outrun it.
    program(
        "pg_basebackup", "--dbname", conninfo, "--pgdata", aside, "--format=tar", "--compress=client-gzip:3",
        "--wal-method=stream", "--checkpoint=fast", "--no-password", "--label=relance", failing=failing,
    )  # fmt: skip


def _verify(aside: Path) -> None:
    """Every file against its checksum, and the log readable from the copy's beginning to its end."""

    def failing(said: str) -> Exception:
        return Unavailable(f"the backup is not what was sent: {said}", mend="Nothing of it was kept. Check the disk.")

    program("pg_verifybackup", "--quiet", "--format=tar", "--no-parse-wal", aside, failing=failing)
    log = Path(tempfile.mkdtemp(dir=aside))
    try:
        unpack(aside / "pg_wal.tar.gz", log)
        for part in msgspec.json.decode((aside / MANIFEST).read_bytes())["WAL-Ranges"]:
            ends = (f"--timeline={part['Timeline']}", f"--start={part['Start-LSN']}", f"--end={part['End-LSN']}")
            program("pg_waldump", "--quiet", "--path", log, *ends, failing=failing)
    finally:
        shutil.rmtree(log, ignore_errors=True)


def _keep_secret(data: Path, aside: Path) -> bool:
    if not (data / SECRET).is_file():
        return False
    shutil.copyfile(data / SECRET, aside / SECRET)
    return True


def _note(data: Path, about: About) -> None:
    """For `relance doctor`. A backup is none the worse when its note cannot be written."""
    try:
        aside = data / f".{NOTE}"
        aside.write_bytes(msgspec.json.encode(about))
        aside.chmod(0o600)
        if os.geteuid() == 0:
            owner = data.stat()
            os.chown(aside, owner.st_uid, owner.st_gid)
        aside.rename(data / NOTE)
    except OSError:
        return
