"""Sockets, signals and the web server of the foreground commands."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

from relance.config import CATCHER_OFFSET
from relance.kernel.errors import Unavailable
from relance.kernel.garbage import collect_rarely
from relance.messages import browse
from relance.messages.transports.catcher import Catcher, CaughtMail

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from relance.app import App

log = logging.getLogger("relance.web")

PATIENCE = 10
"""Seconds that requests under way have when the server stops."""


@contextmanager
def port(host: str, number: int) -> Iterator[socket.socket]:
    """The listening socket, taken before anything else is started. Raises Unavailable when it is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, number))
            listener.listen(2048)
        except OSError as error:
            where, mend = _way_out(error)
            raise Unavailable(
                f"port {number} on {host} cannot be used: {error.strerror}.", where=where, mend=mend
            ) from None
        yield listener
    finally:
        listener.close()


def _way_out(error: OSError) -> tuple[str, str]:
    if error.errno == errno.EACCES:
        return "RELANCE_PORT", "Set RELANCE_PORT to one from 1024 on: those below are the system's."
    if error.errno == errno.EADDRINUSE:
        mend = "Stop the program that uses it (perhaps another Relance), or set RELANCE_PORT to another one."
        return "RELANCE_PORT", mend
    return "RELANCE_HOST", "Set RELANCE_HOST to an address of this machine, such as 127.0.0.1 or 0.0.0.0."


def catcher(app: App) -> Catcher:
    """The local mail catcher, started."""

    def keep(mail: CaughtMail) -> None:
        with app.database.transaction() as tx:
            browse.keep(tx, mail)

    with app.database.transaction() as tx:
        browse.tidy(tx)
    started = Catcher(app.config.catcher_port, keep)
    try:
        started.start()
    except Unavailable as error:
        mend = f"Stop the program that uses it, or set RELANCE_PORT: the catcher listens {CATCHER_OFFSET} above it."
        raise Unavailable(error.what, where=error.where, mend=mend) from None
    return started


def answering(web: ASGIApp, trusted_proxies: Sequence[str]) -> uvicorn.Config:
    """How requests are answered. Only ``trusted_proxies`` (addresses, networks) may say who calls: what is believed
    ends in the record of a consent."""
    return uvicorn.Config(
        web,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_graceful_shutdown=PATIENCE,
        timeout_keep_alive=30,
    )


def serve(app: App, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until a signal; ``ready`` runs when requests are answered."""
    config = answering(app.web(), app.config.trusted_proxies)
    # uvicorn sends itself the signal again when it is done; by then this one takes it and nothing happens.
    collect_rarely()
    with told_to_stop():
        server = _Server(config, app.config.public_url, ready)
        server.run(sockets=[listener])
        log.info("web.stopped")
        if server.failure is not None:
            raise server.failure


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, url: str, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._url, self._ready = url, ready
        self.failure: Exception | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            try:
                await asyncio.to_thread(self._ready)
            except Exception as error:
                self.failure, self.should_exit = error, True
            else:
                log.info("web.started", extra={"url": self._url})


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """SIGTERM and SIGINT set the event instead of ending the process at once."""
    told = threading.Event()

    def tell(*_: Any) -> None:
        told.set()

    before = {number: signal.signal(number, tell) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            with contextlib.suppress(TypeError):
                signal.signal(number, handler)
