"""Make .venv with the locked dependencies and the command .venv/bin/relance. Running it again is safe and quick.

    python3 scripts/setup.py          what Relance needs to run
    python3 scripts/setup.py --test   and what its tests need, Chromium included where apt can bring it

Only the standard library, and no syntax newer than Python 3.7: an old Python must be able to say that it is too old.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
COMMAND = VENV / "bin" / "relance"
LOCKS = ROOT / "requirements"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# A shell reads the second line and starts this environment's Python, whatever its path; Python sees a bare string.
LAUNCHER = """#!/bin/sh
'''exec' {python} "$0" "$@"
' '''
import sys

from relance.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
"""


class Trouble(Exception):
    """Something that the person at the keyboard has to mend."""


def main(arguments):
    tests = "--test" in arguments
    try:
        if sys.version_info < OLDEST:
            raise Trouble(
                f"Relance needs Python 3.11 or later; {sys.executable} is {sys.version.split()[0]}.\n"
                "Install a newer one, then: make run PYTHON=/path/to/python3"
            )
        with only_one():
            prepare(tests)
            if tests:
                find_browser()
    except Trouble as trouble:
        print(f"setup: {trouble}", file=sys.stderr)
        return 1
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"setup: {place}{error.strerror or error}\nThis folder must be writable: {ROOT}", file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def only_one():
    """Two makes at one time: the second waits, then finds everything done."""
    import fcntl

    with (ROOT / "scripts").joinpath("setup.py").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(tests):
    if not healthy():
        make_environment()
    lock = LOCKS / ("test.txt" if tests else "run.txt")
    stamp = VENV / f"installed-{lock.stem}"
    wanted = fingerprint(lock)
    if not stamp.is_file() or stamp.read_text("utf-8") != wanted:
        install(lock)
        stamp.write_text(wanted, "utf-8")
        if tests:  # the test lock holds the other one
            (VENV / "installed-run").write_text(fingerprint(LOCKS / "run.txt"), "utf-8")
    link()


def fingerprint(lock):
    return hashlib.sha256(f"{ROOT}\n".encode() + lock.read_bytes()).hexdigest()


def healthy():
    """Is there an environment of ours whose Python runs and is new enough? A moved clone needs a new one."""
    if not (VENV / "pyvenv.cfg").is_file():
        return False
    code = f"import sys; sys.exit(sys.version_info < {OLDEST!r} or sys.prefix != {str(VENV)!r})"
    try:
        return subprocess.run([str(PYTHON), "-c", code], stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def make_environment():
    if VENV.exists():
        if any(VENV.iterdir()) and not (VENV / "pyvenv.cfg").is_file():
            raise Trouble(f"{VENV} is there but is no virtual environment. Move it away and try again.")
        shutil.rmtree(VENV)
    say("making .venv")
    uv = shutil.which("uv")
    ways = [[uv, "venv", "--quiet", "--python", sys.executable, str(VENV)]] if uv else []
    # The last way needs no ensurepip, which Debian and Ubuntu keep in a package of its own.
    ways += [[sys.executable, "-m", "venv", str(VENV)], [sys.executable, "-m", "venv", "--without-pip", str(VENV)]]
    for way in ways:
        if attempt(way, quiet=True) and healthy():
            return
        shutil.rmtree(VENV, ignore_errors=True)
    raise Trouble(
        f"{sys.executable} cannot make a virtual environment in {ROOT}.\n"
        "On Debian and Ubuntu: apt install python3-venv. Elsewhere, install uv or a complete Python."
    )


def install(lock):
    say(f"installing {lock.relative_to(ROOT)}")
    uv = find_uv()
    if uv:
        # Files are copied, not linked: a cache on another disk, or cleaned later, makes no difference. The machine's
        # certificates count, as they do for pip; the setting has had two names.
        ours = {"UV_LINK_MODE": "copy", "UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
        env = {**ours, **os.environ}
        command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes", "-r", str(lock)]
        if attempt(command, env=env):
            return
        say("uv could not; trying pip")
    pip = find_pip()
    if not pip:
        shutil.rmtree(VENV)  # it came without pip: the next try, with ensurepip there, makes a better one
        raise Trouble(
            "there is neither pip nor uv to install with.\n"
            "On Debian and Ubuntu: apt install python3-venv. Elsewhere, install uv. Then try again."
        )
    if not attempt([*pip, *QUIETLY, "--require-hashes", "-r", str(lock)]):
        raise Trouble(
            "the dependencies could not be installed; the lines above say why.\n"
            "Behind a proxy or a mirror, set what pip or uv needs (HTTPS_PROXY, PIP_INDEX_URL, UV_INDEX_URL)."
        )


QUIETLY = ("install", "--quiet", "--disable-pip-version-check", "--no-input")


def find_uv():
    """uv, ten times quicker than pip: the machine's, the environment's, or brought by pip. None if it does not come."""
    own = VENV / "bin" / "uv"
    there = shutil.which("uv") or (str(own) if own.is_file() else None)
    if there:
        return there
    pip = find_pip()
    if pip and attempt([*pip, *QUIETLY, "--require-hashes", "-r", str(LOCKS / "uv.txt")], quiet=True, seconds=60):
        return str(own) if own.is_file() else None
    return None


def find_pip():
    """The environment's pip, else the machine's pointed at the environment (pip 22.3 and later can)."""
    inside = [str(PYTHON), "-m", "pip"]
    outside = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    for pip in (inside, outside):
        if attempt([*pip, "--version"], quiet=True):
            return pip
    return None


def link():
    """Make the clone importable, and its command. Nothing is built, so nothing but the lock is ever fetched."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    pth = next((VENV / "lib").glob("python3*/site-packages"), None) or Path(
        subprocess.run([str(PYTHON), "-c", ask], stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    )
    write(pth / "relance-clone.pth", f"{ROOT}\n")
    write(COMMAND, LAUNCHER.format(python=shlex.quote(str(PYTHON))))
    COMMAND.chmod(0o755)


def write(path, text):
    """Replaced whole, and only when it differs: somebody may be starting it."""
    if path.is_file() and path.read_text("utf-8") == text:
        return
    new = path.with_name(f"{path.name}.new")
    new.write_text(text, "utf-8")
    new.chmod(0o755 if path == COMMAND else 0o644)
    new.replace(path)


def find_browser():
    """The tests in a browser need Chromium. As root, apt brings it; without it they are skipped, and say so."""
    if os.environ.get("RELANCE_CHROMIUM") or any(shutil.which(name) for name in BROWSERS):
        return
    if os.geteuid() == 0 and shutil.which("apt-get") and debian_has_chromium():
        say("installing Chromium for the browser tests (apt)")
        env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        if attempt(command, env=env, quiet=True, seconds=300):
            return
    say("no Chromium here: the browser tests will be skipped (install chromium, or set RELANCE_CHROMIUM to its path)")


def debian_has_chromium():
    """Ubuntu's package of that name only calls snap, which containers do not have."""
    release = Path("/etc/os-release")
    if not release.is_file() or "ID=debian" not in release.read_text("utf-8").splitlines():
        return False
    return attempt(["apt-get", "update", "-qq"], quiet=True, seconds=120)


def attempt(command, env=None, quiet=False, seconds=900):
    """Run it and tell whether it worked. Its words are shown unless ``quiet``."""
    shown = subprocess.DEVNULL if quiet else None
    try:
        done = subprocess.run(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=shown,
            stderr=shown,
            timeout=seconds,
            cwd=str(ROOT),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def say(words):
    print(f"setup: {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
