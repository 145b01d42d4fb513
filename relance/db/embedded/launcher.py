"""Becomes PostgreSQL: drops root, ties its life to the parent's, then replaces itself by the given program.

Run by path as ``python -I -S launcher.py PARENT SIGNAL ACCOUNT PROGRAM ARGUMENT…``; ACCOUNT is "-" to stay as we are.
A process of its own, because code between fork and exec is not safe in a program with threads.
"""

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, signal_number: int, account: str, command: list[str]) -> None:
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    os.umask(0o077)
    if account != "-":
        entry = pwd.getpwnam(account)
        os.initgroups(account, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if libc is not None:
        # After the change of account: the kernel forgets the wish whenever credentials change.
        if libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
        if os.getppid() != parent:  # it died before the wish was heard
            sys.exit(1)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and exec would pass that on
        signal.signal(ignored, signal.SIG_DFL)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
    except (OSError, KeyError) as error:
        sys.exit(f"could not become {sys.argv[4]} as {sys.argv[3]}: {error}")
