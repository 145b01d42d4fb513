"""A real uvicorn on a free port, in a thread of the test's own process."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from relance.cli.listening import answering


@contextmanager
def served(app: ASGIApp, trusted_proxies: Sequence[str] = ()) -> Iterator[str]:
    """The base URL under which ``app`` answers, as it does in the product."""
    config = answering(app, trusted_proxies)
    config.port = 0
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "uvicorn did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
