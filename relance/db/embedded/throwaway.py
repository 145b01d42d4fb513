"""A server for tests: quick to start, fast, and gone without a trace."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from relance.db.embedded.supervisor import EmbeddedServer

_CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "checkpoint_timeout": "1h",
    "log_min_messages": "warning",
}


@contextmanager
def throwaway_server(settings: Mapping[str, str] | None = None) -> Iterator[EmbeddedServer]:
    """A running server in a temporary folder, without any care for its data. One a test session is enough.

    Not in pytest's tmp_path: as root, the server's account could not enter it.
    """
    folder = Path(tempfile.mkdtemp(prefix="relance-throwaway-", dir="/tmp"))
    server = EmbeddedServer(folder, settings=_CARELESS | dict(settings or {}))
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
