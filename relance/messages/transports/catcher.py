"""A local mail catcher: an SMTP server for 127.0.0.1 that keeps every message and delivers none."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from relance.kernel import clock
from relance.kernel.errors import Unavailable

log = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
SIZE_LIMIT: Final = 25 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """``sender`` and ``recipients`` are the envelope's, ``data`` is the whole message with CRLF line ends."""

    at: datetime
    sender: str
    recipients: tuple[str, ...]
    data: bytes


class Catcher:
    """Listens on ``port`` (0: any free one, see ``port`` after ``start``) in a thread of its own. Takes any login.

    ``keep`` runs in a thread for each message, perhaps several at once. When it raises, the sender is told to try
    again later, so that nothing is lost in silence.
    """

    def __init__(self, port: int, keep: Callable[[CaughtMail], None]) -> None:
        self.port = port
        self._keep = keep
        self._server: _Server | None = None

    def start(self) -> None:
        """Raises Unavailable when the port is taken."""
        listener = _listen(self.port)
        self.port = listener.getsockname()[1]
        # Its log lines carry addresses, one line a command.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        self._server = _Server(listener, _Handler(self._keep))
        self._server.start()

    def stop(self) -> None:
        """Safe to call twice."""
        if self._server:
            self._server.stop()
            self._server = None


class _Handler:
    def __init__(self, keep: Callable[[CaughtMail], None]) -> None:
        self._keep = keep

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002
        content = envelope.content
        data = content if isinstance(content, bytes) else (content or "").encode()
        mail = CaughtMail(clock.now(), envelope.mail_from or "", tuple(envelope.rcpt_tos), data)
        try:
            await asyncio.to_thread(self._keep, mail)
        except Exception:
            log.exception("catcher.keep_failed")
            return "451 4.3.0 The message could not be kept, try again later"
        return "250 2.0.0 Kept"


class _Server(Controller):
    """aiosmtpd's controller on a socket that is bound already: a taken port shows at once, with its own error."""

    def __init__(self, listener: socket.socket, handler: _Handler) -> None:
        self._listener = listener
        super().__init__(
            handler,
            hostname=HOST,
            port=listener.getsockname()[1],
            server_hostname="catcher.localhost",
            ident="Relance mail catcher",
            data_size_limit=SIZE_LIMIT,
            decode_data=False,
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=_anyone,
        )

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)


def _anyone(*_: object) -> AuthResult:
    return AuthResult(success=True)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise Unavailable(
            f"Port {port} on {HOST} cannot be used: {getattr(error, 'strerror', None) or error}.",
            where="mail catcher",
            mend="Stop the program that uses it, or choose another port for the mail catcher.",
        ) from None
    return listener
