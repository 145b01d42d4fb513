"""Which account PostgreSQL runs under. It refuses root, so root lends it an existing unprivileged account."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from relance.kernel.errors import Denied, Unavailable

# An account made for Relance, then PostgreSQL's own (Linux, macOS), then the one that owns nothing.
LENT = ("relance", "postgres", "_postgres", "nobody")
_CAN_ENTER = 'for folder; do cd "$folder" 2>/dev/null || { printf %s "$folder"; exit 1; }; done'


@dataclass(frozen=True)
class Account:
    """``lent`` is true when we are root and must change to it."""

    name: str
    uid: int
    gid: int
    lent: bool

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a short program under this account and wait. Raises OSError when it cannot be executed."""
        common = {"capture_output": True, "text": True, "errors": "replace", "cwd": "/", "check": False, "timeout": 60}
        if self.lent:
            common |= {"user": self.uid, "group": self.gid, "extra_groups": os.getgrouplist(self.name, self.gid)}
        return subprocess.run(command, **common)  # type: ignore[call-overload,no-any-return]  # noqa: PLW1510, S603

    def blocked_at(self, folder: Path) -> Path | None:
        """The first existing folder on the way down to ``folder`` that this account cannot enter.

        The kernel is asked by trying it, so access lists and security modules count too.
        """
        way = [str(part) for part in (*reversed(folder.parents), folder) if part.is_dir()]
        tried = self.run(["/bin/sh", "-c", _CAN_ENTER, "sh", *way])
        return Path(tried.stdout) if tried.returncode else None


def account_for(folder: Path) -> Account:
    """The account for the server of this data folder.

    An ordinary user: that user. Root: whoever owns the database or the folder already, else the first of ``LENT``.
    Raises Denied or Unavailable when there is none.
    """
    if os.geteuid() != 0:
        return _own_account()
    for owned in (folder / "postgres" / "data", folder / "postgres", folder):
        owner = _owner(owned)
        if owner:
            return _account_of(owner, owned)
    for name in LENT:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid, lent=True)
    raise Unavailable(
        "PostgreSQL must not run as root, and there is no unprivileged account that it could use.",
        where="account",
        mend="Make one (useradd --system relance), or start Relance as an ordinary user.",
    )


def _own_account() -> Account:
    uid = os.geteuid()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise Unavailable(
            f"the user id {uid} has no account on this system, and PostgreSQL needs one.",
            where="account",
            mend="Add the user to /etc/passwd, start Relance as another user, or set RELANCE_DATABASE_URL.",
        ) from None
    return Account(entry.pw_name, uid, os.getegid(), lent=False)


def _owner(path: Path) -> int:
    """The owner of a real folder; 0 (root) also when there is none."""
    try:
        info = path.lstat()
    except OSError:
        return 0
    return info.st_uid if stat.S_ISDIR(info.st_mode) else 0


def _account_of(uid: int, owned: Path) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise Denied(
            f"it belongs to the user id {uid}, which has no account on this system.",
            where=str(owned),
            mend="Give it to an existing account with chown, or choose another folder with RELANCE_DATA.",
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, lent=True)
