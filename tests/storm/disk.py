"""A disk of its own for the database, that can be full: a tmpfs whose size is changed while it is mounted.

Mounting needs root, or a user namespace (`unshare --user --map-current-user --keep-caps --mount make test`). Where
neither is permitted there is no such disk, and whoever asks for one is told so.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NoMounts(Exception):
    """Not permitted here."""


class SmallDisk:
    """Mounted at ``folder``; ``room`` megabytes in good times."""

    def __init__(self, folder: Path, room: int) -> None:
        self.folder, self._room = folder, room

    def fill(self) -> None:
        """Not one page more fits."""
        for _ in range(20):  # what is written meanwhile makes the size too small, which is refused
            used = shutil.disk_usage(self.folder).used
            if _mount("-o", f"remount,size={max(1, used)}", str(self.folder)):
                return
        raise AssertionError("the disk could not be filled")

    def free(self) -> None:
        if not _mount("-o", f"remount,size={self._room}m", str(self.folder)):
            raise AssertionError("the disk could not be made larger again")


@contextmanager
def small_disk(room: int = 1024) -> Iterator[SmallDisk]:
    """Raises NoMounts."""
    # Not in pytest's tmp_path: as root, the server's account could not enter it.
    folder = Path(tempfile.mkdtemp(prefix="relance-disk-", dir="/tmp"))
    try:
        if not _mount("-t", "tmpfs", "-o", f"size={room}m,mode=0755", "relance-test", str(folder)):
            raise NoMounts("mounts are not permitted here")
        try:
            yield SmallDisk(folder, room)
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _mount(*arguments: str) -> bool:
    try:
        return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0
    except OSError:
        return False
