"""Where the data lives: the folder, what is made in it, and a short way to the socket.

::

    <folder>/             0700, as root 0711 so that the server's account can pass
        relance.lock      held by the one Relance that supervises this folder
        postgres/         0700, the server account's
            data/         the cluster
            log/          one file a weekday
            socket/       only when its path is short enough
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from relance.db.embedded.account import Account, account_for
from relance.db.embedded.binaries import open_folder
from relance.db.embedded.faults import not_a_folder, told, unreachable
from relance.kernel.errors import Denied, Invalid, Unavailable

STATE = Path("/var/lib/relance")
_SHORT = Path("/tmp")  # noqa: S108 - the folder in it is ours alone, see _claim
_LONGEST = 100  # bytes of a socket's path; systems allow 104 to 108 with the final zero
_SOCKET_NAME = len("/.s.PGSQL.65535")


def quiet(_: str) -> None:
    """A report that nobody hears."""


def resolve_folder(wanted: Path, chosen: bool, report: Callable[[str], None] = quiet) -> Path:
    """The data folder to use for the ``wanted`` one. Creates nothing and changes no permission.

    They differ only for root, when the server's account cannot reach ``wanted``: a default folder is then replaced by
    one below the system's state folder (and told by ``report``); a ``chosen`` one is refused.
    Raises Invalid (not a folder), Unavailable (unreachable), Denied (owner without account).
    """
    with told(wanted):
        folder = Path(os.path.abspath(wanted.expanduser())).resolve()  # noqa: PTH100 - resolve() alone keeps a ".." loop
        if folder.exists() and not folder.is_dir():
            raise not_a_folder(str(folder))
        if os.geteuid() != 0:
            return folder
        account = account_for(folder)
        block = account.blocked_at(folder.parent if _adoptable(folder) else folder)
        instead = STATE / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        if not chosen and not has_cluster(folder) and (block or has_cluster(instead)):
            report(f"{account.name} cannot enter {block or folder}, the data is in {instead}")
            return instead
    if block:
        raise unreachable(folder, block, account.name)
    return folder


def prepare_folder(folder: Path) -> Account:
    """Make the data folder and the server's part of it. Returns the account that the server runs under.

    Call it before writing anything else into the folder. An existing folder keeps its permissions, except an empty one
    of root's, which becomes passable. Raises Denied, Invalid, Unavailable.
    """
    with told(folder):
        account = account_for(folder)
        if folder.exists() and not folder.is_dir():
            raise not_a_folder(str(folder))
        # Before anything is made or changed: a refusal leaves no trace.
        block = account.blocked_at(folder.parent if _adoptable(folder) else folder) if account.lent else None
        if block:
            raise unreachable(folder, block, account.name)
        if not folder.exists():
            if account.lent and folder.is_relative_to(STATE):
                open_folder(folder.parent)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if account.lent and _adoptable(folder):
            folder.chmod(0o711)
        _check_owner(folder, account)
        _own_folder(folder / "postgres", account)
        for name in ("log", "data"):
            if name == "log" or (folder / "postgres" / name).exists():
                _own_folder(folder / "postgres" / name, account)
    return account


def has_cluster(folder: Path) -> bool:
    return (folder / "postgres" / "data" / "PG_VERSION").exists()


def socket_folder(folder: Path, account: Account) -> Path:
    """A folder of mode 0700 for the socket: in the data folder, or in /tmp when that path is too long for a socket."""
    near = folder / "postgres" / "socket"
    plain = not set(str(near)) & set(",\"'\\\n@")  # the setting is a list, with quotes
    if plain and len(os.fsencode(near)) + _SOCKET_NAME < _LONGEST:
        with told(near):
            _own_folder(near, account)
        return near
    short = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    for attempt in range(10):
        path = _SHORT / f"relance-{short}-{account.uid}{f'-{attempt}' if attempt else ''}"
        with told(path):
            if _claim(path, account):
                return path
    raise Unavailable("other users hold every name that the socket's folder could have.", where=f"{_SHORT}/relance-…")


def _claim(path: Path, account: Account) -> bool:
    """True when ``path`` is a real folder of the account alone. /tmp is everybody's: what is there may be a trap."""
    try:
        path.mkdir(mode=0o700)
        if account.lent:
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
    except FileExistsError:
        pass
    info = path.lstat()
    return stat.S_ISDIR(info.st_mode) and info.st_uid == account.uid and not info.st_mode & 0o077


def _adoptable(folder: Path) -> bool:
    """Root's own and empty (as mktemp makes it): nothing in it can lose its protection when others may pass."""
    return not folder.exists() or (folder.is_dir() and folder.stat().st_uid == 0 and not any(folder.iterdir()))


def _check_owner(folder: Path, account: Account) -> None:
    owner = folder.stat().st_uid
    if account.lent or owner == account.uid:
        return
    raise Denied(
        f"the data folder belongs to the user id {owner}, and this is {account.name} ({account.uid}).",
        where=str(folder),
        mend="Start Relance as its owner, or choose another folder with RELANCE_DATA.",
    )


def _own_folder(path: Path, account: Account) -> None:
    """Make ``path`` (inside the data folder) a folder of the account, mode 0700."""
    if not path.is_symlink() and not path.exists():
        path.mkdir(mode=0o700)
    info = path.lstat()
    if not stat.S_ISDIR(info.st_mode):
        raise Invalid("this should be a folder.", where=str(path), mend="Move it away.")
    if info.st_uid != account.uid and account.lent and info.st_uid == 0:
        give(path, account)  # new, or put back from a backup by root
    elif info.st_uid != account.uid:
        mend = f"Give it to {account.name} (chown -R), or choose another folder with RELANCE_DATA."
        raise Denied(f"it belongs to the user id {info.st_uid}, not to {account.name}.", where=str(path), mend=mend)
    if info.st_mode & 0o077:
        path.chmod(0o700)


def give(path: Path, account: Account) -> None:
    """Make the account the owner of a folder and of everything in it."""
    for folder, _, files in os.walk(path):
        for item in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118
            os.chown(item, account.uid, account.gid, follow_symlinks=False)
