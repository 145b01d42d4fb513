"""Puts a backup into an empty data folder: unpacked aside, verified, started once, and only then there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from relance.db.embedded import binaries, place
from relance.db.embedded.backup import MANIFEST, SECRET, About, program, read_about, sync, unpack
from relance.db.embedded.cluster import hold, is_held
from relance.db.embedded.faults import told
from relance.db.embedded.supervisor import EmbeddedServer
from relance.kernel.errors import Conflict, Invalid, RelanceError

ASIDE = ".restoring"
# What a start that never came to a database, or a restore that was killed, may have left.
_HARMLESS = {"relance.lock", "errors.log", "postgres", ASIDE}


def restore(
    backup: Path, folder: Path, prepare: Callable[[str], None], report: Callable[[str], None] = place.quiet
) -> About:
    """Put ``backup`` into the empty data folder ``folder``.

    ``prepare`` gets the conninfo of the restored server while it runs aside, before it counts as this folder's: what
    raises there leaves the folder as it was. The server is stopped when this returns.
    Raises Conflict (running, not empty, another major version), Invalid or NotFound (no backup, damaged), Denied,
    Unavailable.
    """
    about = read_about(backup)
    _same_version(about)
    _refuse_used(backup, folder)
    account = place.prepare_folder(folder)
    with told(folder):
        lock = hold(folder)
    aside = folder / ASIDE
    try:
        with told(folder):
            shutil.rmtree(aside, ignore_errors=True)
            place.prepare_folder(aside)
            report("unpacking and verifying")
            data = aside / "postgres" / "data"
            _unpack(backup, data)
            if account.lent:
                place.give(data, account)
            report("starting it once, aside")
            _start_once(aside, prepare)
            _keep_secret(backup, folder)
            data.rename(folder / "postgres" / "data")
            sync(folder / "postgres")
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        os.close(lock)
    return about


def _same_version(about: About) -> None:
    major, brought = about.postgres.split(".")[0], binaries.wheel_version().split(".")[0]
    if major != brought:
        raise Conflict(
            f"the backup is of PostgreSQL {major}, and this Relance brings {brought}.",
            where=about.place,
            mend=f"Restore it with the Relance that wrote it ({about.relance}), then follow docs/operate/upgrade.md.",
        )


def _refuse_used(backup: Path, folder: Path) -> None:
    with told(folder):
        if not folder.exists():
            return
        if is_held(folder):
            raise Conflict(
                "a Relance is running with this data folder.",
                where=str(folder),
                mend="Restore elsewhere with --to, or stop it first and move its folder away.",
            )
        found = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        if _same_secret(backup, folder):
            found.discard(SECRET)
        if place.has_cluster(folder) or found - _HARMLESS:
            raise Conflict(
                "this data folder is not empty, and a restore replaces nothing.",
                where=str(folder),
                mend="Move it away (keep it until all is well), or restore elsewhere with --to.",
            )


def _same_secret(backup: Path, folder: Path) -> bool:
    """Of a restore that was killed just before its end."""
    kept, there = backup / SECRET, folder / SECRET
    return kept.is_file() and there.is_file() and kept.read_bytes() == there.read_bytes()


def _unpack(backup: Path, data: Path) -> None:
    def failing(said: str) -> Exception:
        return Invalid(f"the backup is damaged: {said}", where=str(backup), mend="Take an older one.")

    data.mkdir(mode=0o700)
    unpack(backup / "base.tar.gz", data)
    unpack(backup / "pg_wal.tar.gz", data / "pg_wal")
    program("pg_verifybackup", "--quiet", "--manifest-path", backup / MANIFEST, data, failing=failing)


def _start_once(aside: Path, prepare: Callable[[str], None]) -> None:
    """A backup that cannot be started is found out now, while the way back is open."""
    server = EmbeddedServer(aside)
    try:
        server.start()
        prepare(server.conninfo)
    except RelanceError as error:
        # The place aside is gone when this is read.
        error.mend = f"{error.mend} Nothing was restored.".strip()
        raise
    finally:
        server.stop()


def _keep_secret(backup: Path, folder: Path) -> None:
    if not (backup / SECRET).is_file():
        return
    path = folder / SECRET
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write((backup / SECRET).read_bytes())
        file.flush()
        os.fsync(file.fileno())
