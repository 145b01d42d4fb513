"""The server of a data folder that another process supervises; taken over when that process has gone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from relance.db.embedded import place
from relance.db.embedded.cluster import is_held
from relance.db.embedded.supervisor import EmbeddedServer
from relance.kernel.errors import RelanceError

log = logging.getLogger("relance.server")

_LOOK = 0.5  # seconds between two looks: whoever needs the database waits for it
_PAUSE = 5.0  # seconds after an attempt that failed: what stands in the way is seldom gone at once


class AttachedServer:
    """Reached at ``conninfo``, which is the same whoever supervises: the folder decides where the socket is.

    ``stays``: this process lives on when the other one ends, and supervises the server from then on. A command that
    ends by itself only fails; whoever wants a server starts one.
    """

    def __init__(
        self, folder: Path, conninfo: str, *, stays: bool, report: Callable[[str], None] = place.quiet
    ) -> None:
        self.conninfo = conninfo
        self._folder, self._report, self._stays = folder, report, stays
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        self._ours: EmbeddedServer | None = None

    def start(self) -> None:
        """It runs already."""
        if self._stays:
            self._watcher = threading.Thread(target=self._watch, name="attached", daemon=True)
            self._watcher.start()

    def stop(self) -> None:
        """End the server if it has become ours, or is about to."""
        self._stopping.set()
        if self._ours is not None:
            self._ours.stop()
        if self._watcher is not None:
            self._watcher.join()
        if self._ours is not None:
            self._ours.stop()

    def _watch(self) -> None:
        told = ""
        while not self._stopping.wait(_PAUSE if told else _LOOK):
            try:
                if not is_held(self._folder) and self._take_over():
                    return
                told = ""
            except Exception as error:  # whatever it is, the next attempt may do better
                if str(error) != told:
                    self._report(f"PostgreSQL cannot be taken over yet: {error}")
                told = str(error)

    def _take_over(self) -> bool:
        """False when another process was quicker."""
        self._ours = server = EmbeddedServer(self._folder, report=self._report)
        try:
            server.start()
        except RelanceError:
            self._ours = None
            if self._stopping.is_set() or is_held(self._folder):
                return False
            raise
        log.warning("server.taken_over", extra={"pid": server.pid})
        return True
