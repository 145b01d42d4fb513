"""A mail server for tests that misbehaves as told."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("localhost.pem")
Reply = str | None
"""What to answer; None hangs up, "" says nothing at all."""


@dataclass
class MailServer:
    """Speaks just enough SMTP. Each command's reply can be replaced through ``says``.

    ``says`` gets the connection's number (from 1) and the command line; ``"."`` stands for the end of a message,
    ``"greeting"`` for the first line and ``"body"`` for each line of a message. Returning the default means: behave.
    """

    says: Callable[[int, str, str], Reply] = lambda _number, _line, default: default
    offers: tuple[str, ...] = ("PIPELINING", "SIZE 1000000", "8BITMIME", "SMTPUTF8")
    tls: str = ""
    messages: list[bytes] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __enter__(self) -> MailServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """End all connections, as a server does with idle ones."""
        while self._open:
            connection = self._open.pop()
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def url(self, scheme: str = "smtp", login: str = "", query: str = "") -> str:
        return f"{scheme}://{login}127.0.0.1:{self.port}?helo=fern.example{query}"

    @property
    def recipients(self) -> list[str]:
        return [line[9:-1] for line in self.lines if line.startswith("RCPT")]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._guard, args=(connection, self.connections), daemon=True).start()

    def _guard(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, EOFError), connection:
            self._serve(connection, number)

    def _serve(self, connection: socket.socket, number: int) -> None:
        if self.tls == "from the start":
            connection = self._secure(connection)
        stream = connection.makefile("rb")

        def answer(line: str, default: str) -> str:
            reply = self.says(number, line, default)
            if reply is None:
                connection.shutdown(socket.SHUT_RDWR)
                raise EOFError
            if reply:
                connection.sendall(reply.encode() + b"\r\n")
            return reply

        answer("greeting", "220 mail.example.com")
        while raw := stream.readline():
            line = raw.decode().rstrip("\r\n")
            self.lines.append(line)
            word = line.split(" ")[0].split(":")[0].upper()
            if word == "EHLO":
                offers = [*self.offers, "STARTTLS"] if self.tls == "offered" else self.offers
                answer(line, "\r\n".join([f"250-{offer}" for offer in ("mail.example.com", *offers)] + ["250 HELP"]))
            elif word == "STARTTLS":
                answer(line, "220 Go ahead")
                connection = self._secure(connection)
                stream = connection.makefile("rb")
                self.tls = "done"
            elif word == "AUTH":
                answer(line, "235 Welcome")
            elif word == "DATA":
                if not answer(line, "354 Go ahead").startswith("354"):
                    continue
                body = b""
                while (text := stream.readline()) != b".\r\n":
                    if not text or self.says(number, "body", "go") is None:
                        raise EOFError
                    body += text
                self.messages.append(body)
                answer(".", "250 2.0.0 Queued")
            else:
                answer(line, "221 Bye" if word == "QUIT" else "250 Ok")

    def _secure(self, connection: socket.socket) -> ssl.SSLSocket:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        return context.wrap_socket(connection, server_side=True)
