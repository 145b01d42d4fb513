"""A mail server that accepts everything and keeps nothing but when each message came.

`python -m benchmarks.sink PORT [FILE]`: FILE gets a line for each accepted message, its recipient and the instant in
seconds, before the sender is answered.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from pathlib import Path
from typing import IO

HELLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"


class Conversation(asyncio.Protocol):
    """One connection. Just enough of RFC 5321 for a well-behaved sender."""

    def __init__(self, book: IO[str] | None) -> None:
        self.book = book
        self.buffer, self.in_data, self.recipients = b"", False, list[str]()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            end = b"\r\n.\r\n" if self.in_data else b"\r\n"
            head, found, rest = self.buffer.partition(end)
            if not found:
                return
            self.buffer = rest
            if self.in_data:
                self._accept()
            else:
                self._obey(head)

    def _accept(self) -> None:
        self.in_data = False
        if self.book:
            self.book.writelines(f"{recipient} {time.time():.6f}\n" for recipient in self.recipients)
            self.book.flush()
        self.recipients = []
        self.transport.write(b"250 accepted\r\n")

    def _obey(self, line: bytes) -> None:
        word = line[:4].upper()
        if word == b"EHLO":
            self.transport.write(HELLO)
        elif word == b"DATA":
            self.in_data = True
            self.transport.write(b"354 go on\r\n")
        elif word == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        else:
            if word == b"RCPT":
                self.recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
            self.transport.write(b"250 fine\r\n")


async def serve(port: int, file: Path | None) -> None:
    book = file.open("a") if file else None
    server = await asyncio.get_running_loop().create_server(lambda: Conversation(book), "127.0.0.1", port)
    await server.serve_forever()


def wait_for(port: int, seconds: float = 60) -> None:
    """Until somebody listens there."""
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else None))
