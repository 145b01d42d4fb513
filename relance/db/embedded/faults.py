"""Faults of the system told as what, where and how to mend."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from relance.kernel.errors import Denied, Invalid, RelanceError, Unavailable

_CHOOSE = "or choose another folder with RELANCE_DATA"
_FREE = "Free some space on this disk"
FULL = f"{_FREE}, {_CHOOSE}."


@contextmanager
def told(place: Path, otherwise: str = _CHOOSE) -> Iterator[None]:
    """Turn an OSError inside the block into a RelanceError about the path it concerns, ``place`` by default.

    ``otherwise``: the other way out, where the path is not in the data folder.
    """
    try:
        yield
    except OSError as error:
        raise _as_relance_error(error, str(error.filename or place), otherwise) from error


def _as_relance_error(error: OSError, where: str, otherwise: str) -> RelanceError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable("the disk is full.", where=where, mend=f"{_FREE}, {otherwise}.")
    if error.errno in (errno.EACCES, errno.EPERM):
        mend = f"Give this user the right (chown, chmod), {otherwise}."
        return Denied(f"the user id {os.geteuid()} may not read or write here.", where=where, mend=mend)
    if error.errno == errno.EROFS:
        return Denied("this file system is read-only.", where=where, mend=f"Mount it for writing, {otherwise}.")
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return not_a_folder(where, otherwise)
    mend = f"Look at the path, {otherwise}."
    return Unavailable(f"this cannot be used: {error.strerror or error}.", where=where, mend=mend)


def not_a_folder(where: str, otherwise: str = _CHOOSE) -> Invalid:
    return Invalid("this is not a folder.", where=where, mend=f"Move the file away, {otherwise}.")


def unreachable(folder: Path, block: Path, account: str) -> Unavailable:
    """A chosen folder that the server's account cannot enter. No permission is changed to let it in."""
    at = "it" if block == folder else str(block)
    return Unavailable(
        f"Relance runs as root and PostgreSQL as {account}, who cannot enter {at}.",
        where=str(folder),
        mend=f"Choose a folder that {account} can reach (RELANCE_DATA=/var/lib/relance/data), let others pass "
        f"(chmod o+x {block}), or start Relance as an ordinary user.",
    )
