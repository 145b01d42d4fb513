"""The mail server of a storm. It keeps what it has accepted, and misbehaves when it is told to."""

from __future__ import annotations

import contextlib
import re
import socketserver
import threading
from collections import Counter
from collections.abc import Callable

DELIVERY = re.compile(rb"^X-Relance-Delivery: (\S+)", re.MULTILINE)

MOODS = ("busy", "hangs up before the text", "busy after the text", "hangs up before accepting", "accepts and hangs up")
"""With the last two nobody can know whether the message was taken: it counts as unknown."""


class Sink:
    """One for the whole storm, with a port for each worker, so that it is known who talks.

    ``mood`` "": well. ``strike(place)`` is called when ``victim`` is that place and a message has arrived whole: before
    it is kept, or after, but never is an answer given.
    """

    def __init__(self, places: int, strike: Callable[[int], None]) -> None:
        self.mood = ""
        self._times = 0
        self.victim: tuple[int, bool] | None = None
        self.caught: Counter[str] = Counter()
        self.unanswered: set[str] = set()
        self._strike = strike
        self._lock = threading.Lock()
        self._servers = [self._listen(place) for place in range(places)]

    @property
    def ports(self) -> list[int]:
        return [server.server_address[1] for server in self._servers]

    def misbehave(self, mood: str, times: int) -> None:
        """For so many messages."""
        with self._lock:
            self.mood, self._times = mood, times

    def be_well(self) -> None:
        self.mood = ""

    def behave(self) -> str:
        """The mood in which the next message is met."""
        with self._lock:
            mood = self.mood
            self._times -= 1
            if self._times <= 0:
                self.mood = ""
            return mood

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def _listen(self, place: int) -> _Server:
        server = _Server(("127.0.0.1", 0), _Talk)
        server.sink, server.place = self, place
        threading.Thread(target=server.serve_forever, name=f"sink {place}", daemon=True).start()
        return server

    def take(self, place: int, data: bytes, mood: str) -> bytes | None:
        """The answer to a message; None: hang up."""
        found = DELIVERY.search(data.replace(b"\r\n", b"\n"))
        key = found.group(1).decode() if found else "?"
        with self._lock:
            victim = self.victim
            struck = victim is not None and victim[0] == place
            if struck:
                self.victim = None
            if not (struck and victim and victim[1]) and mood not in MOODS[2:4]:
                self.caught[key] += 1
            if mood in MOODS[3:]:
                self.unanswered.add(key)
        if struck:
            self._strike(place)
            return None
        if mood == MOODS[2]:
            return b"451 4.3.0 try again later\r\n"
        return None if mood in MOODS[3:] else b"250 2.0.0 kept\r\n"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64
    sink: Sink
    place: int


class _Talk(socketserver.StreamRequestHandler):
    server: _Server
    _mood = ""

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self._say(b"220 sink\r\n")
            while line := self.rfile.readline(4096):
                if not self._answer(line.strip()):
                    return

    def _answer(self, line: bytes) -> bool:
        word, sink = line[:4].upper(), self.server.sink
        if word == b"EHLO":
            self._say(b"250-sink\r\n250 8BITMIME\r\n")
        elif word == b"MAIL":
            self._mood = sink.behave()
            self._say(b"250 ok\r\n")
        elif word == b"RCPT" and self._mood == MOODS[0]:
            self._say(b"450 4.2.1 try again later\r\n")
        elif word == b"DATA":
            if self._mood == MOODS[1]:
                return False
            self._say(b"354 go on\r\n")
            answer = sink.take(self.server.place, self._text(), self._mood)
            if answer is None:
                return False
            self._say(answer)
        elif word == b"QUIT":
            self._say(b"221 bye\r\n")
            return False
        else:
            self._say(b"250 ok\r\n")
        return True

    def _text(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise OSError("the sender has gone")
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, words: bytes) -> None:
        self.wfile.write(words)
        self.wfile.flush()
